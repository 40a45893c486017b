"""Recordings with a rhythm: readers of the official layouts, duplicates out, one cache file."""

from __future__ import annotations

import ast
import csv
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgkit.io import open_recording
from ecgkit.processing.beats import detect_beats
from ecgkit.recording import Recording, RecordingError
from ecgkit.rhythm.classes import (
    RHYTHMS,
    Term,
    harmonised_class,
    terms_of_ludb,
    terms_of_scp,
    terms_of_snomed,
    written_class,
)
from ecgkit.rhythm.preprocessing import FS, prepare
from ecgkit.training.datasets.databases import ptbxl_index, snomed_codes

SECONDS = 10
SHORTEST = 5.0
SOURCES = ("ptbxl", "ptbxl_zscored", "ludb", "georgia", "cpsc", "shaoxing")
"""Where a recording is from: the hospital, as far as known, not the folder."""

Labelled = tuple[str, str, Path, list[Term]]


@dataclass(frozen=True, eq=False)
class RhythmData:
    """All recordings that have one of the four rhythms, prepared.

    Attributes
    ----------
    names, sources
        What they are called, and which of :data:`SOURCES` they are from.
    signals
        float16, shape (recordings, 12, 2560): the first ten seconds as
        :func:`ecgkit.rhythm.preprocessing.prepare` gives them, zero where a recording ends before.
    samples
        Samples of each that are there.
    present
        bool, shape (recordings, 12).
    written, labels
        Place in :data:`RHYTHMS` of the class as written and as harmonised by the rate; -1 where
        harmonising leaves a recording out.
    rates
        Measured beats a minute, NaN where unknown.
    beats
        bool, shape (recordings, 1280): where the R peaks lie, at 128 Hz.
    features
        Shape (recordings, 8): :func:`rr_features`.
    left_out
        Reason -> how many recordings are not here, or not in the harmonised figures.
    """

    names: NDArray[np.str_]
    sources: NDArray[np.str_]
    signals: NDArray[np.float16]
    samples: NDArray[np.int64]
    present: NDArray[np.bool_]
    written: NDArray[np.int64]
    labels: NDArray[np.int64]
    rates: NDArray[np.float64]
    beats: NDArray[np.bool_]
    features: NDArray[np.float64]
    left_out: dict[str, int]


def load_rhythm_data(folder: Path, cache: Path) -> RhythmData:
    """Return the recordings of every database at hand; read once, then from the cache file."""
    if not cache.exists():
        cache.parent.mkdir(parents=True, exist_ok=True)
        data = _read_all(folder)
        partial = cache.with_suffix(".part.npz")
        np.savez(partial, **{**vars(data), "left_out": np.array(repr(data.left_out))})
        partial.replace(cache)
    with np.load(cache, allow_pickle=False) as stored:
        values: dict[str, Any] = {key: stored[key] for key in stored.files}
    values["left_out"] = ast.literal_eval(str(values["left_out"]))
    return RhythmData(**values)


def download_shaoxing(folder: Path) -> None:
    """Fetch the Chapman-Shaoxing-Ningbo database into its folder (needs a connection)."""
    import wfdb

    if not (folder / "ecg-arrhythmia").exists():
        wfdb.dl_database("ecg-arrhythmia", str(folder / "ecg-arrhythmia"))


def labelled_recordings(folder: Path) -> Iterator[Labelled]:
    """Yield (name, source, path, rhythms as written) of every recording at hand.

    Read are PTB-XL's, LUDB's, the Challenge 2021's and Shaoxing's («ecg-arrhythmia») layouts, where
    they are present.
    """
    yield from _ptbxl(folder / "ptbxl")
    yield from _ludb(folder / "ludb")
    for part in ("cinc2021", "ptbxl_zscored", "ecg-arrhythmia"):
        for header in sorted((folder / part).rglob("*.hea")):
            source = "ptbxl_zscored" if part == "ptbxl_zscored" else _snomed_source(header.stem)
            yield header.stem, source, header, terms_of_snomed(snomed_codes(header))


def _ptbxl(folder: Path) -> Iterator[Labelled]:
    for row, path in ptbxl_index(folder):
        codes = ast.literal_eval(row["scp_codes"])
        yield f"ptbxl-{row['ecg_id']}", "ptbxl", path, terms_of_scp(codes)


def _ludb(folder: Path) -> Iterator[Labelled]:
    index = folder / "ludb.csv"
    if not index.exists():
        return
    with index.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            path = folder / "data" / f"{row['ID'].strip()}.hea"
            text = f"{row['Rhythms']}\n{row['Cardiac pacing'] or ''}"
            if path.exists():
                yield f"ludb-{path.stem}", "ludb", path, terms_of_ludb(text.split("\n"))


def _snomed_source(name: str) -> str:
    """Return the hospital of a Challenge 2021 record by its name's letters."""
    letters = name.rstrip("0123456789")
    return {"E": "georgia", "A": "cpsc", "Q": "cpsc", "HR": "ptbxl", "S": "ptb", "I": "incart"}.get(
        letters, "shaoxing"
    )


def _read_all(folder: Path) -> RhythmData:
    order = list(RHYTHMS)
    left_out: Counter[str] = Counter()
    seen: set[str] = set()
    kept: list[dict[str, Any]] = []
    for name, source, path, terms in labelled_recordings(folder):
        written = written_class(terms)
        if not written:
            left_out["no or no single class among the four"] += 1
            continue
        try:
            recording = open_recording(path, name=name)
        except RecordingError:
            left_out["not readable"] += 1
            continue
        digest = hashlib.sha256(recording.signal.tobytes()).hexdigest()
        if digest in seen:
            left_out["the same signal twice"] += 1
            continue
        seen.add(digest)
        if recording.duration < SHORTEST:
            left_out["shorter than 5 s"] += 1
            continue
        kept.append({"name": name, "source": source, "written": order.index(written)})
        kept[-1] |= _values(recording, terms, order)
        if len(kept) % 500 == 0:
            print(f"{len(kept)} recordings read", flush=True)
    left_out["sinus rhythm within 2 of 60 or 100 per minute (harmonised figures only)"] = sum(
        item["label"] < 0 for item in kept
    )
    columns = {key: np.array([item[key] for item in kept]) for key in kept[0]} if kept else {}
    if not kept:
        raise RecordingError(
            "holds no recording with a rhythm",
            where=str(folder),
            remedy="Put ptbxl, ludb, cinc2021 or ecg-arrhythmia there, or set ECGKIT_DATA.",
        )
    return RhythmData(
        names=columns["name"],
        sources=columns["source"],
        signals=columns["signal"],
        samples=columns["samples"],
        present=columns["present"],
        written=columns["written"],
        labels=columns["label"],
        rates=columns["rate"],
        beats=columns["beats"],
        features=columns["features"],
        left_out=dict(left_out),
    )


def _values(recording: Recording, terms: list[Term], order: list[str]) -> dict[str, Any]:
    first = recording.window(0, min(recording.duration, SECONDS))
    found = detect_beats(first)
    rate = mean_rate(found.rr)
    label = harmonised_class(terms, rate)
    prepared = prepare(first)
    signal = np.zeros((12, SECONDS * FS), np.float16)
    samples = min(prepared.signal.shape[1], SECONDS * FS)
    signal[:, :samples] = prepared.signal[:, :samples]
    beats = np.zeros(SECONDS * FS // 2, np.bool_)
    places = np.round(found.times * FS / 2).astype(np.int64)
    beats[places[places < beats.size]] = True
    return {
        "signal": signal,
        "samples": samples,
        "present": prepared.present,
        "label": order.index(label) if label else -1,
        "rate": rate,
        "beats": beats,
        "features": rr_features(found.rr),
    }


def mean_rate(rr: NDArray[np.float64]) -> float:
    """Return beats a minute from the mean of the RR intervals in s; NaN without any."""
    return 60 / float(np.mean(rr)) if rr.size else float("nan")


def rr_features(rr: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what a heart rate and its irregularity tell: the baseline's eight numbers.

    Mean and median rate (per minute), standard deviation, RMSSD, interquartile range and range of
    the RR intervals, each over their mean, the share of successive differences over 50 ms, and the
    number of intervals; NaN where fewer than three beats are known.
    """
    if rr.size < 2:
        return np.full(8, np.nan)
    mean, steps = float(np.mean(rr)), np.diff(rr)
    spread = np.percentile(rr, [75, 25])
    return np.array(
        [
            60 / mean,
            60 / float(np.median(rr)),
            np.std(rr) / mean,
            np.sqrt(np.mean(steps**2)) / mean,
            (spread[0] - spread[1]) / mean,
            np.ptp(rr) / mean,
            np.mean(np.abs(steps) > 0.05),
            rr.size,
        ]
    )
