"""What the networks of the eleven labels learn from: signals, labels and folds, read once."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecgkit.diagnosis.labels import LABELS, read_labels
from ecgkit.diagnosis.signal_network import SECONDS, prepare
from ecgkit.io import open_recording
from ecgkit.processing.beats import detect_beats
from ecgkit.recording import Recording, RecordingError
from ecgkit.rhythm.preprocessing import FS
from ecgkit.training.datasets.diagnosis_extra import partly_labelled

FOLDS = 5
BEAT_FS = FS // 4
"""Frames a second of the beat train that is learnt beside the labels."""


@dataclass(frozen=True, eq=False)
class DiagnosisData:
    """Recordings with their labels; those of PTB-XL first, in the order of its index.

    Attributes
    ----------
    names, sources
        Of PTB-XL: ``ecg_id`` and ``"ptbxl"``.
    signals
        float16, shape (recordings, 12, 2560): the first ten seconds at 256 Hz in mV, each lead less
        its median; NaN where a lead is absent or has ended. On the disk, read as needed.
    labels, known
        bool, shape (recordings, 11): what a recording has, and whether its source tells.
    beats
        bool, shape (recordings, 640): where the R peaks lie, at 64 Hz.
    rates
        Beats a minute by the median RR interval, NaN where unknown.
    rule
        How PTB-XL's «Acute MI» was found; see :data:`ecgkit.diagnosis.labels.RULES`.
    """

    names: NDArray[np.str_]
    sources: NDArray[np.str_]
    signals: NDArray[np.float16]
    labels: NDArray[np.bool_]
    known: NDArray[np.bool_]
    beats: NDArray[np.bool_]
    rates: NDArray[np.float64]
    rule: str

    @property
    def ptbxl(self) -> NDArray[np.int64]:
        """Rows of PTB-XL: the only ones that figures are made of."""
        return np.flatnonzero(self.sources == "ptbxl")

    @property
    def others(self) -> NDArray[np.int64]:
        """Rows of the partly labelled recordings, for training alone."""
        return np.flatnonzero(self.sources != "ptbxl")


def load_diagnosis_data(folder: Path, cache: Path) -> DiagnosisData:
    """Return the recordings at hand; read once, then from the cache folder.

    Parameters
    ----------
    folder
        Of the databases; PTB-XL+ is looked for in ``ptbxl_plus``.
    cache
        Gets ``signals.npy`` and ``index.npz``, about 250 MB.
    """
    if not (cache / "index.npz").exists():
        cache.mkdir(parents=True, exist_ok=True)
        _read_all(folder, cache)
    with np.load(cache / "index.npz", allow_pickle=False) as stored:
        values = {key: stored[key] for key in stored.files}
    signals = np.load(cache / "signals.npy", mmap_mode="r")
    return DiagnosisData(**{**values, "signals": signals, "rule": str(values["rule"])})


def _read_all(folder: Path, cache: Path) -> None:
    labelling = read_labels(folder / "ptbxl", folder / "ptbxl_plus")
    signals, rows = [], []
    everything = tuple(LABELS)
    for name, recording in _ptbxl(folder / "ptbxl", labelling.labels):
        has = {label: label in labelling.labels[name] for label in everything}
        signals.append(_first(recording))
        rows.append((name, "ptbxl", has, recording))
        if len(rows) % 500 == 0:
            print(f"{len(rows)} recordings read", flush=True)
    for item in partly_labelled(folder):
        signals.append(_first(item.recording))
        rows.append((item.name, item.source, item.labels, item.recording))
    if not rows:
        raise RecordingError(
            "holds no records of PTB-XL",
            where=str(folder),
            remedy="Put ptbxl there, or set ECGKIT_DATA.",
        )
    found = [_beats(recording) for *_, recording in rows]
    np.save(cache / "signals.npy", np.stack(signals))
    np.savez(
        cache / "index.npz",
        names=np.array([row[0] for row in rows]),
        sources=np.array([row[1] for row in rows]),
        labels=np.array([[row[2].get(label, False) for label in everything] for row in rows]),
        known=np.array([[label in row[2] for label in everything] for row in rows]),
        beats=np.stack([train for train, _ in found]),
        rates=np.array([rate for _, rate in found]),
        rule=np.array(labelling.rule),
    )


def _ptbxl(folder: Path, labels: dict[str, frozenset[str]]) -> Iterator[tuple[str, Recording]]:
    with (folder / "ptbxl_database.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            path = (folder / row["filename_hr"]).with_suffix(".hea")
            if row["ecg_id"] in labels and path.exists():
                yield row["ecg_id"], open_recording(path, name=row["ecg_id"])


def _first(recording: Recording) -> NDArray[np.float16]:
    """Return the first ten seconds as the network sees them."""
    return np.asarray(prepare(recording)[0], np.float16)


def _beats(recording: Recording) -> tuple[NDArray[np.bool_], float]:
    """Return the beat train of a recording and its rate; empty and NaN where none are found."""
    train = np.zeros(SECONDS * BEAT_FS, np.bool_)
    found = detect_beats(recording)
    places = np.round(found.times * BEAT_FS).astype(np.int64)
    train[places[places < train.size]] = True
    return train, float(found.heart_rate)


def folds_of(labels: NDArray[np.bool_], folds: int = FOLDS, seed: int = 0) -> NDArray[np.int64]:
    """Return the fold of each recording, so that even rare labels are spread evenly.

    Iterative stratification [1]_: recordings of the rarest label that is left go first, each to
    the fold that still wants most of that label, then to the one that wants most recordings.

    .. [1] K. Sechidis, G. Tsoumakas & I. Vlahavas, "On the stratification of multi-label data",
       ECML PKDD 2011, algorithm 1.

    Parameters
    ----------
    labels
        Shape (recordings, labels).
    """
    rng = np.random.default_rng(seed)
    count = labels.shape[0]
    result = np.full(count, -1)
    wanted = np.tile(labels.sum(0) / folds, (folds, 1))
    room = np.full(folds, count / folds)
    order = rng.permutation(count)
    while (result < 0).any():
        left = order[result[order] < 0]
        remaining = labels[left].sum(0)
        if remaining.any():
            rarest = int(np.argmin(np.where(remaining > 0, remaining, count + 1)))
            chosen = left[labels[left, rarest]]
            want = wanted[:, rarest]
        else:
            chosen, want = left, room
        for row in chosen:
            # Ties of the label go to where there is most room, ties of that to chance.
            best = max(range(folds), key=lambda fold: (want[fold], room[fold], rng.random()))
            result[row] = best
            wanted[best] -= labels[row]
            room[best] -= 1
    return result
