from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays

from ecgkit.processing.runs import runs_of_true


def test_runs_of_a_known_mask():
    assert runs_of_true(np.array([1, 1, 0, 1, 0, 0, 1, 1, 1], bool)) == [(0, 2), (3, 4), (6, 9)]
    assert runs_of_true(np.zeros(3, bool)) == []
    assert runs_of_true(np.ones(3, bool)) == [(0, 3)]
    assert runs_of_true(np.zeros(0, bool)) == []


@given(arrays(np.bool_, array_shapes(max_dims=1, max_side=40)))
def test_runs_make_up_the_mask_and_do_not_touch(mask):
    runs = runs_of_true(mask)
    made = np.zeros_like(mask)
    for first, stop in runs:
        assert stop > first
        made[first:stop] = True
    np.testing.assert_array_equal(made, mask)
    assert all(after[0] > before[1] for before, after in pairwise(runs))
