"""The networks that are trained to denoise, by name and size."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import nn

from ecgkit.denoising.aprcnn import AprCnn, AprCnnConfig
from ecgkit.denoising.autoencoder import AutoencoderConfig, ConvolutionalAutoencoder

SMALL = AprCnnConfig(channels=(8, 16, 32, 32))
"""Protocol P's size: 8,000 segments of 0.7 s cannot fill a larger network."""
SHIPPED = AprCnnConfig(channels=(16, 32, 64, 64))
SIZES = {
    "half": AprCnnConfig(channels=(11, 22, 45, 45)),
    "base": SHIPPED,
    "double": AprCnnConfig(channels=(23, 45, 90, 90)),
}
"""Half, one and two times the parameters of the network that ships."""

Config = AprCnnConfig | AutoencoderConfig
PAPER_MODELS: dict[str, tuple[str, Config]] = {
    "dcnn": ("DCNN", replace(SMALL, aprelu=False, dam=False)),
    "dcnn-aprelu": ("DCNN + APReLU", replace(SMALL, dam=False)),
    "dcnn-dam": ("DCNN + DAM", replace(SMALL, aprelu=False)),
    "aprcnn": ("APR-CNN", SMALL),
    "autoencoder": ("Autoencoder", AutoencoderConfig()),
    "aprcnn-half": ("APR-CNN, half size", replace(SMALL, channels=(6, 11, 22, 22))),
    "aprcnn-double": ("APR-CNN, double size", replace(SMALL, channels=(11, 23, 45, 45))),
}
"""Tables I and II, and the paper's network with half and with twice the parameters."""


def make_network(config: Config, seed: int) -> nn.Module:
    """Return an untrained network of a configuration, the same for the same seed."""
    torch.manual_seed(seed)
    if isinstance(config, AutoencoderConfig):
        return ConvolutionalAutoencoder(config)
    return AprCnn(config)
