"""Recordings beside PTB-XL's that show some of the eleven labels, and say nothing of the rest.

They are for training alone. What a source does not tell is unknown, not absent: the loss leaves it
out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ecgkit.io import open_recording
from ecgkit.recording import Recording, RecordingError
from ecgkit.training.datasets.databases import snomed_codes

SECONDS = 10
SNOMED = {
    "AFIB/AFL": {"164889003", "164890007"},
    "TACHY": {"427084000", "426761007", "713422000", "67198005"},
    "BRADY": {"426177001", "426627000"},
    "PAC": {"284470004", "63593006"},
    "CD": {
        *("6374002", "713427006", "59118001", "713426002", "164909002", "733534002"),
        *("251120003", "445118002", "445211001", "270492004", "698252002"),
        *("195042002", "27885002", "74390002"),
    },
}
"""Label -> codes of the Challenge 2020/21 that say it."""
PVC_CODES = {"427172004", "17338001", "164884008"}
"""Known of Georgia's and CPSC's recordings, not of PTB-XL's in the Challenge's form."""

MITDB_ATRIAL, MITDB_VENTRICULAR = "AaSJ", "V"
MITDB_LEADS = {"MLII": "II"}
WINDOWS = 30
"""Windows of ten seconds that a record of MIT-BIH gives at most."""


@dataclass(frozen=True, eq=False)
class Partly:
    """A recording and the labels that its source tells of: label -> whether it has it."""

    name: str
    source: str
    recording: Recording
    labels: dict[str, bool]


def partly_labelled(folder: Path) -> Iterator[Partly]:
    """Yield the recordings of the other databases at hand, in a fixed order."""
    for part in ("ptbxl_zscored", "cinc2021"):
        for header in sorted((folder / part).rglob("*.hea")):
            codes = set(snomed_codes(header))
            labels = {label: bool(known & codes) for label, known in SNOMED.items()}
            if part == "cinc2021":
                labels["PVC"] = bool(PVC_CODES & codes)
            try:
                recording = open_recording(header, name=header.stem)
            except RecordingError:
                continue
            seconds = min(SECONDS, recording.duration)
            yield Partly(header.stem, part, recording.window(0, seconds), labels)
    for header in sorted((folder / "mitdb").glob("*.hea")):
        yield from _mitdb_windows(header)


def _mitdb_windows(header: Path) -> Iterator[Partly]:
    """Yield windows of a record; those with premature beats or fibrillation first."""
    import wfdb

    recording = open_recording(header, name=header.stem)
    leads = tuple(MITDB_LEADS.get(lead, lead) for lead in recording.leads)
    recording = Recording(recording.signal, recording.fs, leads, name=header.stem)
    beats = wfdb.rdann(str(header.with_suffix("")), "atr")
    seconds = beats.sample / recording.fs
    rhythm, rhythms = "", []
    for note in beats.aux_note:
        rhythm = note.rstrip("\x00") if note.startswith("(") else rhythm
        rhythms.append(rhythm)
    found = []
    for start in range(0, int(recording.duration) - SECONDS, SECONDS):
        # A beat at the very edge may not be seen to come early.
        inside = np.flatnonzero((seconds >= start + 1) & (seconds < start + SECONDS - 0.5))
        kinds = {beats.symbol[place] for place in inside}
        now = {rhythms[place] for place in inside}
        if not inside.size or (now & {"(AFIB", "(AFL"} and len(now) > 1):
            continue
        labels = {
            "PAC": bool(set(MITDB_ATRIAL) & kinds),
            "PVC": bool(set(MITDB_VENTRICULAR) & kinds),
            "AFIB/AFL": bool(now & {"(AFIB", "(AFL"}),
        }
        found.append((not any(labels.values()), start, labels))
    rng = np.random.default_rng(int(header.stem))
    chosen = [found[place] for place in rng.permutation(len(found))[: 3 * WINDOWS]]
    for _, start, labels in sorted(chosen, key=lambda item: item[:1])[:WINDOWS]:
        window = recording.window(start, start + SECONDS)
        yield Partly(f"{header.stem}-{start}", "mitdb", window, labels)
