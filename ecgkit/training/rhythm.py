"""Train and evaluate the rhythm networks: ``python -m ecgkit.training.rhythm``."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from ecgkit.training.data import data_folder
from ecgkit.training.rhythm_data import load_rhythm_data
from ecgkit.training.rhythm_runs import RECIPES, run_training


def main() -> None:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(prog="python -m ecgkit.training.rhythm", description=__doc__)
    parser.add_argument("--data", type=Path, default=None, help="folder of the databases")
    parser.add_argument("--runs", type=Path, default=Path("runs/rhythm"))
    parser.add_argument("--threads", type=int, default=1)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train networks on runs, one after the other")
    train.add_argument("--network", choices=RECIPES, nargs="+", required=True)
    train.add_argument("--run", nargs="+", required=True, help="fold0 … fold4, without-ludb, final")
    train.add_argument("--steps", type=int)
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--imagenet", type=Path, help="mobilenet_v2-b0353104.pth")
    train.add_argument("--tag", default="", help="a name for a variant")
    train.add_argument("--set", nargs="*", default=[], metavar="FIELD=VALUE", help="configuration")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    data = load_rhythm_data(chosen.data or data_folder(), chosen.runs / "data.npz")
    if chosen.command == "train":
        for run in chosen.run:
            for name in chosen.network:
                recipe = RECIPES[name]
                if chosen.steps:
                    recipe = replace(recipe, steps=chosen.steps)
                changes = dict(part.split("=", 1) for part in chosen.set)
                recipe = replace(recipe, config=_changed(recipe.config, changes))
                run_training(
                    name + chosen.tag,
                    recipe,
                    run,
                    data,
                    chosen.runs,
                    seed=chosen.seed,
                    weights=chosen.imagenet,
                )


def _changed(config: object, changes: dict[str, str]) -> object:
    """Return a configuration with fields changed, each to its own type."""
    values = {}
    for field, text in changes.items():
        old = getattr(config, field)
        values[field] = text == "True" if isinstance(old, bool) else type(old)(text)
    return replace(config, **values)  # type: ignore[type-var]


if __name__ == "__main__":
    main()
