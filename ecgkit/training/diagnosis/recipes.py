"""Recipes of the label networks, and one run of each: a fold of the cross-validation, or all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ecgkit.diagnosis.image_network import PageClassifier, PageImageConfig
from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.region_network import RegionClassifier, RegionConfig
from ecgkit.diagnosis.signal_network import SignalClassifier, SignalConfig, SignalOutput
from ecgkit.modules.image_backbones import early_layers
from ecgkit.training.common.classification_metrics import auroc
from ecgkit.training.common.loop import LoopSettings, averaged_weights, train
from ecgkit.training.common.schedules import warm_cosine
from ecgkit.training.datasets.diagnosis import FOLDS, DiagnosisData, folds_of
from ecgkit.training.diagnosis.answers import answers
from ecgkit.training.diagnosis.augment import WHOLE, Targets
from ecgkit.training.diagnosis.batches import Config, training_batch
from ecgkit.training.diagnosis.drawn_pages.mask_drawing import PAGE
from ecgkit.training.diagnosis.drawn_pages.page_store import PageStore
from ecgkit.training.diagnosis.drawn_pages.pool import DrawnPool
from ecgkit.training.diagnosis.imagenet import imagenet_weights

ALL_DATA = "all-data"
RUNS = (*(f"fold{fold}" for fold in range(FOLDS)), ALL_DATA)
WEIGHTS = {"beats": 0.25, "rate": 0.15}
"""What the beats and the rate count in the loss beside the labels."""
SEED_STEP = 1_000_003
EVERY = 200
"""Steps between two checkpoints."""


@dataclass(frozen=True)
class Recipe:
    """A network and how it is trained.

    Attributes
    ----------
    config
        Of the network.
    steps, learning_rate, batch
        Of Adam; recordings in a batch.
    others
        Share of a batch that comes from the partly labelled recordings.
    pages
        Share of the recordings that is seen through a degraded page that was really read, where
        such pages are given.
    average
        Decay of the running average of the weights.
    pretrained
        Whether it begins with ImageNet's weights.
    frozen
        Its first layers that keep ImageNet's weights: the stem, and so many blocks. They see the
        largest images, so learning them would take most of the time.
    """

    config: Config
    steps: int
    learning_rate: float
    batch: int
    others: float = 0.25
    pages: float = 0.35
    average: float = 0.99
    pretrained: bool = False
    frozen: int = 0


RECIPES: dict[str, Recipe] = {
    "signal": Recipe(SignalConfig(), 1800, 2e-3, 64, average=0.995),
    "signal_digital": Recipe(SignalConfig(kernel=9), 1800, 2e-3, 64, average=0.995, pages=0.0),
    "resnet18": Recipe(PageImageConfig("resnet18"), 600, 1e-3, 32),
    "mobilenetv2": Recipe(PageImageConfig("mobilenetv2"), 900, 1e-3, 32, pretrained=True, frozen=3),
    "regions": Recipe(RegionConfig((16, 32, 64, 96)), 400, 2e-3, 32),
}
"""The networks of the cross-validation. ImageNet's weights of ResNet-18 come with no package of the
training extra: it is learnt from scratch, unlike the study's."""


def split(data: DiagnosisData, run: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows of PTB-XL's training and test recordings of a run, one of :data:`RUNS`."""
    rows = data.ptbxl
    if run == ALL_DATA:
        return rows, np.empty(0, np.int64)
    apart = folds_of(data.labels[rows]) == int(run.removeprefix("fold"))
    return rows[~apart], rows[apart]


def drawn(
    rows: NDArray[np.int64],
    others: NDArray[np.int64],
    size: int,
    share: float,
    seed: tuple[int, int],
) -> NDArray[np.int64]:
    """Return the rows of one step's batch: each epoch shows every recording of PTB-XL once.

    Parameters
    ----------
    size, share
        Of the batch, and how much of it comes from ``others``.
    """
    extra = round(share * size) if others.size else 0
    own = size - extra
    base, step = seed
    places = step * own + np.arange(own)
    found = np.empty(own, np.int64)
    for epoch in np.unique(places // rows.size):
        order = np.random.default_rng((base, int(epoch), 1)).permutation(rows)
        inside = places // rows.size == epoch
        found[inside] = order[places[inside] % rows.size]
    rest = np.random.default_rng((base, step, 2)).choice(others, extra) if extra else others[:0]
    return np.concatenate([found, rest])


def label_loss(logits: Tensor, labels: Tensor, known: Tensor) -> Tensor:
    """Return the binary cross-entropy with logits over the labels that are known."""
    each = functional.binary_cross_entropy_with_logits(logits.float(), labels, reduction="none")
    value: Tensor = (each * known).sum() / known.sum().clamp(min=1)
    return value


def signal_loss(output: SignalOutput, targets: Targets) -> Tensor:
    """Return the loss of the labels, and beside it of beats and heart rate."""
    value = label_loss(output.labels, targets.labels, targets.known)
    sure = torch.isfinite(targets.beats).all(dim=1)
    if sure.any():
        beats = functional.binary_cross_entropy_with_logits(
            output.beats.float()[sure], targets.beats[sure]
        )
        value = value + WEIGHTS["beats"] * beats
    there = torch.isfinite(targets.log_rate)
    if there.any():
        found, true = output.log_rate.float()[there], targets.log_rate[there]
        value = value + WEIGHTS["rate"] * functional.smooth_l1_loss(found, true, beta=0.05)
    return value


def make_network(recipe: Recipe, seed: int) -> nn.Module:
    """Return an untrained network, or one with ImageNet's weights."""
    torch.manual_seed(seed)
    if isinstance(recipe.config, SignalConfig):
        return SignalClassifier(recipe.config)
    if isinstance(recipe.config, RegionConfig):
        return RegionClassifier(recipe.config)
    network = PageClassifier(recipe.config)
    if recipe.pretrained:
        network.features.load_state_dict(imagenet_weights(recipe.config.backbone))
        for part in early_layers(network.features, recipe.frozen):
            part.requires_grad_(False)
    return network


def trained(name: str, place: Path) -> nn.Module:
    """Return a network from its finished training, in evaluation mode.

    Raises
    ------
    FileNotFoundError
        Where it has not been trained.
    """
    recipe = replace(RECIPES[name], pretrained=False)
    network = make_network(recipe, 0)
    network.load_state_dict(averaged_weights(place))
    return network.eval()


def image_loss(logits: Tensor, targets: Targets) -> Tensor:
    """Return the loss of the labels."""
    return label_loss(logits, targets.labels, targets.known)


def run_training(
    name: str,
    recipe: Recipe,
    run: str,
    data: DiagnosisData,
    folder: Path,
    *,
    seed: int = 0,
    store: PageStore | None = None,
    pool: DrawnPool | None = None,
) -> nn.Module:
    """Train one network on one run's recordings; keep what it answers on the others.

    Parameters
    ----------
    store
        Degraded pages that were read: a share of the training recordings is seen through theirs.
    pool
        Pages drawn beforehand, for the networks on masks; None draws each anew.

    Returns
    -------
    nn.Module
        Trained, in evaluation mode. ``folder/NAME-RUN/answers.npz`` holds the test rows and the
        logits of each view; nothing of them enters the training, which runs its full length.
    """
    rows, apart = split(data, run)
    place = folder / f"{name}-{run}"
    network = make_network(recipe, seed)

    def batch(step: int) -> tuple[Any, Any]:
        torch.manual_seed(SEED_STEP * seed + step)  # dropout too: a resumed run goes on the same
        chosen = drawn(rows, data.others, recipe.batch, recipe.others, (seed, step))
        return training_batch(recipe.config, data, chosen, (seed, step), store, recipe.pages, pool)

    of_signal = isinstance(recipe.config, SignalConfig)
    settings = LoopSettings(
        steps=recipe.steps,
        learning_rate=recipe.learning_rate,
        schedule=warm_cosine,
        average=recipe.average,
        every=EVERY,
    )
    loss = signal_loss if of_signal else image_loss
    network, _ = train(network, batch, loss, _watch(data, apart), settings, place)
    if apart.size:
        views = (WHOLE, PAGE) if of_signal else (PAGE,)
        found: dict[str, Any] = {view: answers(network, data, apart, view) for view in views}
        np.savez(place / "answers.npz", rows=apart, **found)
    return network


def _watch(
    data: DiagnosisData, apart: NDArray[np.int64]
) -> Callable[[nn.Module], dict[str, float]]:
    """Return figures for the curve; they decide nothing."""

    def validate(network: nn.Module) -> dict[str, float]:
        if not apart.size:
            return {}
        logits, true = answers(network, data, apart, PAGE), data.labels[apart]
        scores = logits.astype(np.float64)
        each = [auroc(true[:, k], scores[:, k]) for k in range(len(LABELS))]
        return {"macro AUROC": float(np.nanmean(each)), **dict(zip(LABELS, each, strict=True))}

    return validate
