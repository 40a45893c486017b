"""The catalogue of networks, and the cache that loads each once in a process.

A network ``NAME`` is two files in ``weights/``: ``NAME.safetensors`` and its card, ``NAME.json``.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ecgkit.recording import RecordingError

if TYPE_CHECKING:
    from torch import nn

_INSTALLED = Path(__file__).resolve().parent / "weights"
# In the wheel they lie in the package, in a checkout beside it.
DEFAULT_FOLDER = _INSTALLED if _INSTALLED.is_dir() else _INSTALLED.parents[1] / "weights"
_ARCHITECTURE = re.compile(
    r"(?P<module>ecgkit\.(denoising|rhythm|digitization|diagnosis)(\.[a-z_0-9]+)+):(?P<name>[A-Za-z_0-9]+)"
)
"""Networks live in these rooms: a card's word imports from no other."""


@dataclass(frozen=True)
class Card:
    """What a network is and where it comes from; ``weights/NAME.json`` as a value.

    Attributes
    ----------
    name, title, task, description
        Its key, what to call it, what it is for, and one paragraph about it.
    architecture, config
        Which class builds it, as ``"module:Class"``, and with which configuration.
    data, split, command, licence
        What it was trained on, how records were kept apart, by which command, and under which
        licence the weights are.
    figures
        Measured figures, grouped; written by the training scripts alone.
    parameters, sha256
        Number of weights, and the hash of the safetensors file.
    decision
        What turns the network's outputs into an answer (temperature, thresholds), chosen on
        validation data; empty where nothing has to be decided.
    """

    name: str
    title: str
    task: str
    description: str
    architecture: str
    config: dict[str, Any]
    data: str
    split: str
    command: str
    licence: str
    figures: dict[str, Any]
    parameters: int
    sha256: str
    decision: dict[str, Any] = field(default_factory=dict)

    @property
    def raw(self) -> dict[str, Any]:
        """The card as its JSON holds it."""
        return dict(self.__dict__)


def folder() -> Path:
    """Return the weights' folder: ``ECGKIT_WEIGHTS``, else ``weights/`` beside the package."""
    return Path(os.environ.get("ECGKIT_WEIGHTS", DEFAULT_FOLDER))


def catalogue() -> dict[str, Card]:
    """Return the cards of all networks, by name."""
    cards = (read_card(path) for path in sorted(folder().glob("*.json")))
    return {card.name: card for card in cards}


def read_card(path: Path) -> Card:
    """Return one card.

    Raises
    ------
    RecordingError
        Where the file is not a card.
    """
    try:
        return Card(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise RecordingError(
            "is no model card", where=path.name, remedy="Restore it from the repository."
        ) from error


def weights_path(name: str) -> Path:
    """Return where a network's weights lie."""
    return folder() / f"{name}.safetensors"


_lock = threading.Lock()
_locks: dict[str, threading.Lock] = {}
_loaded: dict[str, nn.Module] = {}


def is_loaded(name: str) -> bool:
    """Return whether a network is in memory."""
    return name in _loaded


def load(name: str) -> nn.Module:
    """Return a network in evaluation mode; loaded on the first call, the same one afterwards.

    May be called from any thread; two networks load side by side, one never twice.

    Raises
    ------
    RecordingError
        Where the catalogue has no such network, or its weights are missing or not those of its
        card.
    """
    with _lock:
        own = _locks.setdefault(name, threading.Lock())
    with own:
        if name not in _loaded:
            _loaded[name] = _read(name)
        return _loaded[name]


def _read(name: str) -> nn.Module:
    from safetensors.torch import load as load_tensors

    card = catalogue().get(name)
    if card is None:
        raise RecordingError(
            f"the network {name!r} is not in the catalogue",
            remedy=f"It has {', '.join(catalogue()) or 'none'}.",
        )
    path = weights_path(name)
    content = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(content).hexdigest() != card.sha256:
        raise RecordingError(
            "is missing or not the file that its card describes",
            where=path.name,
            remedy="Restore it from the repository.",
        )
    network = build(card.architecture, card.config)
    try:
        network.load_state_dict(load_tensors(content))
    except RuntimeError as error:
        raise RecordingError(
            "does not fit the configuration of its card",
            where=path.name,
            remedy="Restore both from the repository.",
        ) from error
    return network.eval()


class Network(Protocol):
    """What a class that a card names must have, beside being a ``torch.nn.Module``."""

    @classmethod
    def from_config(cls, values: dict[str, Any]) -> nn.Module:
        """Return an untrained network of the configuration that a card holds."""
        ...


def build(architecture: str, config: dict[str, Any]) -> nn.Module:
    """Return an untrained network.

    Parameters
    ----------
    architecture
        ``"module:Class"``, as a card names it: a network that a module of ecgkit defines, with a
        class method ``from_config`` that takes a card's configuration.
    config
        Plain values of its configuration.

    Raises
    ------
    RecordingError
        Where it names no such class, or the configuration is not one of it. Nothing outside
        ecgkit, and none of its trainings, is imported on a card's word.
    """
    network_class = _network_class(architecture)
    try:
        return network_class.from_config(config)
    except (TypeError, ValueError, KeyError, AttributeError, RuntimeError) as error:
        raise RecordingError(
            f"the configuration does not fit {architecture}: {error}",
            remedy="Restore the card from the repository.",
        ) from error


def architecture_of(network: nn.Module) -> str:
    """Return how a card names a network's class: ``"module:Class"``."""
    return f"{type(network).__module__}:{type(network).__qualname__}"


def _network_class(architecture: str) -> type[Network]:
    from torch import nn

    found: Any = None
    if isinstance(architecture, str) and (parts := _ARCHITECTURE.fullmatch(architecture)):
        with contextlib.suppress(ModuleNotFoundError):
            found = getattr(importlib.import_module(parts["module"]), parts["name"], None)
    is_network = isinstance(found, type) and issubclass(found, nn.Module)
    # A class that the module merely imported would be let in under that module's name.
    own = is_network and f"{found.__module__}:{found.__qualname__}" == architecture
    if not own or not hasattr(found, "from_config"):
        raise RecordingError(
            f"the architecture {architecture!r} is no network of ecgkit",
            remedy="Name it as «ecgkit.module:Class», where the class has from_config.",
        )
    network_class: type[Network] = found
    return network_class
