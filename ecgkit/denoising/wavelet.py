"""Discrete wavelet transform (DWT) denoising: db8, soft thresholding.

Source: the traditional method of He et al., section III; the universal threshold with the noise
level from the finest details' median absolute deviation is Donoho and Johnstone's (Biometrika 81,
1994).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pywt
from numpy.typing import NDArray

from ecgkit.denoising.base import Progress, on_whole_leads
from ecgkit.processing.filters import remove_baseline
from ecgkit.recording import Recording, RecordingError, Signal

WAVELET = "db8"
LOWEST_EDGE = 10.0
"""Hz; details below hold the P and T waves, and thresholding them costs more than it gains."""
MAD_TO_SIGMA = 0.6745
"""Median absolute deviation of a Gaussian of unit standard deviation."""
BASELINE_CUTOFF = 0.5

Rule = Literal["universal", "level"]


def default_level(fs: float) -> int:
    """Return the number of levels whose details reach down to about 10 Hz at this frequency.

    The details of level n cover fs/2ⁿ⁺¹ to fs/2ⁿ. 4 at 250 and 360 Hz, 5 at 500 Hz.
    """
    return max(1, round(math.log2(fs / 2 / LOWEST_EDGE)))


def max_level(n_samples: int) -> int:
    """Return the deepest level that a lead of this length has with db8; 0 where it has none."""
    return int(pywt.dwt_max_level(n_samples, pywt.Wavelet(WAVELET).dec_len))


def detail_band(fs: float, level: int) -> str:
    """Return which frequencies in Hz the details of a decomposition level hold."""
    return f"{fs / 2 ** (level + 1):.3g}–{fs / 2**level:.3g}"


def wavelet_denoise(signal: Signal, level: int, rule: Rule = "universal") -> Signal:
    """Return the leads with their detail coefficients soft-thresholded.

    Parameters
    ----------
    signal
        (leads, samples), without NaN.
    level
        Levels of the decomposition; cut to what the length allows. At 0 the signal comes back.
    rule
        ``"universal"``: one threshold, from the finest level's median absolute deviation, for all
        levels. ``"level"``: each level's own deviation, for noise that is not white.
    """
    level = min(level, max_level(signal.shape[-1]))
    if level < 1:
        return signal.copy()
    approximation, *details = pywt.wavedec(signal, WAVELET, mode="symmetric", level=level, axis=-1)
    factor = np.sqrt(2 * np.log(signal.shape[-1])) / MAD_TO_SIGMA
    finest = _deviation(details[-1])
    kept = [
        _soft(detail, factor * (finest if rule == "universal" else _deviation(detail)))
        for detail in details
    ]
    rebuilt = pywt.waverec([approximation, *kept], WAVELET, mode="symmetric", axis=-1)
    return np.ascontiguousarray(rebuilt[..., : signal.shape[-1]], dtype=np.float32)


def _deviation(detail: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(np.median(np.abs(detail), axis=-1, keepdims=True))


def _soft(detail: NDArray[np.floating], threshold: NDArray[np.floating]) -> NDArray[np.floating]:
    """Soft-threshold; ``pywt.threshold`` takes one threshold for all and gives NaN for 0 / 0."""
    return np.asarray(np.sign(detail) * np.maximum(np.abs(detail) - threshold, 0))


@dataclass(frozen=True)
class Wavelet:
    """DWT thresholding as a method.

    DWT leaves the approximation alone, and with it all baseline wander, at every level; what
    removes that is ``baseline``, a separate high-pass filter at 0.5 Hz before it, named in the
    label so that no one takes it for the wavelet's work.

    Attributes
    ----------
    level
        Levels, 1 or more; chosen from the sampling frequency where None.
    rule
        As for :func:`wavelet_denoise`.
    baseline
        Whether to remove the baseline first.
    """

    level: int | None = None
    rule: Rule = "universal"
    baseline: bool = False
    key: str = "dwt"

    def __post_init__(self) -> None:
        if self.level is not None and self.level < 1:
            raise RecordingError(
                f"a wavelet level of {self.level} is not possible", remedy="Give 1 or more."
            )
        if self.rule not in ("universal", "level"):
            raise RecordingError(
                f"the threshold rule {self.rule!r} is unknown",
                remedy="Choose «universal» or «level».",
            )

    @property
    def label(self) -> str:
        """What to call it in a table."""
        return "DWT db8 + baseline step" if self.baseline else "DWT db8"

    def denoise(self, recording: Recording, progress: Progress | None = None) -> Recording:
        """Return the recording denoised (see :class:`ecgkit.denoising.base.Method`)."""
        level = self.level if self.level is not None else default_level(recording.fs)

        def work(signal: Signal) -> Signal:
            if self.baseline:
                signal = remove_baseline(signal, recording.fs, BASELINE_CUTOFF)
            return wavelet_denoise(signal, level, self.rule)

        return on_whole_leads(recording, work, progress)
