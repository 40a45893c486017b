"""Ink: lines of any width, antialiased, at sub-pixel places; and its way onto a picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.scale import Picture
from ecgkit.processing.runs import true_runs

Polyline = NDArray[np.floating]
"""Shape (points, 2): x and y; NaN lifts the pen."""

FINER = 4
"""Lines are drawn this much larger and averaged: widths and places come in quarters of a px."""
_SHIFT = 4
_FAR = 50_000.0
"""Points are drawn no farther out than this, in px, so that OpenCV can count them."""


def unbroken_parts(points: Polyline) -> list[Polyline]:
    """Return the parts of a line between its NaN, shape (points, 2) each."""
    whole = np.isfinite(points).all(axis=1)
    if whole.all():
        return [points]
    return [points[first:stop] for first, stop in true_runs(np.asarray(whole))]


def draw_lines(
    shape: tuple[int, int], lines: Sequence[Polyline], width: float
) -> tuple[Picture, tuple[slice, slice]]:
    """Return the ink of lines: how much of each pixel they cover, 0 to 255.

    Parameters
    ----------
    shape
        Height and width of the picture in px.
    lines
        Shape (points, 2) each: x and y in px, pixel centres at whole numbers; NaN lifts the pen.
    width
        Of the line in px.

    Returns
    -------
    ink, where
        Only the part of the picture that the lines reach, and its rows and columns.
    """
    strokes = [
        np.clip(run, -_FAR, _FAR) for line in lines for run in unbroken_parts(line) if len(run)
    ]
    empty = np.zeros((0, 0), np.uint8), (slice(0, 0), slice(0, 0))
    if not strokes:
        return empty
    edge = int(np.ceil(width / 2)) + 1
    low = np.min([stroke.min(axis=0) for stroke in strokes], axis=0)
    high = np.max([stroke.max(axis=0) for stroke in strokes], axis=0)
    left, top = np.maximum(np.floor(low).astype(int) - edge, 0)
    right = min(int(np.ceil(high[0])) + edge + 1, shape[1])
    bottom = min(int(np.ceil(high[1])) + edge + 1, shape[0])
    if right <= left or bottom <= top:
        return empty
    fine = np.zeros(((bottom - top) * FINER, (right - left) * FINER), np.uint8)
    unit = 1 << _SHIFT
    fixed = [
        np.round(((stroke - (left, top) + 0.5) * FINER - 0.5) * unit).astype(np.int32)
        for stroke in strokes
    ]
    cv2.polylines(fine, fixed, False, 255, max(1, round(width * FINER)), cv2.LINE_8, _SHIFT)
    size = (right - left, bottom - top)
    ink: Picture = cv2.resize(fine, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return ink, (slice(top, bottom), slice(left, right))


def put_ink(
    picture: Picture, ink: Picture, colour: tuple[int, int, int], strength: float = 1.0
) -> None:
    """Blend a colour into a picture, in place, where there is ink (0 to 255)."""
    rows, columns = np.nonzero(ink)
    share = ink[rows, columns].astype(np.float32)[:, None] * (strength / 255)
    old = picture[rows, columns]
    picture[rows, columns] = np.rint(old + share * (np.array(colour, np.float32) - old))
