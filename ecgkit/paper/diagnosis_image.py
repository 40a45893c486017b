"""The eleven labels from the mask of a page: the study's classifier, and two beside it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ecgkit.paper.backbones import BACKBONES
from ecgkit.paper.labels import LABELS

Image = NDArray[np.float32]

MASK_PX_PER_MM = 5.0
USUAL_SPEED, USUAL_GAIN = 25.0, 10.0
MEAN, DEVIATION = 0.05, 0.15
"""Of the pixels of training images, rounded: networks are given about mean 0 and deviation 1."""
_EDGE = 0.002
"""Share of the ink at each side of a page that may be specks: it does not set the page's frame."""


@dataclass(frozen=True)
class PageImageConfig:
    """Which image a network sees, and which network it is.

    Attributes
    ----------
    backbone
        ``"resnet18"``, ``"mobilenetv2"`` or ``"efficientnet_lite0"``.
    height, width
        Of the image in px. The study's is 896 x 1152.
    px_per_mm
        Its resolution; a page with more on it is shrunk until it fits.
    dropout
        Share of the last layer's inputs that is dropped in training.
    """

    backbone: str = "resnet18"
    height: int = 160
    width: int = 288
    px_per_mm: float = 1.1
    dropout: float = 0.3

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a card."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> PageImageConfig:
        """Return the configuration that a card holds."""
        return cls(**values)


def page_image(
    mask: NDArray[np.floating] | NDArray[np.uint8],
    config: PageImageConfig,
    *,
    px_per_mm: float = MASK_PX_PER_MM,
    mm_per_s: float | None = None,
    mm_per_mv: float | None = None,
) -> Image:
    """Return a page as the network sees it: small, its traces in the middle, at one scale.

    Parameters
    ----------
    mask
        Shape (height, width): how much of a pixel is trace, 0 to 1, or 0 to 255 where of integers.
    px_per_mm
        Of the mask.
    mm_per_s, mm_per_mv
        The paper's scale where it is known to be other than 25 mm/s and 10 mm/mV: the page is
        stretched to these.

    Returns
    -------
    NDArray[np.float32]
        Shape (config.height, config.width), 0 to 1: how much of each pixel is trace.
    """
    ink = mask if mask.dtype == np.uint8 else mask.astype(np.float32)
    factor = np.float32(1 / 255 if ink.dtype == np.uint8 else 1)
    result = np.zeros((config.height, config.width), np.float32)
    top, bottom = _frame(ink.sum(axis=1, dtype=np.float64))
    left, right = _frame(ink.sum(axis=0, dtype=np.float64))
    if bottom <= top or right <= left:
        return result
    x = config.px_per_mm / px_per_mm * USUAL_SPEED / (mm_per_s or USUAL_SPEED)
    y = config.px_per_mm / px_per_mm * USUAL_GAIN / (mm_per_mv or USUAL_GAIN)
    shrink = min(1.0, config.width / ((right - left) * x), config.height / ((bottom - top) * y))
    x, y = x * shrink, y * shrink
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    # The part of the mask that the image shows, beyond its edges where the page is small.
    reach_x, reach_y = config.width / x / 2, config.height / y / 2
    first_x, first_y = round(middle_x - reach_x), round(middle_y - reach_y)
    size_x, size_y = max(1, round(2 * reach_x)), max(1, round(2 * reach_y))
    window = np.zeros((size_y, size_x), ink.dtype)
    rows = slice(max(first_y, 0), min(first_y + size_y, ink.shape[0]))
    columns = slice(max(first_x, 0), min(first_x + size_x, ink.shape[1]))
    target_rows = slice(rows.start - first_y, rows.stop - first_y)
    target_columns = slice(columns.start - first_x, columns.stop - first_x)
    window[target_rows, target_columns] = ink[rows, columns]
    small = cv2.resize(window, (config.width, config.height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) * factor


def _frame(ink: NDArray[np.float64]) -> tuple[int, int]:
    """Return from where to where nearly all of the ink lies."""
    total = np.cumsum(ink)
    if total[-1] <= 0:
        return 0, 0
    share = total / total[-1]
    return int(np.searchsorted(share, _EDGE)), int(np.searchsorted(share, 1 - _EDGE)) + 1


class PageClassifier(nn.Module):
    """A backbone on one-channel images, and eleven logits.

    A first layer that was learnt on RGB is averaged over its three channels, as in the study.
    """

    def __init__(self, config: PageImageConfig) -> None:
        super().__init__()
        self.config = config
        self.features, channels = BACKBONES[config.backbone]()
        self.dropout = nn.Dropout(config.dropout)
        self.labels = nn.Linear(channels, len(LABELS))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, images: Tensor) -> Tensor:
        """Return logits, shape (pages, 11), in the order of :data:`ecgkit.paper.labels.LABELS`.

        Parameters
        ----------
        images
            Shape (pages, height, width), as :func:`page_image` gives them.
        """
        return self.conclude(self.see(images))

    def see(self, images: Tensor) -> Tensor:
        """Return the backbone's last features, shape (pages, channels, rows, columns)."""
        x = (images.unsqueeze(1) - MEAN) / DEVIATION
        features: Tensor = self.features(x.contiguous(memory_format=torch.channels_last))
        return features

    def conclude(self, features: Tensor) -> Tensor:
        """Return logits for what :meth:`see` gave."""
        logits: Tensor = self.labels(self.dropout(features.mean((-2, -1))))
        return logits
