"""Train and evaluate the networks of the eleven labels.

``python -m ecgkit.training.diagnosis pages``                draws degraded pages and reads them
``python -m ecgkit.training.diagnosis train``                trains networks on runs
``python -m ecgkit.training.diagnosis predict``              asks the folds' networks about pages
``python -m ecgkit.training.diagnosis report``               writes docs/results/diagnosis.md
``python -m ecgkit.training.diagnosis ship``                 writes weights and cards
``python -m ecgkit.training.diagnosis external-validation``  asks what ships about LUDB
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch

from ecgkit.training.common.readme import put
from ecgkit.training.datasets.databases import data_folder
from ecgkit.training.datasets.diagnosis import FOLDS, load_diagnosis_data
from ecgkit.training.diagnosis.cards import write_network
from ecgkit.training.diagnosis.document import COMMAND, document, readme_part
from ecgkit.training.diagnosis.drawn_pages.answers import predict_pages
from ecgkit.training.diagnosis.drawn_pages.page_store import PageStore, page_of
from ecgkit.training.diagnosis.drawn_pages.pool import pool_for
from ecgkit.training.diagnosis.external_validation import validate_on_ludb
from ecgkit.training.diagnosis.recipes import RECIPES, RUNS, run_training
from ecgkit.training.diagnosis.results import EXTERNAL, results_of

RESULTS = Path("docs") / "results"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(
        prog=COMMAND, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
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
    report = commands.add_parser("report", help="write docs/results/diagnosis.md and .json")
    report.add_argument("--results", type=Path, default=RESULTS)
    commands.add_parser(
        "external-validation", help="ask what ships about LUDB; kept for the report"
    )
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
                    pool=pool_for(RECIPES[name].config, data, chosen.runs / "drawn"),
                )
    elif chosen.command == "pages":
        order = np.random.default_rng(0).permutation(data.ptbxl)
        for done, row in enumerate(order[: chosen.count], start=1):
            page_of(data, int(row), folder, chosen.runs / "pages")
            if done % 50 == 0:
                print(f"{done} pages read", flush=True)
    elif chosen.command == "predict":
        for name in chosen.network:
            predict_pages(name, chosen.run, data, chosen.runs)
    elif chosen.command == "external-validation":
        found = json.dumps(validate_on_ludb(folder), indent=1)
        (chosen.runs / EXTERNAL).write_text(found + "\n", encoding="utf-8")
    elif chosen.command == "ship":
        results = json.loads((chosen.results / "diagnosis.json").read_text(encoding="utf-8"))
        for name in chosen.network:
            write_network(name, chosen.runs, results)
    else:
        results = results_of(data, chosen.runs)
        chosen.results.mkdir(parents=True, exist_ok=True)
        text = json.dumps(results, indent=1, ensure_ascii=False) + "\n"
        (chosen.results / "diagnosis.json").write_text(text, encoding="utf-8")
        (chosen.results / "diagnosis.md").write_text(document(results), encoding="utf-8")
        if chosen.results == RESULTS and results["pages"]:
            put("label figures", readme_part(results))


if __name__ == "__main__":
    main()
