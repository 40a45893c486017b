"""Traces as SVG path data: thinned to what paper can show, in pieces, with gaps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecgkit.processing.runs import true_runs

COLUMN = 0.2
"""Finest detail in mm that is drawn: of more samples, each column keeps its lowest and highest."""
UNITS = 50
"""Steps a mm in the paths: whole numbers make the drawing small."""


def paths_of(x: NDArray[np.floating], y: NDArray[np.floating], chunk: float = 60.0) -> list[str]:
    """Return SVG path data in steps of 1/50 mm, with gaps where ``y`` is NaN.

    The line comes in pieces of some ``chunk`` mm: a browser repaints only those that it sees.
    """
    step = float(x[1] - x[0]) if x.size > 1 else COLUMN
    size = max(2, int(chunk / max(step, COLUMN / 2)))
    pieces = []
    for across, down in lines_of(x, y):
        for begin in range(0, across.size, size):
            stop = min(begin + size + 1, across.size)  # one point of overlap joins the pieces
            if stop - begin > 1 or across.size == 1:
                pieces.append(_path(across[begin:stop], down[begin:stop]))
    return pieces


def lines_of(
    x: NDArray[np.floating], y: NDArray[np.floating]
) -> list[tuple[NDArray[np.floating], NDArray[np.floating]]]:
    """Return the points, in mm, that are drawn: thinned, one line for each stretch without NaN."""
    step = float(x[1] - x[0]) if x.size > 1 else COLUMN
    x, y = _thinned(x, y, max(1, int(COLUMN / step)))
    return [(x[first:last], y[first:last]) for first, last in true_runs(~np.isnan(y))]


def _path(x: NDArray[np.floating], y: NDArray[np.floating]) -> str:
    limit = 2000 * UNITS  # keeps a wild value from making numbers without end
    points = np.stack([np.rint(x * UNITS), np.clip(np.rint(y * UNITS), -limit, limit)], axis=1)
    steps = np.diff(points, axis=0).astype(np.int64).ravel().tolist()
    return f"M{points[0, 0]:.0f} {points[0, 1]:.0f}l{' '.join(map(str, steps)) or '0 0'}"


def _thinned(
    x: NDArray[np.floating], y: NDArray[np.floating], factor: int
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Keep the lowest and the highest of every ``factor`` samples, in the order they came in."""
    count = y.size // factor
    if factor <= 2 or not count:
        return x, y
    columns = y[: count * factor].reshape(count, factor)
    low = np.where(np.isnan(columns), np.inf, columns).argmin(axis=1)
    high = np.where(np.isnan(columns), -np.inf, columns).argmax(axis=1)
    places = np.sort(np.stack([low, high], axis=1), axis=1) + factor * np.arange(count)[:, None]
    kept = np.concatenate([places.ravel(), np.arange(count * factor, y.size)])
    return x[kept], y[kept]
