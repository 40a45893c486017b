"""``models``: the networks and their cards."""

from __future__ import annotations

import argparse
import json

from ecgkit import models
from ecgkit.cli.arguments import add_json


def add(command: argparse.ArgumentParser) -> None:
    """Say which arguments the command takes."""
    add_json(command)


def run(chosen: argparse.Namespace) -> None:
    """Print the catalogue."""
    cards = models.catalogue()
    if chosen.json:
        print(
            json.dumps(
                {name: card.raw for name, card in cards.items()}, indent=2, ensure_ascii=False
            )
        )
        return
    for card in cards.values():
        print(
            f"{card.name}\n  {card.title}: {card.description}\n  {card.parameters:,} parameters, "
            f"trained on {card.data}\n  {card.split}\n  sha256 {card.sha256}"
        )
