import pytest

from ecgkit.training.digitization.scores import (
    WORST,
)
from ecgkit.training.digitization.summary import figures


def test_figures_of_a_group(row, refused):
    rows = [row("photo", 0), row("photo", 1, snr=[14.0, 14.0], dice=0.8), refused("photo", 2)]
    found = figures(rows)
    assert (found["pages"], found["refused"]) == (3, 1)
    assert found["dice"][0] == pytest.approx(0.85)
    assert found["dice"][1:] == [0.8, 0.9]
    assert found["snr"][0] == 14
    assert found["snr of all"][0] == WORST
    assert found["scale right"] == found["rate right"] == 1
    assert found["seconds to mask"][0] == pytest.approx(0.6)
    late = row("photo", 3, **{"rate error": None, "scale error": 0.021})
    assert figures([*rows, late])["rate right"] == pytest.approx(2 / 3, abs=1e-3)
    assert figures([*rows, late])["scale right"] == pytest.approx(2 / 3, abs=1e-3)
    unknown = row("photo", 3, **{"rate error": None, "rate known": False})
    assert figures([*rows, unknown])["rate right"] == 1
