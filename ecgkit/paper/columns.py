"""Columns of a page: which layout its rows have, and where one lead ends and the next begins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.following import Path
from ecgkit.paper.layouts import ANY, LAYOUTS, Layout
from ecgkit.paper.tracing import stretches

Array = NDArray[np.float64]

_SUSTAINED = 12
_STEP_MOST = 6.0
_GAP_MOST = 25
_REACH = 4
_WORTH = 0.3
"""A boundary must show in so large a share of its rows (a label there counts like a row or two)."""
_SLACK = 0.03


@dataclass(frozen=True)
class Columns:
    """Where the columns of a page stand.

    Attributes
    ----------
    layout
        A key of :data:`ecgkit.paper.layouts.LAYOUTS`.
    edges
        float64, shape (columns + 1,): left end of each column and right end of the last, in px.
    score
        How well the boundaries are seen, 0 (a guess) to 1.
    """

    layout: str
    edges: Array
    score: float


def extent(paths: list[Path]) -> tuple[float, float] | None:
    """Return from where to where the rows' traces run, in px; None where there is no trace."""
    firsts, lasts = [], []
    for path in paths:
        parts = [p for p in stretches(path.run >= 0) if p[1] - p[0] >= _SUSTAINED]
        if parts:
            firsts.append(parts[0][0])
            lasts.append(parts[-1][1])
    if not firsts:
        return None
    return float(np.percentile(firsts, 30)) - 0.5, float(np.percentile(lasts, 70)) - 0.5


def breaks(path: Path) -> Array:
    """Return how much a row looks like one lead ending and another beginning, at each column.

    Shape (width + 1,), 0 to 1, between column x - 1 and x: the trace jumps without ink, or the pen
    is lifted for a moment.
    """
    top, bottom = path.top, path.bottom
    jump = np.maximum(top[1:] - bottom[:-1], top[:-1] - bottom[1:])
    result = np.zeros(top.size + 1)
    result[1:-1] = np.clip(np.nan_to_num(jump) / _STEP_MOST, 0, 1)
    for first, stop in stretches(path.run < 0):
        if 2 <= stop - first <= _GAP_MOST and first and stop < top.size:
            result[first : stop + 1] = np.maximum(result[first : stop + 1], 0.5)
    return result


def find_columns(
    paths: list[Path], labels: Array | None = None, layout: str | None = None
) -> Columns | None:
    """Return the layout and its columns; None where no trace is seen.

    Parameters
    ----------
    paths
        Of each row.
    labels
        Shape (layouts of :func:`fitting`,): what the lead names in the picture say for each.
    layout
        The layout, where it is known.
    """
    ends = extent(paths)
    if ends is None:
        return None
    left, right = ends
    rows = len(paths)
    seen = np.stack([breaks(path) for path in paths])
    best: tuple[float, Columns] | None = None
    names = (layout,) if layout else fitting(rows)
    for place, name in enumerate(names):
        shape = LAYOUTS[name]
        shown, edges = _boundaries(seen[: shape.rows or rows], left, right, shape.columns)
        score = float(np.sum(shown - _WORTH)) if shown.size else 0.0
        if labels is not None:
            score += float(labels[place])
        quality = float(np.clip(shown.mean() if shown.size else 0.7, 0, 1))
        if best is None or score > best[0]:
            best = score, Columns(name, edges, quality)
    assert best is not None
    return best[1]


def fitting(rows: int) -> tuple[str, ...]:
    """Return the layouts with so many rows, strips included; the likeliest first."""
    exact = tuple(
        name
        for name, shape in LAYOUTS.items()
        if name != ANY and shape.rows + shape.strips == rows
    )
    return exact or (ANY,)


def _boundaries(seen: Array, left: float, right: float, columns: int) -> tuple[Array, Array]:
    """Return how well each inner boundary shows, and all edges, of evenly wide columns."""
    width = (right - left) / columns
    if columns == 1:
        return np.zeros(0), np.array([left, right])
    summed = seen.mean(axis=0)
    # The page's ends may be cut off or torn: the columns' raster may lie a little off them.
    best, found = -np.inf, (left, width)
    inner = np.arange(1, columns)
    for start in left + width * np.linspace(-_SLACK, _SLACK, 13):
        for wide in width * np.linspace(1 - _SLACK, 1 + _SLACK, 13):
            where = np.clip(np.round(start + inner * wide).astype(int), 0, summed.size - 1)
            off = abs(start - left) / width + abs(start + columns * wide - right) / width
            score = float(_nearby(summed, where, 2).mean()) - 2.0 * off / columns
            if score > best:
                best, found = score, (start, wide)
    start, wide = found
    where = np.round(start + inner * wide).astype(int)
    edges = np.concatenate([[left], start + inner * wide, [right]])
    shown = _nearby(summed, where, _REACH)
    for index, at in enumerate(where):
        low = max(0, at - 2 * _REACH)
        piece = summed[low : at + 2 * _REACH + 1]
        if piece.size and piece.max() > 0.3:
            top = np.flatnonzero(piece >= 0.9 * piece.max())
            edges[index + 1] = low + top[-1] - 0.5
    return shown, edges


def _nearby(values: Array, where: NDArray[np.int64], reach: int) -> Array:
    places = np.clip(where[:, None] + np.arange(-reach, reach + 1), 0, values.size - 1)
    return np.asarray(values[places].max(axis=1))


def shape_of(columns: Columns) -> Layout:
    """Return the layout itself."""
    return LAYOUTS[columns.layout]
