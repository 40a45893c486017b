"""Columns of a page: which layout its rows have, and where one lead ends and the next begins."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ecgkit.digitization.tracing.trace_path import Path
from ecgkit.paper.layouts import LAYOUTS
from ecgkit.paper.scale import Array
from ecgkit.processing.runs import true_runs

_STEP_MOST = 6.0
_GAP_MOST = 25
_REACH = 4
_SLIDE, _CUT, _STRETCH = 30.0, 100.0, 0.05
"""In px: how far the first column may begin behind where traces are seen, and before it."""
_OFF = 2.0
_USUAL_MM = 250.0
_USUAL = 0.1
"""What it counts that all columns together have the usual width."""
_SEEN = 0.3
_FADED = 0.35
"""In px: how much of a trace's end a mask misses, in the middle of many pages."""


@dataclass(frozen=True, eq=False)
class Raster:
    """Evenly wide columns laid over a page's rows.

    Attributes
    ----------
    edges
        float64, shape (columns + 1,): left end of each column and right end of the last, in px.
    shown
        float64, shape (rows, columns - 1): how much better than elsewhere the ends between columns
        show in each row, about -1 to 1.
    """

    edges: Array
    shown: Array


def extent(paths: list[Path], pen: float) -> tuple[float, float] | None:
    """Return from where to where the rows' traces run, in px; None where there is no trace."""
    firsts, lasts = [], []
    for path in paths:
        seen = np.flatnonzero(path.run >= 0)
        if seen.size:
            firsts.append(seen[0])
            lasts.append(seen[-1] + 1)
    if not firsts:
        return None
    # The pen reaches half its width beyond a trace's end, but a mask fades a little before that.
    reach = pen / 2 - _FADED
    left = float(np.percentile(firsts, 30)) - 0.5 + reach
    return left, float(np.percentile(lasts, 70)) - 0.5 - reach


def breaks(path: Path) -> Array:
    """Return how much a row looks like one lead ending and another beginning, at each column.

    Shape (width + 1,), 0 to 1, between column x - 1 and x: the trace jumps without ink, or the pen
    is lifted for a moment.
    """
    top, bottom = path.top, path.bottom
    jump = np.maximum(top[1:] - bottom[:-1], top[:-1] - bottom[1:])
    result = np.zeros(top.size + 1)
    result[1:-1] = np.clip(np.nan_to_num(jump) / _STEP_MOST, 0, 1)
    for first, stop in true_runs(path.run < 0):
        if 2 <= stop - first <= _GAP_MOST and first and stop < top.size:
            result[first : stop + 1] = np.maximum(result[first : stop + 1], 0.5)
    return result


def lay_raster(
    seen: Array, hints: Array, ends: tuple[float, float], columns: int, px_per_mm: float
) -> Raster:
    """Return the raster of so many columns that fits best.

    Parameters
    ----------
    seen
        Shape (rows, width + 1): breaks of the rows that have columns.
    hints
        Shape (width + 1,): what else speaks for a lead's beginning, 0 to 1 as a rule.
    ends
        From where to where the traces run.
    """
    left, right = ends
    if columns == 1:
        return Raster(np.array([left, right]), np.zeros((len(seen), 0)))
    width = (right - left) / columns
    usual = _USUAL_MM * px_per_mm / columns
    mean = seen.mean(axis=0)
    near = cv2.dilate(mean[None], np.ones((1, 5), np.uint8)).ravel() + np.minimum(hints, 1.0)
    # The page's ends may be cut off or torn: the columns' raster may lie a little off them.
    inner = np.arange(1, columns)
    starts = np.concatenate([[left], left + np.arange(-_CUT, _SLIDE + 1, 3.0)])
    widths = np.concatenate([width * np.linspace(1 - _STRETCH, 1 + _STRETCH, 41), [width]])
    if 0.75 < width / usual < 1.05:
        widths = np.concatenate([widths, usual * np.linspace(0.99, 1.01, 9)])
    start, wide = (grid.ravel() for grid in np.meshgrid(starts, widths))
    where = np.clip(np.round(start[:, None] + inner * wide[:, None]), 0, mean.size - 1).astype(int)
    beyond = start + columns * wide - right
    # A trace that ends early has often just been short; none goes on beyond its column.
    off = np.abs(start - left) + np.where(beyond > 0, 0.5 * beyond, -beyond)
    score = near[where].mean(axis=1) - _OFF * off / width / columns
    score += _USUAL * (np.abs(wide / usual - 1) < 0.006)
    best = int(score.argmax())
    edges = np.concatenate([[start[best]], start[best] + np.arange(1, columns + 1) * wide[best]])
    edges[-1] = max(min(edges[-1], right + 0.5 * _SLIDE), edges[-2] + 1)
    around = cv2.dilate(seen, np.ones((1, 2 * _REACH + 1), np.uint8))
    usually = around[:, int(left) : int(right) + 1].mean(axis=1, keepdims=True)
    shown = around[:, where[best]] - usually
    for index, at in enumerate(where[best]):
        low = int(np.clip(at - _REACH, 0, mean.size - 1))
        piece = mean[low : at + _REACH + 1]
        if piece.max(initial=0.0) > _SEEN:  # the next lead begins where a gap ends
            last = np.flatnonzero(piece >= 0.9 * piece.max())[-1]
            edges[index + 1] = low + float(last) - 0.5
    return Raster(edges, shown)


def fitting(rows: int) -> tuple[str, ...]:
    """Return the layouts of so many rows, strips included, in the order of :data:`LAYOUTS`."""
    return tuple(
        name for name, shape in LAYOUTS.items() if shape.rows and shape.rows + shape.strips == rows
    )
