"""Checks of what a person says of a photo: its resolution, and where the page's corners lie."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecgkit.errors import PageError

Values = NDArray[np.float64]


def checked_scale(px_per_mm: float | tuple[float, float] | None) -> tuple[float, float] | None:
    """Return the px/mm along x and y; None where none is given, PageError where impossible."""
    if px_per_mm is None:
        return None
    x, y = np.broadcast_to(np.asarray(px_per_mm, dtype=np.float64), 2).tolist()
    if not (np.isfinite(x) and np.isfinite(y) and min(x, y) >= 0.5 and max(x, y) <= 200):
        raise PageError(
            "has an impossible resolution",
            stage="rectify",
            remedy="It must lie between 0.5 and 200 px/mm.",
            asks={"px_per_mm"},
        )
    return float(x), float(y)


def checked_corners(corners: NDArray[np.float64]) -> Values:
    """Return four corners, clockwise; PageError where they span no page."""
    points = np.asarray(corners, dtype=np.float64)
    good = points.shape == (4, 2) and bool(np.all(np.isfinite(points)))
    if good:
        sides = np.roll(points, -1, axis=0) - points
        after = np.roll(sides, -1, axis=0)
        turn = sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0]
        lengths = np.hypot(*sides.T)
        good = bool(np.all(turn > 0) and lengths.min() >= 50)
    if not good:
        raise PageError(
            "has corners that span no page",
            stage="rectify",
            remedy="Give four, from the page's upper left one clockwise.",
            asks={"corners"},
        )
    return points
