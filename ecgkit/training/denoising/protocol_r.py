"""Protocol R: one network for all SNRs, on records and noise that it is not tested with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ecgkit.training.common.loop import Batch, LoopSettings, train
from ecgkit.training.denoising.noise_mixing import Mixer, MixingSettings

WINDOWS = (1024, 2048, 3600)
WINDOW_SHARES = (0.25, 0.25, 0.5)
BATCH_SAMPLES = 1 << 16
"""Samples of a batch: 64 windows of 1024, 32 of 2048 or 18 of 3600."""
FLOOR = 2e-3
"""Error, as a share of the signal's power, below which little is gained: 27 dB. With a lower one,
leaving clean windows alone outweighs cleaning noisy ones."""
VALIDATION_SNRS = (-4.0, 0.0, 4.0, 12.0)


def relative_error_loss(output: Tensor, target: Tensor) -> Tensor:
    """Return the mean over windows of ``log(error power / signal power + floor)``.

    The logarithm makes every window count alike, whatever its noise: minus this is the SNR of
    equation (4), but for a factor. The floor keeps clean windows from taking over.
    """
    output = output.float()
    error = (output - target).square().mean((1, 2))
    power = target.square().mean((1, 2)).clamp_min(1e-4)
    return torch.log(error / power + FLOOR).mean()


def warm_stable_decay(done: float) -> float:
    """Return the learning rate's factor: 2 % warm-up, constant, linear to zero from 65 % on."""
    return min(1.0, done / 0.02 + 0.01, (1 - done) / 0.35)


def train_protocol_r(
    folder: Path, run: Path, network: nn.Module, *, steps: int, seed: int
) -> tuple[nn.Module, list[dict[str, float]]]:
    """Train on the training records; the validation records draw the curve.

    Parameters
    ----------
    folder
        The databases' folder.
    run
        Where checkpoint and curve go.
    steps
        Optimiser steps of some 65,000 samples in windows of one length.

    Returns
    -------
    network, curve
        The averaged network and its validation SNRs in dB.
    """
    mixer = Mixer(folder, "train", MixingSettings())
    held_out = Mixer(folder, "validation", MixingSettings(mitdb_share=1.0))
    rng = np.random.default_rng(seed)
    sets = {
        f"snr_at_{snr:g}": held_out.batch(96, WINDOWS[-1], rng, snr_db=snr)
        for snr in VALIDATION_SNRS
    }
    clean = held_out.batch(96, WINDOWS[-1], rng, snr_db=60.0)

    def batch(step: int) -> Batch:
        rng = np.random.default_rng((seed, step))
        window = int(rng.choice(WINDOWS, p=WINDOW_SHARES))
        noisy, target = mixer.batch(BATCH_SAMPLES // window, window, rng)
        return torch.from_numpy(noisy), torch.from_numpy(target)

    def validate(network: nn.Module) -> dict[str, float]:
        return {
            name: mean_snr_db(network, *pair) for name, pair in (*sets.items(), ("clean", clean))
        }

    settings = LoopSettings(
        steps=steps,
        learning_rate=1.5e-3,
        schedule=warm_stable_decay,
        average=0.998,
        every=500,
    )
    return train(network, batch, relative_error_loss, validate, settings, run)


def mean_snr_db(
    network: nn.Module, noisy: NDArray[np.float32], clean: NDArray[np.float32]
) -> float:
    """Return the mean over windows of the output's SNR in dB (equation 4)."""
    with torch.inference_mode():
        output = network(torch.from_numpy(noisy)).numpy()
    error = np.sum((output - clean) ** 2, axis=(1, 2))
    power = np.sum(clean**2, axis=(1, 2))
    return float(np.mean(10 * np.log10(power / error)))
