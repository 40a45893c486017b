"""``cnn2d``: an ImageNet-pretrained MobileNetV2, fine-tuned on the stacked scalograms."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ecgkit.modules.temporal_pooling import Join, Pulse, RhythmOutput
from ecgkit.rhythm.preprocessing import FS
from ecgkit.rhythm.scalogram import Mode, log_frequencies, stacks

PULSE_WIDTH = 32
STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1))
"""Expansion, channels, blocks and stride of MobileNetV2's stages [1]_ (its table 2), up to where
an image has one row a lead left.

.. [1] M. Sandler et al., "MobileNetV2: Inverted residuals and linear bottlenecks", CVPR 2018.
"""


@dataclass(frozen=True)
class Cnn2dConfig:
    """Images and size of the network on stacked scalograms.

    Attributes
    ----------
    low, high, frequencies
        The images' frequencies: from, to (Hz), and how many to a lead.
    columns
        Columns to a second.
    shrink
        Columns that are averaged to one before the image network; the pulse sees them all.
    mode
        How the scalogram is computed (:data:`ecgkit.rhythm.scalogram.MODES`).
    scales
        One value a frequency, ascending, in mV: the training set's mean magnitude. A pixel is
        ``log(1 + magnitude / scale)``, so that a flat lead is dark and leads keep their relation.
    stages
        How many of :data:`STAGES` are used.
    join, pulse, hidden, dropout
        As in :class:`ecgkit.rhythm.network_1d.Cnn1dConfig`.
    """

    low: float = 1.0
    high: float = 40.0
    frequencies: int = 8
    columns: int = 64
    shrink: int = 2
    mode: Mode = "whole"
    scales: tuple[float, ...] = (1.0,) * 8
    stages: int = 5
    join: str = "recurrent"
    pulse: bool = True
    hidden: int = 64
    dropout: float = 0.3

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a card."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Cnn2dConfig:
        """Return the configuration that a card holds."""
        return cls(**{**values, "scales": tuple(values["scales"])})


def _normed(inputs: int, outputs: int, kernel: int, stride: int, groups: int) -> nn.Sequential:
    pad = (kernel - 1) // 2
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, pad, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(),
    )


class InvertedResidual(nn.Module):
    """MobileNetV2's block: expand, filter by channel, project; modules named as in its weights."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inputs * expansion
        layers: list[nn.Module] = [] if expansion == 1 else [_normed(inputs, inner, 1, 1, 1)]
        layers += [
            _normed(inner, inner, 3, stride, inner),
            nn.Conv2d(inner, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        ]
        self.conv = nn.Sequential(*layers)
        self.plain = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, outputs, rows / stride, columns / stride)."""
        y: Tensor = self.conv(x)
        return x + y if self.plain else y


class Cnn2d(nn.Module):
    """MobileNetV2's first stages on one stacked scalogram a second, and a join of the seconds.

    The images of a recording go through the network one by one, as in the study; what it sees in
    them is joined afterwards.
    """

    def __init__(self, config: Cnn2dConfig) -> None:
        super().__init__()
        self.config = config
        blocks: list[nn.Module] = [_normed(3, 32, 3, 2, 1)]
        channels = 32
        for expansion, outputs, count, stride in STAGES[: config.stages]:
            for place in range(count):
                step = stride if place == 0 else 1
                blocks.append(InvertedResidual(channels, outputs, step, expansion))
                channels = outputs
        self.features = nn.Sequential(*blocks)
        rows = 12 * config.frequencies
        self.pulse = Pulse(rows, config.columns, PULSE_WIDTH)
        self.rows = -(-rows // 16)
        self.squeeze = nn.Sequential(nn.Linear(self.rows * channels, 96), nn.ReLU())
        extra = PULSE_WIDTH if config.pulse else 0
        self.join = Join(96, config.join, extra, config.hidden, config.dropout)
        self.register_buffer("scales", torch.tensor(config.scales)[:, None], persistent=False)

    def images(self, signal: Tensor) -> Tensor:
        """Return the images, shape (recordings, seconds, 12 × frequencies, columns), from 0 up."""
        config = self.config
        frequencies = log_frequencies(config.low, config.high, config.frequencies)
        image = stacks(signal, FS, frequencies, config.columns, config.mode)
        parts = image.reshape(*image.shape[:-2], 12, config.frequencies, config.columns)
        assert isinstance(self.scales, Tensor)
        return torch.log1p(parts / self.scales.flip(0)).flatten(-3, -2)

    def forward(self, signal: Tensor) -> RhythmOutput:
        """Answer for recordings of the same length.

        Parameters
        ----------
        signal
            Shape (recordings, 12, 256 × seconds) in mV, as ``prepare`` gives it.
        """
        with torch.autocast("cpu", enabled=False):
            images = self.images(signal.float())
        return self.judge(images)

    def judge(self, images: Tensor) -> RhythmOutput:
        """Answer for images, shape (recordings, seconds, 12 × frequencies, columns)."""
        return self.conclude(self.see(images), images)

    def see(self, images: Tensor) -> Tensor:
        """Return every image's features, shape (recordings × seconds, channels, rows, columns)."""
        x = functional.avg_pool2d(images.flatten(0, 1), (1, self.config.shrink))
        features: Tensor = self.features(x.unsqueeze(1).expand(-1, 3, -1, -1))
        return features

    def conclude(self, late: Tensor, images: Tensor) -> RhythmOutput:
        """Answer from features that :meth:`see` gave for these images."""
        count, seconds = images.shape[:2]
        beats, read = self.pulse(images.transpose(1, 2).flatten(2))
        rows = functional.adaptive_avg_pool2d(late, (self.rows, late.shape[-1]))
        frames = self.squeeze(rows.flatten(1, 2).transpose(1, 2))
        frames = frames.reshape(count, -1, frames.shape[-1]).transpose(1, 2)
        whole, each, rate = self.join(frames, seconds, read if self.config.pulse else None)
        return RhythmOutput(whole, each, beats, rate)
