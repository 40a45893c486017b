"""From what the networks answered on recordings that they had not seen to figures and cards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ecgkit.recording import STANDARD_LEADS
from ecgkit.rhythm.network_1d import Cnn1d
from ecgkit.rhythm.preprocessing import FS
from ecgkit.rhythm.report import softmax
from ecgkit.training.common.classification_metrics import (
    NAMES,
    RESAMPLES,
    accuracy,
    by_class,
    confusion,
    fit_temperature,
    interval,
    macro_f1,
    negative_log_likelihood,
    reliability,
    threshold_for,
)
from ecgkit.training.common.loop import averaged_weights
from ecgkit.training.datasets.rhythm import RhythmData
from ecgkit.training.rhythm.augment import plain_batch
from ecgkit.training.rhythm.recipes import (
    DESIGN_FOLD,
    FOLDS,
    LEFT_OUT,
    NEW_HOSPITALS,
    RECIPES,
    make_network,
    split,
)

Answers = dict[str, NDArray[Any]]
LEAD_SETS: dict[str, tuple[str, ...]] = {
    "all twelve": STANDARD_LEADS,
    "six limb leads": STANDARD_LEADS[:6],
    "II, V1, V5": ("II", "V1", "V5"),
    "I, II": ("I", "II", "III", "aVR", "aVL", "aVF"),
    "II": ("II",),
    "I": ("I",),
    "V1": ("V1",),
}
"""What is left of the leads; from I and II the other limb leads follow."""
LENGTHS = (10, 8, 6, 5)
FEWER_FOLDS = (1, 2)
"""Folds on which fewer leads and seconds are measured: two, as it is many passes."""


def read_answers(runs: Path, name: str, run: str) -> Answers:
    """Return the answers that a training kept."""
    with np.load(runs / f"{name}-{run}" / "answers.npz") as stored:
        return {key: stored[key] for key in stored.files}


def cross_validated(runs: Path, name: str) -> Answers:
    """Return the answers of all folds in one: rows, folds, whole, seconds."""
    parts = [read_answers(runs, name, f"fold{fold}") for fold in range(FOLDS)]
    joined = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    joined["folds"] = np.concatenate(
        [np.full(part["rows"].size, fold) for fold, part in enumerate(parts)]
    )
    return joined


def evaluate(data: RhythmData, runs: Path, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a network's figures, and the decision (temperatures, threshold) for its card.

    Every recording is judged with temperature and threshold from the other four folds. What the
    card gets comes from all five.
    """
    every = cross_validated(runs, name)
    known = data.labels[every["rows"]] >= 0
    answers = {key: value[known] for key, value in every.items()}
    true, whole = data.labels[answers["rows"]], answers["whole"].astype(np.float64)
    seconds = answers["seconds"].astype(np.float64)
    count = seconds.shape[1]
    calibrated, sure = np.empty_like(whole), np.empty(true.size, np.bool_)
    for fold in range(FOLDS):
        here, there = answers["folds"] == fold, answers["folds"] != fold
        temperature = fit_temperature(whole[there], true[there])
        calibrated[here] = softmax(whole[here] / temperature)
        threshold = threshold_for(softmax(whole[there] / temperature), true[there])
        sure[here] = calibrated[here].max(1) >= threshold
    temperature = fit_temperature(whole, true)
    decision = {
        "temperature": round(temperature, 4),
        "temperature_seconds": round(
            fit_temperature(seconds.reshape(-1, 4), np.repeat(true, count)), 4
        ),
        "uncertain_below": threshold_for(softmax(whole / temperature), true),
    }
    found = calibrated.argmax(1)
    unseen = answers["folds"] != DESIGN_FOLD
    figures = {
        "cross-validation": {
            "recordings": int(true.size),
            "accuracy": interval(true, found, accuracy),
            "macro-F1": interval(true, found, macro_f1),
            "accuracy, four folds not used for design": accuracy(true[unseen], found[unseen]),
            "macro-F1, four folds not used for design": macro_f1(true[unseen], found[unseen]),
            "accuracy of single seconds": accuracy(
                np.repeat(true, count), seconds.reshape(-1, 4).argmax(1)
            ),
            "accuracy, mean of the seconds' logits": accuracy(true, seconds.mean(1).argmax(1)),
        },
        "classes": by_class(true, calibrated),
        "confusion": confusion(true, found).tolist(),
        "calibration": {
            "before": {
                **reliability(softmax(whole), true),
                "negative log-likelihood": negative_log_likelihood(softmax(whole), true),
            },
            "after": {
                **reliability(calibrated, true),
                "negative log-likelihood": negative_log_likelihood(calibrated, true),
            },
        },
        "uncertain": {
            "share uncertain": float(np.mean(~sure)),
            "accuracy where an answer is given": accuracy(true[sure], found[sure]),
            "accuracy where it would have been uncertain": accuracy(true[~sure], found[~sure])
            if (~sure).any()
            else None,
        },
        "by source": _by_source(data, answers["rows"], found),
        "as written": _as_written(data, every),
        "irregular sinus rhythm": _irregular(data, answers["rows"], found),
    }
    return figures, decision


def _by_source(
    data: RhythmData, rows: NDArray[np.int64], found: NDArray[np.int64]
) -> dict[str, list[float]]:
    true, sources = data.labels[rows], data.sources[rows]
    return {
        str(source): [
            int((sources == source).sum()),
            accuracy(true[sources == source], found[sources == source]),
        ]
        for source in sorted(set(sources))
    }


def _as_written(data: RhythmData, every: Answers) -> dict[str, float]:
    """Return figures against the readers' own words, sinus rhythms near a limit among them."""
    true, found = data.written[every["rows"]], every["whole"].argmax(1)
    return {
        "recordings": int(true.size),
        "accuracy": accuracy(true, found),
        "macro-F1": macro_f1(true, found),
    }


def _irregular(
    data: RhythmData, rows: NDArray[np.int64], found: NDArray[np.int64]
) -> dict[str, float]:
    """Return how sinus rhythms with irregular RR intervals fare: where rate alone misleads."""
    picked = irregular_sinus(data)[rows]
    return {
        "recordings": int(picked.sum()),
        "accuracy": accuracy(data.labels[rows][picked], found[picked]),
        "called AFIB": float(np.mean(found[picked] == NAMES.index("AFIB"))),
    }


def irregular_sinus(data: RhythmData) -> NDArray[np.bool_]:
    """Return the sinus rhythms whose RR intervals spread by 15 % or more (premature beats)."""
    spread = np.nan_to_num(data.features[:, 2])
    sinus = (data.labels >= 0) & (data.labels != NAMES.index("AFIB"))
    irregular: NDArray[np.bool_] = sinus & (spread >= 0.15)
    return irregular


def left_out_sources(data: RhythmData, runs: Path, name: str) -> dict[str, Any]:
    """Return accuracy and macro-F1 on each source that a training did without, and on all."""
    answers = read_answers(runs, name, NEW_HOSPITALS)
    known = data.labels[answers["rows"]] >= 0
    rows, found = answers["rows"][known], answers["whole"].argmax(1)[known]
    figures: dict[str, Any] = {}
    for source in (*LEFT_OUT, "all"):
        here = np.isin(data.sources[rows], LEFT_OUT if source == "all" else [source])
        true = data.labels[rows][here]
        figures[source] = {
            "recordings": int(true.size),
            "accuracy": interval(true, found[here], accuracy),
            "macro-F1": macro_f1(true, found[here]),
        }
    return figures


def heart_rate_baseline(data: RhythmData) -> NDArray[np.int64]:
    """Return what a random forest finds from rate and RR irregularity alone, cross-validated.

    Shape (recordings,), -1 where there is no harmonised class.
    """
    from sklearn.ensemble import RandomForestClassifier

    found = np.full(data.labels.size, -1)
    features = np.nan_to_num(data.features, nan=-1.0)
    for fold in range(FOLDS):
        train, test = split(data, f"fold{fold}")
        test = test[data.labels[test] >= 0]
        forest = RandomForestClassifier(500, class_weight="balanced", random_state=0, n_jobs=1)
        forest.fit(features[train], data.labels[train])
        found[test] = forest.predict(features[test])
    return found


def against_baseline(
    data: RhythmData, runs: Path, name: str, forest: NDArray[np.int64]
) -> dict[str, list[float]]:
    """Return by how much a network is better than the baseline, with paired 95 % intervals."""
    answers = cross_validated(runs, name)
    known = data.labels[answers["rows"]] >= 0
    rows, found = answers["rows"][known], answers["whole"].argmax(1)[known]
    true, base = data.labels[rows], forest[rows]
    draws = np.random.default_rng(0).integers(0, true.size, (RESAMPLES, true.size))
    better = {}
    for key, figure in (("accuracy", accuracy), ("macro-F1", macro_f1)):
        spread = [figure(true[d], found[d]) - figure(true[d], base[d]) for d in draws]
        ends = np.percentile(spread, [2.5, 97.5])
        better[key] = [
            round(float(v), 4) for v in (figure(true, found) - figure(true, base), *ends)
        ]
    return better


def baseline_figures(data: RhythmData, forest: NDArray[np.int64]) -> dict[str, Any]:
    """Return the figures of :func:`heart_rate_baseline`."""
    rows = np.flatnonzero(data.labels >= 0)
    true, found = data.labels[rows], forest[rows]
    return {
        "accuracy": interval(true, found, accuracy),
        "macro-F1": interval(true, found, macro_f1),
        "confusion": confusion(true, found).tolist(),
        "irregular sinus rhythm": _irregular(data, rows, found),
        "by source": _by_source(data, rows, found),
    }


def fewer(data: RhythmData, runs: Path, name: str) -> dict[str, dict[str, list[float]]]:
    """Return accuracy and macro-F1 with fewer leads and with shorter recordings."""
    trained = [read_network(data, runs, name, f"fold{fold}") for fold in FEWER_FOLDS]
    rows = [split(data, f"fold{fold}")[1] for fold in FEWER_FOLDS]
    rows = [part[data.labels[part] >= 0] for part in rows]
    true = np.concatenate([data.labels[part] for part in rows])

    def figures(leads: tuple[str, ...], seconds: int) -> list[float]:
        mask = torch.tensor([[[float(lead in leads)] for lead in STANDARD_LEADS]])
        pairs = zip(trained, rows, strict=True)
        found = [_found(network, data, part, mask, seconds) for network, part in pairs]
        joined = np.concatenate(found)
        return [accuracy(true, joined), macro_f1(true, joined)]

    return {
        "leads": {key: figures(leads, LENGTHS[0]) for key, leads in LEAD_SETS.items()},
        "seconds": {str(seconds): figures(STANDARD_LEADS, seconds) for seconds in LENGTHS},
    }


def _found(
    network: nn.Module, data: RhythmData, rows: NDArray[np.int64], mask: torch.Tensor, seconds: int
) -> NDArray[np.int64]:
    found = []
    with torch.inference_mode():
        for first in range(0, rows.size, 32):
            signal = plain_batch(data, rows[first : first + 32]) * mask
            found.append(network(signal[..., : seconds * FS]).recording.argmax(1).numpy())
    return np.concatenate(found)


def read_network(data: RhythmData, runs: Path, name: str, run: str) -> nn.Module:
    """Return the network that a training left, in evaluation mode."""
    recipe = RECIPES[name]
    rows, _ = split(data, run)
    network = (
        Cnn1d(recipe.config)  # type: ignore[arg-type]
        if name != "cnn2d"
        else make_network(recipe, data, rows, 0, None)
    )
    network.load_state_dict(averaged_weights(runs / f"{name}-{run}"))
    return network.eval()
