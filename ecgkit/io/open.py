"""Opening a recording from whatever files a person has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ecgkit.io.channels import listed
from ecgkit.io.detection import kind_of
from ecgkit.io.lead_notes import condition_notes
from ecgkit.io.limits import check_fs, display_name, readable
from ecgkit.io.sources import Source, read_sources
from ecgkit.io.table.recognition import looks_like_table
from ecgkit.io.units import asked_unit
from ecgkit.recording import Recording, RecordingError

FORMATS = "WFDB (.hea with .dat or .mat), CSV or TSV, EDF, BDF, DICOM, MATLAB or NumPy arrays"
READABLE = {"text", "edf", "bdf", "dicom", "mat", "npy", "npz"}


def open_recording(
    files: Source, *, fs: float | None = None, unit: str | None = None, name: str | None = None
) -> Recording:
    """Open a recording, its format recognised by content.

    Parameters
    ----------
    files
        A path (a WFDB header brings the files that it names, from its own folder only), several
        paths, or an upload: file name -> content. Archives (.zip) are unpacked.
    fs
        Sampling frequency in Hz, for files that do not state it.
    unit
        Unit of the samples, for files that do not state it: ``"uV"``, ``"mV"``, ``"V"``, or
        ``"NU"`` where it is unknown.
    name
        What to call the recording; by default the file's name without its ending.

    Returns
    -------
    Recording
        In mV. Its notes tell what was repaired, left out or assumed, and which leads are missing,
        flat, saturated or have gaps.

    Raises
    ------
    RecordingError
        For every failure. Its ``asks`` names what ``fs`` and ``unit`` could add.
    """
    if fs is not None:
        fs = check_fs(fs, "The recording")
    unit = asked_unit(unit)
    # Readers word their own refusals; this one is for what none of them foresaw. Numbers too large
    # for float32 become infinite, and Recording makes those missing samples.
    with (
        readable("The recording", "cannot be read", f"Export it again, as {FORMATS}."),
        np.errstate(all="ignore"),
    ):
        recording = _read(read_sources(files), fs, unit)
        notes = recording.notes
        if fs is not None and abs(recording.fs - fs) > 1e-6 * fs:
            notes += (f"The file gives {recording.fs:g} Hz itself; {fs:g} Hz was not used.",)
        notes += condition_notes(recording)
        return replace(recording, name=_clean(name) or recording.name, notes=notes)


def _read(files: Mapping[str, bytes], fs: float | None, unit: str | None) -> Recording:
    kinds = {name: kind_of(content, name) for name, content in files.items()}
    headers = [name for name, kind in kinds.items() if kind == "wfdb header"]
    if headers:
        from ecgkit.io.wfdb.reader import read_wfdb

        return read_wfdb(files, headers)
    found = [name for name, kind in kinds.items() if kind in READABLE]
    if len(found) > 1:
        # Licences and lists travel with recordings; a text counts only if it is a table of numbers.
        found = [n for n in found if kinds[n] != "text" or looks_like_table(files[n])]
    if len(found) > 1:
        names = listed([display_name(name) for name in sorted(found)])
        raise RecordingError(
            f"hold {len(found)} recordings ({names})",
            where="The files",
            remedy="Open one recording at a time.",
        )
    if not found:
        raise _refusal(kinds)
    name = found[0]
    return _read_one(files[name], name, kinds[name], fs, unit)


def _read_one(
    content: bytes, name: str, kind: str, fs: float | None, unit: str | None
) -> Recording:
    """Read a file of one of the kinds in :data:`READABLE`, with that kind's libraries only."""
    match kind:
        case "text":
            from ecgkit.io.table.reader import read_text

            return read_text(content, name, fs, unit)
        case "edf" | "bdf":
            from ecgkit.io.edf.reader import read_edf

            return read_edf(content, name)
        case "dicom":
            from ecgkit.io.dicom import read_dicom

            return read_dicom(content, name)
        case _:
            from ecgkit.io import numpy_arrays

            read = {"mat": numpy_arrays.read_mat, "npy": numpy_arrays.read_npy}
            return read.get(kind, numpy_arrays.read_npz)(content, name, fs, unit)


def _refusal(kinds: Mapping[str, str]) -> RecordingError:
    """Say of files that hold no recording what they are and what would be right."""
    name = next((n for n, kind in kinds.items() if kind != "unknown"), next(iter(kinds)))
    kind, where = kinds[name], display_name(name)
    if kind == "signal file":
        header = f"{where.rpartition('.')[0] or where}.hea"
        return RecordingError(
            "is a WFDB signal file without its header",
            where=where,
            remedy=f"Open it together with {header}, the header of the same record.",
        )
    if kind == "empty":
        return RecordingError("is empty", where=where, remedy="Copy or export the file again.")
    if kind == "hdf5":
        return RecordingError(
            "is an HDF5 or MATLAB 7.3 file, which is not read",
            where=where,
            remedy="In MATLAB, save it again with save(name, …, '-v7').",
        )
    if kind == "PDF" or kind.endswith("picture"):
        return RecordingError(
            f"is a {kind}, not a recorded signal",
            where=where,
            remedy=f"Open the recording itself: {FORMATS}.",
        )
    if kind == "zip" or kind.endswith("archive"):
        what = "an archive within an archive" if kind == "zip" else f"a {kind}"
        return RecordingError(
            f"is {what}", where=where, remedy="Unpack it first, or pack the files as .zip."
        )
    if kind == "unknown":
        return RecordingError(
            "is of no known format", where=where, remedy=f"A recording is {FORMATS}."
        )
    article = "an" if kind[0] in "AEIOUXaeioux" or kind.startswith("SCP") else "a"
    return RecordingError(
        f"is {article} {kind}, which is not read",
        where=where,
        remedy=f"Export the recording as {FORMATS}.",
    )


def _clean(name: str | None) -> str:
    printable = "".join(c if c.isprintable() else " " for c in name or "")
    return " ".join(printable.split())[:100]
