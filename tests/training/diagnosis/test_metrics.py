"""Thresholds, calibration and figures of one label."""

import numpy as np
import pytest
from scipy.special import expit

from ecgkit.training.diagnosis.metrics import (
    LEAST_FOUND,
    calibration_error,
    f1_threshold,
    fit_calibration,
    label_figures,
    youden_threshold,
)


def brute(scores, true, value):
    cuts = [*np.unique(scores), np.inf]
    return max(value(scores >= cut, true) for cut in cuts)


def found_enough(found, true):
    return f1(found, true) if found[true].mean() >= LEAST_FOUND else -1.0


def youden(found, true):
    return found[true].mean() + (~found[~true]).mean() - 1


def f1(found, true):
    return 2 * (found & true).sum() / (found.sum() + true.sum())


@pytest.mark.parametrize(
    ("rule", "value"), [(youden_threshold, youden), (f1_threshold, found_enough)]
)
def test_thresholds_are_the_best_there_are(rule, value):
    rng = np.random.default_rng(1)
    for _ in range(20):
        true = rng.random(40) < 0.3
        true[0], true[1] = True, False
        scores = np.round(true * 0.4 + rng.random(40), 1)  # with ties
        threshold = rule(scores, true)
        assert value(scores >= threshold, true) == pytest.approx(brute(scores, true, value))


def test_the_greatest_f1_finds_half_of_a_rare_label():
    true = np.array([True] * 4 + [False] * 40)
    scores = np.concatenate([[0.9, 0.3, 0.2, 0.1], np.linspace(0.15, 0.4, 40)])
    assert (scores[true] >= f1_threshold(scores, true)).sum() == 2


def test_thresholds_without_one_class():
    assert youden_threshold(np.array([0.2, 0.8]), np.array([True, True])) == 0.5
    assert f1_threshold(np.array([0.2, 0.8]), np.array([False, False])) == 0.5


def test_figures_of_a_label_by_hand():
    scores = np.array([0.9, 0.8, 0.7, 0.2, 0.1])
    true = np.array([True, False, True, True, False])
    found = label_figures(scores, true, 0.5)
    assert found["accuracy"] == pytest.approx(3 / 5)
    assert found["sensitivity"] == pytest.approx(2 / 3)
    assert found["specificity"] == pytest.approx(1 / 2)
    assert found["F1"] == pytest.approx(4 / 6)
    assert found["AUROC"] == pytest.approx(4 / 6)


def test_calibration_finds_the_scale_of_logits():
    rng = np.random.default_rng(2)
    right = rng.normal(-1, 2, 20_000)
    true = rng.random(20_000) < expit(right)
    slope, offset = fit_calibration(3 * right + 2, true)
    assert slope == pytest.approx(1 / 3, abs=0.02)
    assert offset == pytest.approx(-2 / 3, abs=0.05)
    assert calibration_error(expit(right), true) < 0.02
    assert calibration_error(expit(3 * right + 2), true) > 0.1


def test_platts_targets_are_smoothed():
    """At the optimum the mean probability is the mean target: 4/5 thrice and 1/7 five times."""
    logits = np.array([2.0, 1.0, -1.0, 1.5, 0.5, -0.5, -1.5, -2.0])
    true = np.arange(8) < 3
    slope, offset = fit_calibration(logits, true)
    mean = expit(slope * logits + offset).mean()
    assert mean == pytest.approx((3 * 4 / 5 + 5 / 7) / 8, abs=1e-3)
    apart = fit_calibration(np.array([-1.0, -1.0, 1.0, 1.0]), np.array([False, False, True, True]))
    assert expit(apart[0] + apart[1]) == pytest.approx(3 / 4, abs=1e-3)  # not 1


def test_a_threshold_lies_halfway_between_two_scores():
    scores, true = np.array([0.1, 0.3, 0.7, 0.9]), np.array([False, False, True, True])
    assert youden_threshold(scores, true) == pytest.approx(0.5)
    assert f1_threshold(scores, true) == pytest.approx(0.5)
