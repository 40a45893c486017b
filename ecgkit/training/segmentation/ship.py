"""Ship the UNet that was trained: ``python -m ecgkit.training.segmentation.ship``.

Measures it on pages of recordings that neither training nor validation saw, and writes its weights
and its card.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from ecgkit.digitization.segmentation import NETWORK
from ecgkit.digitization.unet import UNet
from ecgkit.training.common.networks import save_network
from ecgkit.training.datasets.databases import data_folder
from ecgkit.training.segmentation.__main__ import PATCH, PER_PAGE, SIZES, dice
from ecgkit.training.segmentation.patches import (
    LEVELS,
    as_tensors,
    patches,
    record_paths,
    training_page,
)

PAGES = 60
"""Of each level, for the figures on the card."""


def main() -> None:
    """Measure, and write weights and card."""
    parser = argparse.ArgumentParser(prog="python -m ecgkit.training.segmentation.ship")
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--runs", type=Path, default=Path("runs/paper"))
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--pages", type=int, default=PAGES, help="pages a level to measure on")
    chosen = parser.parse_args()
    checkpoint = torch.load(
        chosen.runs / f"unet-{chosen.size}" / "checkpoint.pt", weights_only=True
    )
    network = read_network(checkpoint, chosen.size)
    folder = chosen.data or data_folder()
    paths = record_paths(folder, "test")
    figures = {level: by_level(network, paths, level, chosen.pages) for level in LEVELS}
    for level, row in figures.items():
        print(level, row)
    save_network(
        network,
        {
            "name": NETWORK,
            "title": "Paper: UNet, mask of the traces",
            "task": "paper",
            "description": (
                "Finds the traces on a rectified page at 5 px/mm, of any layout and size. Learnt "
                "on patches of pages that ecgkit drew and degraded; the study's network and loss "
                "at a size that a processor runs in a second."
            ),
            "data": (
                "PTB-XL 1.0.3 fold 10 (CC BY 4.0), drawn as pages by "
                "ecgkit.rendering.degradation.degrade; "
                f"{checkpoint['step']} steps of 8 patches, no two alike"
            ),
            "split": (
                "By record, through a hash of its id: 90 % training, 5 % validation, 5 % test. "
                "About one record in eight has a sibling of the same patient. Figures are on test "
                "records."
            ),
            "command": f"python -m ecgkit.training.segmentation --size {chosen.size} "
            f"--steps {checkpoint['step']}",
            "licence": "MIT; trained on data under CC BY 4.0",
            "figures": {"Dice on unseen recordings, page well rectified": figures},
        },
    )


def read_network(checkpoint: dict[str, dict[str, torch.Tensor]], size: str) -> UNet:
    """Return the averaged network of a checkpoint, in evaluation mode."""
    network = UNet(SIZES[size])
    weights = {
        name.removeprefix("module."): value
        for name, value in checkpoint["averaged"].items()
        if name.startswith("module.")
    }
    network.load_state_dict(weights)
    return network.eval()


def by_level(network: UNet, paths: list[Path], level: str, pages: int) -> dict[str, float]:
    """Return Dice over all patches of a level, and its median over pages."""
    found, true, each = [], [], []
    for seed in range(pages):
        page = training_page(paths, seed, level)
        pictures, masks = as_tensors(patches(page, network.config.px_per_mm, PATCH, PER_PAGE, seed))
        with torch.inference_mode():
            found.append(torch.sigmoid(network(pictures)))
        true.append(masks)
        each.append(dice(found[-1], masks))
    return {
        "pages": pages,
        "Dice": round(dice(torch.cat(found), torch.cat(true)), 4),
        "median over pages": round(float(torch.tensor(each).median()), 4),
    }


if __name__ == "__main__":
    main()
