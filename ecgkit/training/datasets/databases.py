"""The databases that the trainings read, in their official folders, as arrays at one rate."""

from __future__ import annotations

import csv
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecgkit.processing.gaps import fill_gaps
from ecgkit.processing.resampling import resample

Leads = NDArray[np.float32]

MITDB_VALIDATION = ("106", "121", "209", "228")
MITDB_TEST = ("102", "108", "115", "124", "205", "213", "221", "231")
"""Every fifth record, from the third on, of those at hand. Records 201 and 202, of one patient,
both fall to training."""


def data_folder() -> Path:
    """Return the folder of the databases: ``ECGKIT_DATA``, else ``../shared/data``."""
    default = Path(__file__).resolve().parents[3].parent / "shared" / "data"
    return Path(os.environ.get("ECGKIT_DATA", default))


def download(folder: Path) -> None:
    """Fetch MIT-BIH and NSTDB from PhysioNet into their folders (needs a connection)."""
    import wfdb

    for database in ("mitdb", "nstdb"):
        if not (folder / database).exists():
            wfdb.dl_database(database, str(folder / database))


def mitdb_records(folder: Path, part: str) -> list[str]:
    """Return the names of the records of a part: ``train``, ``validation``, ``test`` or ``all``."""
    names = sorted(path.stem for path in (folder / "mitdb").glob("*.hea"))
    kept = {"validation": set(MITDB_VALIDATION), "test": set(MITDB_TEST), "all": set(names)}
    apart = kept["validation"] | kept["test"]
    return [name for name in names if name in kept.get(part, set(names) - apart)]


def read_mitdb(folder: Path, part: str) -> list[Leads]:
    """Return the records of a part, each (2, samples) in mV at 360 Hz, gaps bridged."""
    import wfdb

    records = []
    for name in mitdb_records(folder, part):
        record = wfdb.rdrecord(str(folder / "mitdb" / name))
        records.append(fill_gaps(record.p_signal.T)[0])
    return records


def ptbxl_part(ecg_id: str) -> str:
    """Return the part that a PTB-XL record falls to by a hash of its id: 90 %, 5 % and 5 %."""
    share = zlib.crc32(ecg_id.encode()) % 20
    return {0: "validation", 1: "test"}.get(share, "train")


def ptbxl_index(folder: Path) -> Iterator[tuple[dict[str, str], Path]]:
    """Yield the rows of PTB-XL's index whose 500 Hz record is at hand, each with its header's path.

    Parameters
    ----------
    folder
        Of PTB-XL; without an index in it, there are no rows.
    """
    index = folder / "ptbxl_database.csv"
    if not index.exists():
        return
    with index.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            path = (folder / row["filename_hr"]).with_suffix(".hea")
            if path.exists():
                yield row, path


def snomed_codes(header: Path) -> list[str]:
    """Return the SNOMED CT codes of the ``Dx`` line in a header of the Challenge 2020/21."""
    for line in header.read_text(encoding="utf-8", errors="replace").splitlines():
        key, _, value = line.lstrip("# ").partition(":")
        if key.strip() == "Dx":
            return [code.strip() for code in value.split(",")]
    return []


def read_ptbxl(folder: Path, part: str, fs: float) -> list[Leads]:
    """Return PTB-XL's records of a part, each (12, samples) in mV at ``fs``, gaps bridged.

    None where the database is not there: it widens the training to twelve leads, no more.
    """
    import wfdb

    records = []
    for row, header in ptbxl_index(folder / "ptbxl"):
        if ptbxl_part(row["ecg_id"]) == part:
            record = wfdb.rdrecord(str(header.with_suffix("")))
            records.append(resample(fill_gaps(record.p_signal.T)[0], float(record.fs), fs))
    return records
