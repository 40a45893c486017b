"""Train and evaluate the networks of the eleven labels: ``python -m ecgkit.training.diagnosis``."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from ecgkit.training.data import data_folder
from ecgkit.training.diagnosis_data import load_diagnosis_data
from ecgkit.training.diagnosis_runs import RECIPES, RUNS, run_training


def main() -> None:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(
        prog="python -m ecgkit.training.diagnosis", description=__doc__
    )
    parser.add_argument("--data", type=Path, default=None, help="folder of the databases")
    parser.add_argument("--runs", type=Path, default=Path("runs/diagnosis"))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train networks on runs, one after the other")
    train.add_argument("--network", choices=RECIPES, nargs="+", required=True)
    train.add_argument("--run", choices=RUNS, nargs="+", default=list(RUNS[:-1]))
    train.add_argument("--steps", type=int)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    data = load_diagnosis_data(chosen.data or data_folder(), chosen.runs / "data")
    for name in chosen.network:
        for run in chosen.run:
            recipe = replace(RECIPES[name], steps=chosen.steps or RECIPES[name].steps)
            run_training(name, recipe, run, data, chosen.runs, seed=chosen.seed)


if __name__ == "__main__":
    main()
