"""Cross-fitted figures, the blend and the cards' decisions."""

import numpy as np
import pytest
from scipy.special import expit

from ecgkit.diagnosis.labels import LABELS
from ecgkit.training.diagnosis.evaluate import (
    best_weights,
    blend,
    blended,
    by_kind,
    cross_fitted,
    decision,
    figures,
    weights_by_fold,
)

COUNT = 500


def made_up(seed, strength=2.0):
    """Logits of three hundred recordings that tell something of random labels."""
    rng = np.random.default_rng(seed)
    true = np.random.default_rng(0).random((COUNT, len(LABELS))) < 0.25
    return strength * (true - 0.5) + rng.normal(0, 1, true.shape), true


def f1(found, true):
    return 2 * (found & true).sum() / (found.sum() + true.sum())


def test_nothing_of_a_fold_enters_its_own_thresholds():
    logits, true = made_up(3)
    folds = np.arange(COUNT) % 5
    before = cross_fitted(logits, true, folds)
    changed, other = logits.copy(), true.copy()
    changed[folds == 2] += 5
    other[folds == 2] = ~other[folds == 2]
    after = cross_fitted(changed, other, folds)
    np.testing.assert_array_equal(before[2][2], after[2][2])
    assert not np.array_equal(before[1][2], after[1][2])


def test_the_blend_is_better_than_its_halves_and_fills_gaps():
    image, true = made_up(4, strength=1.2)
    signal, _ = made_up(5, strength=1.5)
    folds = np.arange(COUNT) % 5
    worse, _ = made_up(9, strength=0.0)
    parts = {"image": image, "signal": signal, "chance": worse}
    best = best_weights(parts, true)
    assert sum(best.values()) == pytest.approx(1)
    assert 0.3 <= best["signal"] <= 0.9
    assert best.get("chance", 0) <= 0.1
    weights = weights_by_fold(parts, true, folds)
    mixed = blended(parts, weights, folds)
    macro = {
        name: figures(x, true, folds)["Youden's J"]["macro"]["AUROC"][0]
        for name, x in {**parts, "blend": mixed}.items()
    }
    assert macro["blend"] > max(macro["image"], macro["signal"])
    image[0], signal[1], image[2], signal[2] = np.nan, np.nan, np.nan, np.nan
    both = blend(parts, {"image": 0.7, "signal": 0.3})
    np.testing.assert_allclose(both[0], signal[0])
    np.testing.assert_allclose(both[1], image[1])
    np.testing.assert_allclose(both[3], 0.7 * image[3] + 0.3 * signal[3])
    assert np.isnan(both[2]).all()


def test_a_folds_weights_come_from_the_others():
    image, true = made_up(4, strength=1.2)
    signal, _ = made_up(5, strength=1.5)
    folds = np.arange(COUNT) % 5
    before = weights_by_fold({"image": image, "signal": signal}, true, folds)
    signal[folds == 3] *= -1
    after = weights_by_fold({"image": image, "signal": signal}, true, folds)
    assert before[3] == after[3]
    assert before[0] != after[0]


def test_a_page_that_could_not_be_read_is_nothing_found():
    logits, true = made_up(6, strength=4.0)
    folds, kinds = np.arange(COUNT) % 5, np.array(["scan", "hard"] * (COUNT // 2))
    first = np.arange(COUNT) < 100
    whole = by_kind(logits, true, folds, kinds, {"first": first})
    assert whole["first"]["pages"] == 100
    assert whole["all"]["pages"] == COUNT
    assert whole["scan"]["pages"] == whole["hard"]["pages"] == COUNT // 2
    logits[(kinds == "hard") & (np.arange(COUNT) % 4 == 1)] = np.nan
    half = by_kind(logits, true, folds, kinds, {})
    assert half["hard"]["not read"] == COUNT // 4
    assert half["hard"]["sensitivity"] < 0.6 * whole["hard"]["sensitivity"]
    assert half["scan"]["not read"] == 0
    assert half["all that were read"]["pages"] == COUNT - COUNT // 4
    assert half["all that were read"]["AUROC"] > half["all"]["AUROC"]


def test_a_decision_says_what_its_threshold_means():
    logits, true = made_up(7)
    found = decision(logits, true)
    assert list(found) == list(LABELS)
    one = found["PVC"]
    k = list(LABELS).index("PVC")
    score, has = expit(one["slope"] * logits[:, k] + one["offset"]), true[:, k]
    curve = {threshold: rest for threshold, *rest in one["curve"]}
    assert list(curve) == sorted(curve)
    assert set(one["thresholds"].values()) <= set(curve)
    for threshold, (sensitivity, specificity) in curve.items():
        called = score >= threshold
        assert called[has].mean() == pytest.approx(sensitivity, abs=0.01)
        assert (~called[~has]).mean() == pytest.approx(specificity, abs=0.01)
    best = {rule: f1(score >= one["thresholds"][rule], has) for rule in one["thresholds"]}
    assert best["greatest F1"] >= best["Youden's J"]
    assert one["positives"] == has.sum()


def test_a_page_without_an_answer_does_not_enter_a_decision():
    logits, true = made_up(7)
    with_gaps = np.concatenate([logits, np.full((50, len(LABELS)), np.nan)])
    more = np.concatenate([true, np.ones((50, len(LABELS)), bool)])
    assert decision(with_gaps, more) == decision(logits, true)
