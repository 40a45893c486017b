"""A photo's resolution from two points that lie a known distance apart on the paper."""

from __future__ import annotations

import math

Point = tuple[float, float]
LEAST_PX_PER_MM, MOST_PX_PER_MM = 0.5, 200.0
"""What a photo can have: below, a small box is half a pixel; above, a page is 60 000 px wide."""


def resolution(marks: tuple[Point, ...], distance: float) -> float:
    """Return the photo's resolution in px/mm, to the hundredth and within what can be.

    Parameters
    ----------
    marks
        Two points of the photo in px.
    distance
        What lies between them on the paper, in mm.

    Examples
    --------
    >>> resolution(((100.0, 50.0), (500.0, 350.0)), 50.0)
    10.0
    """
    first, second = marks
    measured = math.dist(first, second) / distance
    return round(min(MOST_PX_PER_MM, max(LEAST_PX_PER_MM, measured)), 2)


def marks_across(
    corners: tuple[Point, ...], distance: float, px_per_mm: float
) -> tuple[Point, ...]:
    """Return two points to begin with, in px: level, in the middle of a page's frame.

    They lie as far apart as ``distance`` mm are at ``px_per_mm``, and never farther than the
    frame's upper corners, which come first and are followed by the lower right one.
    """
    (left, top), (right, _), (_, bottom), _ = corners
    x, y = (left + right) / 2, (top + bottom) / 2
    reach = min(distance * px_per_mm / 2, abs(right - left) / 2)
    return (x - reach, y), (x + reach, y)
