"""What the UNet's mask is judged by: Dice, and the focal loss in two forms.

References
----------
.. [1] W. Sun et al., "DeRC_ECG: Combined UNet-ResNet framework for automated denoising and
   classification of noisy paper-based ECGs", Computing in Cardiology 51 (2024), section 2.2.
.. [2] T.-Y. Lin et al., "Focal loss for dense object detection", ICCV 2017.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

ALPHA, GAMMA = 0.8, 2.0
"""Of the focal loss: its weight, and how strongly it turns from what is easy."""
BETA = 1.0
"""What the focal loss counts beside the Dice loss."""
SMOOTHING = 1.0
"""η of the Dice loss, in pixels."""
FOCAL_LOSSES = ("per-pixel", "of-mean-bce")
"""Forms of the focal loss: :func:`focal_loss_per_pixel`, :func:`focal_loss_of_mean_bce`."""


def focal_loss_per_pixel(
    logits: Tensor, target: Tensor, *, alpha: float = ALPHA, gamma: float = GAMMA
) -> Tensor:
    """Return the mean over pixels of ``alpha * (1 - exp(-BCE)) ** gamma * BCE`` of each pixel.

    The focal loss of [2]_ with one weight for both classes: a pixel that is found already counts
    little, whatever the others do.

    Parameters
    ----------
    logits, target
        Of one shape; targets from 0 to 1.
    """
    each = functional.binary_cross_entropy_with_logits(logits.float(), target, reduction="none")
    return _focal(each, alpha, gamma).mean()


def focal_loss_of_mean_bce(
    logits: Tensor, target: Tensor, *, alpha: float = ALPHA, gamma: float = GAMMA
) -> Tensor:
    """Return ``alpha * (1 - exp(-BCE)) ** gamma * BCE`` of the mean BCE over all pixels.

    The focal loss as the study [1]_ writes it: it turns from batches that are found already, not
    from pixels.

    Parameters
    ----------
    logits, target
        Of one shape; targets from 0 to 1.
    """
    return _focal(functional.binary_cross_entropy_with_logits(logits.float(), target), alpha, gamma)


def _focal(entropy: Tensor, alpha: float, gamma: float) -> Tensor:
    return alpha * (1 - torch.exp(-entropy)) ** gamma * entropy


def dice_loss(logits: Tensor, target: Tensor, *, smoothing: float = SMOOTHING) -> Tensor:
    """Return one minus the Dice coefficient of probabilities, as the study [1]_ smooths it.

    Sums run over the whole batch, so that pictures without a trace do not weigh as much as those
    with one.

    Parameters
    ----------
    logits, target
        Of one shape; targets from 0 to 1.
    """
    probability = torch.sigmoid(logits.float())
    overlap = 2 * (probability * target).sum() + smoothing
    return 1 - overlap / (probability.sum() + target.sum() + smoothing)


def mask_loss(
    logits: Tensor, target: Tensor, *, focal: str = "per-pixel", beta: float = BETA
) -> Tensor:
    """Return the study's combined loss [1]_: Dice + β · focal.

    Parameters
    ----------
    logits, target
        Shape (pictures, 1, height, width); targets from 0 to 1.
    focal
        One of :data:`FOCAL_LOSSES`. The network that ships learnt with ``"per-pixel"``; the study
        writes ``"of-mean-bce"``.
    """
    forms = dict(zip(FOCAL_LOSSES, (focal_loss_per_pixel, focal_loss_of_mean_bce), strict=True))
    return dice_loss(logits, target) + beta * forms[focal](logits, target)


def dice(probability: Tensor, target: Tensor) -> float:
    """Return the Dice coefficient of a mask at one half, against the truth at one half."""
    found, true = probability > 0.5, target > 0.5
    both = float((found & true).sum())
    return 2 * both / max(1.0, float(found.sum() + true.sum()))
