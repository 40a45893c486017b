"""The training loop that all networks share: resumable, with a curve and averaged weights."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

Batch = tuple[Any, Any]


@dataclass(frozen=True)
class LoopSettings:
    """How a network is trained.

    Attributes
    ----------
    steps
        Optimiser steps in all.
    learning_rate
        Of Adam; its schedule comes from ``schedule``.
    schedule
        Share of the steps done (0 to 1) to a factor on the learning rate.
    average
        Decay of the running average of the weights, batch normalisation's statistics among them,
        that is kept; 0 keeps the last weights.
    every
        Steps between two checkpoints, validations and points of the curve.
    best
        Figure of the validation whose highest point decides which weights are kept; the last ones
        where empty.
    bfloat16
        Mixed precision on processors that have it: two to four times as fast, weights stay float32.
    """

    steps: int
    learning_rate: float
    schedule: Callable[[float], float]
    average: float = 0.0
    every: int = 500
    bfloat16: bool = True
    best: str = ""


def train(
    network: nn.Module,
    batch: Callable[[int], Batch],
    loss: Callable[[Any, Any], Tensor],
    validate: Callable[[nn.Module], dict[str, float]],
    settings: LoopSettings,
    folder: Path,
) -> tuple[nn.Module, list[dict[str, float]]]:
    """Train a network; go on from the folder's checkpoint where there is one.

    Parameters
    ----------
    batch
        Step number to (input, targets); a function of the step, so that a resumed run sees what an
        unbroken one would.
    loss
        What the network gives (bfloat16, where that is on) and the targets to the loss.
    validate
        The averaged network, in evaluation mode, to figures for the curve.
    folder
        Holds ``checkpoint.pt`` and ``curve.json`` while the training runs.

    Returns
    -------
    network, curve
        The averaged network in evaluation mode, and one entry for each validation.
    """
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / "checkpoint.pt"
    optimiser = torch.optim.Adam(network.parameters(), lr=settings.learning_rate)
    averaged = torch.optim.swa_utils.AveragedModel(
        network,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(settings.average),  # type: ignore[no-untyped-call]
        use_buffers=True,  # the statistics of batch normalisation belong to the averaged weights
    )
    first, curve, spent = 0, [], 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        averaged.load_state_dict(state["averaged"])
        optimiser.load_state_dict(state["optimiser"])
        first, curve, spent = state["step"], state["curve"], state["seconds"]
    started, total = time.monotonic() - spent, 0.0
    for step in range(first, settings.steps):
        factor = settings.schedule(step / settings.steps)
        for group in optimiser.param_groups:
            group["lr"] = settings.learning_rate * factor
        network.train()
        inputs, targets = batch(step)
        with torch.autocast("cpu", torch.bfloat16, enabled=settings.bfloat16):
            outputs = network(inputs)
        value = loss(outputs, targets)
        optimiser.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        averaged.update_parameters(network)
        total += float(value.detach())
        done = step + 1
        if done % settings.every == 0 or done == settings.steps:
            since = done % settings.every or settings.every
            averaged.eval()
            point = {"step": done, "loss": total / since, **validate(averaged.module)}
            curve.append({key: round(number, 5) for key, number in point.items()})
            total = 0.0
            state = {
                "network": network.state_dict(),
                "averaged": averaged.state_dict(),
                "optimiser": optimiser.state_dict(),
                "step": done,
                "curve": curve,
                "seconds": time.monotonic() - started,
            }
            if settings.best and curve[-1][settings.best] >= max(p[settings.best] for p in curve):
                torch.save(averaged.module.state_dict(), folder / "best.pt")
            partial = checkpoint.with_suffix(".part")
            torch.save(state, partial)
            partial.replace(checkpoint)
            (folder / "curve.json").write_text(json.dumps(curve, indent=1))
            print(f"{folder.name} {json.dumps(curve[-1])} {state['seconds']:.0f} s", flush=True)
    kept = averaged.module
    if settings.best:
        kept.load_state_dict(torch.load(folder / "best.pt", weights_only=True))
    return kept.eval(), curve


def averaged_weights(folder: Path) -> dict[str, Tensor]:
    """Return the state of the averaged network that a training left in its folder.

    Raises
    ------
    FileNotFoundError
        Where nothing has been trained.
    """
    state = torch.load(folder / "checkpoint.pt", weights_only=True)["averaged"]
    prefix = "module."
    return {
        key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)
    }
