"""Batches for the rhythm networks: recordings stretched, cut, scaled, noisy and short of leads."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ecgkit.rhythm.classes import FAST, RHYTHMS, SLOW
from ecgkit.rhythm.preprocessing import FS, SETTINGS
from ecgkit.training.datasets.rhythm import SECONDS, RhythmData

STRETCH = (0.8, 1.25)
"""Slowest and fastest replay: beyond, intervals leave what hearts do at the new rate."""
LENGTHS, LENGTH_SHARES = (10, 9, 8, 7, 6, 5), (0.5, 0.14, 0.12, 0.1, 0.07, 0.07)
BEAT_FS = 64
GUARD = 0.5
"""Beats a minute that a stretched sinus rhythm keeps from its class's limits."""
LIMITS = {"SB": (0.0, SLOW), "SR": (SLOW, FAST), "GSVT": (FAST, 400.0), "AFIB": (0.0, 400.0)}


class Targets(NamedTuple):
    """What a batch's recordings are: classes, beats at 64 Hz, log heart rate over 80 (or NaN)."""

    labels: Tensor
    beats: Tensor
    log_rate: Tensor


def training_batch(
    data: RhythmData,
    rows: NDArray[np.int64],
    chances: NDArray[np.float64],
    size: int,
    seed: tuple[int, int],
) -> tuple[Tensor, Targets]:
    """Return one batch: (size, 12, 256 × seconds) in mV, of one length of 5 to 10 s.

    Parameters
    ----------
    rows, chances
        Recordings to draw from, and with which probabilities.
    seed
        Seed of the training and the step's number.
    """
    rng = np.random.default_rng(seed)
    chosen = rows[rng.choice(rows.size, size, p=chances)]
    seconds = int(rng.choice(LENGTHS, p=LENGTH_SHARES))
    length = seconds * FS
    factors = _factors(data, chosen, SECONDS / seconds, rng)
    room = np.maximum(SECONDS * FS - length * factors, 0)
    starts = rng.random(size) * room
    signal = _replayed(data, chosen, starts, factors, length)
    signal = _degraded(signal, data.present[chosen], rng)
    beats = _beats(data, chosen, starts, factors, seconds)
    log_rate = np.log(data.rates[chosen] * factors / 80).astype(np.float32)
    targets = Targets(torch.from_numpy(data.labels[chosen]), beats, torch.from_numpy(log_rate))
    return torch.from_numpy(signal), targets


def plain_batch(data: RhythmData, rows: NDArray[np.int64]) -> Tensor:
    """Return recordings as they are, shape (recordings, 12, 2560)."""
    return torch.from_numpy(data.signals[rows].astype(np.float32))


def _factors(
    data: RhythmData, chosen: NDArray[np.int64], fastest: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return by how much faster each recording is replayed, its class kept."""
    classes = list(RHYTHMS)
    limits = np.array([LIMITS[classes[label]] for label in data.labels[chosen]])
    rates = data.rates[chosen]
    low = np.maximum(STRETCH[0], (limits[:, 0] + GUARD) / rates)
    high = np.minimum(min(STRETCH[1], fastest), (limits[:, 1] - GUARD) / rates)
    fixed = ~(high > low)  # an unknown rate, or one beyond its class's limit, stays
    drawn = np.exp(rng.uniform(np.log(np.where(fixed, 1, low)), np.log(np.where(fixed, 1, high))))
    return np.where(fixed, np.minimum(1.0, fastest), drawn)


def _replayed(
    data: RhythmData,
    chosen: NDArray[np.int64],
    starts: NDArray[np.float64],
    factors: NDArray[np.float64],
    length: int,
) -> NDArray[np.float32]:
    last = SECONDS * FS - 1
    places = starts[:, np.newaxis] + np.arange(length) * factors[:, np.newaxis]
    before = np.minimum(places.astype(np.int64), last - 1)
    share = np.minimum(places - before, 1).astype(np.float32)[:, np.newaxis]
    signal = np.empty((chosen.size, 12, length), np.float32)
    for place, row in enumerate(chosen):
        whole = data.signals[row].astype(np.float32)
        left, right = whole[:, before[place]], whole[:, before[place] + 1]
        signal[place] = left + share[place] * (right - left)
    return signal


def _beats(
    data: RhythmData,
    chosen: NDArray[np.int64],
    starts: NDArray[np.float64],
    factors: NDArray[np.float64],
    seconds: int,
) -> Tensor:
    """Return 1 at the frame of each R peak and 0.5 beside it, shape (recordings, frames)."""
    frames = seconds * BEAT_FS
    target = np.zeros((chosen.size, frames), np.float32)
    for place, row in enumerate(chosen):
        found = np.flatnonzero(data.beats[row]) * 2  # kept at 128 Hz
        at = np.round((found - starts[place]) / factors[place] * (BEAT_FS / FS)).astype(np.int64)
        for shift, value in ((-1, 0.5), (1, 0.5), (0, 1.0)):
            near = at + shift
            target[place, near[(near >= 0) & (near < frames)]] = value
    return torch.from_numpy(target)


def _degraded(
    signal: NDArray[np.float32], present: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return the signal at other gains, with noise, and with leads lost."""
    count, _, length = signal.shape
    gains = np.exp(rng.normal(0, 0.25, (count, 1, 1)) + rng.normal(0, 0.1, (count, 12, 1)))
    # A third as if the leads' relation were lost, as it is in z-scored recordings.
    rms = np.sqrt(np.mean(signal**2, axis=-1, keepdims=True)) + 1e-6
    alike = np.array(SETTINGS.typical_rms)[:, np.newaxis] / rms
    gains = np.where(rng.random((count, 1, 1)) < 0.3, alike, gains)
    signal = signal * gains.astype(np.float32)
    time = np.arange(length) / FS
    for row in signal:
        if rng.random() < 0.4:
            row += rng.normal(0, rng.uniform(0, 0.03), row.shape)
        if rng.random() < 0.2:
            mains = np.sin(2 * np.pi * rng.choice([50, 60]) * time + rng.uniform(0, 6.3))
            row += rng.uniform(0, 0.05) * mains
        if rng.random() < 0.3:
            wander = np.sin(2 * np.pi * rng.uniform(0.3, 1.2) * time + rng.uniform(0, 6.3))
            row += rng.normal(0, 0.05, (12, 1)) * wander
        if rng.random() < 0.2:
            burst = np.exp(-(((time - rng.uniform(0, length / FS)) / rng.uniform(0.2, 1.5)) ** 2))
            row += rng.normal(0, rng.uniform(0.02, 0.1), row.shape) * burst
    keep = present.copy()
    for row, there in zip(keep, present, strict=True):
        luck = rng.random()
        if luck < 0.2:
            row &= rng.random(12) < rng.uniform(0.4, 0.95)
        elif luck < 0.25:
            row &= np.arange(12) < 6
        elif luck < 0.35:
            row &= np.arange(12) == rng.choice([0, 1, 1, 6, 10])
        if not row.any():
            row |= there
    return (signal * keep[:, :, np.newaxis]).astype(np.float32)
