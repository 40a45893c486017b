"""From the ink that a row's trace runs through to its height at every moment."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from ecgkit.paper.following import Path, stretches
from ecgkit.paper.rows import Rows

Array = NDArray[np.float64]

_TALL = 3.0
"""Ink of so many pens' height is a stroke, not a line."""
_BRIDGE = 6
"""Gaps of so many px are bridged, as a trace is often broken for less than 50 ms."""
_BRIDGED, _SHARED = 0.3, 0.6
"""How much of its confidence a sample keeps where it is bridged, or where two traces cross."""
_SHORT = 4
_FINE = 4
"""Points of a trace in a px."""
_THINNED = 0.8
_BEND_STEP, _BENT = 30, 18.0
"""Bends of less px are not told from what leads have in common."""
_BLEND, _FLAT = 0.3, 0.35
_AROUND, _STEP = 75, 3
"""The level of a trace is its median over so many px, at every so many."""


@dataclass(frozen=True, eq=False)
class Trace:
    """A row's trace as a line.

    Attributes
    ----------
    x, y
        float64, shape (points,): in px, x ascending.
    confidence
        float64, shape (width,): 0 to 1 for each column of the mask; 0 where nothing is seen.
    """

    x: Array
    y: Array
    confidence: Array

    def at(self, x: Array) -> Array:
        """Return the heights at places in px; NaN where nothing is seen."""
        if not self.x.size:
            return np.full(x.shape, np.nan)
        y = np.interp(x, self.x, self.y)
        column = np.clip(np.round(x).astype(int), 0, self.confidence.size - 1)
        y[(self.confidence[column] <= 0) | (x < self.x[0] - 1) | (x > self.x[-1] + 1)] = np.nan
        return y


def pen_width(paths: list[Path]) -> float:
    """Return the usual thickness in px of the lines that run flat."""
    tall = np.concatenate([path.bottom - path.top for path in paths])
    tall = tall[np.isfinite(tall)]
    return float(np.clip(np.percentile(tall, 30), 1.0, 5.0)) if tall.size else 1.5


def separate(
    paths: list[Path], rows: Rows, pen: float
) -> tuple[list[Path], list[NDArray[np.bool_]]]:
    """Share out the ink that two rows' paths run through together.

    Where traces cross, one stroke belongs to one of them: to the one at whose base line it is
    wider, since waves are wide at their foot and narrow at their tip. The other trace passes
    straight on. A line that both follow belongs to the row that it lies nearer to.

    Returns
    -------
    paths, crossed
        And for each row where its ink was shared, bool, shape (width,).
    """
    result = list(paths)
    crossed = [np.zeros(path.run.size, np.bool_) for path in paths]
    for upper in range(len(paths) - 1):
        for lower in range(upper + 1, min(upper + 4, len(paths))):
            a, b = result[upper], result[lower]
            both = (paths[upper].run == paths[lower].run) & (paths[upper].run >= 0)
            both &= np.isfinite(a.top) & np.isfinite(b.top)
            for first, stop in stretches(both):
                part = slice(first, stop)
                crossed[upper][part] = crossed[lower][part] = True
                tall = np.nanmedian(a.bottom[part] - a.top[part]) > _TALL * pen
                line_a = _level(a, first, stop, rows.lines[upper])
                line_b = _level(b, first, stop, rows.lines[lower])
                if not tall and stop - first > _SHORT:
                    middle = float(np.mean(a.top[part] + a.bottom[part]) / 2)
                    far_a = abs(middle - rows.lines[upper, part].mean())
                    far_b = abs(middle - rows.lines[lower, part].mean())
                    loser = lower if far_a <= far_b else upper
                    result[loser] = _without(result[loser], part)
                else:
                    owner = _owner(paths[upper], part, line_a, line_b, pen)
                    loser, line = (lower, line_b) if owner == 0 else (upper, line_a)
                    result[loser] = _clipped(result[loser], part, line, pen)
                a, b = result[upper], result[lower]
    return result, crossed


def _owner(path: Path, part: slice, above: Array, below: Array, pen: float) -> int:
    """Return 0 if a shared stroke is the upper row's, 1 if the lower's."""
    top, bottom = path.top[part], path.bottom[part]
    gap = below - above
    near_a = np.mean((top <= above + 0.3 * gap) & (bottom >= above + 0.3 * gap))
    near_b = np.mean((top <= above + 0.7 * gap) & (bottom >= above + 0.7 * gap))
    beyond_a = float(np.max(above - top)) - pen
    beyond_b = float(np.max(bottom - below)) - pen
    # A stroke that goes far beyond one line only comes from the other one.
    score = near_a - near_b + 0.02 * (max(beyond_b, 0) - max(beyond_a, 0)) / max(pen, 1)
    return 0 if score >= 0 else 1


def _level(path: Path, first: int, stop: int, base: Array) -> Array:
    """Return the height that a trace holds across a stretch, from what lies around it."""
    middle = (path.top + path.bottom) / 2
    ends = []
    for around in (slice(max(0, first - 6), first), slice(stop, stop + 6)):
        seen = middle[around][np.isfinite(middle[around])]
        ends.append(float(np.median(seen)) if seen.size else None)
    left, right = ends
    if left is None and right is None:
        return np.asarray(base[first:stop], np.float64)
    left = right if left is None else left
    right = left if right is None else right
    assert left is not None
    assert right is not None
    return np.linspace(left, right, stop - first)


def _clipped(path: Path, part: slice, line: Array, pen: float) -> Path:
    top, bottom = path.top.copy(), path.bottom.copy()
    top[part], bottom[part] = line - pen / 2, line + pen / 2
    return replace(path, top=top, bottom=bottom)


def _without(path: Path, part: slice) -> Path:
    top, bottom, strength, run = (
        path.top.copy(),
        path.bottom.copy(),
        path.strength.copy(),
        path.run.copy(),
    )
    top[part] = bottom[part] = strength[part] = np.nan
    run[part] = -1
    return Path(run, top, bottom, strength)


def trace(path: Path, crossed: NDArray[np.bool_], pen: float) -> Trace:
    """Return the line that a pen drew through a path's ink.

    The pen's width is taken off the ink's upper and lower outline, on all sides. Where the ink is
    a stroke rather than a line, the trace is the outline that stands away from the level around
    it, as narrow QRS complexes are filled with ink: so peaks keep their height.
    """
    seen = np.isfinite(path.top)
    confidence = np.where(seen, np.nan_to_num(path.strength), 0.0)
    confidence = np.where(crossed & seen, _SHARED * confidence, confidence)
    columns = np.flatnonzero(seen)
    if columns.size < 2:
        return Trace(np.empty(0), np.empty(0), np.zeros(seen.size))
    x = np.arange(columns[0] * _FINE, columns[-1] * _FINE + 1) / _FINE
    upper = np.interp(x, columns, path.top[columns]) + pen / 2
    lower = np.interp(x, columns, path.bottom[columns]) - pen / 2
    level = np.interp(x, columns, _levels((path.top + path.bottom)[columns] / 2))
    thin = np.ones((1, 2 * round(_THINNED * pen * _FINE / 2) + 1), np.uint8)
    upper = np.asarray(cv2.dilate(upper[None], thin), np.float64).ravel()
    lower = np.asarray(cv2.erode(lower[None], thin), np.float64).ravel()
    middle = (upper + lower) / 2
    upper, lower = np.where(upper < lower, (upper, lower), (middle, middle))
    up, down = np.maximum(level - upper, 0), np.maximum(lower - level, 0)
    share = np.clip((up / np.maximum(up + down, 1e-6) - 0.5) / _BLEND + 0.5, 0, 1)
    y = share * upper + (1 - share) * lower
    y = np.where(lower - upper > _FLAT * pen, y, middle)
    for first, stop in stretches(~seen):
        if first > 0 and stop < seen.size and stop - first <= _BRIDGE:
            sides = min(confidence[first - 1], confidence[stop])
            confidence[first:stop] = _BRIDGED * sides
    return Trace(x, y, confidence)


def _levels(middle: Array) -> Array:
    """Return the level around each place of a line: its running median."""
    short = middle[::_STEP]
    size = min(_AROUND // _STEP, max(1, (short.size - 1) // 2 * 2 - 1))
    running = median_filter(short, size=size, mode="nearest")
    return np.asarray(np.interp(np.arange(middle.size), np.arange(short.size) * _STEP, running))


def bend(traces: list[Trace]) -> Array:
    """Return how far all rows lie below where they should at each column, in px.

    Paper that is bent shifts all rows alike, slowly along the page. Where they have little in
    common, it is taken to be flat.
    """
    size = traces[0].confidence.size
    places = np.arange(0, size, _BEND_STEP, dtype=np.float64)
    levels = np.full((len(traces), places.size), np.nan)
    x = np.arange(size, dtype=np.float64)
    for row, line in zip(levels, traces, strict=True):
        y = line.at(x)
        for index, place in enumerate(places.astype(int)):
            around = y[max(0, place - _BEND_STEP) : place + _BEND_STEP]
            around = around[np.isfinite(around)]
            if around.size > _BEND_STEP / 2:
                row[index] = np.median(around)
        if np.isfinite(row).any():
            row -= np.nanmedian(row)
    known = np.isfinite(levels).sum(axis=0) >= max(2, len(traces) / 2)
    if known.sum() < 8:
        return np.zeros(size)
    common = np.nanmedian(levels[:, known], axis=0)
    fit = np.polynomial.Polynomial.fit(places[known], common, 4)
    smooth = fit(np.clip(x, places[known][0], places[known][-1]))
    apart = np.nanmedian(np.abs(levels[:, known] - fit(places[known])))
    if np.ptp(smooth) < max(_BENT, 3 * float(apart)):
        return np.zeros(size)
    return np.asarray(smooth, np.float64)
