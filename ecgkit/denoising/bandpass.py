"""Zero-phase band-pass filter, 0.5 to 40 Hz: what a clinic's monitor does by default."""

from __future__ import annotations

from dataclasses import dataclass

from ecgkit.denoising.base import Progress, on_whole_leads
from ecgkit.processing.filters import bandpass
from ecgkit.recording import Recording


@dataclass(frozen=True)
class Bandpass:
    """Butterworth band-pass, forwards and backwards, as a method.

    Attributes
    ----------
    low, high
        −3 dB edges in Hz.
    """

    low: float = 0.5
    high: float = 40.0
    key: str = "bandpass"

    @property
    def label(self) -> str:
        """What to call it in a table."""
        return f"Band-pass {self.low:g}–{self.high:g} Hz"

    def denoise(self, recording: Recording, progress: Progress | None = None) -> Recording:
        """Return the recording filtered (see :class:`ecgkit.denoising.base.Method`)."""
        return on_whole_leads(
            recording, lambda signal: bandpass(signal, recording.fs, self.low, self.high), progress
        )
