"""What is asked about a page, checked: its mask and the paper's scale."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgkit.arguments import checked_number
from ecgkit.recording import RecordingError

Mask = NDArray[np.floating[Any]] | NDArray[np.uint8]


def checked_mask(mask: Any) -> Mask:
    """Return a page's mask: a picture of numbers, probabilities where they are not whole.

    Raises
    ------
    RecordingError
        Where it has not two axes of one or more, or holds what is no number.
    """
    values = np.asarray(mask)
    usable = values.dtype == np.uint8 or np.issubdtype(values.dtype, np.floating)
    if values.ndim != 2 or not values.size or not usable:
        raise RecordingError(
            f"the mask is an array of shape {values.shape} and type {values.dtype}",
            remedy="Give one of shape (height, width): probabilities, or whole numbers to 255.",
        )
    if not np.isfinite(values).all():
        raise RecordingError(
            "the mask holds values that are no numbers", remedy="Give probabilities, 0 to 1."
        )
    return values


def checked_scale(mm_per_s: float | None, mm_per_mv: float | None) -> None:
    """Refuse a paper's scale that no paper has; None is one that nobody has said."""
    for value, what, unit in (
        (mm_per_s, "the paper's speed", "mm/s"),
        (mm_per_mv, "the paper's voltage scale", "mm/mV"),
    ):
        if value is not None:
            checked_number(value, what, low=1.0, high=1000.0, unit=unit)
