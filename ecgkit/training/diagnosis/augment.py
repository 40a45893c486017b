"""Batches for the signal network: recordings as pages show them and digitization leaves them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ecgkit.diagnosis.signal_network import (
    SECONDS,
    Signal,
    centred,
)
from ecgkit.leads import complete_limb_leads
from ecgkit.paper.layouts import LAYOUTS, arrange
from ecgkit.recording import STANDARD_LEADS
from ecgkit.rhythm.preprocessing import FS, TYPICAL_RMS
from ecgkit.training.datasets.diagnosis import DiagnosisData

LENGTH = SECONDS * FS
WHOLE = "whole"
"""All leads for all of the time: a digital recording."""
LAYOUT_SHARES = {
    **{WHOLE: 0.2, "3x4": 0.15, "3x4+1": 0.3, "3x4+3": 0.08, "6x2": 0.08, "6x2+1": 0.05},
    **{"12x1": 0.05, "4x3": 0.03, "4x3+1": 0.03, "limb": 0.02, "limb-3x2": 0.01},
}
STRETCH = 0.06
"""Time is replayed by up to this share faster or slower: heart rates keep their labels."""


class Targets(NamedTuple):
    """What a batch's recordings are.

    Attributes
    ----------
    labels, known
        Shape (recordings, 11), 0 or 1: what they have, and which labels their source tells of.
    beats
        Shape (recordings, 640): R peaks at 64 Hz.
    log_rate
        Natural logarithm of the heart rate over 80 per minute.

    Beats and rate are NaN where they are not known.
    """

    labels: Tensor
    known: Tensor
    beats: Tensor
    log_rate: Tensor


def label_targets(data: DiagnosisData, rows: NDArray[np.int64]) -> Targets:
    """Return what recordings are, unchanged."""
    return Targets(
        torch.from_numpy(data.labels[rows].astype(np.float32)),
        torch.from_numpy(data.known[rows].astype(np.float32)),
        torch.from_numpy(data.beats[rows].astype(np.float32)),
        torch.from_numpy(np.log(data.rates[rows] / 80).astype(np.float32)),
    )


def signal_batch(
    data: DiagnosisData, rows: NDArray[np.int64], seed: tuple[int, int]
) -> tuple[Tensor, Targets]:
    """Return recordings changed at random, shape (rows, 12, 2560) in mV, NaN where not seen.

    Parameters
    ----------
    seed
        Seed of the training and the step's number.
    """
    rng = np.random.default_rng(seed)
    factors = np.exp(rng.uniform(-STRETCH, STRETCH, rows.size))
    signal = np.empty((rows.size, 12, LENGTH), np.float32)
    beats = np.zeros((rows.size, LENGTH // 4), np.float32)
    for place, row in enumerate(rows):
        whole = data.signals[row].astype(np.float32)
        replayed, shift = _replayed(whole, factors[place], rng)
        seen = _as_shown(replayed, rng)
        signal[place] = centred(complete_limb_leads(as_digitized(seen, rng)))
        beats[place] = _beats(data.beats[row], factors[place], shift)
    rates = np.log(data.rates[rows] * factors / 80).astype(np.float32)
    targets = label_targets(data, rows)._replace(
        beats=torch.from_numpy(beats), log_rate=torch.from_numpy(rates)
    )
    return torch.from_numpy(signal), targets


def plain_batch(data: DiagnosisData, rows: NDArray[np.int64], layout: str = WHOLE) -> Tensor:
    """Return recordings as a page of a layout shows them, and no more; see :func:`shown`."""
    found = [
        centred(complete_limb_leads(shown(data.signals[row].astype(np.float32), layout)))
        for row in rows
    ]
    return torch.from_numpy(np.stack(found))


def shown(
    signal: Signal,
    layout: str,
    *,
    seconds: float = SECONDS,
    sequential: bool = True,
    rhythm: tuple[str, ...] = ("II", "V1", "V5"),
) -> Signal:
    """Return what a page shows of a recording, as its leads are read; NaN elsewhere.

    Parameters
    ----------
    signal
        Shape (12, 2560).
    layout
        A key of :data:`ecgkit.paper.layouts.LAYOUTS`, or :data:`WHOLE`.
    seconds
        Time that the page's width holds.
    sequential
        Each column goes on where the one before it ended.
    """
    if layout == WHOLE:
        return signal
    result = np.full_like(signal, np.nan)
    longest: dict[str, float] = {}
    for place in arrange(layout, STANDARD_LEADS, rhythm=rhythm):
        span = seconds / place.columns
        if span <= longest.get(place.lead, 0):
            continue
        longest[place.lead] = span
        first = span * place.column if sequential else 0.0
        start, stop = round(first * FS), round((first + span) * FS)
        lead = STANDARD_LEADS.index(place.lead)
        result[lead] = np.nan
        result[lead, start:stop] = signal[lead, start:stop]
    return result


def _replayed(signal: Signal, factor: float, rng: np.random.Generator) -> tuple[Signal, float]:
    """Return a recording faster or slower, and how many samples it begins later (or −earlier)."""
    room = LENGTH * (1 - factor)
    shift = float(rng.uniform(min(0.0, room), max(0.0, room)))
    places = shift + np.arange(LENGTH) * factor
    before = np.clip(places.astype(np.int64), 0, LENGTH - 2)
    share = np.clip(places - before, 0, 1).astype(np.float32)
    result: Signal = signal[:, before] + share * (signal[:, before + 1] - signal[:, before])
    result[:, (places < 0) | (places > LENGTH - 1)] = np.nan
    return result, shift


def _beats(train: NDArray[np.bool_], factor: float, shift: float) -> NDArray[np.float32]:
    frames = LENGTH // 4
    result = np.zeros(frames, np.float32)
    at = np.round((np.flatnonzero(train) - shift / 4) / factor).astype(np.int64)
    for step, value in ((-1, 0.5), (1, 0.5), (0, 1.0)):
        near = at + step
        result[near[(near >= 0) & (near < frames)]] = value
    return result


def _as_shown(signal: Signal, rng: np.random.Generator) -> Signal:
    layout = str(rng.choice(tuple(LAYOUT_SHARES), p=tuple(LAYOUT_SHARES.values())))
    absent = ~np.isfinite(signal).any(axis=1)
    if layout == WHOLE or absent.sum() > 6:
        return signal
    luck = rng.random()
    seconds = 5.0 if luck < 0.12 else float(rng.uniform(7.5, 10)) if luck < 0.4 else float(SECONDS)
    strips: tuple[str, ...] = ("II", "V1", "V5")
    if LAYOUTS[layout].strips == 1 and rng.random() < 0.2:
        strips = (str(rng.choice(("V1", "V2", "V5", "I"))),)
    return shown(
        signal, layout, seconds=seconds, sequential=bool(rng.random() < 0.8), rhythm=strips
    )


def as_digitized(signal: Signal, rng: np.random.Generator) -> Signal:
    """Return a signal with other gains, noise, gaps and bends, as reading a page leaves them."""
    if rng.random() < 0.1:  # as where calibration is lost
        seen = np.isfinite(signal)
        power = np.sum(signal**2, axis=1, keepdims=True, where=seen)
        rms = np.sqrt(power / np.maximum(seen.sum(axis=1, keepdims=True), 1))
        typical = np.array(TYPICAL_RMS, np.float32)[:, np.newaxis]
        signal = signal * (typical / np.maximum(rms, 1e-3)).astype(np.float32)
    gains = np.exp(rng.normal(0, 0.05) + rng.normal(0, 0.03, (12, 1))).astype(np.float32)
    signal = signal * gains
    time = np.arange(LENGTH, dtype=np.float32) / FS
    if rng.random() < 0.5:
        level = np.float32(rng.uniform(0, 0.03))
        signal = signal + level * rng.standard_normal(signal.shape, np.float32)
    if rng.random() < 0.5:
        wave = np.sin(2 * np.pi * rng.uniform(0.05, 0.6) * time + rng.uniform(0, 6.3))
        signal = signal + (rng.normal(0, 0.06, (12, 1)) * wave).astype(np.float32)
    if rng.random() < 0.4:
        signal = _smoothed(signal, int(rng.choice((3, 5, 7))))
    if rng.random() < 0.15:
        hum = np.sin(2 * np.pi * rng.choice([50, 60]) * time + rng.uniform(0, 6.3))
        signal = signal + np.float32(rng.uniform(0, 0.04)) * hum.astype(np.float32)
    if rng.random() < 0.4:
        for _ in range(rng.integers(1, 6)):
            lead = slice(None) if rng.random() < 0.2 else int(rng.integers(12))
            start = int(rng.integers(LENGTH))
            signal[lead, start : start + int(rng.integers(10, 400))] = np.nan
    if rng.random() < 0.15:
        lost = rng.random(12) < rng.uniform(0.05, 0.5)
        if np.isfinite(signal[~lost]).any():
            signal[lost] = np.nan
    return signal


def _smoothed(signal: Signal, size: int) -> Signal:
    """Return the moving mean over a few samples, as a thick pen draws."""
    half = size // 2
    padded = np.pad(signal, ((0, 0), (half, half)), mode="edge")
    total = sum(padded[:, k : k + signal.shape[1]] for k in range(size))
    return np.asarray(total / size, np.float32)
