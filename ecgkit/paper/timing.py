"""When each part of a page was recorded: from px along it to seconds."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.columns import Columns
from ecgkit.paper.tracing import Trace

Array = NDArray[np.float64]

_EVEN, _WHOLE = 0.05, 0.015
"""Columns whose widths differ by less were equally wide before the paper was bent; less still for
the first and the last, which may be cut off."""
_LAG = 4
_ALIKE, _LIKELY, _BETTER = 0.63, 0.2, 0.15
_SMOOTH = 3.0


def edge_times(columns: Columns, px_per_s: float) -> Array:
    """Return the time at each column's edge in s, from the left end of the first.

    Columns are equally wide on every page; small differences come from bends of the paper and are
    taken out. A first or last column that is clearly narrower was cut off.
    """
    widths = np.diff(columns.edges)
    usual = float(np.median(widths[1:-1] if widths.size > 3 else widths))
    limit = np.full(widths.size, _EVEN)
    limit[[0, -1]] = _WHOLE
    even = np.abs(widths / usual - 1) < limit
    return np.concatenate([[0.0], np.cumsum(np.where(even, usual, widths))]) / px_per_s


def simultaneous(columns: Columns, traces: list[Trace]) -> bool:
    """Say whether all columns show the same time, each from its own left end on.

    They do where QRS complexes stand at the same places in every column; where there is a rhythm
    strip, it says whether a column shows what the strip shows above it or at its beginning.
    """
    count = columns.edges.size - 1
    if count < 2:
        return False
    size = int(np.diff(columns.edges).min())
    rows = {place.row for place in columns.places if not place.rhythm}
    strips = {place.row for place in columns.places if place.rhythm}
    firsts = [int(np.ceil(edge)) for edge in columns.edges[:-1]]
    parts = [_activity(traces, rows, first, size) for first in firsts]
    if strips:
        shown = [_activity(traces, strips, first, size) for first in firsts]
        above = np.mean([_match(a, b) for a, b in zip(parts[1:], shown[1:], strict=True)])
        start = np.mean([_match(part, shown[0]) for part in parts[1:]])
        return bool(start > above + _BETTER and start > _LIKELY)
    alike = [_match(a, b) for k, a in enumerate(parts) for b in parts[:k]]
    return bool(np.mean(alike) > _ALIKE)


def _activity(traces: list[Trace], rows: set[int], first: int, size: int) -> Array:
    """Return how steep a stretch of some rows is, smoothed, without its middle value."""
    total = np.zeros(size)
    x = np.arange(first, first + size + 1, dtype=np.float64)
    for row in rows:
        steep = np.minimum(np.nan_to_num(np.abs(np.diff(traces[row].at(x)))), 20.0)
        total += np.minimum(steep / (np.percentile(steep, 98) + 1.0), 1.5)
    smooth = cv2.GaussianBlur(total[None], (0, 0), _SMOOTH).ravel()
    return np.asarray(smooth - smooth.mean(), np.float64)


def _match(a: Array, b: Array) -> float:
    """Return the correlation of two stretches, shifted by a few px at most."""
    size = np.sqrt(float(a @ a) * float(b @ b))
    if size == 0:
        return 0.0
    n = a.size
    lags = range(-_LAG, _LAG + 1)
    best = max(float(a[max(0, k) : n + min(0, k)] @ b[max(0, -k) : n - max(0, k)]) for k in lags)
    return best / float(size)
