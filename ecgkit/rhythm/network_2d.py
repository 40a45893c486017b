"""``cnn2d``: an ImageNet-pretrained MobileNetV2, fine-tuned on the stacked scalograms."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ecgkit.modules.image_backbones import conv_norm_relu, inverted_residuals
from ecgkit.modules.input_shape import check_shape
from ecgkit.modules.temporal_pooling import BeatAutocorrelation, RhythmOutput, TemporalPooling
from ecgkit.rhythm.preprocessing import FS
from ecgkit.rhythm.scalogram import Mode, log_frequencies, stacks

AUTOCORRELATION_WIDTH = 32


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
        Columns that are averaged to one before the image network; the beats' autocorrelation sees
        them all.
    mode
        How the scalogram is computed (:data:`ecgkit.rhythm.scalogram.MODES`).
    scales
        One value a frequency, ascending, in mV: the training set's mean magnitude. A pixel is
        ``log(1 + magnitude / scale)``, so that a flat lead is dark and leads keep their relation.
    stages
        How many of MobileNetV2's stages are used
        (:data:`ecgkit.modules.image_backbones.MOBILENETV2_STAGES`): five leave one row a lead.
    pooling, autocorrelation, hidden, dropout
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
    pooling: str = "recurrent"
    autocorrelation: bool = True
    hidden: int = 64
    dropout: float = 0.3

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a card."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Cnn2dConfig:
        """Return the configuration that a card holds."""
        return cls(**{**values, "scales": tuple(values["scales"])})


class Cnn2d(nn.Module):
    """MobileNetV2's first stages on one stacked scalogram a second, and pooling over the seconds.

    The images of a recording go through the network one by one, as in the study; what it sees in
    them is joined afterwards.
    """

    def __init__(self, config: Cnn2dConfig) -> None:
        super().__init__()
        self.config = config
        first = conv_norm_relu(3, 32, 3, 2, 1)
        blocks, channels = inverted_residuals(config.stages)
        self.features = nn.Sequential(first, *blocks)
        rows = 12 * config.frequencies
        self.pulse = BeatAutocorrelation(rows, config.columns, AUTOCORRELATION_WIDTH)
        self.rows = -(-rows // 16)
        self.squeeze = nn.Sequential(nn.Linear(self.rows * channels, 96), nn.ReLU())
        extra = AUTOCORRELATION_WIDTH if config.autocorrelation else 0
        self.join = TemporalPooling(96, config.pooling, extra, config.hidden, config.dropout)
        self.register_buffer("scales", torch.tensor(config.scales)[:, None], persistent=False)

    @classmethod
    def from_config(cls, values: dict[str, Any]) -> Cnn2d:
        """Return an untrained network of the configuration that a card holds."""
        return cls(Cnn2dConfig.from_dict(values))

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
        check_shape(signal, recordings=None, leads=12, samples=None)
        with torch.autocast("cpu", enabled=False):
            images = self.images(signal.float())
        return self.classify_features(self.image_features(images), images)

    def image_features(self, images: Tensor) -> Tensor:
        """Return every image's features, shape (recordings × seconds, channels, rows, columns)."""
        x = functional.avg_pool2d(images.flatten(0, 1), (1, self.config.shrink))
        features: Tensor = self.features(x.unsqueeze(1).expand(-1, 3, -1, -1))
        return features

    def classify_features(self, features: Tensor, images: Tensor) -> RhythmOutput:
        """Answer from what :meth:`image_features` gave for these images."""
        count, seconds = images.shape[:2]
        beats, read = self.pulse(images.transpose(1, 2).flatten(2))
        rows = functional.adaptive_avg_pool2d(features, (self.rows, features.shape[-1]))
        frames = self.squeeze(rows.flatten(1, 2).transpose(1, 2))
        frames = frames.reshape(count, -1, frames.shape[-1]).transpose(1, 2)
        whole, each, rate = self.join(
            frames, seconds, read if self.config.autocorrelation else None
        )
        return RhythmOutput(whole, each, beats, rate)
