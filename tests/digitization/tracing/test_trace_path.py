import numpy as np
import pytest

from ecgkit.digitization.tracing.rows import Rows
from ecgkit.digitization.tracing.trace_path import find_ink_runs, follow_rows


def test_edges_of_runs_are_found_between_pixels():
    mask = np.zeros((20, 3), np.float32)
    mask[5, 0], mask[6:9, 0], mask[9, 0] = 0.25, 1.0, 0.5
    mask[10, 1] = 1.0
    runs = find_ink_runs(mask)
    assert runs.top[0, 0] == pytest.approx(5.25)
    assert runs.bottom[0, 0] == pytest.approx(9.0)
    assert (runs.top[1, 0] + runs.bottom[1, 0]) / 2 == pytest.approx(10.0)
    assert np.isnan(runs.top[2, 0])


def test_specks_apart_from_a_trace_are_no_part_of_its_path():
    mask = np.zeros((60, 200), np.float32)
    mask[30:32, :150] = 1  # a trace, then nothing but a speck
    mask[33:35, 170:180] = 1
    rows = Rows(np.full((1, 200), 30.5), 100.0)
    (path,) = follow_rows(find_ink_runs(mask), rows)
    seen = path.run >= 0
    assert seen[:150].all()
    assert not seen[150:].any()


def test_each_row_follows_its_own_line_from_the_first_column_to_the_last():
    mask = np.zeros((60, 100), np.float32)
    x = np.arange(100)
    upper, lower = 15 + (x // 25), 40 - (x // 25)
    mask[upper, x] = mask[lower, x] = 1
    rows = Rows(np.stack([np.full(100, 15.0), np.full(100, 40.0)]), 25.0)
    paths = follow_rows(find_ink_runs(mask), rows)
    for path, line in zip(paths, (upper, lower), strict=True):
        np.testing.assert_allclose((path.top + path.bottom) / 2, line)


def test_a_path_is_empty_in_just_the_columns_without_ink():
    mask = np.zeros((60, 200), np.float32)
    mask[30:32] = 1
    mask[:, 100:130] = 0
    (path,) = follow_rows(find_ink_runs(mask), Rows(np.full((1, 200), 30.5), 100.0))
    assert np.flatnonzero(path.run < 0).tolist() == list(range(100, 130))
    assert np.flatnonzero(np.isnan(path.top)).tolist() == list(range(100, 130))
