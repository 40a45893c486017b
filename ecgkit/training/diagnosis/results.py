"""What the report says: the figures of all networks and their blend, as ``diagnosis.json``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.signal_network import SignalConfig
from ecgkit.paper.scale import USUAL_GAIN, USUAL_SPEED
from ecgkit.training.datasets.databases import ptbxl_part
from ecgkit.training.datasets.diagnosis import DiagnosisData
from ecgkit.training.diagnosis.augment import WHOLE
from ecgkit.training.diagnosis.document import COMMAND
from ecgkit.training.diagnosis.drawn_pages.mask_drawing import PAGE
from ecgkit.training.diagnosis.drawn_pages.page_store import SAID, UNSAID, PageStore
from ecgkit.training.diagnosis.evaluate import (
    best_weights,
    blend,
    blended,
    by_kind,
    decision,
    figures,
    out_of_fold,
    truth_of,
    weights_by_fold,
)
from ecgkit.training.diagnosis.recipes import RECIPES

BLEND = "blend"
PAGE_VIEW = "page"
EXTERNAL = "ludb.json"
"""In the folder of the runs: what the external validation found."""
BLENDED = ("signal", "signal_digital", "resnet18", "regions", "mobilenetv2")
"""Networks that a blend may hold."""


def results_of(data: DiagnosisData, runs: Path) -> dict[str, Any]:
    """Return the figures of every network whose five folds are trained, and of their blend."""
    true, folds = truth_of(data)
    results: dict[str, Any] = {
        "data": {
            "recordings": int(data.ptbxl.size),
            "others": int(data.others.size),
            "rule": data.rule,
            "positives": {label: int(true[:, k].sum()) for k, label in enumerate(LABELS)},
        },
        "page": PAGE,
        "recipes": {name: asdict(recipe) for name, recipe in RECIPES.items()},
        "networks": {},
        "blends": {},
        "pages": {},
        "decisions": {},
        "commands": [],
    }
    clean, degraded = _answers(data, runs, PAGE), _page_answers(data, runs)
    views = {f"{name}, {PAGE_VIEW}": logits for name, logits in clean.items()}
    for name in clean:
        if isinstance(RECIPES[name].config, SignalConfig):
            whole = out_of_fold(data, runs, name, WHOLE)
            assert whole is not None
            views[f"{name}, {WHOLE}"] = whole
            results["decisions"][f"{name}, {WHOLE}"] = decision(whole, true)
    if len(_members(clean)) > 1:
        weights = weights_by_fold(_members(clean), true, folds)
        results["blends"][PAGE_VIEW] = {"by fold": weights}
        views[f"{BLEND}, {PAGE_VIEW}"] = blended(_members(clean), weights, folds)
    for title, logits in views.items():
        results["networks"][title] = figures(logits, true, folds)
    if degraded:
        _add_pages(results, data, degraded, runs)
    if (runs / EXTERNAL).exists():
        results["external validation"] = json.loads((runs / EXTERNAL).read_text(encoding="utf-8"))
    pages = " --pages" if degraded else ""
    networks = " ".join(clean)
    shipped = " ".join(_members(clean))
    results["commands"] = [
        *([f"{COMMAND} pages"] if degraded else []),
        f"{COMMAND} train --network {networks}{pages}",
        *([f"{COMMAND} predict --network {networks}"] if degraded else []),
        f"{COMMAND} report",
        *(
            [
                f"{COMMAND} train --network {shipped} --run all-data{pages}",
                f"{COMMAND} ship --network {shipped}",
                f"{COMMAND} external-validation",
                f"{COMMAND} report",
            ]
            if "external validation" in results
            else []
        ),
    ]
    return results


def _answers(data: DiagnosisData, runs: Path, view: str) -> dict[str, Any]:
    """Return the logits of every network whose folds are all there."""
    found = {name: out_of_fold(data, runs, name, view) for name in RECIPES}
    return {name: logits for name, logits in found.items() if logits is not None}


def _page_answers(data: DiagnosisData, runs: Path) -> dict[str, dict[str, Any]]:
    found = {told: _answers(data, runs, told) for told in (UNSAID, SAID)}
    return found if found[UNSAID] else {}


def _members(logits: dict[str, Any]) -> dict[str, Any]:
    return {name: logits[name] for name in BLENDED if name in logits}


def _add_pages(
    results: dict[str, Any], data: DiagnosisData, degraded: dict[str, dict[str, Any]], runs: Path
) -> None:
    """Add the figures on degraded pages that have been read."""
    store = PageStore(data, runs / "pages")
    places = np.searchsorted(data.ptbxl, store.rows)
    every, fold_of_each = truth_of(data)
    true, folds = every[places], fold_of_each[places]
    pages = [store.page(int(row)) for row in store.rows]
    kinds = np.array([page.level for page in pages])
    scales = np.array([(page.speed, page.gain) == (USUAL_SPEED, USUAL_GAIN) for page in pages])
    unseen = np.array([ptbxl_part(data.names[row]) == "test" for row in store.rows])
    groups = {"25 mm/s and 10 mm/mV": scales, "unseen by the UNet too": unseen}
    parts = {
        told: {name: logits[places] for name, logits in found.items()}
        for told, found in degraded.items()
    }
    # Whoever uses a blend may or may not say the page's scale: one set of weights for both.
    members = {told: _members(found) for told, found in parts.items()}
    both = {
        name: np.concatenate([found[name] for found in members.values()]) for name in members[SAID]
    }
    weights = weights_by_fold(both, np.tile(true, (2, 1)), np.tile(folds, 2))
    shipped = best_weights(both, np.tile(true, (2, 1)))
    results["blends"]["pages"] = {"by fold": weights, "all": shipped}
    for told, found in parts.items():
        found[BLEND] = blended(_members(found), weights, folds)
        for name, logits in found.items():
            title = f"{name}, {told}"
            results["pages"][title] = {
                "kinds": by_kind(logits, true, folds, kinds, groups),
                **figures(logits, true, folds),
            }
            results["decisions"][title] = decision(
                blend(_members(found), shipped) if name == BLEND else logits, true
            )
