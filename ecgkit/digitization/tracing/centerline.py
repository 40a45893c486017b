"""From the ink that a row's trace runs through to its height at every moment."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from ecgkit.digitization.tracing.trace_path import Path, find_runs
from ecgkit.paper.pen import draw_lines
from ecgkit.paper.scale import Array, Mask
from ecgkit.processing.runs import true_runs

_BRIDGE = 6
"""Gaps of so many px are bridged, as a trace is often broken for less than 50 ms."""
_BRIDGED, _SHARED = 0.3, 0.6
"""How much of its confidence a sample keeps where it is bridged, or where two traces cross."""
_FINE = 4
"""Points of a trace in a px."""
_BEND_STEP, _BENT = 30, 18.0
"""Bends of less px are not told from what leads have in common."""
_BLEND = 0.6
_ROUNDS, _AIR = 2, 18.0
_PROFILE = 4
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
    return float(np.clip(np.percentile(tall, 20), 1.0, 5.0)) if tall.size else 1.5


def trace(path: Path, crossed: NDArray[np.bool_], pen: float, blur: float = 0.0) -> Trace:
    """Return the line that a pen drew through a path's ink.

    What the reading does to a line is measured by drawing its result and reading that anew; the
    difference is put back. So narrow peaks keep their height.

    Parameters
    ----------
    path, crossed
        As :func:`ecgkit.digitization.tracing.crossings.separate` returns them.
    pen
        The line's width in px.
    blur
        Standard deviation in px by which the mask is less sharp than what the pen drew.
    """
    seen = np.isfinite(path.top)
    confidence = np.where(seen, np.nan_to_num(path.strength), 0.0)
    confidence = np.where(crossed & seen, _SHARED * confidence, confidence)
    columns = np.flatnonzero(seen)
    if columns.size < 2:
        return Trace(np.empty(0), np.empty(0), np.zeros(seen.size))
    x = np.arange(columns[0] * _FINE, columns[-1] * _FINE + 1) / _FINE
    first = y = _through(path.top, path.bottom, x, pen)
    low, left = float(y.min()) - _AIR, float(columns[0] - round(_AIR))
    size = (int(np.ceil(y.max() + _AIR - low)), int(columns[-1] - left + _AIR) + 1)
    for _ in range(_ROUNDS):
        drawn = np.zeros(size, np.uint8)
        ink, where = draw_lines(size, [np.stack([x - left, y - low], axis=1)], pen)
        drawn[where] = ink
        again = drawn.astype(np.float32) / np.float32(255)
        if blur > 0:
            again = np.asarray(cv2.GaussianBlur(again, (0, 0), blur), np.float32)
        runs = find_runs(again)
        top, bottom = (
            np.where(np.isnan(runs.top).all(axis=1), np.nan, outer)
            for outer in (np.fmin.reduce(runs.top, axis=1), np.fmax.reduce(runs.bottom, axis=1))
        )
        missed = first - low - _through(top, bottom, x - left, pen)
        y = y + cv2.GaussianBlur(missed[None], (0, 0), _FINE / 2).ravel()
        y = np.clip(y, low + 1, low + size[0] - 1)
    for start, stop in true_runs(~seen):
        if start > 0 and stop < seen.size and stop - start <= _BRIDGE:
            sides = min(confidence[start - 1], confidence[stop])
            confidence[start:stop] = _BRIDGED * sides
    return Trace(x, y, confidence)


def _through(top: Array, bottom: Array, x: Array, pen: float) -> Array:
    """Return a line through ink at places in px, from its upper and lower outline.

    A round pen's width is taken off both outlines: then they meet wherever the ink is one line.
    Where they do not, as in a narrow QRS complex filled with ink, the trace is the one that stands
    away from the level around it.
    """
    columns = np.flatnonzero(np.isfinite(top))
    reach = int(pen / 2 * _FINE)
    round_pen = np.sqrt(np.maximum((pen / 2) ** 2 - (np.arange(-reach, reach + 1) / _FINE) ** 2, 0))
    upper, lower = (
        np.pad(np.interp(x, columns, outline[columns]), reach, mode="edge")
        for outline in (top, bottom)
    )
    upper = (sliding_window_view(upper, round_pen.size) + round_pen).max(axis=1)
    lower = (sliding_window_view(lower, round_pen.size) - round_pen).min(axis=1)
    level = np.interp(x, columns, _levels((top + bottom)[columns] / 2))
    up, down = np.maximum(level - upper, 0), np.maximum(lower - level, 0)
    share = np.clip((up / np.maximum(up + down, 1e-6) - 0.5) / _BLEND + 0.5, 0, 1)
    y = np.where(lower > upper, share * upper + (1 - share) * lower, (upper + lower) / 2)
    return np.asarray(y, np.float64)


def _levels(middle: Array) -> Array:
    """Return the level around each place of a line: its running median."""
    short = middle[::_STEP]
    size = min(_AROUND // _STEP, max(1, (short.size - 1) // 2 * 2 - 1))
    running = median_filter(short, size=size, mode="nearest")
    return np.asarray(np.interp(np.arange(middle.size), np.arange(short.size) * _STEP, running))


def blur_of(mask: Mask, paths: list[Path], pen: float) -> float:
    """Return by how many px (standard deviation) a mask is less sharp than what the pen drew."""
    spread = []
    around = np.arange(-_PROFILE, _PROFILE + 1)
    for path in paths:
        flat = np.flatnonzero(path.bottom - path.top < 1.2 * pen)
        middle = (path.top + path.bottom)[flat] / 2
        rows = np.round(middle).astype(int)[:, None] + around
        kept = (rows.min(axis=1) >= 0) & (rows.max(axis=1) < mask.shape[0])
        flat, middle, rows = flat[kept], middle[kept], rows[kept]
        values = mask[rows, flat[:, None]] + 1e-6
        spread.append((values * (rows - middle[:, None]) ** 2).sum(axis=1) / values.sum(axis=1))
    every = np.concatenate(spread) if spread else np.zeros(0)
    if every.size < 50:
        return 0.0
    # A line's own profile: its width, seen through pixels.
    excess = float(np.median(every)) - (pen**2 + 1) / 12
    return float(np.clip(np.sqrt(max(excess, 0.0)), 0.0, 1.5))


def bend(paths: list[Path]) -> Array:
    """Return how far all rows lie below where they should at each column, in px.

    Paper that is bent shifts all rows alike, slowly along the page. Where they have little in
    common, it is taken to be flat.
    """
    size = paths[0].run.size
    places = np.arange(0, size, _BEND_STEP, dtype=np.float64)
    levels = np.full((len(paths), places.size), np.nan)
    x = np.arange(size, dtype=np.float64)
    for row, path in zip(levels, paths, strict=True):
        y = (path.top + path.bottom) / 2
        for index, place in enumerate(places.astype(int)):
            around = y[max(0, place - _BEND_STEP) : place + _BEND_STEP]
            around = around[np.isfinite(around)]
            if around.size > _BEND_STEP / 2:
                row[index] = np.median(around)
        if np.isfinite(row).any():
            row -= np.nanmedian(row)
    known = np.isfinite(levels).sum(axis=0) >= max(2, len(paths) / 2)
    if known.sum() < 8:
        return np.zeros(size)
    common = np.nanmedian(levels[:, known], axis=0)
    fit = np.polynomial.Polynomial.fit(places[known], common, 4)
    smooth = fit(np.clip(x, places[known][0], places[known][-1]))
    apart = np.nanmedian(np.abs(levels[:, known] - fit(places[known])))
    if np.ptp(smooth) < max(_BENT, 3 * float(apart)):
        return np.zeros(size)
    return np.asarray(smooth, np.float64)
