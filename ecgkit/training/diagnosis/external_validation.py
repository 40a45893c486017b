"""The eleven labels on LUDB, from which nothing of them was learnt: another hospital's words.

LUDB's diagnoses are put under the labels by one table. Its doctors call hypertrophy in more than
half of its recordings, by criteria of their own; what it calls «undefined ischemia, scar or
supposed NSTEMI» may or may not be infarction, and is asked about as neither.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.page_reading import read_page
from ecgkit.diagnosis.predict import CLASSIFIERS, Diagnoses, diagnose_recording
from ecgkit.digitization.pipeline import Choices
from ecgkit.io import open_recording
from ecgkit.recording import Recording
from ecgkit.rendering.degradation.degrade import random_page
from ecgkit.training.common.classification_metrics import auroc
from ecgkit.training.diagnosis.drawn_pages.page_store import LEVEL_SHARES, LEVELS
from ecgkit.training.diagnosis.metrics import label_figures

WORDS = {
    "Acute MI": ("stemi",),
    "Old MI": ("scar formation",),
    "STTC": ("ischemia:", "non-specific repolarization"),
    "CD": ("bundle branch block", "av block", "av-block", "hemiblock", "intravintricular"),
    "HYP": ("hypertrophy", "overload"),
    "PAC": ("atrial extrasystole",),
    "PVC": ("ventricular extrasystole",),
    "AFIB/AFL": ("atrial fibrillation", "atrial flutter"),
    "TACHY": ("sinus tachycardia",),
    "BRADY": ("sinus bradycardia",),
}
"""Label -> what a line of ``ludb.csv`` says of it. NORM is a sinus rhythm and nothing beside it."""
UNSURE = "undefined ischemia"
INFARCTIONS = ("Acute MI", "Old MI")
NORMAL = ("sinus rhythm", "sinus arrhythmia", "electric axis")
FEWEST = 5
"""Recordings that a label must have for a figure."""


def labels_of(lines: list[str]) -> dict[str, bool | None]:
    """Return the labels of one recording's diagnoses; None where they do not tell."""
    said = [line.strip().lower() for line in lines if line.strip()]
    found: dict[str, bool | None] = {
        label: any(line.startswith(words) or _within(line, words) for line in said)
        for label, words in WORDS.items()
    }
    if any(line.startswith(UNSURE) for line in said):
        for label in INFARCTIONS:
            found[label] = found[label] or None
    normal = all(line.startswith(NORMAL) for line in said)
    return {"NORM": normal, **found}


def _within(line: str, words: tuple[str, ...]) -> bool:
    # «atrial extrasystole» is no part of another diagnosis; «scar …» is, of the unsure one.
    return not line.startswith(UNSURE) and any(f" {word}" in f" {line}" for word in words)


def recordings(folder: Path) -> Iterator[tuple[str, Recording, dict[str, bool | None]]]:
    """Yield LUDB's recordings with their labels."""
    with (folder / "ludb.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            keys = [key for key in row if key not in ("ID", "Sex", "Age")]
            lines = [line for key in keys for line in (row[key] or "").splitlines()]
            path = folder / "data" / f"{row['ID']}.hea"
            if path.exists():
                yield row["ID"], open_recording(path, name=row["ID"]), labels_of(lines)


def validate_on_ludb(folder: Path) -> dict[str, Any]:
    """Return the figures of the shipped networks on LUDB, digital and on one page of each.

    Parameters
    ----------
    folder
        Of the databases.
    """
    truth: list[list[float]] = []
    answers: dict[str, list[Diagnoses | None]] = {"digital": []}
    answers |= {f"pages, {name}": [] for name in CLASSIFIERS}
    for name, recording, labels in recordings(folder / "ludb"):
        truth.append([np.nan if has is None else float(has) for has in labels.values()])
        answers["digital"].append(diagnose_recording(recording))
        seed = zlib.crc32(f"ludb {name}".encode())
        level = str(np.random.default_rng(seed).choice(LEVELS, p=LEVEL_SHARES))
        page = random_page(recording, level, seed)
        scale = Choices(mm_per_s=page.style.speed, mm_per_mv=page.style.gain)
        report = read_page(page.image, scale, classifiers=tuple(CLASSIFIERS))
        for classifier in CLASSIFIERS:
            answers[f"pages, {classifier}"].append(report.diagnoses.get(classifier))
        if len(truth) % 50 == 0:
            print(f"{len(truth)} recordings of LUDB asked", flush=True)
    true = np.array(truth)
    return {
        "recordings": len(truth),
        "positives": {label: int((true[:, k] == 1).sum()) for k, label in enumerate(LABELS)},
        "views": {view: _figures(found, true) for view, found in answers.items()},
    }


def _figures(found: list[Diagnoses | None], true: NDArray[np.float64]) -> dict[str, Any]:
    """Return AUROC, F1, sensitivity and specificity by label; thresholds are the shipped ones."""
    labels: dict[str, Any] = {}
    for k, label in enumerate(LABELS):
        known = np.isfinite(true[:, k])
        has = true[known, k] == 1
        if has.sum() < FEWEST:
            continue
        # Relative to its own threshold, so that 0 divides; what was not read is nothing found.
        margin = np.array([_margin(one, k) for one in found])[known]
        values: Mapping[str, float] = label_figures(margin, has, 0.0)
        labels[label] = {key: round(value, 4) for key, value in values.items()}
        labels[label]["AUROC"] = round(auroc(has, margin), 4)
    return {
        "not read": sum(one is None for one in found),
        "labels": labels,
        "macro": {
            key: round(float(np.mean([own[key] for own in labels.values()])), 4)
            for key in ("AUROC", "F1", "sensitivity", "specificity")
        },
    }


def _margin(one: Diagnoses | None, label: int) -> float:
    return -30.0 if one is None else one.findings[label].margin
