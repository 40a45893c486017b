import numpy as np
import pytest

from ecgkit.digitization.tracing.crossings import separate_crossings
from ecgkit.digitization.tracing.rows import Rows
from ecgkit.digitization.tracing.trace_path import TracePath

PEN = 2.0


def crossing_paths(top, bottom):
    """Two level rows at 50 and 150 px that run through one stroke in columns 48 to 52."""
    paths = []
    for number, line in enumerate((50.0, 150.0)):
        run = np.full(100, number)
        upper, lower = np.full(100, line - PEN / 2), np.full(100, line + PEN / 2)
        run[48:53], upper[48:53], lower[48:53] = 0, top, bottom
        paths.append(TracePath(run, upper, lower, np.ones(100)))
    return paths, Rows(np.stack([np.full(100, 50.0), np.full(100, 150.0)]), 100.0)


@pytest.mark.parametrize("owner", [0, 1])
def test_a_stroke_belongs_to_the_row_at_whose_line_it_is_wide(owner):
    # An S wave of the upper row, wide at 50 px and narrow at its tip beyond 150 px; or an R wave
    # of the lower row, the same upside down.
    tip = np.array([70.0, 120.0, 160.0, 120.0, 70.0])
    top, bottom = (np.full(5, 49.0), tip) if owner == 0 else (200 - tip, np.full(5, 151.0))
    paths, rows = crossing_paths(top, bottom)
    separated, crossed = separate_crossings(paths, rows, PEN)
    other = 1 - owner
    np.testing.assert_array_equal(separated[owner].top, paths[owner].top)
    np.testing.assert_array_equal(separated[owner].bottom, paths[owner].bottom)
    line = rows.lines[other, 0]
    np.testing.assert_allclose(separated[other].top[48:53], line - PEN / 2)
    np.testing.assert_allclose(separated[other].bottom[48:53], line + PEN / 2)
    for where in crossed:
        assert np.flatnonzero(where).tolist() == [48, 49, 50, 51, 52]
