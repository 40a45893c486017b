"""Whether the columns of a page follow each other or show the same time."""

from __future__ import annotations

import cv2
import numpy as np

from ecgkit.digitization.tracing.layout_detection import Leads
from ecgkit.digitization.tracing.trace_path import Path
from ecgkit.paper.scale import Array

_LAG = 4
_ALIKE, _LIKELY, _BETTER = 0.95, 0.45, 0.15
_SMOOTH = 3.0


def simultaneous(leads: Leads, paths: list[Path]) -> bool:
    """Say whether all columns show the same time, each from its own left end on.

    They do where QRS complexes stand at the same places in every column; where there is a rhythm
    strip, it says whether a column shows what the strip shows above it or at its beginning.
    """
    count = leads.edges.size - 1
    if count < 2:
        return False
    size = int(np.diff(leads.edges).min())
    rows = {place.row for place in leads.places if not place.rhythm}
    strips = {place.row for place in leads.places if place.rhythm}
    firsts = [int(np.ceil(edge)) for edge in leads.edges[:-1]]
    parts = [_activity(paths, rows, first, size) for first in firsts]
    if strips:
        shown = [_activity(paths, strips, first, size) for first in firsts]
        above = np.mean([_match(a, b) for a, b in zip(parts[1:], shown[1:], strict=True)])
        start = np.mean([_match(part, shown[0]) for part in parts[1:]])
        return bool(start > above + _BETTER and start > _LIKELY)
    alike = [_match(a, b) for k, a in enumerate(parts) for b in parts[:k]]
    return bool(np.mean(alike) > _ALIKE)


def _activity(paths: list[Path], rows: set[int], first: int, size: int) -> Array:
    """Return how steep a stretch of some rows is, smoothed, without its middle value."""
    total = np.zeros(size)
    first = max(0, first)
    for row in rows:
        path = paths[row]
        tall = np.nan_to_num((path.bottom - path.top)[first : first + size])
        tall = np.minimum(np.maximum(tall - np.median(tall), 0), 20.0)
        tall = np.pad(tall, (0, size - tall.size))
        total += np.minimum(tall / (np.percentile(tall, 98) + 1.0), 1.5)
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
