"""Figures by hand, and what is done where scikit-learn has no number or another one."""

import math

import numpy as np
import pytest

from ecgkit.training.common.classification_metrics import (
    accuracy,
    auroc,
    binary_figures,
    by_class,
    calibration_bins,
    confusion,
    expected_calibration_error,
    fit_temperature,
    interval,
    macro_f1,
    negative_log_likelihood,
    reliability,
    threshold_for,
)

TRUE = np.array([0, 0, 1, 1, 3, 3])
FOUND = np.array([0, 1, 1, 1, 3, 2])


def test_confusions_are_counted_for_all_four_classes():
    counts = [[1, 1, 0, 0], [0, 2, 0, 0], [0, 0, 0, 0], [0, 0, 1, 1]]
    np.testing.assert_array_equal(confusion(TRUE, FOUND), counts)
    assert accuracy(TRUE, FOUND) == pytest.approx(4 / 6)


def test_macro_f1_is_over_the_classes_that_occur_alone():
    assert macro_f1(TRUE, FOUND) == pytest.approx((2 / 3 + 4 / 5 + 2 / 3) / 3)


def test_auroc_counts_ties_half_and_is_unknown_with_one_class():
    positive = np.array([True, True, False, False])
    assert auroc(positive, np.array([0.9, 0.5, 0.5, 0.1])) == pytest.approx(3.5 / 4)
    assert math.isnan(auroc(np.array([True, True]), np.array([0.1, 0.2])))
    assert math.isnan(auroc(np.array([False, False]), np.array([0.1, 0.2])))


def test_figures_without_a_class_are_unknown_where_they_need_it():
    found = binary_figures(np.zeros(4, bool), np.array([True, False, False, False]), np.arange(4.0))
    assert [key for key, value in found.items() if math.isnan(value)] == [
        "AUROC",
        "F1",
        "sensitivity",
    ]
    assert found["specificity"] == found["accuracy"] == 3 / 4
    assert math.isnan(binary_figures(np.ones(2, bool), np.ones(2, bool), np.ones(2))["specificity"])


def test_bins_of_calibration_by_hand():
    said = np.array([0.1, 0.19, 0.65, 1.0])
    right = np.array([False, True, True, True])
    bins = calibration_bins(said, right)
    np.testing.assert_allclose(bins, [(2, 0.145, 0.5), (1, 0.65, 1.0), (1, 1.0, 1.0)])
    assert expected_calibration_error(bins) == pytest.approx((2 * 0.355 + 0.35) / 4)


def test_figures_by_class_and_their_intervals():
    probabilities = np.full((60, 4), 0.1)
    true = np.arange(60) % 4
    probabilities[np.arange(60), np.where(np.arange(60) < 48, true, (true + 1) % 4)] = 0.7
    found = by_class(true, probabilities)["SB"]
    assert found["recordings"] == 15
    assert found["sensitivity"][0] == pytest.approx(12 / 15)
    low, high = found["sensitivity"][1:]
    assert low < 0.8 < high
    value, low, high = interval(true, probabilities.argmax(1), accuracy)
    assert value == pytest.approx(0.8)
    assert 0.65 < low < 0.8 < high < 0.92
    assert reliability(probabilities, true)["bins"] == [[60, 0.7, 0.8]]


def test_a_temperature_undoes_a_factor_on_the_logits():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (20_000, 4))
    true = (logits + rng.gumbel(size=logits.shape)).argmax(1)
    assert fit_temperature(3 * logits, true) == pytest.approx(3, abs=0.1)
    sure = np.array([[1.0, 0.0, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25]])
    assert negative_log_likelihood(sure, np.array([0, 2])) == pytest.approx(math.log(4) / 2)


def test_what_is_called_uncertain_is_right_in_six_of_ten_at_most():
    top = np.repeat([0.4, 0.95], 50)
    probabilities = np.stack([top, *[(1 - top) / 3] * 3], axis=1)
    true = np.where(np.arange(100) % 2 == 0, 0, 1)
    true[50:] = 0
    assert 0.4 < threshold_for(probabilities, true) <= 0.96
    assert threshold_for(probabilities, np.zeros(100, int)) == 0.3
