import pytest

from ecgkit.training.common.schedules import warm_cosine


def test_a_warm_up_then_half_a_cosine_to_zero():
    assert warm_cosine(0.0) == pytest.approx(0.02)
    assert warm_cosine(0.025) == pytest.approx(0.52 * 0.998459, abs=1e-5)
    assert warm_cosine(0.5) == pytest.approx(0.5)
    assert warm_cosine(1.0) == pytest.approx(0.0)
    assert warm_cosine(0.01, warm_up=0.02) == pytest.approx(0.52 * 0.999753, abs=1e-5)
