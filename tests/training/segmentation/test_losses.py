from __future__ import annotations

import math

import pytest
import torch

from ecgkit.processing.synthetic import generate_ecg
from ecgkit.rendering.degradation.degrade import random_page
from ecgkit.rendering.page import Page
from ecgkit.training.segmentation.losses import (
    dice,
    dice_loss,
    focal_loss_of_mean_bce,
    focal_loss_per_pixel,
    mask_loss,
)
from ecgkit.training.segmentation.patches import as_tensors, patches


@pytest.fixture(scope="module")
def page() -> Page:
    return random_page(generate_ecg(10.0, seed=1), "scan", 5, layout="3x4+1")


def test_the_loss_falls_to_the_truth(page: Page) -> None:
    _, masks = as_tensors(patches(page, 5.0, 96, 4, 4))
    sure = torch.where(masks > 0.5, 12.0, -12.0)
    losses = [float(mask_loss(logits, masks)) for logits in (sure, sure / 12, -sure)]
    assert losses == sorted(losses)
    assert losses[0] < 0.2
    assert dice(torch.sigmoid(sure), masks) == 1.0
    assert dice(torch.sigmoid(-sure), masks) == 0.0


LOGITS = torch.tensor([0.0, math.log(3), -math.log(4)])
"""Probabilities 1/2, 3/4 and 1/5."""
TARGET = torch.tensor([1.0, 0.0, 0.0])
"""So that the cross-entropies are log 2, log 4 and log 5/4, and the shares wrong 1/2, 3/4, 1/5."""


def test_the_focal_loss_per_pixel_by_hand():
    each = [0.8 * 0.25 * math.log(2), 0.8 * 0.5625 * math.log(4), 0.8 * 0.04 * math.log(1.25)]
    found = float(focal_loss_per_pixel(LOGITS, TARGET))
    assert found == pytest.approx(sum(each) / 3, rel=1e-5)
    assert found == pytest.approx(0.256534, abs=1e-6)


def test_the_studys_focal_loss_of_the_mean_cross_entropy_by_hand():
    """exp(-BCE) is the cube root of 1/2 · 1/4 · 4/5 = 1/10."""
    mean = math.log(10) / 3
    expected = 0.8 * (1 - 10 ** (-1 / 3)) ** 2 * mean
    found = float(focal_loss_of_mean_bce(LOGITS, TARGET))
    assert found == pytest.approx(expected, rel=1e-5)
    assert found == pytest.approx(0.176302, abs=1e-6)
    other = float(focal_loss_of_mean_bce(LOGITS, TARGET, alpha=1.0, gamma=0.0))
    assert other == pytest.approx(mean, rel=1e-5)


def test_the_dice_loss_by_hand():
    assert float(dice_loss(LOGITS, TARGET)) == pytest.approx(1 - (2 * 0.5 + 1) / (1.45 + 1 + 1))


def test_the_mask_loss_is_their_sum_and_the_networks_own_form_the_default():
    parts = float(dice_loss(LOGITS, TARGET)), float(focal_loss_per_pixel(LOGITS, TARGET))
    assert float(mask_loss(LOGITS, TARGET)) == pytest.approx(sum(parts))
    studys = float(mask_loss(LOGITS, TARGET, focal="of-mean-bce", beta=2.0))
    expected = parts[0] + 2 * float(focal_loss_of_mean_bce(LOGITS, TARGET))
    assert studys == pytest.approx(expected)
