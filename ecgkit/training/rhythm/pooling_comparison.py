"""How seconds are best pooled, measured on the design fold by short trainings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ecgkit.modules.temporal_pooling import RhythmOutput
from ecgkit.rhythm.network_1d import Cnn1dConfig
from ecgkit.rhythm.network_2d import Cnn2d
from ecgkit.training.common.classification_metrics import accuracy, macro_f1
from ecgkit.training.common.loop import LoopSettings, train
from ecgkit.training.common.schedules import warm_cosine
from ecgkit.training.datasets.rhythm import SECONDS, RhythmData
from ecgkit.training.rhythm.augment import Targets, plain_batch
from ecgkit.training.rhythm.evaluate import read_answers, read_network
from ecgkit.training.rhythm.recipes import (
    DESIGN_FOLD,
    RECIPES,
    chances,
    rhythm_loss,
    run_training,
    split,
)

STEPS = {"cnn1d": 500, "cnn2d": 400}
VARIANTS = [(join, pulse) for join in ("mean", "attention", "recurrent") for pulse in (True, False)]
RUN = f"fold{DESIGN_FOLD}"


def compare_poolings(data: RhythmData, runs: Path, name: str, seed: int = 0) -> None:
    """Train a network with each way of pooling; its answers are kept as a run of their own.

    The network on the signal is trained whole. Of the image network, whose training takes long, the
    features stay those of its own training on that fold, and what pools them is trained anew.
    """
    for join, pulse in VARIANTS:
        recipe = RECIPES[name]
        if isinstance(recipe.config, Cnn1dConfig):
            config = replace(recipe.config, pooling=join, autocorrelation=pulse)
            recipe = replace(recipe, config=config, steps=STEPS[name])
            run_training(variant(name, join, pulse), recipe, RUN, data, runs, seed=seed)
        else:
            _train_on_features(data, runs, join, pulse, seed)


def variant(name: str, join: str, pulse: bool) -> str:
    """Return what a variant's run is called."""
    return f"{name}_{join}_{'pulse' if pulse else 'plain'}"


def pooling_figures(data: RhythmData, runs: Path) -> list[dict[str, Any]]:
    """Return the figures of every variant that was trained."""
    found = []
    for name, steps in STEPS.items():
        for join, pulse in VARIANTS:
            if not (runs / f"{variant(name, join, pulse)}-{RUN}" / "answers.npz").exists():
                continue
            answers = read_answers(runs, variant(name, join, pulse), RUN)
            true = data.labels[answers["rows"]]
            places = answers["whole"].argmax(1)[true >= 0].astype(np.int64)
            true = true[true >= 0]
            figures = {"accuracy": accuracy(true, places), "macro-F1": macro_f1(true, places)}
            found.append({"network": name, "join": join, "pulse": pulse, "steps": steps, **figures})
    return found


class _OnFeatures(nn.Module):
    """The image network from its features on."""

    def __init__(self, network: Cnn2d) -> None:
        super().__init__()
        self.network = network
        network.features.requires_grad_(False)

    def forward(self, inputs: tuple[Tensor, Tensor]) -> RhythmOutput:
        """Answer for features (recordings, seconds, …) and images (recordings, seconds, …)."""
        late, images = inputs
        return self.network.classify_features(late.flatten(0, 1).float(), images.float())


def _train_on_features(data: RhythmData, runs: Path, join: str, pulse: bool, seed: int) -> None:
    trained = read_network(data, runs, "cnn2d", RUN)
    assert isinstance(trained, Cnn2d)
    rows, apart = split(data, RUN)
    seen = _features(trained, data, rows)
    torch.manual_seed(seed)
    network = _OnFeatures(Cnn2d(replace(trained.config, pooling=join, autocorrelation=pulse)))
    network.network.features.load_state_dict(trained.features.state_dict())
    odds, recipe = chances(data.labels[rows]), RECIPES["cnn2d"]

    def batch(step: int) -> tuple[tuple[Tensor, Tensor], Targets]:
        chosen = np.random.default_rng((seed, step)).choice(rows.size, 64, p=odds)
        places = rows[chosen]
        # An R peak of the cache's 128 frames a second to one of the images' 64.
        beats = data.beats[places].reshape(places.size, -1, 2).any(-1).astype(np.float32)
        rates = np.log(data.rates[places] / 80).astype(np.float32)
        labels = torch.from_numpy(data.labels[places])
        targets = Targets(labels, torch.from_numpy(beats), torch.from_numpy(rates))
        return (seen[0][chosen], seen[1][chosen]), targets

    place = runs / f"{variant('cnn2d', join, pulse)}-{RUN}"
    settings = LoopSettings(
        steps=STEPS["cnn2d"],
        learning_rate=recipe.learning_rate,
        schedule=warm_cosine,
        average=0.99,
        every=STEPS["cnn2d"],
        bfloat16=False,
    )
    kept, _ = train(network, batch, rhythm_loss, lambda _: {}, settings, place)
    late, images = _features(trained, data, apart)
    with torch.inference_mode():
        outputs = [kept((late[a : a + 32], images[a : a + 32])) for a in range(0, apart.size, 32)]
    np.savez(
        place / "answers.npz",
        rows=apart,
        whole=torch.cat([output.recording for output in outputs]).numpy(),
        seconds=torch.cat([output.seconds for output in outputs]).numpy(),
    )


def _features(network: Cnn2d, data: RhythmData, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    """Return features and images of recordings as they are, half precision."""
    late, images = [], []
    with torch.inference_mode():
        for first in range(0, rows.size, 32):
            image = network.images(plain_batch(data, rows[first : first + 32]))
            seen = network.image_features(image)
            late.append(seen.reshape(-1, SECONDS, *seen.shape[1:]).half())
            images.append(image.half())
    return torch.cat(late).clone(), torch.cat(images).clone()
