"""The catalogue of networks, and the cache that loads each once in a process.

A network ``NAME`` is two files in ``weights/``: ``NAME.safetensors`` and its card, ``NAME.json``.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecgkit.recording import RecordingError

if TYPE_CHECKING:
    from torch import nn

_INSTALLED = Path(__file__).resolve().parent / "weights"
# In the wheel they lie in the package, in a checkout beside it.
DEFAULT_FOLDER = _INSTALLED if _INSTALLED.is_dir() else _INSTALLED.parents[1] / "weights"


@dataclass(frozen=True)
class Card:
    """What a network is and where it comes from; ``weights/NAME.json`` as a value.

    Attributes
    ----------
    name, title, task, description
        Its key, what to call it, what it is for, and one paragraph about it.
    architecture, config
        Which class builds it, and with which configuration.
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
    network.load_state_dict(load_tensors(content))
    return network.eval()


def build(architecture: str, config: dict[str, Any]) -> nn.Module:
    """Return an untrained network of the catalogue's architectures.

    Raises
    ------
    RecordingError
        Where the architecture is unknown.
    """
    builder = _builders().get(architecture)
    if builder is None:
        raise RecordingError(
            f"the architecture {architecture!r} is unknown",
            remedy=f"Choose one of {', '.join(_builders())}.",
        )
    return builder(config)


@cache
def _builders() -> dict[str, Callable[[dict[str, Any]], nn.Module]]:
    from ecgkit.denoising.aprcnn import AprCnn, AprCnnConfig
    from ecgkit.denoising.autoencoder import AutoencoderConfig, ConvolutionalAutoencoder
    from ecgkit.diagnosis.image_network import PageClassifier, PageImageConfig
    from ecgkit.diagnosis.region_network import RegionClassifier, RegionConfig
    from ecgkit.diagnosis.signal_network import DiagnosisSignal, DiagnosisSignalConfig
    from ecgkit.digitization.unet import UNet, UNetConfig
    from ecgkit.rhythm.network_1d import Cnn1d, Cnn1dConfig
    from ecgkit.rhythm.network_2d import Cnn2d, Cnn2dConfig

    return {
        "AprCnn": lambda config: AprCnn(AprCnnConfig.from_dict(config)),
        "ConvolutionalAutoencoder": lambda config: ConvolutionalAutoencoder(
            AutoencoderConfig.from_dict(config)
        ),
        "Cnn1d": lambda config: Cnn1d(Cnn1dConfig.from_dict(config)),
        "Cnn2d": lambda config: Cnn2d(Cnn2dConfig.from_dict(config)),
        "UNet": lambda config: UNet(UNetConfig.from_dict(config)),
        "PageClassifier": lambda config: PageClassifier(PageImageConfig.from_dict(config)),
        "RegionClassifier": lambda config: RegionClassifier(RegionConfig.from_dict(config)),
        "DiagnosisSignal": lambda config: DiagnosisSignal(DiagnosisSignalConfig.from_dict(config)),
    }
