"""Zero-phase band-pass filter, 0.5 to 40 Hz: what a clinic's monitor does by default."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecgkit.arguments import checked_number
from ecgkit.denoising.base import Progress, on_whole_leads
from ecgkit.processing.filters import bandpass
from ecgkit.recording import MAX_FS, Recording, RecordingError


@dataclass(frozen=True)
class Bandpass:
    """Butterworth band-pass, forwards and backwards, as a method.

    Attributes
    ----------
    low, high
        Edges in Hz, at which both passes together leave half of the power (−3.01 dB).
    """

    low: float = 0.5
    high: float = 40.0
    key: str = field(default="bandpass", init=False)

    def __post_init__(self) -> None:
        low = checked_number(self.low, "the lower edge", low=1e-3, high=MAX_FS / 2, unit="Hz")
        high = checked_number(self.high, "the upper edge", low=1e-3, high=MAX_FS / 2, unit="Hz")
        if not low < high:
            raise RecordingError(
                f"a band from {low:g} to {high:g} Hz holds nothing",
                remedy="Give a lower edge below the upper one.",
            )

    @property
    def label(self) -> str:
        """What to call it in a table."""
        return f"Band-pass {self.low:g}–{self.high:g} Hz"

    def denoise(self, recording: Recording, progress: Progress | None = None) -> Recording:
        """Return the recording filtered (see :class:`ecgkit.denoising.base.Method`)."""
        return on_whole_leads(
            recording,
            lambda signal: bandpass(signal, recording.fs, self.low, self.high, edges="half_power"),
            progress,
        )
