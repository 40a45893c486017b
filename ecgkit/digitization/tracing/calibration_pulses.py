"""Calibration pulses in the picture of a page: 1 mV tall, at the left or right end of the rows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.scale import PX_PER_MM, Array

Ink = NDArray[np.uint8]
Places = NDArray[np.int_]

GAINS = (5.0, 10.0, 20.0)
"""In mm/mV: what pages are printed at, and a pulse's height in mm."""
WIDTHS = (2.5, 5.0, 10.0)
"""In mm: 0.1 or 0.2 s at 25 mm/s, 0.2 s at 50 mm/s."""
_EDGES = 0.22
"""Pulses lie within this share of the page's width from its left or right edge."""
_SLACK = 0.06
"""A pulse may be so much taller or lower than it should, as a share."""
_FOOT, _AIR, _THICK = 7, 4, 3
_STROKE = 0.6
_MOST, _MOST_ROWS = 400, 13
_SURE, _SINGLE = 0.72, 0.85
"""How much of its outline must be ink, on the average of several, or of one."""


@dataclass(frozen=True)
class Pulses:
    """The calibration pulses of a page.

    Attributes
    ----------
    mm_per_mv
        What they say of the voltage scale.
    width
        Of each, in mm.
    left, right
        Where they begin and end with their feet, in px.
    feet
        Height of each pulse's foot in px, from above down.
    at_left
        Whether they stand before the traces.
    """

    mm_per_mv: float
    width: float
    left: float
    right: float
    feet: tuple[float, ...]
    at_left: bool

    @property
    def mm_per_s(self) -> float | None:
        """What they say of the speed: only at 50 mm/s are they 10 mm wide; else None."""
        return 50.0 if self.width == max(WIDTHS) else None


def find_pulses(ink: Ink) -> Pulses | None:
    """Return the calibration pulses that a page shows; None where none is seen.

    Parameters
    ----------
    ink
        uint8, 0 or 1, shape (height, width): see :func:`ecgkit.digitization.tracing.ink.find_ink`.
    """
    width = ink.shape[1]
    reach = int(_EDGES * width)
    if reach < 1:
        return None
    best: tuple[float, Pulses] | None = None
    for start in (0, width - reach):
        sums = _Sums.of(np.ascontiguousarray(ink[:, start : start + reach]))
        for gain in GAINS:
            tall = gain * PX_PER_MM
            for factor in (1 - _SLACK, 1.0, 1 + _SLACK):
                x, y, stroke = sums.strokes(round(tall * factor))
                for wide in WIDTHS:
                    likely = sums.likeness(x, y, stroke, round(tall * factor), wide * PX_PER_MM)
                    worth, left, feet = _agreed(x, y, likely, tall)
                    if feet and (best is None or worth > best[0]):
                        first = start + left - _FOOT - _THICK
                        last = start + left + wide * PX_PER_MM + _FOOT + _THICK
                        best = worth, Pulses(gain, wide, first, last, feet, start == 0)
    return best[1] if best else None


def _agreed(
    x: Places, y: Places, likely: NDArray[np.float64], tall: float
) -> tuple[float, float, tuple[float, ...]]:
    """Return the worth, left stroke and feet of the pulses that stand at one place, row by row."""
    sure = likely > _SURE
    x, y, likely = x[sure], y[sure], likely[sure]
    best: tuple[float, float, tuple[float, ...]] = (0.0, 0.0, ())
    for at in np.unique(x)[:_MOST]:
        near = np.abs(x - at) <= 1
        order = np.argsort(-likely[near], kind="stable")
        rows, values = y[near][order], likely[near][order]
        feet: list[float] = []
        worth = 0.0
        for row, value in zip(rows, values, strict=True):
            if all(abs(row - foot) >= tall for foot in feet):
                feet.append(float(row))
                worth += float(value) - 0.5 + 0.01 * float((x[near] == at).any())
        if len(feet) <= _MOST_ROWS and (len(feet) > 1 or values[0] > _SINGLE) and worth > best[0]:
            best = worth, float(at), tuple(sorted(feet))
    return best


@dataclass(frozen=True, eq=False)
class _Sums:
    """Ink summed up, so that the ink of any stroke or box is looked up at once."""

    down: NDArray[np.int32]
    along: NDArray[np.int32]
    boxes: NDArray[np.int32]

    @classmethod
    def of(cls, ink: Ink) -> _Sums:
        upright = cv2.dilate(ink, np.ones((1, 3), np.uint8))
        level = cv2.dilate(ink, np.ones((3, 1), np.uint8))
        return cls(
            np.cumsum(np.pad(upright, ((1, 0), (0, 0))), axis=0, dtype=np.int32),
            np.cumsum(np.pad(level, ((0, 0), (1, 0))), axis=1, dtype=np.int32),
            np.asarray(cv2.integral(ink), np.int32),
        )

    def strokes(self, tall: int) -> tuple[Places, Places, NDArray[np.float64]]:
        """Return x and foot of the upright strokes of a height, and how much of each is ink."""
        if self.down.shape[0] <= tall + _AIR + 4:
            return np.zeros(0, int), np.zeros(0, int), np.zeros(0)
        # Ends of strokes are left out: corners may be rounded.
        inner = (self.down[tall - 2 : -2] - self.down[2 : 2 - tall]) / (tall - 4)
        foot, x = np.nonzero(inner[_AIR + 4 :] > _STROKE)
        foot = foot + _AIR + 4
        return x, foot + tall, inner[foot, x]

    def likeness(
        self, x: Places, y: Places, stroke: NDArray[np.float64], tall: int, wide: float
    ) -> NDArray[np.float64]:
        """Return how much a pulse seems to stand with its left stroke's foot at each place."""
        height, width = self.down.shape[0] - 1, self.down.shape[1]
        other = x + round(wide)
        fits = (x >= _FOOT) & (other < width - _FOOT) & (y < height - _AIR - 4)
        result = np.zeros(x.size)
        x, y, other, left = x[fits], y[fits], other[fits], stroke[fits]
        right = (self.down[y - 2, other] - self.down[y - tall + 2, other]) / (tall - 4)
        roof = (self.along[y - tall, other] - self.along[y - tall, x + 1]) / (other - x - 1)
        feet = (
            self.along[y, x - 1]
            - self.along[y, x - _FOOT + 1]
            + self.along[y, other + _FOOT]
            - self.along[y, other + 2]
        ) / (2 * _FOOT - 4)
        inside = self._box(x + _THICK, y - tall + _THICK, other - _THICK, y)
        # Boxes of the grid look like pulses, but their sides go on.
        ends = ((x, -tall - _AIR), (other, -tall - _AIR), (x, _AIR + 4), (other, _AIR + 4))
        beyond = np.mean([self._below(at, y + by) for at, by in ends], axis=0)
        sides = 0.3 * (left + right + roof) + 0.1 * feet
        worst = np.minimum(np.minimum(left, right), roof)
        result[fits] = np.minimum(sides, worst + 0.25) - 1.5 * inside - 0.8 * beyond
        return result

    def _below(self, x: Places, y: Places) -> Array:
        """Return how much of four px above a place is ink."""
        low = np.clip(y, 4, self.down.shape[0] - 1)
        return np.asarray((self.down[low, x] - self.down[low - 4, x]) / 4, np.float64)

    def _box(self, left: Places, top: Places, right: Places, bottom: Places) -> Array:
        top = np.maximum(top, 0)
        total = (
            self.boxes[bottom, right]
            - self.boxes[top, right]
            - self.boxes[bottom, left]
            + self.boxes[top, left]
        )
        return np.asarray(total / np.maximum((right - left) * (bottom - top), 1), np.float64)
