"""Runs of True in a row of flags."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def true_runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first place and the place after the last of every run of True.

    Parameters
    ----------
    flags
        bool, shape (n,).

    Examples
    --------
    >>> true_runs(np.array([True, False, True, True]))
    [(0, 1), (2, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(first), int(stop)) for first, stop in edges.reshape(-1, 2)]
