"""Train and evaluate the rhythm networks: ``python -m ecgkit.training.rhythm``."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from ecgkit.training.common.readme import put
from ecgkit.training.datasets.databases import data_folder
from ecgkit.training.datasets.rhythm import RhythmData, download_shaoxing, load_rhythm_data
from ecgkit.training.rhythm.cards import write_networks
from ecgkit.training.rhythm.document import document, readme_part, reliability_svg
from ecgkit.training.rhythm.evaluate import (
    against_baseline,
    baseline_figures,
    evaluate,
    fewer,
    heart_rate_baseline,
    left_out_sources,
)
from ecgkit.training.rhythm.pooling_comparison import STEPS, compare_joins, joins_found
from ecgkit.training.rhythm.runs import RECIPES, run_training

DOCS = Path("docs")


def main() -> None:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(prog="python -m ecgkit.training.rhythm", description=__doc__)
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
    joins = commands.add_parser("joins", help="compare ways to join seconds on the design fold")
    joins.add_argument("--network", choices=STEPS, nargs="+", default=list(STEPS))
    commands.add_parser("report", help="evaluate, and write docs/results/rhythm.md")
    commands.add_parser("ship", help="write weights and cards of the final networks")
    chosen = parser.parse_args()
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
    elif chosen.command == "joins":
        for name in chosen.network:
            compare_joins(data, chosen.runs, name, chosen.seed)
    elif chosen.command == "report":
        results = _results(data, chosen.runs)
        (DOCS / "results" / "rhythm.json").write_text(json.dumps(results, indent=1) + "\n")
        (DOCS / "results" / "rhythm.md").write_text(document(data, results), encoding="utf-8")
        (DOCS / "images" / "rhythm_reliability.svg").write_text(reliability_svg(results))
        put("rhythm figures", readme_part(results))
    else:
        results = json.loads((DOCS / "results" / "rhythm.json").read_text(encoding="utf-8"))
        write_networks(data, chosen.runs, results)


def _results(data: RhythmData, runs: Path) -> dict[str, Any]:
    forest = heart_rate_baseline(data)
    results: dict[str, Any] = {
        "networks": {},
        "decisions": {},
        "left out": {},
        "fewer": {},
        "joins": joins_found(data, runs),
        "baseline": baseline_figures(data, forest),
        "against the baseline": {},
        "recipes": {name: asdict(recipe) for name, recipe in RECIPES.items()},
    }
    for name in RECIPES:
        print(f"evaluating {name}", flush=True)
        figures, decision = evaluate(data, runs, name)
        results["networks"][name], results["decisions"][name] = figures, decision
        results["against the baseline"][name] = against_baseline(data, runs, name, forest)
        results["left out"][name] = left_out_sources(data, runs, name)
        results["fewer"][name] = fewer(data, runs, name)
    return results


if __name__ == "__main__":
    main()
