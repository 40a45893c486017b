"""Figures of the eleven labels: thresholds, calibration, and tables by label."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from ecgkit.diagnosis.labels import LABELS
from ecgkit.training.common.classification_metrics import (
    binary_figures,
    calibration_bins,
    expected_calibration_error,
)

Values = NDArray[np.float64]
Truth = NDArray[np.bool_]
FIGURES = ("accuracy", "AUROC", "F1", "sensitivity", "specificity")


def youden_threshold(scores: Values, true: Truth) -> float:
    """Return the threshold that makes sensitivity + specificity - 1 greatest.

    It lies halfway between two scores, so that it does not hang on a single one's rounding; a score
    at or above it is positive. Where one class is absent it is one half.
    """
    if true.all() or not true.any():
        return 0.5
    order = np.argsort(scores)
    ordered, positive = scores[order], true[order]
    # Cutting before place k calls all from k on positive.
    missed = np.concatenate([[0], np.cumsum(positive)]) / positive.sum()
    spared = np.concatenate([[0], np.cumsum(~positive)]) / (~positive).sum()
    possible = np.concatenate([[True], np.diff(ordered) > 0, [True]])
    best = int(np.argmax(np.where(possible, spared - missed, -1)))
    return _between(ordered, best)


LEAST_FOUND = 0.5
"""Sensitivity on validation data that a threshold of the greatest F1 must have."""


def f1_threshold(scores: Values, true: Truth) -> float:
    """Return the threshold that makes F1 greatest; one half where no positive is there.

    Of those alone that find at least :data:`LEAST_FOUND` of the positives: of a rare label, the
    greatest F1 would else find next to none.
    """
    if not true.any():
        return 0.5
    order = np.argsort(scores)
    ordered, positive = scores[order], true[order]
    hits = positive.sum() - np.concatenate([[0], np.cumsum(positive)])
    called = true.size - np.arange(true.size + 1)
    possible = np.concatenate([[True], np.diff(ordered) > 0, [True]])
    possible &= hits >= LEAST_FOUND * positive.sum()
    value = 2 * hits / (called + positive.sum())
    return _between(ordered, int(np.argmax(np.where(possible, value, -1))))


def _between(ordered: Values, place: int) -> float:
    if place == 0:
        return float(ordered[0])
    if place == ordered.size:
        return float(np.nextafter(ordered[-1], np.inf))
    return float((ordered[place - 1] + ordered[place]) / 2)


def fit_calibration(logits: Values, true: Truth) -> tuple[float, float]:
    """Return slope and offset that make a label's logits probabilities (Platt 1999).

    Like Platt's, with his smoothed targets; a slope below 0.1 is not allowed, so that order stays.
    """
    there, rest = int(true.sum()), int((~true).sum())
    target = np.where(true, (there + 1) / (there + 2), 1 / (rest + 2))

    def loss(values: Values) -> tuple[float, Values]:
        x = values[0] * logits + values[1]
        wrong = expit(x) - target
        value = float(np.mean(np.logaddexp(0, x) - target * x))
        return value, np.array([np.mean(wrong * logits), np.mean(wrong)])

    found = minimize(loss, [1.0, 0.0], jac=True, bounds=[(0.1, 10), (-20, 20)], method="L-BFGS-B")
    return float(found.x[0]), float(found.x[1])


def calibration_error(probabilities: Values, true: Truth) -> float:
    """Return the expected calibration error of one label: ten bins of equal width."""
    return expected_calibration_error(calibration_bins(probabilities, true))


def label_figures(scores: Values, true: Truth, threshold: float) -> dict[str, float]:
    """Return :data:`FIGURES` of one label; NaN where a class that one needs is absent."""
    return binary_figures(true, scores >= threshold, scores)


def table(parts: list[tuple[Values, Truth, Values]]) -> dict[str, Any]:
    """Return figures by label as mean and deviation over parts, and their macro means.

    Parameters
    ----------
    parts
        For each fold: scores (recordings, 11), truth of the same shape, thresholds (11,).
    """
    by_label: dict[str, dict[str, list[float]]] = {}
    every = np.full((len(parts), len(LABELS), len(FIGURES)), np.nan)
    for fold, (scores, true, thresholds) in enumerate(parts):
        for place in range(len(LABELS)):
            found = label_figures(scores[:, place], true[:, place], float(thresholds[place]))
            every[fold, place] = [found[figure] for figure in FIGURES]
    for place, label in enumerate(LABELS):
        by_label[label] = {
            figure: _mean_and_deviation(every[:, place, k]) for k, figure in enumerate(FIGURES)
        }
    macro = {
        figure: _mean_and_deviation(np.nanmean(every[:, :, k], axis=1))
        for k, figure in enumerate(FIGURES)
    }
    return {"labels": by_label, "macro": macro}


def _mean_and_deviation(values: Values) -> list[float]:
    known = values[np.isfinite(values)]
    if not known.size:
        return [float("nan"), float("nan")]
    deviation = float(np.std(known, ddof=1)) if known.size > 1 else 0.0
    return [round(float(np.mean(known)), 4), round(deviation, 4)]
