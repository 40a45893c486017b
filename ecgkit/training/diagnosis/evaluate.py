"""What the cross-validation found: calibrated probabilities, thresholds, figures, the blend.

For the figures of a fold, calibration, thresholds and the blend's weight come from the answers on
the other four folds, each given by a network that had not seen the recording. Nothing is chosen
on the fold that is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ecgkit.diagnosis.labels import LABELS
from ecgkit.training.common.classification_metrics import auroc
from ecgkit.training.datasets.diagnosis import FOLDS, DiagnosisData, folds_of
from ecgkit.training.diagnosis.drawn_pages.page_store import SAID, UNSAID
from ecgkit.training.diagnosis.metrics import (
    calibration_error,
    f1_threshold,
    fit_calibration,
    label_figures,
    table,
    youden_threshold,
)

Values = NDArray[np.float64]
Truth = NDArray[np.bool_]
Rule = Callable[[Values, Truth], float]
RULES: dict[str, Rule] = {"Youden's J": youden_threshold, "greatest F1": f1_threshold}
Parts = Mapping[str, Values]
"""Network -> logits, shape (recordings, 11)."""
GRID = np.round(expit(np.linspace(-5.5, 5.5, 23)), 4)
"""Thresholds at which a card says sensitivity and specificity, beside those of the rules."""

DIGITS = 7
"""Of the thresholds and the calibration on a card."""


def out_of_fold(data: DiagnosisData, runs: Path, name: str, view: str) -> Values | None:
    """Return a network's logits on PTB-XL's recordings, each from the fold that left it out.

    Shape (recordings, 11), in the order of ``data.ptbxl``; None while a fold is not trained.

    Parameters
    ----------
    view
        A key of ``answers.npz``; or ``"scale said"`` or ``"nothing said"`` for the degraded pages:
        there, rows of pages that were not asked about, or could not be read, are NaN.
    """
    file = "pages.npz" if view in (SAID, UNSAID) else "answers.npz"
    result = np.full((data.ptbxl.size, len(LABELS)), np.nan)
    for fold in range(FOLDS):
        path = runs / f"{name}-fold{fold}" / file
        if not path.exists():
            return None
        with np.load(path) as stored:
            result[stored["rows"]] = stored[view]
    return result


def calibrate(logits: Values, true: Truth) -> Values:
    """Return slope and offset of each label, shape (11, 2); rows without an answer do not count."""
    there = np.isfinite(logits).all(axis=1)
    return np.array([fit_calibration(logits[there, k], true[there, k]) for k in range(len(LABELS))])


def probabilities(logits: Values, calibration: Values) -> Values:
    """Return calibrated probabilities; 0 where there is no answer, so that nothing is called."""
    return np.asarray(
        np.nan_to_num(expit(logits * calibration[:, 0] + calibration[:, 1]), nan=0.0), np.float64
    )


def cross_fitted(
    logits: Values, true: Truth, folds: NDArray[np.int64], rule: Rule = youden_threshold
) -> list[tuple[Values, Truth, Values]]:
    """Return probabilities, truth and thresholds of each fold, settled on the others."""
    parts = []
    for fold in range(FOLDS):
        here = folds == fold
        calibration = calibrate(logits[~here], true[~here])
        rest = probabilities(logits[~here], calibration)
        thresholds = np.array([rule(rest[:, k], true[~here, k]) for k in range(len(LABELS))])
        parts.append((probabilities(logits[here], calibration), true[here], thresholds))
    return parts


def blend(parts: Parts, weights: Mapping[str, float]) -> Values:
    """Return the weighted mean of networks' logits; of those that answer, where some do not."""
    total = np.zeros_like(next(iter(parts.values())))
    share = np.zeros_like(total)
    for name, weight in weights.items():
        there = np.isfinite(parts[name])
        total += np.where(there, weight * np.nan_to_num(parts[name]), 0.0)
        share += weight * there
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(share > 0, total / share, np.nan), np.float64)


def best_weights(parts: Parts, true: Truth, rounds: int = 10) -> dict[str, float]:
    """Return the networks' weights by greedy selection with replacement [1]_ on the macro-AUROC.

    .. [1] R. Caruana et al., "Ensemble selection from libraries of models", ICML 2004.
    """

    def macro(counts: Mapping[str, int]) -> float:
        whole = {name: float(count) for name, count in counts.items() if count}
        mixed = np.nan_to_num(blend(parts, whole), nan=-30.0)
        return float(np.nanmean([auroc(true[:, k], mixed[:, k]) for k in range(len(LABELS))]))

    counts = dict.fromkeys(parts, 0)
    for _ in range(rounds):
        best = max(parts, key=lambda name: macro({**counts, name: counts[name] + 1}))
        counts[best] += 1
    return {name: round(count / rounds, 4) for name, count in counts.items() if count}


def weights_by_fold(parts: Parts, true: Truth, folds: NDArray[np.int64]) -> list[dict[str, float]]:
    """Return the weights for each fold, chosen on the others."""
    return [
        best_weights(
            {name: part[folds != fold] for name, part in parts.items()}, true[folds != fold]
        )
        for fold in range(FOLDS)
    ]


def blended(
    parts: Parts, weights: Sequence[Mapping[str, float]], folds: NDArray[np.int64]
) -> Values:
    """Return the blend's logits, each fold's with its own weights."""
    result = np.empty_like(next(iter(parts.values())))
    for fold, own in enumerate(weights):
        here = folds == fold
        result[here] = blend({name: part[here] for name, part in parts.items()}, own)
    return result


def figures(logits: Values, true: Truth, folds: NDArray[np.int64]) -> dict[str, Any]:
    """Return tables with either rule for thresholds, and the calibration's error by label."""
    found: dict[str, Any] = {
        name: table(cross_fitted(logits, true, folds, rule)) for name, rule in RULES.items()
    }
    found["calibration error"] = calibration_errors(logits, true, folds)
    return found


def calibration_errors(logits: Values, true: Truth, folds: NDArray[np.int64]) -> dict[str, float]:
    """Return the calibration's error by label; recordings without an answer do not count."""
    there = np.isfinite(logits).all(axis=1)
    parts = cross_fitted(logits[there], true[there], folds[there])
    scores = np.concatenate([part[0] for part in parts])
    truth = np.concatenate([part[1] for part in parts])
    return {
        label: round(calibration_error(scores[:, k], truth[:, k]), 4)
        for k, label in enumerate(LABELS)
    }


def by_kind(
    logits: Values,
    true: Truth,
    folds: NDArray[np.int64],
    kinds: NDArray[np.str_],
    parts: Mapping[str, NDArray[np.bool_]],
) -> dict[str, Any]:
    """Return the macro figures of all pages, of those that were read, of each kind and part.

    Thresholds are those of :func:`cross_fitted` over all kinds, as a user's page does not say what
    it is. Pages that were not read have no label found, and the lowest score. A label without
    positives in a kind does not count there; a kind without any is left out.
    """
    read = np.isfinite(logits).all(axis=1)
    scores = np.empty_like(logits)
    margins = {rule: np.empty_like(logits) for rule in RULES}
    for rule, chosen in RULES.items():
        answers = cross_fitted(logits, true, folds, chosen)
        for fold, (probability, _, thresholds) in enumerate(answers):
            # Above or below one's own fold's threshold is what counts for F1; folds differ in it.
            scores[folds == fold] = probability
            margins[rule][folds == fold] = probability - thresholds
    inside = {"all": np.ones(read.size, np.bool_), "all that were read": read}
    inside |= {str(kind): kinds == kind for kind in np.unique(kinds)} | dict(parts)
    return {
        kind: {
            "pages": int(rows.sum()),
            "not read": int((rows & ~read).sum()),
            **_macro(scores[rows], {rule: m[rows] for rule, m in margins.items()}, true[rows]),
        }
        for kind, rows in inside.items()
        if true[rows].any()
    }


def _macro(scores: Values, margins: Mapping[str, Values], true: Truth) -> dict[str, float]:
    """Return the macro figures of Youden's thresholds, and F1 of the greatest F1's."""
    youden, greatest = (
        [label_figures(margins[rule][:, k], true[:, k], 0.0) for k in range(len(LABELS))]
        for rule in RULES
    )
    means = {figure: _mean(found[figure] for found in youden) for figure in youden[0]}
    means["AUROC"] = _mean(auroc(true[:, k], scores[:, k]) for k in range(len(LABELS)))
    means["greatest F1"] = _mean(found["F1"] for found in greatest)
    return {figure: round(value, 4) for figure, value in means.items()}


def _mean(values: Iterable[float]) -> float:
    """Return the mean of what is a number; NaN where nothing is."""
    numbers = [value for value in values if not np.isnan(value)]
    return float(np.mean(numbers)) if numbers else float("nan")


def decision(logits: Values, true: Truth) -> dict[str, Any]:
    """Return what a card holds: calibration, thresholds, and what they mean, from all folds.

    Sensitivity and specificity are of recordings with an answer: who sees a threshold has one.
    """
    there = np.isfinite(logits).all(axis=1)
    logits, true = logits[there], true[there]
    # As fine as this, or the threshold of a rare label would pass by the next recording.
    calibration = np.round(calibrate(logits, true), DIGITS)
    scores = probabilities(logits, calibration)
    result: dict[str, Any] = {}
    for k, label in enumerate(LABELS):
        score, has = scores[:, k], true[:, k]
        thresholds = {rule: round(chosen(score, has), DIGITS) for rule, chosen in RULES.items()}
        curve = []
        for threshold in sorted({*GRID.tolist(), *thresholds.values()}):
            called = score >= threshold
            # Without one class, there is no share of it.
            shares = [
                float(part.mean()) if part.size else float("nan")
                for part in (called[has], ~called[~has])
            ]
            curve.append([threshold, *(round(share, 4) for share in shares)])
        result[label] = {
            "slope": float(calibration[k, 0]),
            "offset": float(calibration[k, 1]),
            "thresholds": thresholds,
            "curve": curve,
            "positives": int(has.sum()),
        }
    return result


def truth_of(data: DiagnosisData) -> tuple[Truth, NDArray[np.int64]]:
    """Return labels and folds of PTB-XL's recordings."""
    true = data.labels[data.ptbxl]
    return true, folds_of(true)
