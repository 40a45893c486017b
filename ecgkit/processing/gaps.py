"""Missing samples (NaN): bridged for a method that needs numbers, and where they were."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def mostly_present(signal: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return which leads hold at least half as many samples as the fullest one, shape (leads,).

    Of a paper ECG, a lead may be printed for 2.5 s and another for 10 s.
    """
    known = np.isfinite(signal).sum(axis=-1)
    result: NDArray[np.bool_] = 2 * known >= known.max(initial=0)
    return result


def fill_gaps(signal: NDArray[np.floating]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the signal with its gaps bridged by straight lines, and where they were.

    Parameters
    ----------
    signal
        Shape (leads, samples). A gap at an end is held at the nearest value; a lead with no value
        at all becomes zero.

    Returns
    -------
    filled, missing
        float32 and bool, both of the signal's shape. Without gaps ``filled`` may share memory with
        ``signal``.
    """
    values = np.asarray(signal, dtype=np.float32)
    missing = np.isnan(values)
    if not missing.any():
        return values, missing
    filled = values.copy()
    places = np.arange(values.shape[-1])
    for row, gaps in zip(filled, missing, strict=True):
        if gaps.all():
            row[:] = 0
        elif gaps.any():
            row[gaps] = np.interp(places[gaps], places[~gaps], row[~gaps])
    return filled, missing
