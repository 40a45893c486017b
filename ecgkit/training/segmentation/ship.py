"""Ship the UNet that was trained: weights and card.

It is measured on pages of recordings that neither training nor validation saw.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch

from ecgkit.digitization.segmentation import NETWORK
from ecgkit.digitization.unet import UNet
from ecgkit.training.common.cards import save_network
from ecgkit.training.segmentation.losses import dice
from ecgkit.training.segmentation.patches import (
    LEVELS,
    as_tensors,
    patches,
    record_paths,
    training_page,
)
from ecgkit.training.segmentation.recipe import PATCH, PER_PAGE, run_folder, trained

COMMAND = "python -m ecgkit.training.segmentation"
PAGES = 60
"""Of each level, for the figures on the card."""


def ship(folder: Path, runs: Path, *, size: str, pages: int = PAGES) -> None:
    """Measure the network that a training left on test records, and write weights and card.

    Parameters
    ----------
    folder
        Of the databases.
    size
        A key of :data:`ecgkit.training.segmentation.recipe.SIZES`.
    pages
        Of each level, to measure on.
    """
    network = trained(runs, size)
    steps = json.loads((run_folder(runs, size) / "curve.json").read_text())[-1]["step"]
    paths = record_paths(folder, "test")
    figures = {level: by_level(network, paths, level, pages) for level in LEVELS}
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
                f"{steps} steps of 8 patches, no two alike"
            ),
            "split": (
                "By record, through a hash of its id: 90 % training, 5 % validation, 5 % test. "
                "About one record in eight has a sibling of the same patient. Figures are on test "
                "records."
            ),
            "command": f"{COMMAND} train --size {size} --steps {steps}",
            "licence": "MIT; trained on data under CC BY 4.0",
            "figures": {"Dice on unseen recordings, page well rectified": figures},
        },
    )


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
