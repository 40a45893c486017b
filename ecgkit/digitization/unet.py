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

from ecgkit.modules.input_shape import check_shape

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

    @classmethod
    def from_config(cls, values: dict[str, Any]) -> UNet:
        """Return an untrained network of the configuration that a card holds."""
        return cls(UNetConfig.from_dict(values))

    def forward(self, picture: Tensor) -> Tensor:
        """Return logits of the mask (the sigmoid's input).

        Parameters
        ----------
        picture
            float, shape (pictures, 3, height, width), RGB from 0 to 1.

        Returns
        -------
        Tensor
            Shape (pictures, 1, height, width).
        """
        check_shape(picture, pictures=None, colours=3, rows=None, columns=None)
        height, width = picture.shape[-2:]
        step = 2 ** (len(self.config.filters) - 1)
        x = functional.pad(picture, (0, -width % step, 0, -height % step), mode="replicate")
        levels = []
        for place, block in enumerate(self.down):
            x = block(functional.max_pool2d(x, 2) if place else x)
            levels.append(x)
        levels.pop()
        for grow, merge in zip(self.up, self.merge, strict=True):
            x = merge(torch.cat([levels.pop(), grow(x)], dim=1))
        logits: Tensor = self.last(x)[..., :height, :width]
        return logits
