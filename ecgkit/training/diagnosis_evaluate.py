"""What the cross-validation found: calibrated probabilities, thresholds, figures, the blend.

For the figures of a fold, calibration, thresholds and the blend's weight come from the answers on
the other four folds, each given by a network that had not seen the recording. Nothing is chosen
on the fold that is measured.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ecgkit.paper.labels import LABELS
from ecgkit.training.diagnosis_data import FOLDS, DiagnosisData, folds_of
from ecgkit.training.diagnosis_metrics import (
    calibration_error,
    f1_threshold,
    fit_calibration,
    label_figures,
    table,
    youden_threshold,
)
from ecgkit.training.diagnosis_pages import SAID, UNSAID
from ecgkit.training.rhythm_metrics import auroc

Values = NDArray[np.float64]
Truth = NDArray[np.bool_]
Rule = Callable[[Values, Truth], float]
RULES: dict[str, Rule] = {"Youden's J": youden_threshold, "greatest F1": f1_threshold}
WEIGHTS = tuple(round(0.1 * k, 1) for k in range(11))
"""Shares of the signal network that a blend may have."""


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


def blend(image: Values, signal: Values, share: float) -> Values:
    """Return the weighted mean of two networks' logits; the other's where one has no answer."""
    both = (1 - share) * image + share * signal
    return np.where(np.isnan(both), np.where(np.isnan(signal), image, signal), both)


def best_share(image: Values, signal: Values, true: Truth) -> float:
    """Return the share of the signal network that makes the macro-AUROC greatest."""

    def macro(share: float) -> float:
        mixed = np.nan_to_num(blend(image, signal, share), nan=-30.0)
        return float(np.nanmean([auroc(true[:, k], mixed[:, k]) for k in range(len(LABELS))]))

    return max(WEIGHTS, key=macro)


def blended(
    image: Values, signal: Values, true: Truth, folds: NDArray[np.int64]
) -> tuple[Values, list[float]]:
    """Return the blend's logits, the share of each fold chosen on the others, and the shares."""
    result = np.empty_like(image)
    shares = []
    for fold in range(FOLDS):
        here = folds == fold
        shares.append(best_share(image[~here], signal[~here], true[~here]))
        result[here] = blend(image[here], signal[here], shares[-1])
    return result, shares


def figures(logits: Values, true: Truth, folds: NDArray[np.int64]) -> dict[str, Any]:
    """Return tables with either rule for thresholds, and the calibration's error by label."""
    found: dict[str, Any] = {
        name: table(cross_fitted(logits, true, folds, rule)) for name, rule in RULES.items()
    }
    parts = cross_fitted(logits, true, folds)
    scores = np.concatenate([part[0] for part in parts])
    truth = np.concatenate([part[1] for part in parts])
    found["calibration error"] = {
        label: round(calibration_error(scores[:, k], truth[:, k]), 4)
        for k, label in enumerate(LABELS)
    }
    return found


def by_kind(
    logits: Values, true: Truth, folds: NDArray[np.int64], kinds: NDArray[np.str_]
) -> dict[str, Any]:
    """Return the macro figures of all pages, of those that were read, and of each kind.

    Thresholds are those of :func:`cross_fitted` over all kinds, as a user's page does not say what
    it is. Pages that were not read have no label found, and the lowest score. A label without
    positives in a kind does not count there.
    """
    read = np.isfinite(logits).all(axis=1)
    scores, margins = np.empty_like(logits), np.empty_like(logits)
    for fold, (probability, _, thresholds) in enumerate(cross_fitted(logits, true, folds)):
        # Above or below one's own fold's threshold is what counts for F1; folds differ in it.
        scores[folds == fold] = probability
        margins[folds == fold] = probability - thresholds
    inside = {"all": np.ones(read.size, np.bool_), "all that were read": read}
    inside |= {str(kind): kinds == kind for kind in np.unique(kinds)}
    result = {}
    for kind, rows in inside.items():
        each = []
        for k in range(len(LABELS)):
            found = label_figures(margins[rows, k], true[rows, k], 0.0)
            found["AUROC"] = auroc(true[rows, k], scores[rows, k])
            each.append(found)
        result[kind] = {
            "pages": int(rows.sum()),
            "not read": int((rows & ~read).sum()),
            **{
                figure: round(float(np.nanmean([found[figure] for found in each])), 4)
                for figure in each[0]
            },
        }
    return result


def decision(logits: Values, true: Truth) -> dict[str, Any]:
    """Return what a card holds: calibration, thresholds, and what they mean, from all folds."""
    calibration = calibrate(logits, true)
    scores = probabilities(logits, calibration)
    result: dict[str, Any] = {}
    for k, label in enumerate(LABELS):
        threshold = youden_threshold(scores[:, k], true[:, k])
        found = label_figures(scores[:, k], true[:, k], threshold)
        result[label] = {
            "slope": round(float(calibration[k, 0]), 4),
            "offset": round(float(calibration[k, 1]), 4),
            "threshold": round(threshold, 4),
            "sensitivity": round(found["sensitivity"], 3),
            "specificity": round(found["specificity"], 3),
            "positives": int(true[:, k].sum()),
        }
    return result


def blend_decision(image: Values, signal: Values, true: Truth) -> dict[str, Any]:
    """Return a blend's decision and, as ``share``, the signal network's share in it."""
    share = best_share(image, signal, true)
    return {"share": share, **decision(blend(image, signal, share), true)}


def truth_of(data: DiagnosisData) -> tuple[Truth, NDArray[np.int64]]:
    """Return labels and folds of PTB-XL's recordings."""
    true = data.labels[data.ptbxl]
    return true, folds_of(true)
