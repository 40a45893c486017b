"""Whether the columns of a page follow each other or show the same time."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ecgkit.digitization.tracing.layout_detection import DetectedLayout
from ecgkit.digitization.tracing.settings import TimingSettings
from ecgkit.digitization.tracing.trace_path import TracePath
from ecgkit.paper.scale import Array

SETTINGS = TimingSettings()


def columns_are_simultaneous(detected: DetectedLayout, paths: list[TracePath]) -> bool:
    """Say whether all columns show the same time, each from its own left end on.

    They do where QRS complexes stand at the same places in every column; where there is a rhythm
    strip, it says whether a column shows what the strip shows above it or at its beginning.
    """
    count = detected.edges.size - 1
    if count < 2:
        return False
    size = int(np.diff(detected.edges).min())
    rows = {place.row for place in detected.places if not place.rhythm}
    strips = {place.row for place in detected.places if place.rhythm}
    firsts = [int(np.ceil(edge)) for edge in detected.edges[:-1]]
    parts = [_steepness(paths, rows, first, size) for first in firsts]
    if strips:
        shown = [_steepness(paths, strips, first, size) for first in firsts]
        above = np.mean(
            [_best_correlation(a, b) for a, b in zip(parts[1:], shown[1:], strict=True)]
        )
        start = np.mean([_best_correlation(part, shown[0]) for part in parts[1:]])
        return bool(start > above + SETTINGS.better and start > SETTINGS.least_match)
    alike = [_best_correlation(a, b) for k, a in enumerate(parts) for b in parts[:k]]
    return bool(np.mean(alike) > SETTINGS.same)


def _steepness(paths: list[TracePath], rows: set[int], first: int, size: int) -> Array:
    """Return how steep a stretch of some rows is, smoothed, without its middle value."""
    total = np.zeros(size)
    first = max(0, first)
    for row in rows:
        path = paths[row]
        tall = np.nan_to_num((path.bottom - path.top)[first : first + size])
        tall = np.minimum(np.maximum(tall - np.median(tall), 0), 20.0)
        tall = np.pad(tall, (0, size - tall.size))
        total += np.minimum(tall / (np.percentile(tall, 98) + 1.0), 1.5)
    smooth = gaussian_filter1d(total, SETTINGS.smooth, mode="mirror")
    return np.asarray(smooth - smooth.mean(), np.float64)


def _best_correlation(a: Array, b: Array) -> float:
    """Return the correlation of two stretches, shifted by a few px at most."""
    size = np.sqrt(float(a @ a) * float(b @ b))
    if size == 0:
        return 0.0
    n = a.size
    lags = range(-SETTINGS.most_lag, SETTINGS.most_lag + 1)
    best = max(float(a[max(0, k) : n + min(0, k)] @ b[max(0, -k) : n - max(0, k)]) for k in lags)
    return best / float(size)
