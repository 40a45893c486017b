"""The recordings in a folder, and in the folders within it."""

from __future__ import annotations

from pathlib import Path

from ecgkit.io.detection import kind_of
from ecgkit.io.limits import MAX_BYTES
from ecgkit.io.open import READABLE
from ecgkit.io.table.recognition import looks_like_table
from ecgkit.io.wfdb.header import parse_header
from ecgkit.recording import RecordingError


def recordings_in(folder: Path) -> list[Path]:
    """Return what :func:`ecgkit.io.open_recording` would take, sorted by path.

    Files are told by their content. Left out are hidden ones, those that a WFDB header beside them
    names (they are part of its record), and, where there are such headers, tables that do not say
    by themselves that they are recordings: databases come with lists of what is in them. A file
    that is damaged or too large is listed, so that whoever opens it hears why it cannot be read.
    """
    found, parts, tables = [], set[Path](), set[Path]()
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if hidden or not path.is_file():
            continue
        if path.stat().st_size > MAX_BYTES:
            found.append(path)
            continue
        content = path.read_bytes()
        kind = kind_of(content, path.name)
        if kind == "wfdb header":
            parts.update(path.parent / name for name in _named(content, path.name))
        elif kind == "text":
            if not looks_like_table(content):
                continue
            tables.update([] if _is_recording(content, path.name) else [path])
        elif kind not in READABLE and kind != "zip" and path.suffix.lower() != ".hea":
            continue
        found.append(path)
    lists = tables if parts else set()
    return [path for path in found if path not in parts | lists]


def _named(content: bytes, name: str) -> tuple[str, ...]:
    try:
        return parse_header(content, name).files
    except RecordingError:
        return ()  # opening it says what is wrong with it


def _is_recording(content: bytes, name: str) -> bool:
    from ecgkit.io.table.reader import read_text

    try:
        read_text(content, name, None, None)
    except RecordingError:
        return False
    return True
