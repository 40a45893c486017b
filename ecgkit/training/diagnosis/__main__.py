"""Train and evaluate the networks of the eleven labels: ``python -m ecgkit.training.diagnosis``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from ecgkit.diagnosis.image_network import PageImageConfig
from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.signal_network import SignalConfig
from ecgkit.paper.scale import USUAL_GAIN, USUAL_SPEED
from ecgkit.training.common.readme import put
from ecgkit.training.datasets.databases import data_folder, ptbxl_part
from ecgkit.training.datasets.diagnosis import FOLDS, DiagnosisData, load_diagnosis_data
from ecgkit.training.diagnosis.answers import page_answer
from ecgkit.training.diagnosis.augment import WHOLE
from ecgkit.training.diagnosis.cards import write_network
from ecgkit.training.diagnosis.document import COMMAND, document, readme_part
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
from ecgkit.training.diagnosis.external_validation import elsewhere
from ecgkit.training.diagnosis.mask_drawing import PAGE
from ecgkit.training.diagnosis.page_pool import DrawnPool
from ecgkit.training.diagnosis.pages import SAID, UNSAID, PageStore, page_of
from ecgkit.training.diagnosis.runs import RECIPES, RUNS, run_training, split, trained

RESULTS = Path("docs") / "results"
BLEND = "blend"
PAGE_VIEW = "page"
ELSEWHERE = "ludb.json"
BLENDED = ("signal", "signal_digital", "resnet18", "regions", "mobilenetv2")
"""Networks that a blend may hold."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("--data", type=Path, default=None, help="folder of the databases")
    parser.add_argument("--runs", type=Path, default=Path("runs/diagnosis"))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train networks on runs, one after the other")
    train.add_argument("--network", choices=RECIPES, nargs="+", required=True)
    train.add_argument("--run", choices=RUNS, nargs="+", default=list(RUNS[:FOLDS]))
    train.add_argument("--steps", type=int)
    train.add_argument("--pages", action="store_true", help="train on pages that were read, too")
    pages = commands.add_parser("pages", help="draw degraded pages and read them; takes hours")
    pages.add_argument("--count", type=int, help="the first so many of a fixed shuffle")
    predict = commands.add_parser("predict", help="ask the folds' networks about those pages")
    predict.add_argument("--network", choices=RECIPES, nargs="+", required=True)
    predict.add_argument("--run", choices=RUNS[:FOLDS], nargs="+", default=list(RUNS[:FOLDS]))
    report = commands.add_parser("report", help="write docs/results/diagnosis.md and paper.json")
    report.add_argument("--results", type=Path, default=RESULTS)
    commands.add_parser("elsewhere", help="ask what ships about LUDB; kept for the report")
    ship = commands.add_parser("ship", help="write weights and cards of networks on all data")
    ship.add_argument("--network", choices=RECIPES, nargs="+", required=True)
    ship.add_argument("--results", type=Path, default=RESULTS)
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    cv2.setNumThreads(chosen.threads)
    folder = chosen.data or data_folder()
    data = load_diagnosis_data(folder, chosen.runs / "data")
    if chosen.command == "train":
        store = PageStore(data, chosen.runs / "pages") if chosen.pages else None
        for run in chosen.run:
            for name in chosen.network:
                recipe = replace(RECIPES[name], steps=chosen.steps or RECIPES[name].steps)
                run_training(
                    name,
                    recipe,
                    run,
                    data,
                    chosen.runs,
                    seed=chosen.seed,
                    store=store,
                    pool=_pool(name, data, chosen.runs),
                )
    elif chosen.command == "pages":
        order = np.random.default_rng(0).permutation(data.ptbxl)
        for done, row in enumerate(order[: chosen.count], start=1):
            page_of(data, int(row), folder, chosen.runs / "pages")
            if done % 50 == 0:
                print(f"{done} pages read", flush=True)
    elif chosen.command == "predict":
        for name in chosen.network:
            _predict(name, chosen.run, data, chosen.runs)
    elif chosen.command == "elsewhere":
        found = json.dumps(elsewhere(folder), indent=1)
        (chosen.runs / ELSEWHERE).write_text(found + "\n", encoding="utf-8")
    elif chosen.command == "ship":
        results = json.loads((chosen.results / "diagnosis.json").read_text(encoding="utf-8"))
        for name in chosen.network:
            write_network(name, chosen.runs, results)
    else:
        results = _results(data, chosen.runs)
        chosen.results.mkdir(parents=True, exist_ok=True)
        text = json.dumps(results, indent=1, ensure_ascii=False) + "\n"
        (chosen.results / "diagnosis.json").write_text(text, encoding="utf-8")
        (chosen.results / "diagnosis.md").write_text(document(results), encoding="utf-8")
        if chosen.results == RESULTS and results["pages"]:
            put("label figures", readme_part(results))


def _pool(name: str, data: DiagnosisData, runs: Path) -> DrawnPool | None:
    config = RECIPES[name].config
    if isinstance(config, SignalConfig):
        return None
    image = config if isinstance(config, PageImageConfig) else PageImageConfig()
    return DrawnPool(data, runs / "drawn", image)


def _predict(name: str, folds: Sequence[str], data: DiagnosisData, runs: Path) -> None:
    """Keep each fold's network's logits on the degraded pages of the recordings it left out."""
    store = PageStore(data, runs / "pages")
    for run in folds:
        network = trained(name, runs / f"{name}-{run}")
        rows = np.intersect1d(split(data, run)[1], store.rows)
        found: dict[str, list[Any]] = {SAID: [], UNSAID: []}
        for row in rows:
            page = store.page(int(row))
            for told, answers in found.items():
                answers.append(page_answer(network, page, told))
        values: dict[str, Any] = {
            told: np.array(answers).reshape(-1, len(LABELS)) for told, answers in found.items()
        }
        np.savez(runs / f"{name}-{run}" / "pages.npz", rows=rows, **values)
        print(f"{name} {run}: {rows.size} pages", flush=True)


def _results(data: DiagnosisData, runs: Path) -> dict[str, Any]:
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
    if (runs / ELSEWHERE).exists():
        results["elsewhere"] = json.loads((runs / ELSEWHERE).read_text(encoding="utf-8"))
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
                f"{COMMAND} elsewhere",
                f"{COMMAND} report",
            ]
            if "elsewhere" in results
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


if __name__ == "__main__":
    main()
