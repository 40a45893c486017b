"""The convolutional denoising autoencoder that He et al. compare with (Table II)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ecgkit.modules.input_shape import check_shape

KERNEL = 16
STRIDES = (2, 2, 2, 1, 1, 1)
"""Chiang et al. halve the rate five times in long segments; with 250 samples three are kept."""


@dataclass(frozen=True)
class AutoencoderConfig:
    """Channels of the six encoder layers; the decoder mirrors them."""

    channels: tuple[int, ...] = (16, 16, 16, 16, 16, 16)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> AutoencoderConfig:
        """Read a configuration as a model card holds it (channels as a list)."""
        return cls(tuple(values["channels"]))

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration as plain values for a model card."""
        return {key: list(value) for key, value in asdict(self).items()}


class ConvolutionalAutoencoder(nn.Module):
    """Six convolutions and six deconvolutions, kernel 16, ReLU; no skip connections.

    Source: Chiang et al., «Noise reduction in ECG signals using fully convolutional denoising
    autoencoders», IEEE Access 7, 2019, in the form that He et al. give it (section III, «B.
    Comparative experiment»). The last layer is linear: a ReLU there could give no negative wave.

    Shapes: (batch, 1, samples) to the same, any number of samples from 1 on.
    """

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        widths = (1, *config.channels)
        stages = list(zip(widths, widths[1:], STRIDES, strict=False))
        self.encoder = nn.ModuleList(
            nn.Conv1d(before, after, KERNEL, stride=stride, padding=(KERNEL - stride + 1) // 2)
            for before, after, stride in stages
        )
        self.decoder = nn.ModuleList(
            nn.ConvTranspose1d(after, before, KERNEL, stride=stride, padding=(KERNEL - stride) // 2)
            for before, after, stride in reversed(stages)
        )

    @classmethod
    def from_config(cls, values: dict[str, Any]) -> ConvolutionalAutoencoder:
        """Return an untrained network of the configuration that a card holds."""
        return cls(AutoencoderConfig.from_dict(values))

    def forward(self, x: Tensor) -> Tensor:
        """Return the denoised windows."""
        check_shape(x, windows=None, channel=1, samples=None)
        length = x.shape[-1]
        missing = -length % 2 ** STRIDES.count(2)
        if missing:
            x = F.pad(x, (0, missing), mode="replicate")
        lengths = [x.shape[-1]]
        for layer, stride in zip(self.encoder, STRIDES, strict=True):
            lengths.append(lengths[-1] // stride)
            x = torch.relu(layer(x)[..., : lengths[-1]])
        for place, layer in enumerate(self.decoder, start=1):
            x = layer(x)[..., : lengths[-1 - place]]
            if place < len(self.decoder):
                x = torch.relu(x)
        return x.float()[..., :length]
