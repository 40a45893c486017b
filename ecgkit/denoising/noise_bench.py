"""Noise mixed to order, and what methods make of it at every signal-to-noise ratio."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ecgkit.denoising.base import Method
from ecgkit.denoising.comparison import Window, denoise_window
from ecgkit.processing.metrics import snr_db
from ecgkit.processing.noise import NoiseSource, add_noise
from ecgkit.recording import Recording

SWEEP_SNRS = tuple(float(snr) for snr in range(-6, 25, 3))
"""In dB."""


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
