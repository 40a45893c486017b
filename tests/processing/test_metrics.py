import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ecgkit.processing import metrics

REFERENCE = np.array([3.0, -4.0, 0.0, 5.0])
OUTPUT = np.array([3.0, -3.0, 1.0, 5.0])


def test_against_the_equations_by_hand():
    # error (0, 1, 1, 0), reference power 9 + 16 + 25
    assert metrics.mse(OUTPUT, REFERENCE) == pytest.approx(0.5)
    assert metrics.snr_db(OUTPUT, REFERENCE) == pytest.approx(10 * np.log10(50 / 2))
    assert metrics.rmse(OUTPUT, REFERENCE) == pytest.approx(np.sqrt(0.5))
    assert metrics.prd(OUTPUT, REFERENCE) == pytest.approx(20.0)
    assert metrics.max_abs_deviation(OUTPUT, REFERENCE) == 1
    assert metrics.pearson(OUTPUT, REFERENCE) == pytest.approx(np.corrcoef(OUTPUT, REFERENCE)[0, 1])


def test_improvement_is_the_difference_of_two_snrs():
    noisy = REFERENCE + 2 * (OUTPUT - REFERENCE)
    gain = metrics.snr_improvement_db(noisy, OUTPUT, REFERENCE)
    assert gain == pytest.approx(20 * np.log10(2))


def test_missing_values_are_left_out_pairwise():
    output = np.append(OUTPUT, [np.nan, 9.0])
    reference = np.append(REFERENCE, [1.0, np.nan])
    assert metrics.compare(output, reference) == metrics.compare(OUTPUT, REFERENCE)


def test_limits_without_warnings():
    assert metrics.snr_db(REFERENCE, REFERENCE) == np.inf
    assert np.isnan(metrics.snr_db(OUTPUT, np.zeros(4)))
    assert metrics.prd(REFERENCE, REFERENCE) == 0
    assert np.isnan(metrics.pearson(np.ones(4), REFERENCE))
    empty = metrics.compare([np.nan], [1.0])
    assert all(np.isnan(value) for value in vars(empty).values())


def test_leads_one_by_one_and_over_all():
    output, reference = np.stack([OUTPUT, REFERENCE]), np.stack([REFERENCE, REFERENCE])
    first, second = metrics.compare_leads(output, reference)
    assert first == metrics.compare(OUTPUT, REFERENCE)
    assert second.snr_db == np.inf
    assert metrics.mse(output, reference) == pytest.approx((first.mse + second.mse) / 2)


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="shapes differ"):
        metrics.mse(np.zeros(3), np.zeros(4))


@given(arrays(np.float64, 20, elements=st.floats(-5, 5)), st.floats(0.1, 10))
def test_snr_does_not_depend_on_the_scale_or_order(values, factor):
    reference = values + np.linspace(1, 2, 20)
    output = reference + np.linspace(-0.1, 0.1, 20)
    snr = metrics.snr_db(output, reference)
    assert metrics.snr_db(factor * output, factor * reference) == pytest.approx(snr)
    assert metrics.snr_db(output[::-1], reference[::-1]) == pytest.approx(snr)
