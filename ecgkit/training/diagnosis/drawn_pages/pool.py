"""Drawn pages kept on the disk: the folds and networks of a cross-validation share them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from ecgkit.diagnosis.image_network import Image, PageImageConfig
from ecgkit.diagnosis.region_network import HEIGHT, MOST, WIDTH, RegionConfig, Regions
from ecgkit.diagnosis.signal_network import SignalConfig
from ecgkit.training.datasets.diagnosis import DiagnosisData
from ecgkit.training.diagnosis.drawn_pages.mask_drawing import image_of, random_drawn, regions_of

VARIANTS, OTHERS = 8, 3
"""Pages of a recording of PTB-XL, about as many as a training's epochs, and of another source."""


class DrawnPool:
    """Random pages of every recording, each as image and as regions; drawn where not kept yet.

    Parameters
    ----------
    folder
        Gets about 4 GB for the recordings at hand.
    config
        Of the images.
    """

    def __init__(self, data: DiagnosisData, folder: Path, config: PageImageConfig) -> None:
        place = folder / f"{config.height}x{config.width}-{config.px_per_mm:g}"
        of_ptbxl = data.sources == "ptbxl"
        counts = np.where(of_ptbxl, VARIANTS, OTHERS)
        self._first = np.concatenate([[0], np.cumsum(counts)])
        if not (place / "places.npy").exists():
            _draw(data, place, config, counts)
        self._images, self._regions, self._leads, self._places = (
            np.load(place / f"{name}.npy", mmap_mode="r")
            for name in ("images", "regions", "leads", "places")
        )

    def image(self, row: int, rng: np.random.Generator) -> Image:
        """Return a random one of a recording's images."""
        image = self._images[self._one(row, rng)].astype(np.float32)
        return np.asarray(image / np.float32(255), np.float32)

    def regions(self, row: int, rng: np.random.Generator) -> Regions:
        """Return the regions of a random one of a recording's pages."""
        at = self._one(row, rng)
        images = self._regions[at].astype(np.float32) / np.float32(255)
        return Regions(images, self._leads[at], self._places[at])

    def _one(self, row: int, rng: np.random.Generator) -> int:
        return int(rng.integers(self._first[row], self._first[row + 1]))


def pool_for(
    config: SignalConfig | PageImageConfig | RegionConfig,
    data: DiagnosisData,
    folder: Path,
) -> DrawnPool | None:
    """Return the pool that a network of a configuration learns from; None where it sees leads."""
    if isinstance(config, SignalConfig):
        return None
    return DrawnPool(
        data, folder, config if isinstance(config, PageImageConfig) else PageImageConfig()
    )


def _draw(
    data: DiagnosisData, place: Path, config: PageImageConfig, counts: NDArray[np.int64]
) -> None:
    place.mkdir(parents=True, exist_ok=True)
    total = int(counts.sum())
    images = open_memmap(place / "images.npy", "w+", np.uint8, (total, config.height, config.width))
    regions = open_memmap(place / "regions.npy", "w+", np.uint8, (total, MOST, HEIGHT, WIDTH))
    leads, places = np.empty((total, MOST), np.int64), np.empty((total, MOST), np.float32)
    at = 0
    for row, count in enumerate(counts):
        signal = data.signals[row].astype(np.float32)
        for variant in range(int(count)):
            rng = np.random.default_rng((row, variant))
            page = random_drawn(signal, rng)
            images[at] = np.rint(image_of(page, config, rng) * 255)
            found = regions_of(page, rng)
            regions[at] = np.rint(found.images * 255)
            leads[at], places[at] = found.leads, found.places
            at += 1
        if (row + 1) % 500 == 0:
            print(f"pages of {row + 1} recordings drawn", flush=True)
    images.flush()
    regions.flush()
    np.save(place / "leads.npy", leads)
    np.save(place / "places.npy", places)  # last: its presence says that all are there
