import numpy as np
import pytest

from ecgkit.processing.runs import true_runs


@pytest.mark.parametrize(
    ("flags", "runs"),
    [("", []), ("0", []), ("1", [(0, 1)]), ("0110", [(1, 3)]), ("1011", [(0, 1), (2, 4)])],
)
def test_runs_of_true_with_the_place_after_their_last(flags, runs):
    assert true_runs(np.array([flag == "1" for flag in flags], np.bool_)) == runs
