"""Saving recordings under a path, whose ending chooses the format."""

from __future__ import annotations

import uuid
from pathlib import Path

from ecgkit.io.limits import display_name
from ecgkit.recording import Recording, RecordingError


def save_recording(recording: Recording, path: str | Path) -> list[Path]:
    """Write a recording to disk.

    Parameters
    ----------
    recording
        What to write.
    path
        Its ending chooses the format: ``.hea`` (WFDB, with its ``.dat`` beside it), ``.csv`` or
        ``.edf``. Existing files are replaced, each at once: never is half a file left.

    Returns
    -------
    list of Path
        The files written. A WFDB record's name may hold letters, digits, ``-`` and ``_`` only;
        other characters in it become ``_``.

    Raises
    ------
    RecordingError
        Where the ending is another, or the files cannot be written.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending == ".hea":
        from ecgkit.io.wfdb.writer import record_file_name, write_wfdb

        files = write_wfdb(recording, record_file_name(path.stem))
    elif ending == ".csv":
        from ecgkit.io.table.writer import write_csv

        files = {path.name: write_csv(recording)}
    elif ending == ".edf":
        from ecgkit.io.edf.writer import write_edf

        files = {path.name: write_edf(recording)}
    else:
        raise RecordingError(
            f"has the ending {ending!r}" if ending else "has no ending",
            where=display_name(str(path)),
            remedy="Choose the format by .hea (WFDB), .csv or .edf.",
        )
    try:
        return _written(files, path.parent)
    except (OSError, ValueError) as error:
        raise RecordingError(
            "cannot be written",
            where=display_name(str(path)),
            remedy="Check that the folder exists, may be written to, and has room.",
        ) from error


def _written(files: dict[str, bytes], folder: Path) -> list[Path]:
    """Write all files beside their places, then move them there."""
    drafts = {folder / f".{uuid.uuid4().hex}.part": folder / name for name in files}
    try:
        for draft, content in zip(drafts, files.values(), strict=True):
            draft.write_bytes(content)
        for draft, target in drafts.items():
            draft.replace(target)
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)
    return list(drafts.values())
