"""Train and ship the UNet that finds the traces.

``python -m ecgkit.training.segmentation train``  trains it; goes on where a run was stopped
``python -m ecgkit.training.segmentation ship``   tests it on unseen records; writes the card
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from ecgkit.training.datasets.databases import data_folder
from ecgkit.training.segmentation.losses import FOCAL_LOSSES
from ecgkit.training.segmentation.recipe import SIZES, train_unet
from ecgkit.training.segmentation.ship import PAGES, ship


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(
        prog="python -m ecgkit.training.segmentation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, default=None, help="folder of the databases")
    parser.add_argument("--runs", type=Path, default=Path("runs/paper"))
    parser.add_argument("--threads", type=int, default=1)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train the network")
    train.add_argument("--steps", type=int, default=4000)
    train.add_argument("--seed", type=int, default=0)
    train.add_argument(
        "--focal",
        choices=FOCAL_LOSSES,
        default=FOCAL_LOSSES[0],
        help="the focal loss by pixel, or, as the study writes it, of the mean cross-entropy",
    )
    test = commands.add_parser("ship", help="test it on unseen records, write weights and card")
    test.add_argument("--pages", type=int, default=PAGES, help="pages a level to measure on")
    for command in (train, test):
        command.add_argument(
            "--size", choices=SIZES, default="small", help="«paper» is the study's own"
        )
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    folder = chosen.data or data_folder()
    if chosen.command == "train":
        train_unet(
            folder,
            chosen.runs,
            size=chosen.size,
            steps=chosen.steps,
            seed=chosen.seed,
            focal=chosen.focal,
        )
    else:
        ship(folder, chosen.runs, size=chosen.size, pages=chosen.pages)


if __name__ == "__main__":
    main()
