"""What every reader does with hostile bytes: bound them, and turn any failure into one sentence."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from ecgkit.recording import MAX_FS, MIN_FS, RecordingError

MAX_BYTES = 200 * 1024 * 1024
"""Bytes that all files of one recording may hold together, packed or unpacked."""
MAX_FILES = 10_000
MAX_CHANNELS = 512


@contextmanager
def readable(where: str, problem: str, remedy: str = "") -> Iterator[None]:
    """Turn whatever a library raises on a malformed file into a RecordingError of these words."""
    try:
        yield
    except RecordingError:
        raise
    # Parsers that other people wrote meet bytes that a stranger chose: any exception can come of
    # it, MemoryError and RecursionError too, and each means the same to the person who waits.
    except Exception as error:
        raise RecordingError(problem, where=where, remedy=remedy) from error


def display_name(name: str) -> str:
    """Return a file's name without its folder, fit to stand in a sentence."""
    base = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] or name
    clean = "".join(letter if letter.isprintable() else "?" for letter in base)
    return clean if len(clean) <= 60 else f"{clean[:40]}…{clean[-16:]}"


def stem(name: str) -> str:
    """Return a file's name without folder and ending."""
    return PurePosixPath(display_name(name)).stem or "recording"


def check_bytes(count: int, where: str) -> None:
    """Refuse more than 200 MB.

    Raises
    ------
    RecordingError
        Where there are more bytes.
    """
    if count > MAX_BYTES:
        raise RecordingError(
            "holds more than 200 MB",
            where=where,
            remedy="At most 200 MB can be opened at once; cut out a part of the recording.",
        )


def check_channels(count: int, where: str) -> None:
    """Refuse no channels, and more than any ECG has.

    Raises
    ------
    RecordingError
        Where there are none or more than ``MAX_CHANNELS``.
    """
    if not 1 <= count <= MAX_CHANNELS:
        raise RecordingError(
            f"describes {count:,} signals",
            where=where,
            remedy=f"A recording has between 1 and {MAX_CHANNELS} signals.",
        )


def check_fs(fs: float, where: str) -> float:
    """Return the sampling frequency if a recording can have it.

    Raises
    ------
    RecordingError
        Where it is not a number between ``MIN_FS`` and ``MAX_FS``.
    """
    if not (math.isfinite(fs) and MIN_FS <= fs <= MAX_FS):
        raise RecordingError(
            f"gives a sampling frequency of {fs:g} Hz",
            where=where,
            remedy=f"It must lie between {MIN_FS:g} and {MAX_FS:g} Hz.",
        )
    return float(fs)


def missing_facts(where: str, fs: object, unit: object) -> RecordingError:
    """Return the error that asks for what a file does not state: those of the two that are None."""
    parts = {
        "fs": ("sampling frequency", "the sampling frequency in Hz", fs),
        "unit": ("unit", "the unit (µV, mV, V, or NU where it is unknown)", unit),
    }
    asks = [key for key, (_, _, value) in parts.items() if value is None]
    return RecordingError(
        f"does not state its {' and '.join(parts[key][0] for key in asks)}",
        where=where,
        remedy=f"Give {' and '.join(parts[key][1] for key in asks)}.",
        asks=asks,
    )
