"""Weights and cards: what a training leaves in the catalogue's folder."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from safetensors.torch import save
from torch import nn

from ecgkit import models


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
