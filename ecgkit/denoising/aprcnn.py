"""APR-CNN: the dual-attention encoder-decoder with adaptive parametric ReLU, and its ablations.

Source: He, Liu, He and Wang, «Dual Attention Convolutional Neural Network Based on Adaptive
Parametric ReLU for Denoising ECG Signals with Strong Noise», sections II.A to II.C.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ecgkit.modules.input_shape import check_shape

FS = 360.0
"""Sampling frequency in Hz that the networks are trained at: MIT-BIH's."""
ENCODER_KERNELS = (16, 16, 3, 3)
DECODER_KERNEL = 16
STRIDE = 2
SPATIAL_KERNEL = 7
"""Kernel of the spatial attention's convolution: the paper gives none; 7 is CBAM's."""


@dataclass(frozen=True)
class AprCnnConfig:
    """Size and parts of the network.

    Attributes
    ----------
    channels
        Channels of the four stages, outermost first. The paper gives no number.
    aprelu
        Adaptive parametric ReLU as activation; plain ReLU where False.
    dam
        Dual attention behind every reconstruction layer; nothing there where False.
    attention_reduction
        How much narrower the hidden layer of the channel attention's shared network is.
    """

    channels: tuple[int, int, int, int] = (16, 32, 64, 64)
    aprelu: bool = True
    dam: bool = True
    attention_reduction: int = 4

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> AprCnnConfig:
        """Read a configuration as a model card holds it (channels as a list)."""
        return cls(**{**values, "channels": tuple(values["channels"])})

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration as plain values for a model card."""
        return {**asdict(self), "channels": list(self.channels)}


class APReLU(nn.Module):
    """Adaptive parametric ReLU, equation (1): ``max(x, 0) + alpha * min(x, 0)``.

    The slope of each channel comes from this very input: global averages of its positive and of
    its negative part, joined, through a two-layer network that ends in a sigmoid. Zhao et al.,
    where the module comes from, put batch normalisation between these layers; it is left out,
    since on pooled vectors it fails for a batch of one and makes a recording's result depend on
    what else is in the batch.

    Shapes: (batch, channels, samples) to the same.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.slopes = nn.Sequential(
            nn.Linear(2 * channels, channels), nn.ReLU(), nn.Linear(channels, channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the activated features."""
        positive = torch.relu(x)
        negative = x - positive
        pooled = torch.cat([positive.mean(-1), negative.mean(-1)], dim=1)
        alpha = torch.sigmoid(self.slopes(pooled)).unsqueeze(-1)
        return torch.addcmul(positive, alpha, negative)


class DualAttention(nn.Module):
    """Dual attention module (DAM), equation (2): channel attention, then spatial attention.

    Channel attention: global maximum and global average of each channel pass through one shared
    two-layer network; the two answers are added and go through one sigmoid. Spatial attention:
    maximum and average over the channels, as two maps, through a convolution and a sigmoid.
    (The paper writes «GMP … global mean pooling» beside «GAP … global average pooling»: the first
    can only be the maximum, as in CBAM, from which both modules come.)

    Shapes: (batch, channels, samples) to the same.
    """

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        hidden = max(channels // reduction, 4)
        self.shared = nn.Sequential(
            nn.Linear(channels, hidden), nn.ReLU(), nn.Linear(hidden, channels)
        )
        self.spatial = nn.Conv1d(2, 1, SPATIAL_KERNEL, padding=SPATIAL_KERNEL // 2)

    def forward(self, x: Tensor) -> Tensor:
        """Return the weighted features."""
        channel = torch.sigmoid(self.shared(x.amax(-1)) + self.shared(x.mean(-1)))
        x = x * channel.unsqueeze(-1)
        maps = torch.cat([x.amax(1, keepdim=True), x.mean(1, keepdim=True)], dim=1)
        return x * torch.sigmoid(self.spatial(maps))


class _Layer(nn.Module):
    """One (de)convolution with its activation and, in the decoder, its attention."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, *, stride: int, up: bool, config: AprCnnConfig
    ) -> None:
        super().__init__()
        self.convolution: nn.Conv1d | nn.ConvTranspose1d
        if up:
            padding = (kernel - stride) // 2
            self.convolution = nn.ConvTranspose1d(
                inputs, outputs, kernel, stride=stride, padding=padding
            )
            fan_in = inputs * kernel / stride  # taps that reach one output sample
        else:
            padding = (kernel - stride + 1) // 2
            self.convolution = nn.Conv1d(inputs, outputs, kernel, stride=stride, padding=padding)
            fan_in = inputs * kernel
        nn.init.normal_(self.convolution.weight, std=(2.0 / fan_in) ** 0.5)
        if self.convolution.bias is not None:
            nn.init.zeros_(self.convolution.bias)
        self.activation = APReLU(outputs) if config.aprelu else nn.ReLU()
        self.attention = (
            DualAttention(outputs, config.attention_reduction)
            if up and config.dam
            else nn.Identity()
        )

    def forward(self, x: Tensor, length: int) -> Tensor:
        x = self.convolution(x)[..., :length]  # an even kernel at stride 1 gives one sample more
        return cast(Tensor, self.attention(self.activation(x)))


class AprCnn(nn.Module):
    """Encoder-decoder with skip connections, APReLU and dual attention (section II.A, figure 1).

    Four compression stages with kernels 16, 16, 3, 3 and four reconstruction stages with kernel
    16. «Multiple of each is two» is read both ways it can be meant: each stage has two layers and
    changes the sampling frequency by two. A compression stage first halves the rate, then
    convolves; a reconstruction stage mirrors it, so that no wide convolution runs at full rate.

    Where the paper is silent: skip connections join by concatenation; the outermost one brings the
    input itself to the output layer, which is linear (1 x 1) and starts as the identity, so that a
    clean trace is easy to leave alone. There is no batch normalisation: the network then does for
    one window the same as for many.

    Shapes: (batch, 1, samples) to the same, any number of samples from 1 on. The input is expected
    centred and scaled (:func:`ecgkit.denoising.overlap_add.denoise_windows` does that).
    """

    def __init__(self, config: AprCnnConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = nn.ModuleList()
        before = 1
        for channels, kernel in zip(config.channels, ENCODER_KERNELS, strict=True):
            down = _Layer(before, channels, kernel, stride=STRIDE, up=False, config=config)
            level = _Layer(channels, channels, kernel, stride=1, up=False, config=config)
            self.encoder.append(nn.ModuleList([down, level]))
            before = channels
        self.decoder = nn.ModuleList()
        outputs = (config.channels[0], *config.channels[:-1])
        for stage in reversed(range(len(config.channels))):
            channels = config.channels[stage]
            joined = before if stage == len(config.channels) - 1 else before + channels
            level = _Layer(joined, channels, DECODER_KERNEL, stride=1, up=True, config=config)
            up = _Layer(
                channels, outputs[stage], DECODER_KERNEL, stride=STRIDE, up=True, config=config
            )
            self.decoder.append(nn.ModuleList([level, up]))
            before = outputs[stage]
        self.head = nn.Conv1d(before + 1, 1, 1)
        with torch.no_grad():
            self.head.weight *= 0.1
            self.head.weight[:, -1] = 1.0
            if self.head.bias is not None:
                self.head.bias.zero_()

    @classmethod
    def from_config(cls, values: dict[str, Any]) -> AprCnn:
        """Return an untrained network of the configuration that a card holds."""
        return cls(AprCnnConfig.from_dict(values))

    def forward(self, x: Tensor) -> Tensor:
        """Return the denoised windows."""
        check_shape(x, windows=None, channel=1, samples=None)
        length = x.shape[-1]
        multiple = STRIDE ** len(ENCODER_KERNELS)
        missing = -length % multiple
        if missing:
            x = F.pad(x, (0, missing), mode="replicate")
        lengths = [x.shape[-1] // STRIDE**depth for depth in range(len(ENCODER_KERNELS) + 1)]
        features, skips = x, []
        for depth, stage in enumerate(self.encoder, start=1):
            down, level = cast(Iterable[_Layer], stage)
            features = level(down(features, lengths[depth]), lengths[depth])
            skips.append(features)
        features = skips.pop()
        depths = reversed(range(len(ENCODER_KERNELS)))
        for depth, stage in zip(depths, self.decoder, strict=True):
            level, up = cast(Iterable[_Layer], stage)
            if depth + 1 < len(ENCODER_KERNELS):
                features = torch.cat([features, skips.pop()], dim=1)
            features = up(level(features, lengths[depth + 1]), lengths[depth])
        joined = torch.cat([features, x.to(features.dtype)], dim=1)
        return F.conv1d(joined.float(), self.head.weight, self.head.bias)[..., :length]
