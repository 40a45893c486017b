"""What the UNet learns from: patches with their masks, and the loss on them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from ecgkit.digitization.unet import UNet, UNetConfig
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.rendering.degradation.degrade import random_page
from ecgkit.rendering.page import Page
from ecgkit.training.segmentation.losses import dice, mask_loss
from ecgkit.training.segmentation.patches import as_tensors, patches


@pytest.fixture(scope="module")
def page() -> Page:
    return random_page(generate_ecg(10.0, seed=1), "scan", 5, layout="3x4+1")


def test_patches_are_a_function_of_the_seed(page: Page) -> None:
    first, again, other = (patches(page, 5.0, 96, 3, seed) for seed in (1, 1, 2))
    assert len(first) == 3
    for one, same in zip(first, again, strict=True):
        assert np.array_equal(one.picture, same.picture)
        assert np.array_equal(one.mask, same.mask)
    assert not np.array_equal(first[0].picture, other[0].picture)


def test_a_mask_lies_on_the_ink_of_its_patch(page: Page) -> None:
    darker = []
    for patch in patches(page, 5.0, 128, 8, 3):
        inked = patch.mask > 200
        if inked.sum() > 100:
            grey = patch.picture.mean(axis=2)
            darker.append(np.median(grey[~inked]) - np.median(grey[inked]))
    assert len(darker) >= 3
    assert min(darker) > 25


def test_a_moved_mask_lies_beside_the_ink(page: Page) -> None:
    """The test above can tell one from the other."""
    patch = max(patches(page, 5.0, 128, 8, 3), key=lambda patch: int(patch.mask.sum()))
    grey, inked = patch.picture.mean(axis=2), patch.mask > 200
    moved = np.roll(inked, 12, axis=0)
    assert np.median(grey[moved]) - np.median(grey[inked]) > 25


def test_a_picture_with_nothing_of_the_page_still_ends(page: Page) -> None:
    corner = replace(
        page, image=page.image[:12, :12], mask=page.mask[:12, :12], covered=page.covered[:12, :12]
    )
    found = patches(corner, 5.0, 64, 4, 0)
    assert len(found) == 4


def test_the_loss_falls_to_the_truth(page: Page) -> None:
    _, masks = as_tensors(patches(page, 5.0, 96, 4, 4))
    sure = torch.where(masks > 0.5, 12.0, -12.0)
    losses = [float(mask_loss(logits, masks)) for logits in (sure, sure / 12, -sure)]
    assert losses == sorted(losses)
    assert losses[0] < 0.2
    assert dice(torch.sigmoid(sure), masks) == 1.0
    assert dice(torch.sigmoid(-sure), masks) == 0.0


def test_the_network_takes_pages_of_any_size() -> None:
    network = UNet(UNetConfig(filters=(4, 6, 8))).eval()
    for height, width in ((33, 50), (64, 64), (1, 7)):
        with torch.inference_mode():
            assert network(torch.rand(2, 3, height, width)).shape == (2, 1, height, width)
