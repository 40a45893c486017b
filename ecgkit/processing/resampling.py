"""Change of sampling frequency."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

MAX_FACTOR = 1000
"""Largest up- or down-sampling factor; odder ratios are met to within 1 in 10⁶ or better."""


def resample(
    signal: NDArray[np.floating], fs_from: float, fs_to: float, length: int | None = None
) -> NDArray[np.float32]:
    """Return the signal at another sampling frequency, by a polyphase anti-alias filter.

    Parameters
    ----------
    signal
        Shape (…, samples), without NaN. Beyond its ends the first and last value are held, so that
        an offset makes no step.
    fs_from, fs_to
        Sampling frequencies in Hz.
    length
        Samples wanted; by default ``round(samples * fs_to / fs_from)``. The end is cut, or its
        last value repeated.
    """
    values = np.asarray(signal, dtype=np.float32)
    if length is None:
        length = max(1, round(values.shape[-1] * fs_to / fs_from))
    ratio = Fraction(fs_to / fs_from).limit_denominator(MAX_FACTOR)
    if ratio != 1 and values.shape[-1] > 1:
        from scipy.signal import resample_poly  # takes most of a second, only to resample

        values = resample_poly(values, ratio.numerator, ratio.denominator, axis=-1, padtype="edge")
    if values.shape[-1] < length:
        missing = length - values.shape[-1]
        values = np.concatenate([values, np.repeat(values[..., -1:], missing, axis=-1)], axis=-1)
    return np.ascontiguousarray(values[..., :length], dtype=np.float32)
