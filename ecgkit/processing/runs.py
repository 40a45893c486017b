"""Runs of True in a mask: where something holds without a break."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def runs_of_true(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first place, and the place after the last, of every run of True.

    Parameters
    ----------
    mask
        Shape (places,).

    Returns
    -------
    list of tuple of int
        In order; ``mask[first:stop]`` is all True, and False or an end stands on either side.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
