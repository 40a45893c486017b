"""How the UNet that finds the traces is trained."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from ecgkit.digitization.unet import PAPER_FILTERS, UNet, UNetConfig
from ecgkit.training.common.loop import LoopSettings, averaged_weights, train
from ecgkit.training.common.schedules import warm_cosine
from ecgkit.training.segmentation.losses import dice, mask_loss
from ecgkit.training.segmentation.patches import as_tensors, patches, record_paths, training_page

SIZES = {"small": UNetConfig(), "paper": UNetConfig(filters=PAPER_FILTERS)}
"""What a processor can train and run, and the study's own."""
PATCH = 256
"""Width and height of a patch in px."""
PAGES, PER_PAGE = 2, 4
"""Pages in a batch, and patches of each."""
VALIDATION_PAGES = 12
SEED_STEP = 1_000_003
LEARNING_RATE = 1e-3
"""The study's is 1e-4, for its size and whole pages; smaller networks bear more."""
WARM_UP = 0.02
"""Share of the steps over which the learning rate rises."""


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


def train_unet(
    folder: Path, runs: Path, *, size: str, steps: int, seed: int = 0, focal: str = "per-pixel"
) -> nn.Module:
    """Train, or go on where a training of the same name stopped; return the averaged network.

    Parameters
    ----------
    folder
        Of the databases; PTB-XL is needed.
    size
        A key of :data:`SIZES`.
    focal
        Form of the focal loss; see :func:`ecgkit.training.segmentation.losses.mask_loss`.
    """
    config = SIZES[size]
    paths = record_paths(folder, "train")
    torch.manual_seed(seed)
    settings = LoopSettings(
        steps=steps,
        learning_rate=LEARNING_RATE,
        schedule=partial(warm_cosine, warm_up=WARM_UP),
        average=0.995,
        every=200,
    )
    network, _ = train(
        UNet(config),
        lambda step: training_batch(paths, config.px_per_mm, step),
        partial(mask_loss, focal=focal),
        validation(record_paths(folder, "validation"), config.px_per_mm),
        settings,
        run_folder(runs, size),
    )
    return network


def trained(runs: Path, size: str) -> UNet:
    """Return the averaged network that a training left, in evaluation mode.

    Raises
    ------
    FileNotFoundError
        Where it has not been trained.
    """
    network = UNet(SIZES[size])
    network.load_state_dict(averaged_weights(run_folder(runs, size)))
    return network.eval()


def run_folder(runs: Path, size: str) -> Path:
    """Return where the training of a size keeps its checkpoint."""
    return runs / f"unet-{size}"
