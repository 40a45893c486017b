"""Zero-phase filters: the clinic's band-pass, and baseline removal as a step of its own."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ecgkit.recording import RecordingError

ORDER = 2
"""Butterworth order of one pass; forwards and backwards together double it."""


def bandpass(
    signal: NDArray[np.floating], fs: float, low: float = 0.5, high: float = 40.0
) -> NDArray[np.floating]:
    """Keep the band between two frequencies: the clinic's default for monitoring.

    A second-order Butterworth filter runs forwards and backwards, so waves stay where they are, and
    each edge lies at -6 dB. A 40 Hz upper edge lowers sharp R waves; diagnostic recordings keep up
    to 150 Hz [1]_.

    Parameters
    ----------
    signal
        Shape (..., samples), one sample or more, free of NaN (which would spread).
    fs
        Sampling frequency in Hz.
    low, high
        Edges in Hz. An upper edge at or above half the sampling frequency is moved to just below
        it, where nothing is left to remove.

    Returns
    -------
    ndarray
        The filtered signal: same shape; float32 from float32, else float64.

    Raises
    ------
    RecordingError
        Where the edges do not fit each other or the sampling frequency.

    References
    ----------
    .. [1] P. Kligfield et al., "Recommendations for the standardization and interpretation of the
       electrocardiogram, part I", Circulation 115 (2007) 1306-1324.
    """
    return _zero_phase(signal, fs, (low, min(high, 0.99 * fs / 2)), "bandpass")


def remove_baseline(
    signal: NDArray[np.floating], fs: float, cutoff: float = 0.5
) -> NDArray[np.floating]:
    """Remove baseline wander and nothing else: a zero-phase high-pass.

    The step that a method which leaves slow drift alone, such as wavelet thresholding, needs before
    it can be compared with one that removes it. Run forwards and backwards, a cutoff up to 0.67 Hz
    leaves the ST segment in its place (Kligfield et al., Circulation 115 (2007) 1306-1324).

    Parameters
    ----------
    signal
        Shape (..., samples), one sample or more, free of NaN (which would spread).
    fs
        Sampling frequency in Hz.
    cutoff
        Edge in Hz, where the two passes together reach -6 dB.

    Returns
    -------
    ndarray
        The signal without its baseline: same shape; float32 from float32, else float64.

    Raises
    ------
    RecordingError
        Where the cutoff does not lie between 0 and half the sampling frequency.
    """
    return highpass(signal, fs, cutoff)


def highpass(signal: NDArray[np.floating], fs: float, cutoff: float) -> NDArray[np.floating]:
    """Keep what lies above ``cutoff`` in Hz; otherwise as :func:`remove_baseline`."""
    return _zero_phase(signal, fs, (cutoff,), "highpass")


def _zero_phase(
    signal: NDArray[np.floating],
    fs: float,
    edges: tuple[float, ...],
    kind: Literal["bandpass", "highpass"],
) -> NDArray[np.floating]:
    from scipy.signal import butter, sosfiltfilt  # takes most of a second, only to filter

    signal = np.asarray(signal)
    limits = (0.0, *edges, fs / 2)
    if any(not low < high for low, high in pairwise(limits)):
        raise RecordingError(
            f"cannot be filtered at {' to '.join(f'{edge:g}' for edge in edges)} Hz",
            remedy=f"Edges must rise and lie between 0 and {fs / 2:g} Hz, half its sampling "
            "frequency.",
        )
    sos = butter(ORDER, edges if len(edges) > 1 else edges[0], kind, fs=fs, output="sos")
    # One and a half periods of the lowest frequency settle the filter. They are mirrored ("even"):
    # SciPy's default turns the signal about its last sample, and where that one lies on an R wave,
    # a whole second of baseline follows it up (on MIT-BIH windows: 0.13 mV RMS against 0.025 mV).
    pad = min(signal.shape[-1] - 1, int(1.5 * fs / edges[0]))
    filtered = sosfiltfilt(sos, signal.astype(np.float64), axis=-1, padtype="even", padlen=pad)
    kept = signal.dtype if signal.dtype == np.float32 else np.float64
    return np.ascontiguousarray(filtered, dtype=kept)
