"""Figures of a classifier, with bootstrap intervals, and its calibration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    roc_auc_score,
)

from ecgkit.rhythm.classes import RHYTHMS
from ecgkit.rhythm.report import softmax

Labels = NDArray[np.int64]
Values = NDArray[np.float64]
Truth = NDArray[np.bool_]
NAMES = tuple(RHYTHMS)
RESAMPLES = 1000
BINS = 10
"""Of the expected calibration error."""
DOUBTFUL = 0.6
"""Share right among the answers that «uncertain» stands for, at most."""


def confusion(true: Labels, found: Labels) -> NDArray[np.int64]:
    """Return counts, shape (4, 4): rows are what is true, columns what was found."""
    counts = confusion_matrix(true, found, labels=range(len(NAMES)))
    return np.asarray(counts, np.int64)


def accuracy(true: Labels, found: Labels) -> float:
    """Return the share of right answers."""
    return float(accuracy_score(true, found))


def macro_f1(true: Labels, found: Labels) -> float:
    """Return the mean F1 of the classes that occur in what is true."""
    occurring = np.unique(true)
    return float(f1_score(true, found, labels=occurring, average="macro", zero_division=0))


def auroc(positive: Truth, score: Values) -> float:
    """Return the area under the ROC curve; NaN with one class alone, where sklearn warns."""
    if positive.all() or not positive.any():
        return float("nan")
    return float(roc_auc_score(positive, score))


def binary_figures(true: Truth, found: Truth, score: Values) -> dict[str, float]:
    """Return accuracy, AUROC, F1, sensitivity and specificity of one label or class.

    NaN where a class that a figure needs is absent: without positives F1 too, which would be 0.
    """
    nan = float("nan")
    # One count for all: a bootstrap asks thousands of times, and each of sklearn's scores counts.
    counts = confusion_matrix(true, found, labels=[False, True])
    (rest, alarms), (misses, hits) = counts.tolist()
    return {
        "accuracy": (hits + rest) / true.size,
        "AUROC": auroc(true, score),
        "F1": 2 * hits / (2 * hits + misses + alarms) if true.any() else nan,
        "sensitivity": hits / (hits + misses) if hits + misses else nan,
        "specificity": rest / (rest + alarms) if rest + alarms else nan,
    }


def interval(true: Labels, found: Labels, figure: Callable[[Labels, Labels], float]) -> list[float]:
    """Return a figure and the ends of its 95 % bootstrap interval over recordings."""
    rng = np.random.default_rng(0)
    draws = rng.integers(0, true.size, (RESAMPLES, true.size))
    spread = [figure(true[draw], found[draw]) for draw in draws]
    ends = np.percentile(spread, [2.5, 97.5])
    return [round(float(value), 4) for value in (figure(true, found), *ends)]


def by_class(true: Labels, probabilities: Values) -> dict[str, dict[str, Any]]:
    """Return sensitivity, specificity, F1 and AUROC of each class, each with its interval."""
    found = probabilities.argmax(1)
    rng = np.random.default_rng(0)
    draws = rng.integers(0, true.size, (RESAMPLES // 4, true.size))
    table: dict[str, dict[str, Any]] = {}
    for place, name in enumerate(NAMES):
        is_true, is_found, score = true == place, found == place, probabilities[:, place]
        whole = binary_figures(is_true, is_found, score)
        spread = [binary_figures(is_true[d], is_found[d], score[d]) for d in draws]
        table[name] = {"recordings": int(is_true.sum())}
        for figure in ("sensitivity", "specificity", "F1", "AUROC"):
            ends = np.nanpercentile([values[figure] for values in spread], [2.5, 97.5])
            table[name][figure] = [round(float(value), 4) for value in (whole[figure], *ends)]
    return table


def fit_temperature(logits: Values, true: Labels) -> float:
    """Return the temperature that makes the negative log-likelihood least (Guo et al. 2017)."""

    def loss(log_temperature: float) -> float:
        return negative_log_likelihood(softmax(logits / np.exp(log_temperature)), true)

    found = minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded")
    return float(np.exp(found.x))


def negative_log_likelihood(probabilities: Values, true: Labels) -> float:
    """Return minus the mean logarithm of the true class's probability."""
    return float(log_loss(true, probabilities, labels=range(probabilities.shape[1])))


def calibration_bins(said: Values, right: Truth) -> list[tuple[int, float, float]]:
    """Return how many answers, mean probability said and share right, of ten bins of equal width.

    Empty bins are left out. sklearn's ``calibration_curve`` does not tell how many answers a bin
    has, without which there is no expected error.
    """
    places = np.minimum((said * BINS).astype(int), BINS - 1)
    inside = [places == place for place in range(BINS)]
    return [
        (int(i.sum()), float(said[i].mean()), float(right[i].mean())) for i in inside if i.any()
    ]


def expected_calibration_error(bins: list[tuple[int, float, float]]) -> float:
    """Return the mean over answers of how far their bin's share right is from what was said."""
    total = sum(count for count, _, _ in bins)
    return sum(count * abs(said - right) for count, said, right in bins) / total


def reliability(probabilities: Values, true: Labels) -> dict[str, Any]:
    """Return the expected calibration error of the top class and the bins behind it."""
    bins = calibration_bins(probabilities.max(1), probabilities.argmax(1) == true)
    return {
        "expected calibration error": round(expected_calibration_error(bins), 4),
        "bins": [[count, round(said, 4), round(right, 4)] for count, said, right in bins],
    }


def threshold_for(probabilities: Values, true: Labels) -> float:
    """Return the highest threshold below which no more than :data:`DOUBTFUL` of answers are right.

    What is called «uncertain» is then wrong in four of ten recordings or more.
    """
    top, right = probabilities.max(1), probabilities.argmax(1) == true
    for threshold in np.arange(0.98, 0.3, -0.01):
        below = top < threshold
        if below.any() and right[below].mean() <= DOUBTFUL:
            return round(float(threshold), 2)
    return 0.3
