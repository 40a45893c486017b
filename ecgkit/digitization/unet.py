"""UNet: from a picture of a paper ECG to the mask of its traces.

The network of the study that view 3 follows [1]_, section 2.2: double convolutions with batch norm
and ReLU, transposed convolutions on the way up, a last 1 × 1 convolution and a sigmoid. The study
takes whole pages of 896 × 1152 px; this one takes any size at one fixed resolution, as the study
itself suggests for other layouts (section 4): patches in training, the page in use.

References
----------
.. [1] W. Sun et al., "DeRC_ECG: Combined UNet-ResNet framework for automated denoising and
   classification of noisy paper-based ECGs", Computing in Cardiology 51 (2024).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

PAPER_FILTERS = (64, 128, 256, 512, 1024)
"""The study's size: 31 million weights."""


@dataclass(frozen=True)
class UNetConfig:
    """Size of the network.

    Attributes
    ----------
    filters
        Of each level, the full resolution first; :data:`PAPER_FILTERS` is the study's.
    px_per_mm
        Resolution of the pictures that it was trained on.
    """

    filters: tuple[int, ...] = (16, 32, 64, 96, 128)
    px_per_mm: float = 5.0

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a card."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> UNetConfig:
        """Return the configuration that a card holds."""
        return cls(**{**values, "filters": tuple(values["filters"])})


class DoubleConv(nn.Sequential):
    """Two 3 × 3 convolutions, each with batch norm and ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor, extent: tuple[int, int] | None = None) -> Tensor:
        """Return the features; those beyond the extent (height, width) are zero."""
        for layer in self:
            x = layer(x)
            if extent is not None and isinstance(layer, nn.ReLU):
                x = _cleared_beyond(x, extent)
        return x


def _cleared_beyond(x: Tensor, extent: tuple[int, int]) -> Tensor:
    """Set to zero, in place, what lies below and right of an extent of height and width."""
    height, width = extent
    x[..., height:, :] = 0
    x[..., width:] = 0
    return x


class UNet(nn.Module):
    """The network; pictures of any size are padded to a multiple of what it halves."""

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        filters = config.filters
        self.down = nn.ModuleList(
            DoubleConv(inputs, outputs)
            for inputs, outputs in zip((3, *filters[:-1]), filters, strict=True)
        )
        pairs = list(zip(filters[:0:-1], filters[-2::-1], strict=True))
        self.up = nn.ModuleList(nn.ConvTranspose2d(deep, high, 2, 2) for deep, high in pairs)
        self.merge = nn.ModuleList(DoubleConv(2 * high, high) for _, high in pairs)
        self.last = nn.Conv2d(filters[0], 1, 1)

    def forward(self, picture: Tensor, canvas: tuple[int, int] | None = None) -> Tensor:
        """Return logits of the mask (the sigmoid's input).

        Parameters
        ----------
        picture
            float, shape (pictures, 3, height, width), RGB from 0 to 1.
        canvas
            Height and width that the convolutions work at, multiples of what the network halves
            and no less than the picture's; for inference alone. The answer is the same but for
            rounding: before each convolution all beyond the picture is set to zero, which is what
            its own padding is. Pictures of many sizes on few canvases keep memory bounded, as the
            library for convolutions (oneDNN) keeps what it has planned for each shape.

        Returns
        -------
        Tensor
            Shape (pictures, 1, height, width).
        """
        height, width = picture.shape[-2:]
        step = 2 ** (len(self.config.filters) - 1)
        x = functional.pad(picture, (0, -width % step, 0, -height % step), mode="replicate")
        extents: list[tuple[int, int] | None] = [None] * len(self.config.filters)
        if canvas is not None:
            rows, columns = x.shape[-2:]
            extents = [(rows >> level, columns >> level) for level in range(len(extents))]
            x = functional.pad(x, (0, canvas[1] - columns, 0, canvas[0] - rows))
        levels = []
        for place, block in enumerate(self.down):
            x = block(functional.max_pool2d(x, 2) if place else x, extents[place])
            levels.append(x)
        levels.pop()
        higher = zip(self.up, self.merge, extents[-2::-1], strict=True)
        for grow, merge, extent in higher:
            x = grow(x)
            if extent is not None:
                x = _cleared_beyond(x, extent)
            x = merge(torch.cat([levels.pop(), x], dim=1), extent)
        logits: Tensor = self.last(x)[..., :height, :width]
        return logits


def mask_loss(
    logits: Tensor,
    target: Tensor,
    *,
    alpha: float = 0.8,
    gamma: float = 2.0,
    beta: float = 1.0,
    smoothing: float = 1.0,
) -> Tensor:
    """Return the study's combined loss: Dice + β · focal.

    Parameters
    ----------
    logits, target
        Shape (pictures, 1, height, width); targets from 0 to 1.
    alpha, gamma
        Of the focal loss, ``alpha * (1 - exp(-BCE)) ** gamma * BCE`` by pixel.
    smoothing
        η of the Dice loss. Sums run over the whole batch, so that pictures without a trace do not
        weigh as much as those with one.
    """
    logits, probability = logits.float(), torch.sigmoid(logits.float())
    overlap = 2 * (probability * target).sum() + smoothing
    dice = 1 - overlap / (probability.sum() + target.sum() + smoothing)
    entropy = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    focal = alpha * (1 - torch.exp(-entropy)) ** gamma * entropy
    return dice + beta * focal.mean()
