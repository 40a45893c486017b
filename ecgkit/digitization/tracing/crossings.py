"""Whose ink it is, where the traces of two rows cross."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ecgkit.digitization.tracing.rows import Rows
from ecgkit.digitization.tracing.trace_path import Path
from ecgkit.paper.scale import Array
from ecgkit.processing.runs import true_runs

_TALL = 3.0
"""Ink of so many pens' height is a stroke, not a line."""
_SHORT = 4


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
            for first, stop in true_runs(both):
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
