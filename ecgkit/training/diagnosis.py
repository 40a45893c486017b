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

from ecgkit.paper.labels import LABELS
from ecgkit.training.data import data_folder
from ecgkit.training.diagnosis_answers import page_answer
from ecgkit.training.diagnosis_augment import WHOLE
from ecgkit.training.diagnosis_cards import write_network
from ecgkit.training.diagnosis_data import FOLDS, DiagnosisData, load_diagnosis_data
from ecgkit.training.diagnosis_document import COMMAND, document
from ecgkit.training.diagnosis_drawing import PAGE
from ecgkit.training.diagnosis_evaluate import (
    blend_decision,
    blended,
    by_kind,
    decision,
    figures,
    out_of_fold,
    truth_of,
)
from ecgkit.training.diagnosis_pages import SAID, UNSAID, PageStore, page_of
from ecgkit.training.diagnosis_runs import RECIPES, RUNS, run_training, split, trained

RESULTS = Path("docs") / "results"
SIGNAL = "signal"


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
    report = commands.add_parser("report", help="write docs/results/paper.md and paper.json")
    report.add_argument("--results", type=Path, default=RESULTS)
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
                run_training(name, recipe, run, data, chosen.runs, seed=chosen.seed, store=store)
    elif chosen.command == "pages":
        order = np.random.default_rng(0).permutation(data.ptbxl)
        for done, row in enumerate(order[: chosen.count], start=1):
            page_of(data, int(row), folder, chosen.runs / "pages")
            if done % 50 == 0:
                print(f"{done} pages read", flush=True)
    elif chosen.command == "predict":
        for name in chosen.network:
            _predict(name, data, chosen.runs)
    elif chosen.command == "ship":
        results = json.loads((chosen.results / "paper.json").read_text(encoding="utf-8"))
        for name in chosen.network:
            write_network(name, chosen.runs, results)
    else:
        results = _results(data, chosen.runs)
        chosen.results.mkdir(parents=True, exist_ok=True)
        text = json.dumps(results, indent=1, ensure_ascii=False) + "\n"
        (chosen.results / "paper.json").write_text(text, encoding="utf-8")
        (chosen.results / "paper.md").write_text(document(results), encoding="utf-8")


def _predict(name: str, data: DiagnosisData, runs: Path) -> None:
    """Keep each fold's network's logits on the degraded pages of the recordings it left out."""
    store = PageStore(data, runs / "pages")
    for run in RUNS[:FOLDS]:
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
        "shares": {},
        "pages": {},
        "decisions": {},
        "commands": [],
    }
    clean: dict[str, Any] = {}
    degraded: dict[tuple[str, str], Any] = {}
    for name in RECIPES:
        logits = out_of_fold(data, runs, name, PAGE)
        if logits is None:
            continue
        clean[name] = logits
        results["networks"][f"{name}, page"] = figures(logits, true, folds)
        results["decisions"][f"{name}, page"] = decision(logits, true)
        for told in (SAID, UNSAID):
            on_pages = out_of_fold(data, runs, name, told)
            if on_pages is not None:
                degraded[told, name] = on_pages
    whole = out_of_fold(data, runs, SIGNAL, WHOLE)
    if whole is not None:
        results["networks"][f"{SIGNAL}, whole"] = figures(whole, true, folds)
        results["decisions"][f"{SIGNAL}, whole"] = decision(whole, true)
    for name in clean:
        if SIGNAL in clean and name != SIGNAL:
            mixed, shares = blended(clean[name], clean[SIGNAL], true, folds)
            title = f"blend of {name} and signal, page"
            results["networks"][title] = figures(mixed, true, folds)
            results["decisions"][title] = blend_decision(clean[name], clean[SIGNAL], true)
            results["shares"][name] = shares
    _add_pages(results, data, degraded, runs)
    networks = " ".join(clean)
    results["commands"] = [
        f"{COMMAND} train --network {networks}",
        *([f"{COMMAND} pages", f"{COMMAND} predict --network {networks}"] if degraded else []),
        f"{COMMAND} report",
    ]
    return results


def _add_pages(
    results: dict[str, Any],
    data: DiagnosisData,
    degraded: dict[tuple[str, str], Any],
    runs: Path,
) -> None:
    """Add the figures on degraded pages that have been read."""
    if not degraded:
        return
    store = PageStore(data, runs / "pages")
    places = np.searchsorted(data.ptbxl, store.rows)
    every, fold_of_each = truth_of(data)
    true, folds = every[places], fold_of_each[places]
    kinds = np.array([store.page(int(row)).level for row in store.rows])
    for (told, name), logits in degraded.items():
        title = f"{name}, {told}"
        results["pages"][title] = by_kind(logits[places], true, folds, kinds)
        results["decisions"][title] = decision(logits[places], true)
        other = degraded.get((told, SIGNAL))
        if other is not None and name != SIGNAL:
            mixed, shares = blended(logits[places], other[places], true, folds)
            title = f"blend of {name} and signal, {told}"
            results["pages"][title] = by_kind(mixed, true, folds, kinds)
            results["decisions"][title] = blend_decision(logits[places], other[places], true)
            results["shares"][f"{name}, {told}"] = shares


if __name__ == "__main__":
    main()
