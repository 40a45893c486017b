"""Protocol R's examples: clean windows and noise, mixed on the fly.

Records are apart between training, validation and test; noise is apart in time. Each example draws
a window of one lead, mixes it at an SNR over that window, and centres and scales it: what the
shipped pipeline does with a record of that length.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecgkit.denoising.aprcnn import FS
from ecgkit.processing.noise import GeneratedNoise, NstdbNoise, draw_noise, mixing_scale
from ecgkit.training.datasets.databases import Leads, read_mitdb, read_ptbxl

LONGEST = round(10 * FS)
"""Samples of the longest window: ten seconds, what PTB-XL's records last."""
NOISE_PARTS = {"train": (0.0, 7 / 12), "validation": (7 / 12, 2 / 3), "test": (2 / 3, 1.0)}

KINDS = ("baseline_wander", "muscle_artefact", "electrode_motion", "blend", "white", "powerline")
KIND_SHARES = (0.16, 0.16, 0.26, 0.26, 0.08, 0.08)


@dataclass(frozen=True)
class MixingSettings:
    """What the examples are made of.

    Attributes
    ----------
    mitdb_share
        Share of windows from MIT-BIH; the rest from PTB-XL's twelve leads, where present.
    clean_share
        Share of windows without added noise.
    low_snr_db, high_snr_db, high_share
        Two ranges of the SNR, uniform in each, and how often it is the second.
    generated_share
        Share of NSTDB-kind noise that comes from the generators instead.
    """

    mitdb_share: float = 0.75
    clean_share: float = 0.1
    low_snr_db: tuple[float, float] = (-6.5, 8.0)
    high_snr_db: tuple[float, float] = (8.0, 22.0)
    high_share: float = 0.3
    generated_share: float = 0.1


class Mixer:
    """Draws batches of (noisy, clean) windows of one part of the data."""

    def __init__(self, folder: Path, part: str, settings: MixingSettings) -> None:
        self.settings = settings
        self.mitdb = [
            record - np.median(record, axis=1, keepdims=True) for record in read_mitdb(folder, part)
        ]
        self.ptbxl = [
            record for record in read_ptbxl(folder, part, FS) if record.shape[1] >= LONGEST
        ]
        self.noise = NstdbNoise(folder / "nstdb", NOISE_PARTS[part])
        self.generated = GeneratedNoise()

    def batch(
        self, size: int, window: int, rng: np.random.Generator, *, snr_db: float | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return noisy and clean windows, each (size, 1, window); one SNR for all where given.

        ``window`` is in samples at 360 Hz, at most ten seconds.
        """
        pairs: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
        while len(pairs) < size:
            pair = self._example(window, rng, snr_db)
            if pair is not None:
                pairs.append(pair)
        noisy, clean = (
            np.stack(side)[:, None].astype(np.float32) for side in zip(*pairs, strict=True)
        )
        return noisy, clean

    def _example(
        self, window: int, rng: np.random.Generator, snr_db: float | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        settings = self.settings
        clean = self._clean(window, rng)
        clean = clean - clean.mean()
        if clean.std() < 0.02:  # mV: a flat or detached lead teaches nothing
            return None
        noisy = clean
        if snr_db is not None or rng.random() >= settings.clean_share:
            high = rng.random() < settings.high_share
            level = rng.uniform(*(settings.high_snr_db if high else settings.low_snr_db))
            level = level if snr_db is None else snr_db
            noise = self._noise(window, rng)
            noisy = clean + mixing_scale(clean, noise, level) * noise
            noisy = noisy - noisy.mean()
        gain = rng.uniform(0.8, 1.25) * rng.choice((-1, 1), p=(0.3, 0.7)) / (noisy.std() + 1e-6)
        return noisy * gain, clean * gain

    def _clean(self, window: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Cut a stretch out of a random lead; every second one faster or slower by up to 1.4."""
        from_mitdb = not self.ptbxl or rng.random() < self.settings.mitdb_share
        records: list[Leads] = self.mitdb if from_mitdb else self.ptbxl
        record = records[rng.integers(len(records))]
        lead = record[rng.integers(len(record))]
        rate = np.exp(rng.uniform(-np.log(1.4), np.log(1.4))) if rng.random() < 0.5 else 1.0
        rate = min(rate, (lead.size - 1) / window)
        return _stretch(lead, window, rate, rng)

    def _noise(self, window: int, rng: np.random.Generator) -> NDArray[np.float64]:
        kind = str(rng.choice(KINDS, p=KIND_SHARES))
        source = self.generated if rng.random() < self.settings.generated_share else self.noise
        rate = float(rng.choice((0.8, 0.9, 1.0, 1.0, 1.0, 1.1, 1.25)))
        mains = float(rng.choice((50.0, 60.0)))
        noise = draw_noise(kind, window, FS * rate, rng, source=source, mains=mains * rate)
        if rng.random() < 0.15:  # a second, weaker kind beside it
            other = str(rng.choice(("white", "powerline", "baseline_wander", "muscle_artefact")))
            second = draw_noise(other, window, FS, rng, source=source, mains=mains)
            noise = noise + rng.uniform(0.05, 0.5) * second
        return noise


def _stretch(
    lead: NDArray[np.float32], length: int, rate: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Cut ``length`` samples out of a lead at a random place, read ``rate`` times as fast."""
    span = int(np.ceil(length * rate))
    first = int(rng.integers(max(1, lead.size - span)))
    piece = lead[first : first + span + 1].astype(np.float64)
    if rate == 1.0:
        return piece[:length]
    read = np.interp(np.arange(length) * rate, np.arange(piece.size), piece)
    return np.asarray(read, np.float64)
