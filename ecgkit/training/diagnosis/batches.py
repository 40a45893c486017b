"""Batches for the label networks, drawn anew at each step, some from pages really read."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ecgkit.diagnosis.image_network import Image, PageImageConfig
from ecgkit.diagnosis.region_network import RegionConfig, Regions, stacked
from ecgkit.diagnosis.signal_network import Signal, SignalConfig, centred
from ecgkit.training.datasets.diagnosis import DiagnosisData
from ecgkit.training.diagnosis.augment import Targets, as_digitized, label_targets, signal_batch
from ecgkit.training.diagnosis.drawn_pages.mask_drawing import (
    TOLD,
    random_image,
    random_regions,
    shifted,
)
from ecgkit.training.diagnosis.drawn_pages.page_store import SAID, UNSAID, PageStore, ReadPage
from ecgkit.training.diagnosis.drawn_pages.pool import DrawnPool

Config = SignalConfig | PageImageConfig | RegionConfig


def training_batch(
    config: Config,
    data: DiagnosisData,
    rows: NDArray[np.int64],
    seed: tuple[int, int],
    store: PageStore | None,
    share: float,
    pool: DrawnPool | None = None,
) -> tuple[Any, Targets]:
    """Return inputs of a network for recordings changed at random, and what they show.

    Parameters
    ----------
    config
        Of the network: it says what its inputs are.
    seed
        Seed of the training and the step's number.
    store, share
        Degraded pages that were read, and how many of the recordings are seen through theirs.
    pool
        Pages drawn beforehand, for the networks on masks; None draws each anew.
    """
    rng = np.random.default_rng((*seed, 3))
    pages = store.some(rows, share, rng) if store is not None else {}
    if isinstance(config, SignalConfig):
        signal, targets = signal_batch(data, rows, seed)
        for place, row in pages.items():
            assert store is not None
            page = store.page(row, with_mask=False)
            told = _told(page, rng)
            if told in page.signals:
                window = page.signals[told][rng.integers(len(page.signals[told]))]
                signal[place] = torch.from_numpy(_changed(window, rng))
                # What was misread may not have its beats where the recording has them.
                targets.beats[place] = torch.nan
                targets.log_rate[place] = torch.nan
        return signal, targets
    found: list[Any] = []
    for place, row in enumerate(rows):
        own = np.random.default_rng((*seed, place))
        seen = _of_page(config, store, int(row), own) if store and place in pages else None
        if seen is None:
            seen = _random_page(config, data, int(row), own, pool)
        found.append(seen)
    inputs = (
        stacked(found) if isinstance(config, RegionConfig) else torch.from_numpy(np.stack(found))
    )
    return inputs, label_targets(data, rows)


def _random_page(
    config: PageImageConfig | RegionConfig,
    data: DiagnosisData,
    row: int,
    rng: np.random.Generator,
    pool: DrawnPool | None,
) -> Regions | Image:
    """Return what a network on masks sees of a random page of a recording."""
    if isinstance(config, RegionConfig):
        if pool is not None:
            return pool.regions(row, rng)
        return random_regions(data.signals[row].astype(np.float32), rng)
    if pool is not None:
        return shifted(pool.image(row, rng), rng)
    return random_image(data.signals[row].astype(np.float32), config, rng)


def _of_page(
    config: PageImageConfig | RegionConfig, store: PageStore, row: int, rng: np.random.Generator
) -> Regions | Image | None:
    """Return what a network on masks sees of a page; None where it was not read far enough."""
    told = bool(rng.random() < TOLD)
    if isinstance(config, RegionConfig):
        return store.regions(row, told=told)
    image = store.image(row, config, told=told)
    return None if image is None else shifted(image, rng)


def _told(page: ReadPage, rng: np.random.Generator) -> str:
    return SAID if rng.random() < TOLD or UNSAID not in page.signals else UNSAID


def _changed(signal: Signal, rng: np.random.Generator) -> Signal:
    """Return what was read with more noise and gaps, so that it is not learnt by heart."""
    result = as_digitized(signal, rng)
    return centred(result if np.isfinite(result).any() else signal)
