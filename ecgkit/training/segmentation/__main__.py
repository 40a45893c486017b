"""Train the UNet that finds the traces: ``python -m ecgkit.training.segmentation``."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from ecgkit.digitization.unet import PAPER_FILTERS, UNet, UNetConfig, mask_loss
from ecgkit.training.common.loop import LoopSettings, train
from ecgkit.training.datasets.databases import data_folder
from ecgkit.training.segmentation.patches import as_tensors, patches, record_paths, training_page

SIZES = {"small": UNetConfig(), "paper": UNetConfig(filters=PAPER_FILTERS)}
"""What a processor can train and run, and the study's own."""
PATCH, PAGES, PER_PAGE = 256, 2, 4
VALIDATION_PAGES = 12
SEED_STEP = 1_000_003
LEARNING_RATE = 1e-3
"""The study's is 1e-4, for its size and whole pages; smaller networks bear more."""


def dice(probability: Tensor, target: Tensor) -> float:
    """Return the Dice coefficient of a mask at one half, against the truth at one half."""
    found, true = probability > 0.5, target > 0.5
    both = float((found & true).sum())
    return 2 * both / max(1.0, float(found.sum() + true.sum()))


def training_batch(paths: list[Path], px_per_mm: float, step: int) -> tuple[Tensor, Tensor]:
    """Return patches of pages that no other step shows; a function of the step alone."""
    found = []
    for place in range(PAGES):
        seed = SEED_STEP + step * PAGES + place
        found += patches(training_page(paths, seed), px_per_mm, PATCH, PER_PAGE, seed)
    return as_tensors(found)


def validation(paths: list[Path], px_per_mm: float) -> Callable[[nn.Module], dict[str, float]]:
    """Return what measures Dice on patches of unseen recordings, always the same."""
    found = []
    for seed in range(VALIDATION_PAGES):
        found += patches(training_page(paths, seed), px_per_mm, PATCH, PER_PAGE, seed)
    pictures, masks = as_tensors(found)

    def measure(network: nn.Module) -> dict[str, float]:
        with torch.inference_mode():
            parts = [torch.sigmoid(network(part)) for part in torch.split(pictures, 8)]
        return {"dice": dice(torch.cat(parts), masks)}

    return measure


def warm_cosine(done: float) -> float:
    """Return the factor on the learning rate: up over 2 % of the steps, then down a cosine."""
    return min(1.0, done / 0.02 + 0.02) * 0.5 * (1 + math.cos(math.pi * done))


def main() -> None:
    """Train, or go on where a training of the same name stopped."""
    parser = argparse.ArgumentParser(prog="python -m ecgkit.training.segmentation")
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--runs", type=Path, default=Path("runs/paper"))
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    config = SIZES[chosen.size]
    folder = chosen.data or data_folder()
    paths = record_paths(folder, "train")
    torch.manual_seed(chosen.seed)
    settings = LoopSettings(
        steps=chosen.steps,
        learning_rate=LEARNING_RATE,
        schedule=warm_cosine,
        average=0.995,
        every=200,
    )
    train(
        UNet(config),
        lambda step: training_batch(paths, config.px_per_mm, step),
        mask_loss,
        validation(record_paths(folder, "validation"), config.px_per_mm),
        settings,
        chosen.runs / f"unet-{chosen.size}",
    )


if __name__ == "__main__":
    main()
