"""Methods side by side: noise mixed to order, a window denoised with context, and the scores.

What view 1 and its downloads compute stands here, so that the page holds no mathematics.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ecgkit.denoising.base import Method
from ecgkit.processing.metrics import Metrics, compare, compare_leads, snr_db
from ecgkit.processing.noise import NoiseSource, add_noise
from ecgkit.recording import Recording, RecordingError

CONTEXT = 5.0
"""Seconds before and after a window that a method sees with it."""
SWEEP_SNRS = tuple(float(snr) for snr in range(-6, 25, 3))


@dataclass(frozen=True)
class Window:
    """A stretch of time in seconds."""

    start: float
    stop: float

    def widened(self, duration: float, context: float = CONTEXT) -> Window:
        """Return the window with its context, as far as a recording of this duration goes."""
        return Window(max(0.0, self.start - context), min(duration, self.stop + context))

    def inside(self, wide: Window, fs: float) -> Window:
        """Return the same stretch as seen from a recording cut to ``wide``, to the sample."""
        shift = round(wide.start * fs) / fs
        return Window(self.start - shift, self.stop - shift)

    def cut(self, recording: Recording) -> Recording:
        """Return the recording's part in this window."""
        return recording.window(self.start, self.stop)


@dataclass(frozen=True)
class Outcome:
    """What a method made of a window.

    Attributes
    ----------
    key
        The signal's key in :data:`ecgkit.drawing.style.STYLES`.
    recording
        The visible window, without the context.
    seconds
        Time that the method took, context included; None for a signal that no method made.
    """

    key: str
    label: str
    recording: Recording
    seconds: float | None = None


@dataclass(frozen=True)
class Score:
    """How near an outcome is to the reference's same window: over all leads and lead by lead."""

    outcome: Outcome
    reference: Recording

    @cached_property
    def overall(self) -> Metrics:
        """The metrics over all leads."""
        return compare(self.outcome.recording.signal, self.reference.signal)

    @cached_property
    def by_lead(self) -> list[Metrics]:
        """The metrics of each lead."""
        return compare_leads(self.outcome.recording.signal, self.reference.signal)


class NoiseBench:
    """Noise for a clean recording, drawn once and mixed at any SNR at once.

    The SNR is exact over the whole of each lead of ``clean``; a window of it, where the noise is
    weaker or stronger, has its own.

    Parameters
    ----------
    clean, kind, seed, mains, source
        As for :func:`ecgkit.processing.noise.add_noise`.
    """

    def __init__(
        self,
        clean: Recording,
        kind: str,
        *,
        seed: int = 0,
        mains: float = 50.0,
        source: NoiseSource | None = None,
    ) -> None:
        noisy = add_noise(clean, kind, 0.0, seed=seed, mains=mains, source=source)
        self.clean = clean
        self._noise = noisy.with_signal(noisy.signal - clean.signal)

    def noisy(self, snr_db: float, window: Window | None = None) -> Recording:
        """Return the recording, or a window of it, with the noise at this SNR in dB."""
        clean, noise = self.clean, self._noise
        if window is not None:
            clean, noise = window.cut(clean), window.cut(noise)
        return noise.with_signal(clean.signal + np.float32(10 ** (-snr_db / 20)) * noise.signal)


def denoise_window(key: str, method: Method, wide: Recording, inner: Window) -> Outcome:
    """Denoise a stretch with its context, time it, and keep the inner window."""
    begin = time.perf_counter()
    result = method.denoise(wide)
    seconds = time.perf_counter() - begin
    return Outcome(key, method.label, inner.cut(result), seconds)


def matching_reference(recording: Recording, reference: Recording) -> Recording:
    """Return the reference with the recording's leads in its order.

    Raises
    ------
    RecordingError
        Where sampling frequency, length or leads differ.
    """
    problem = ""
    missing = [lead for lead in recording.leads if lead not in reference]
    if abs(reference.fs - recording.fs) > 1e-6 * recording.fs:
        problem = f"has a sampling frequency of {reference.fs:g} Hz, not {recording.fs:g} Hz"
    elif reference.n_samples != recording.n_samples:
        problem = f"has {reference.n_samples:,} samples a lead, not {recording.n_samples:,}"
    elif missing:
        problem = f"lacks the leads {', '.join(missing)}"
    if problem:
        raise RecordingError(
            problem,
            where=f"The clean reference {reference.name}",
            remedy="It must be the same recording as the noisy trace, sample for sample.",
        )
    return reference.select(recording.leads)


def residual(outcome: Outcome, reference: Recording) -> NDArray[np.float32]:
    """Return what differs from the reference: output minus reference, (leads, samples) in mV."""
    return outcome.recording.signal - reference.signal


@dataclass(frozen=True)
class Sweep:
    """SNR of each method's output against the SNR of its input, on one window.

    Attributes
    ----------
    snr_in
        SNR in dB of the noisy window, measured.
    snr_out
        Method's key -> SNR in dB of its output, one value an input.
    """

    snr_in: tuple[float, ...]
    snr_out: Mapping[str, tuple[float, ...]]
    labels: Mapping[str, str]


def sweep(
    bench: NoiseBench,
    leads: Sequence[str],
    methods: Mapping[str, Method],
    window: Window,
    progress: Callable[[float], None] | None = None,
) -> Sweep:
    """Denoise a window of some leads at every SNR of :data:`SWEEP_SNRS` with every method."""
    wide = window.widened(bench.clean.duration)
    inner = window.inside(wide, bench.clean.fs)
    reference = window.cut(bench.clean).select(leads).signal
    snr_in: list[float] = []
    snr_out: dict[str, list[float]] = {key: [] for key in methods}
    for place, snr in enumerate(SWEEP_SNRS):
        noisy = bench.noisy(snr, wide).select(leads)
        snr_in.append(snr_db(inner.cut(noisy).signal, reference))
        for key, method in methods.items():
            result = denoise_window(key, method, noisy, inner).recording
            snr_out[key].append(snr_db(result.signal, reference))
        if progress is not None:
            progress((place + 1) / len(SWEEP_SNRS))
    return Sweep(
        tuple(snr_in),
        {key: tuple(values) for key, values in snr_out.items()},
        {key: method.label for key, method in methods.items()},
    )


def detail_band(fs: float, level: int) -> str:
    """Return which frequencies in Hz the details of a decomposition level hold."""
    return f"{fs / 2 ** (level + 1):.3g}–{fs / 2**level:.3g}"
