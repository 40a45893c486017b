"""The eleven labels from the mask of a page: the study's classifier, and two beside it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ecgkit.diagnosis.labels import LABELS
from ecgkit.modules.image_backbones import BACKBONES
from ecgkit.modules.input_shape import check_shape
from ecgkit.paper.scale import PX_PER_MM, USUAL_GAIN, USUAL_SPEED

Image = NDArray[np.float32]

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
        ``"resnet18"`` or ``"mobilenetv2"``.
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
    px_per_mm: float = PX_PER_MM,
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
    seen = window_of(ink, config, px_per_mm=px_per_mm, mm_per_s=mm_per_s, mm_per_mv=mm_per_mv)
    if seen is None:
        return np.zeros((config.height, config.width), np.float32)
    window = np.zeros((seen.height, seen.width), ink.dtype)
    rows, target_rows = _overlap(seen.top, seen.height, ink.shape[0])
    columns, target_columns = _overlap(seen.left, seen.width, ink.shape[1])
    window[target_rows, target_columns] = ink[rows, columns]
    small = cv2.resize(window, (config.width, config.height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) * factor


class Window(NamedTuple):
    """The part of a mask that a network's image shows, in px; it may reach beyond the mask."""

    left: int
    top: int
    width: int
    height: int


def window_of(
    mask: NDArray[np.floating] | NDArray[np.uint8],
    config: PageImageConfig,
    *,
    px_per_mm: float = PX_PER_MM,
    mm_per_s: float | None = None,
    mm_per_mv: float | None = None,
) -> Window | None:
    """Return what :func:`page_image` shows of a mask; None where it is empty."""
    top, bottom = _frame(mask.sum(axis=1, dtype=np.float64))
    left, right = _frame(mask.sum(axis=0, dtype=np.float64))
    if bottom <= top or right <= left:
        return None
    x = config.px_per_mm / px_per_mm * USUAL_SPEED / (mm_per_s or USUAL_SPEED)
    y = config.px_per_mm / px_per_mm * USUAL_GAIN / (mm_per_mv or USUAL_GAIN)
    shrink = min(1.0, config.width / ((right - left) * x), config.height / ((bottom - top) * y))
    x, y = x * shrink, y * shrink
    # Beyond the mask's edges where the page is small.
    reach_x, reach_y = config.width / x / 2, config.height / y / 2
    return Window(
        round((left + right) / 2 - reach_x),
        round((top + bottom) / 2 - reach_y),
        max(1, round(2 * reach_x)),
        max(1, round(2 * reach_y)),
    )


def on_mask(heat: Image, window: Window, shape: tuple[int, int]) -> Image:
    """Return what was found on a network's image, shape (rows, columns), where it lies on the mask.

    Parameters
    ----------
    window
        Which part of the mask the image shows; nothing lies beyond it.
    shape
        Of the mask.
    """
    large = cv2.resize(heat, (window.width, window.height), interpolation=cv2.INTER_CUBIC)
    result = np.zeros(shape, np.float32)
    rows, source_rows = _overlap(window.top, window.height, shape[0])
    columns, source_columns = _overlap(window.left, window.width, shape[1])
    result[rows, columns] = np.maximum(large, 0)[source_rows, source_columns]
    return result


def _overlap(first: int, size: int, room: int) -> tuple[slice, slice]:
    """Return where a stretch lies in what holds it, and which part of the stretch that is."""
    there = slice(min(max(first, 0), room), max(min(first + size, room), 0))
    return there, slice(there.start - first, there.stop - first)


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

    @classmethod
    def from_config(cls, values: dict[str, Any]) -> PageClassifier:
        """Return an untrained network of the configuration that a card holds."""
        return cls(PageImageConfig.from_dict(values))

    def forward(self, images: Tensor) -> Tensor:
        """Return logits, shape (pages, 11), in the order of :data:`ecgkit.diagnosis.labels.LABELS`.

        Parameters
        ----------
        images
            Shape (pages, height, width), as :func:`page_image` gives them.
        """
        check_shape(images, pages=None, rows=None, columns=None)
        return self.classify_features(self.image_features(images))

    def image_features(self, images: Tensor) -> Tensor:
        """Return the backbone's last features, shape (pages, channels, rows, columns)."""
        features: Tensor = self.features(self._scaled(images))
        return features

    def _scaled(self, images: Tensor) -> Tensor:
        x = (images.unsqueeze(1) - MEAN) / DEVIATION
        return x.contiguous(memory_format=torch.channels_last)

    def classify_features(self, features: Tensor) -> Tensor:
        """Return logits for what :meth:`image_features` gave."""
        logits: Tensor = self.labels(self.dropout(features.mean((-2, -1))))
        return logits

    def grad_cam(self, image: Tensor, label: int) -> Tensor:
        """Return where on an image the evidence for a label lies, by Grad-CAM [1]_.

        Parameters
        ----------
        image
            Shape (height, width).
        label
            Place in :data:`ecgkit.diagnosis.labels.LABELS`.

        Returns
        -------
        Tensor
            Shape (rows, columns) of the features at a sixteenth of the image's size, where they
            still tell one lead from the next; 0 to 1, all 0 where nothing speaks for the label.

        .. [1] R. R. Selvaraju et al., "Grad-CAM: visual explanations from deep networks via
           gradient-based localization", ICCV 2017.
        """
        size = (self.config.height // 16, self.config.width // 16)
        with torch.enable_grad():
            x = self._scaled(image.unsqueeze(0).detach()).requires_grad_()
            kept = x
            # Not by a hook: the network is shared by all sessions.
            for layer in self.features.children():
                x = layer(x)
                kept = x if x.shape[-2:] == size else kept
            (slopes,) = torch.autograd.grad(self.classify_features(x)[0, label], kept)
        weights = slopes[0].mean((-2, -1), keepdim=True)
        heat = torch.relu((weights * kept[0].detach()).sum(0))
        most: Tensor = heat.max()
        return heat / most if most > 0 else heat
