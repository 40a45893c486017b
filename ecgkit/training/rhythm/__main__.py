"""Train and evaluate the rhythm networks.

``python -m ecgkit.training.rhythm train``    trains networks on runs
``python -m ecgkit.training.rhythm pooling``  compares ways to pool the seconds
``python -m ecgkit.training.rhythm report``   writes docs/results/rhythm.md
``python -m ecgkit.training.rhythm ship``     writes weights and cards
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from ecgkit.training.common.readme import put
from ecgkit.training.datasets.databases import data_folder
from ecgkit.training.datasets.rhythm import download_shaoxing, load_rhythm_data
from ecgkit.training.rhythm.cards import write_networks
from ecgkit.training.rhythm.document import document, readme_part, reliability_svg
from ecgkit.training.rhythm.pooling_comparison import STEPS, compare_poolings
from ecgkit.training.rhythm.recipes import RECIPES, run_training
from ecgkit.training.rhythm.results import results_of

DOCS = Path("docs")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(
        prog="python -m ecgkit.training.rhythm",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, default=None, help="folder of the databases")
    parser.add_argument(
        "--download",
        action="store_true",
        help="fetch Chapman-Shaoxing (ecg-arrhythmia) from PhysioNet into the data folder first",
    )
    parser.add_argument("--runs", type=Path, default=Path("runs/rhythm"))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--imagenet", type=Path, help="mobilenet_v2-b0353104.pth")
    parser.add_argument("--seed", type=int, default=0)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train networks on runs, one after the other")
    train.add_argument("--network", choices=RECIPES, nargs="+", required=True)
    train.add_argument(
        "--run", nargs="+", required=True, help="fold0 … fold4, without-ludb-georgia, final"
    )
    train.add_argument("--steps", type=int)
    pooling = commands.add_parser(
        "pooling", help="compare ways to pool the seconds on the design fold"
    )
    pooling.add_argument("--network", choices=STEPS, nargs="+", default=list(STEPS))
    commands.add_parser("report", help="evaluate, and write docs/results/rhythm.md")
    commands.add_parser("ship", help="write weights and cards of the final networks")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    folder = chosen.data or data_folder()
    if chosen.download:
        download_shaoxing(folder)
    data = load_rhythm_data(folder, chosen.runs / "data.npz")
    if chosen.command == "train":
        for run in chosen.run:
            for name in chosen.network:
                recipe = replace(RECIPES[name], steps=chosen.steps or RECIPES[name].steps)
                run_training(
                    name, recipe, run, data, chosen.runs, seed=chosen.seed, weights=chosen.imagenet
                )
    elif chosen.command == "pooling":
        for name in chosen.network:
            compare_poolings(data, chosen.runs, name, chosen.seed)
    elif chosen.command == "report":
        results = results_of(data, chosen.runs)
        (DOCS / "results" / "rhythm.json").write_text(json.dumps(results, indent=1) + "\n")
        (DOCS / "results" / "rhythm.md").write_text(document(results), encoding="utf-8")
        (DOCS / "images" / "rhythm_reliability.svg").write_text(reliability_svg(results))
        put("rhythm figures", readme_part(results))
    else:
        results = json.loads((DOCS / "results" / "rhythm.json").read_text(encoding="utf-8"))
        write_networks(data, chosen.runs, results)


if __name__ == "__main__":
    main()
