"""Following each row's trace from left to right through the ink of the mask."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.digitization.tracing.rows import INK, Rows
from ecgkit.paper.scale import Array, Mask
from ecgkit.processing.runs import true_runs

_MOST_RUNS = 40
"""Runs of ink in one column that are looked at."""
_JUMP, _JUMP_MOST = 0.05, 2.0
"""Cost of a px between the ink of neighbouring columns, and of any jump."""
_AWAY = 0.3
"""Cost of a column whose ink lies a whole row away from the base line."""
_MISSING, _LIFT = 0.25, 0.6
"""Cost of a column without ink, and of lifting the pen or putting it down."""
_FAINT = 0.15
_SOFT = 2
"""The edge of ink reaches so many px beyond it, and into it."""
_ISLAND, _APART = 25, 10
"""Fewer columns of ink, so far from any other, are specks."""
_STROKE, _BREAK, _CLOSED = 5, 15, 0.5
"""Strokes at least so tall (px), broken for less than so many, are closed with this probability."""


@dataclass(frozen=True, eq=False)
class Runs:
    """Stretches of ink in the columns of a mask.

    Attributes
    ----------
    top, bottom
        float64, shape (width, runs): edges in px at sub-pixel places, pixel centres at whole
        numbers; NaN where a column has fewer runs.
    strength
        float64, the same shape: the highest probability in the run.
    """

    top: Array
    bottom: Array
    strength: Array


@dataclass(frozen=True, eq=False)
class Path:
    """The ink that one row's trace runs through.

    Attributes
    ----------
    run
        int64, shape (width,): which run of the column; -1 where none.
    top, bottom, strength
        float64, shape (width,): of that run; NaN where there is none.
    """

    run: NDArray[np.int64]
    top: Array
    bottom: Array
    strength: Array

    def part(self, first: int, stop: int) -> Path:
        """Return the path with all ink outside of some columns left out."""
        away = np.ones(self.run.size, np.bool_)
        away[first:stop] = False
        top, bottom, strength = (
            np.where(away, np.nan, values) for values in (self.top, self.bottom, self.strength)
        )
        return Path(np.where(away, -1, self.run), top, bottom, strength)


def find_runs(mask: Mask) -> Runs:
    """Return the runs of ink of every column of a mask, shape (height, width)."""
    height, width = mask.shape
    padded = np.zeros((width, height + 2 * _SOFT), np.float32)
    padded[:, _SOFT:-_SOFT] = _mended(mask).T
    ink = padded >= INK
    edges = np.diff(ink.astype(np.int8), axis=1)
    column, first = np.nonzero(edges == 1)
    _, last = np.nonzero(edges == -1)
    first = first + 1  # in rows of ``padded``; ``last`` is the run's last row already
    # Coverage says where in the outermost pixels the edge lies: the ink above the run's heart and
    # below it is summed up, which blur does not change.
    apart = np.full(first.size + 1, 2 * _SOFT)
    same = column[1:] == column[:-1]
    apart[1:-1][same] = np.minimum((first[1:] - last[:-1] - 1)[same], 2 * _SOFT)
    low, high = first - apart[:-1] // 2, last + apart[1:] // 2
    rows = np.arange(height + 2 * _SOFT)
    mass, moment = (
        np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
        for values in (padded.ravel(), (padded * rows).ravel())
    )
    base = column * (height + 2 * _SOFT)
    thick = mass[base + high + 1] - mass[base + low]
    centre = (moment[base + high + 1] - moment[base + low]) / thick
    near, far = first + _SOFT - 1, last - _SOFT + 1
    thin = near >= far
    top = np.where(
        thin, centre - thick / 2, near + 0.5 - (mass[base + near + 1] - mass[base + low])
    )
    bottom = np.where(
        thin, centre + thick / 2, far - 0.5 + mass[base + high + 1] - mass[base + far]
    )
    top, bottom = top - _SOFT, bottom - _SOFT
    mean = (mass[base + last + 1] - mass[base + first]) / (last - first + 1)
    counts = np.bincount(column, minlength=width)
    place = np.arange(column.size) - np.repeat(np.cumsum(counts) - counts, counts)
    most = min(int(counts.max(initial=1)), _MOST_RUNS)
    keep = place < most
    table = np.full((3, width, most), np.nan)
    for values, kept in zip(table, (top, bottom, mean), strict=True):
        values[column[keep], place[keep]] = kept[keep]
    return Runs(*table)


def _islands(seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return where a path runs through specks apart from any trace."""
    near = seen.copy()
    for first, stop in true_runs(~seen):
        near[first:stop] = stop - first <= _APART and first > 0 and stop < seen.size
    result = np.zeros(seen.size, np.bool_)
    for first, stop in true_runs(near):
        result[first:stop] = seen[first:stop].sum() < _ISLAND
    return result


def _mended(mask: Mask) -> Mask:
    """Return the mask with short breaks in its vertical strokes closed."""
    ink = (mask >= INK).astype(np.uint8)
    strokes = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((_STROKE, 1), np.uint8))
    wide = cv2.dilate(strokes, np.ones((1, 3), np.uint8))
    closed = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, np.ones((_BREAK, 1), np.uint8))
    closed = cv2.erode(closed, np.ones((1, 3), np.uint8))
    return np.asarray(np.maximum(mask, np.float32(_CLOSED) * closed), np.float32)


def follow(runs: Runs, rows: Rows) -> list[Path]:
    """Return each row's path: the cheapest one from left to right, all rows at once.

    Dynamic programming over the runs of each column and one state for «no ink». Ink that touches
    the ink before it costs nothing, so that a path takes every stroke of a trace; what lies far
    from the row's base line costs more than what lies near.
    """
    width, most = runs.top.shape
    count = len(rows.lines)
    known = np.isfinite(runs.top)
    top, bottom = np.where(known, runs.top, 1e9), np.where(known, runs.bottom, 1e9)
    base = rows.lines.T[:, :, None]
    away = np.maximum(np.maximum(top[:, None] - base, base - bottom[:, None]), 0)
    faint = _FAINT * (1 - np.nan_to_num(runs.strength))
    emission = np.full((width, count, most + 1), _MISSING)
    emission[:, :, :most] = _AWAY * np.minimum(away / rows.spacing, 1e3) + faint[:, None]
    # From run k of the column before (middle axis) to run j of this one (last axis).
    gap = np.maximum(
        np.maximum(
            top[1:, None, :] - bottom[:-1, :, None], top[:-1, :, None] - bottom[1:, None, :]
        ),
        0,
    )
    move = np.full((width, most + 1, most + 1), _LIFT)
    move[1:, :most, :most] = np.minimum(_JUMP * gap, _JUMP_MOST)
    move[:, most, most] = 0.0
    total = emission[0]
    back = np.zeros((width, count, most + 1), np.int16)
    for column in range(1, width):
        cost = total[:, :, None] + move[column]
        back[column] = cost.argmin(axis=1)
        total = cost.min(axis=1) + emission[column]
    run = np.zeros((count, width), np.int64)
    run[:, -1] = total.argmin(axis=1)
    every = np.arange(count)
    for column in range(width - 1, 0, -1):
        run[:, column - 1] = back[column, every, run[:, column]]
    places = np.arange(width)
    paths = []
    for line in run:
        seen = line < most
        seen &= ~_islands(seen)
        line = np.where(seen, line, -1)
        top, bottom, strength = (
            np.where(seen, values[places, line], np.nan)
            for values in (runs.top, runs.bottom, runs.strength)
        )
        paths.append(Path(line, top, bottom, strength))
    return paths
