"""Following each row's trace from left to right through the ink of the mask."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.digitization.tracing.rows import SETTINGS as ROWS
from ecgkit.digitization.tracing.rows import Rows
from ecgkit.digitization.tracing.settings import PathSettings
from ecgkit.paper.scale import Array, Mask
from ecgkit.processing.runs import true_runs

SETTINGS = PathSettings()


@dataclass(frozen=True, eq=False)
class InkRuns:
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
class TracePath:
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

    def part(self, first: int, stop: int) -> TracePath:
        """Return the path with all ink outside of some columns left out."""
        away = np.ones(self.run.size, np.bool_)
        away[first:stop] = False
        top, bottom, strength = (
            np.where(away, np.nan, values) for values in (self.top, self.bottom, self.strength)
        )
        return TracePath(np.where(away, -1, self.run), top, bottom, strength)


def find_ink_runs(mask: Mask) -> InkRuns:
    """Return the runs of ink of every column of a mask, shape (height, width)."""
    height, width = mask.shape
    padded = np.zeros((width, height + 2 * SETTINGS.edge_reach), np.float32)
    padded[:, SETTINGS.edge_reach : -SETTINGS.edge_reach] = _with_closed_strokes(mask).T
    ink = padded >= ROWS.trace_probability
    edges = np.diff(ink.astype(np.int8), axis=1)
    column, first = np.nonzero(edges == 1)
    _, last = np.nonzero(edges == -1)
    first = first + 1  # in rows of ``padded``; ``last`` is the run's last row already
    # Coverage says where in the outermost pixels the edge lies: the ink above the run's heart and
    # below it is summed up, which blur does not change.
    apart = np.full(first.size + 1, 2 * SETTINGS.edge_reach)
    same = column[1:] == column[:-1]
    apart[1:-1][same] = np.minimum((first[1:] - last[:-1] - 1)[same], 2 * SETTINGS.edge_reach)
    low, high = first - apart[:-1] // 2, last + apart[1:] // 2
    rows = np.arange(height + 2 * SETTINGS.edge_reach)
    mass, moment = (
        np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
        for values in (padded.ravel(), (padded * rows).ravel())
    )
    base = column * (height + 2 * SETTINGS.edge_reach)
    thick = mass[base + high + 1] - mass[base + low]
    centre = (moment[base + high + 1] - moment[base + low]) / thick
    near, far = first + SETTINGS.edge_reach - 1, last - SETTINGS.edge_reach + 1
    thin = near >= far
    top = np.where(
        thin, centre - thick / 2, near + 0.5 - (mass[base + near + 1] - mass[base + low])
    )
    bottom = np.where(
        thin, centre + thick / 2, far - 0.5 + mass[base + high + 1] - mass[base + far]
    )
    top, bottom = top - SETTINGS.edge_reach, bottom - SETTINGS.edge_reach
    mean = (mass[base + last + 1] - mass[base + first]) / (last - first + 1)
    counts = np.bincount(column, minlength=width)
    place = np.arange(column.size) - np.repeat(np.cumsum(counts) - counts, counts)
    most = min(int(counts.max(initial=1)), SETTINGS.most_runs)
    keep = place < most
    table = np.full((3, width, most), np.nan)
    for values, kept in zip(table, (top, bottom, mean), strict=True):
        values[column[keep], place[keep]] = kept[keep]
    return InkRuns(*table)


def _specks(seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return where a path runs through specks apart from any trace."""
    near = seen.copy()
    for first, stop in true_runs(~seen):
        near[first:stop] = (
            stop - first <= SETTINGS.most_island_gap and first > 0 and stop < seen.size
        )
    result = np.zeros(seen.size, np.bool_)
    for first, stop in true_runs(near):
        result[first:stop] = seen[first:stop].sum() < SETTINGS.least_island
    return result


def _with_closed_strokes(mask: Mask) -> Mask:
    """Return the mask with short breaks in its vertical strokes closed."""
    ink = (mask >= ROWS.trace_probability).astype(np.uint8)
    strokes = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((SETTINGS.stroke, 1), np.uint8))
    wide = cv2.dilate(strokes, np.ones((1, 3), np.uint8))
    closed = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, np.ones((SETTINGS.most_break, 1), np.uint8))
    closed = cv2.erode(closed, np.ones((1, 3), np.uint8))
    return np.asarray(
        np.maximum(mask, np.float32(SETTINGS.closed_probability) * closed), np.float32
    )


def follow_rows(runs: InkRuns, rows: Rows) -> list[TracePath]:
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
    faint = SETTINGS.faint_cost * (1 - np.nan_to_num(runs.strength))
    emission = np.full((width, count, most + 1), SETTINGS.gap_cost)
    emission[:, :, :most] = (
        SETTINGS.distance_cost * np.minimum(away / rows.spacing, 1e3) + faint[:, None]
    )
    # From run k of the column before (middle axis) to run j of this one (last axis).
    gap = np.maximum(
        np.maximum(
            top[1:, None, :] - bottom[:-1, :, None], top[:-1, :, None] - bottom[1:, None, :]
        ),
        0,
    )
    move = np.full((width, most + 1, most + 1), SETTINGS.lift_cost)
    move[1:, :most, :most] = np.minimum(SETTINGS.jump_cost * gap, SETTINGS.most_jump_cost)
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
        seen &= ~_specks(seen)
        line = np.where(seen, line, -1)
        top, bottom, strength = (
            np.where(seen, values[places, line], np.nan)
            for values in (runs.top, runs.bottom, runs.strength)
        )
        paths.append(TracePath(line, top, bottom, strength))
    return paths


def path_mask(paths: list[TracePath], shape: tuple[int, ...]) -> Mask:
    """Return the mask of the ink that the paths run through."""
    result = np.zeros(shape, np.float32)
    for path in paths:
        for column in np.flatnonzero(path.run >= 0):
            top, bottom = int(path.top[column]), int(path.bottom[column]) + 2
            result[max(top, 0) : bottom, column] = 1
    return result
