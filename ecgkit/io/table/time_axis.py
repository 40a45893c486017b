"""The time column of a table: its unit, its sampling frequency, and where samples are missing."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from ecgkit.io.limits import check_fs
from ecgkit.recording import MAX_FS, MIN_FS, RecordingError

Floats = NDArray[np.float64]
_TIME = re.compile(
    r"(elapsed|relative)?[ _]?(time|timestamps?|t|zeit|temps|tiempo|tempo)|s|secs?|seconds?|"
    r"m(illi)?s(ec|econds?)?",
    re.IGNORECASE,
)
_INDEX = re.compile(
    r"(samples?|index|idx|row|n|no|nr|unnamed)?[ _:.]*(#|no|nr|number|index|idx|id|0)?\.?",
    re.IGNORECASE,
)
_SECONDS = {"us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "msec": 1e-3, "s": 1.0, "sec": 1.0}


def is_time_name(name: str) -> bool:
    """Say whether a column's name says that it holds time."""
    return _TIME.fullmatch(name.strip()) is not None


def is_index_name(name: str) -> bool:
    """Say whether a column's name says that it counts samples, or there is no name."""
    return _INDEX.fullmatch(name.strip()) is not None


def is_count(values: Floats) -> bool:
    """Say whether values count samples: whole numbers, each one more than that before."""
    return values.size > 1 and bool(np.all(np.diff(values) == 1)) and float(values[0]).is_integer()


def seconds_a_unit(unit: str, name: str) -> float | None:
    """Return the seconds in a time column's unit, None where neither unit nor name tells."""
    for text in (unit, name):
        word = text.strip().lower()
        if word in _SECONDS:
            return _SECONDS[word]
        for whole, seconds in (("micros", 1e-6), ("millis", 1e-3), ("second", 1.0), ("sec", 1.0)):
            if word.startswith(whole):
                return seconds
    return None


def guessed_seconds(values: Floats) -> float | None:
    """Return 1 (seconds) or 0.001 (ms), whichever alone makes the sampling frequency possible."""
    step = float(np.median(np.diff(values))) if values.size > 1 else 0.0
    if not step > 0:
        return None
    possible = [unit for unit in (1.0, 1e-3) if MIN_FS <= 1 / (step * unit) <= MAX_FS]
    return possible[0] if len(possible) == 1 else None


def time_axis(times: Floats, stated: float | None, where: str) -> tuple[float, NDArray[np.int64]]:
    """Return the sampling frequency of a time column and each row's place on its even grid.

    Parameters
    ----------
    times
        In seconds, two or more, maybe rounded by whoever wrote them.
    stated
        The sampling frequency in Hz, where the file states it; else it comes from the times.
    where
        The file, for the error.

    Raises
    ------
    RecordingError
        Where times do not rise, are not evenly spaced (gaps apart), or contradict ``stated``.
    """
    steps = np.diff(times)
    falling = np.flatnonzero(~(steps > 0))
    if falling.size:
        raise RecordingError(
            f"has a time column that does not rise at row {falling[0] + 2:,} of the numbers",
            where=where,
            remedy="Times must rise row by row; or leave the column out and give the sampling "
            "frequency.",
        )
    regular = steps < 1.5 * np.median(steps)
    # Times rounded to 1 ms make steps of 2 and 3 ms at 360 Hz: only their mean is right.
    measured = 1 / float(steps[regular].mean())
    fs = check_fs(_plain(measured, times) if stated is None else stated, where)
    if abs(fs - measured) > 0.02 * measured:
        raise RecordingError(
            f"states {fs:g} Hz, but its time column gives {measured:g} Hz",
            where=where,
            remedy="Correct the one that is wrong, or leave out the time column.",
        )
    uneven = np.abs(steps[regular] * fs - 1) > 0.6
    if np.mean(regular) < 0.9 or np.mean(uneven) > 0.01:
        raise RecordingError(
            "has a time column that is not evenly spaced",
            where=where,
            remedy="Resample the recording to one sampling frequency first.",
        )
    increments = np.where(regular, 1, np.maximum(1, np.round(steps * fs)))
    return fs, np.concatenate([[0], np.cumsum(increments)]).astype(np.int64)


def _plain(fs: float, times: Floats) -> float:
    """Return the plainest number that rounded times cannot tell from a sampling frequency."""
    decimals = next((d for d in range(10) if np.allclose(times, np.round(times, d), 0, 1e-10)), 10)
    tolerance = fs * max(10.0**-decimals / float(times[-1] - times[0]), 1e-9)
    plain = (round(fs, digits) for digits in range(6))
    return next((value for value in plain if abs(value - fs) <= tolerance), fs)
