"""Figures of a classifier, with bootstrap intervals, and its calibration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import rankdata

from ecgkit.rhythm.classes import RHYTHMS
from ecgkit.rhythm.report import softmax

Labels = NDArray[np.int64]
Values = NDArray[np.float64]
NAMES = tuple(RHYTHMS)
RESAMPLES = 1000
BINS = 10
DOUBTFUL = 0.6
"""Share right among the answers that «uncertain» stands for, at most."""


def confusion(true: Labels, found: Labels) -> NDArray[np.int64]:
    """Return counts, shape (4, 4): rows are what is true, columns what was found."""
    counts = np.zeros((4, 4), np.int64)
    np.add.at(counts, (true, found), 1)
    return counts


def accuracy(true: Labels, found: Labels) -> float:
    """Return the share of right answers."""
    return float(np.mean(true == found))


def macro_f1(true: Labels, found: Labels) -> float:
    """Return the mean F1 of the classes that occur in what is true."""
    counts = confusion(true, found)
    both = counts.sum(0) + counts.sum(1)
    occurring = counts.sum(1) > 0
    return float(np.mean(2 * np.diag(counts)[occurring] / both[occurring]))


def auroc(positive: NDArray[np.bool_], score: Values) -> float:
    """Return the area under the ROC curve (Mann-Whitney); NaN with one class alone."""
    there, not_there = int(positive.sum()), int((~positive).sum())
    if not there or not not_there:
        return float("nan")
    ranks = rankdata(score)[positive].sum()
    return float((ranks - there * (there + 1) / 2) / (there * not_there))


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
    table = {}
    for place, name in enumerate(NAMES):
        score = probabilities[:, place]
        values = [_of_class(true, found, score, place)]
        values += [_of_class(true[d], found[d], score[d], place) for d in draws]
        ends = np.nanpercentile(np.array(values[1:]), [2.5, 97.5], axis=0)
        table[name] = {
            "recordings": int((true == place).sum()),
            **{
                figure: [round(float(v), 4) for v in (values[0][i], ends[0, i], ends[1, i])]
                for i, figure in enumerate(("sensitivity", "specificity", "F1", "AUROC"))
            },
        }
    return table


def _of_class(true: Labels, found: Labels, score: Values, place: int) -> list[float]:
    is_true, is_found = true == place, found == place
    hits, misses = np.sum(is_true & is_found), np.sum(is_true & ~is_found)
    alarms, rest = np.sum(~is_true & is_found), np.sum(~is_true & ~is_found)
    with np.errstate(invalid="ignore"):
        return [
            float(np.divide(hits, hits + misses)),
            float(np.divide(rest, rest + alarms)),
            float(np.divide(2 * hits, 2 * hits + misses + alarms)),
            auroc(is_true, score),
        ]


def fit_temperature(logits: Values, true: Labels) -> float:
    """Return the temperature that makes the negative log-likelihood least (Guo et al. 2017)."""

    def loss(log_temperature: float) -> float:
        return negative_log_likelihood(softmax(logits / np.exp(log_temperature)), true)

    found = minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded")
    return float(np.exp(found.x))


def negative_log_likelihood(probabilities: Values, true: Labels) -> float:
    """Return minus the mean logarithm of the true class's probability."""
    chosen = probabilities[np.arange(true.size), true]
    return float(-np.mean(np.log(np.maximum(chosen, 1e-12))))


def reliability(probabilities: Values, true: Labels) -> dict[str, Any]:
    """Return the expected calibration error of the top class and the bins behind it."""
    top = probabilities.max(1)
    right = probabilities.argmax(1) == true
    places = np.minimum((top * BINS).astype(int), BINS - 1)
    rows, error = [], 0.0
    for place in range(BINS):
        inside = places == place
        if inside.any():
            said, met = float(top[inside].mean()), float(right[inside].mean())
            error += abs(said - met) * float(inside.mean())
            rows.append([int(inside.sum()), round(said, 4), round(met, 4)])
    return {"expected calibration error": round(error, 4), "bins": rows}


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
