"""The networks that are trained to denoise, by name and size."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import nn

from ecgkit import models
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


def parameter_count(network: nn.Module) -> int:
    """Return the number of trained values."""
    return sum(parameter.numel() for parameter in network.parameters())


def save_network(network: nn.Module, card: dict[str, Any]) -> None:
    """Write weights and card of a network into the catalogue's folder.

    Parameters
    ----------
    card
        Fields of :class:`ecgkit.models.Card`, but for those that follow from the network.
    """
    tensors = {name: value.contiguous() for name, value in network.state_dict().items()}
    content = save(tensors)
    complete = {
        **card,
        "architecture": models.architecture_of(network),
        "config": network.config.to_dict(),  # type: ignore[operator, union-attr]
        "parameters": parameter_count(network),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    models.weights_path(card["name"]).write_bytes(content)
    write_card(complete)


def write_card(card: dict[str, Any]) -> None:
    """Write a card, checked by reading it back."""
    path: Path = models.folder() / f"{card['name']}.json"
    text = json.dumps(card, indent=2, ensure_ascii=False)
    # A list of numbers on a line: curves would be thousands of lines.
    short = re.sub(r"\[\s+([-+.\deE,\s]+?)\s+\]", lambda m: f"[{' '.join(m[1].split())}]", text)
    path.write_text(short + "\n", encoding="utf-8")
    models.read_card(path)
