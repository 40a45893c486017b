import re

import numpy as np

from ecgkit.drawing.svg.paths import UNITS, paths_of


def points(path: str) -> np.ndarray:
    """Return a path's points in mm, shape (n, 2)."""
    start, steps = re.fullmatch(r"M(\S+ \S+)l(.*)", path).groups()
    first = np.array(start.split(), float)
    moves = np.array(steps.split(), float).reshape(-1, 2)
    return np.vstack([first, first + np.cumsum(moves, axis=0)]) / UNITS


def test_missing_samples_are_gaps() -> None:
    x = np.arange(100.0)
    y = np.sin(x)
    y[40:60] = np.nan
    pieces = [points(path) for path in paths_of(x, y)]
    ends = [(piece[0, 0], piece[-1, 0]) for piece in pieces]
    assert ends[0][0] == 0
    assert ends[-1][1] == 99
    assert not any(first < 50 < last for first, last in ends)
    assert paths_of(x, np.full(100, np.nan)) == []
