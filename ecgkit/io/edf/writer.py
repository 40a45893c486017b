"""Writing recordings as EDF+.

Format: https://www.edfplus.info/specs/edfplus.html. It is written here and not by edfio, which
refuses durations that binary fractions do not hold exactly, as of 650 000 samples at 360 Hz.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np
from numpy.typing import NDArray

from ecgkit.io.edf.reader import MISSING
from ecgkit.processing.gaps import fill_gaps
from ecgkit.processing.runs import true_runs
from ecgkit.recording import STANDARD_LEADS, Recording, RecordingError, Signal

_LOW, _HIGH = -(2**15), 2**15 - 1
_LABEL = 16
_RECORD_BYTES = 61_440
_MOST_RECORD_BYTES = 10_000_000
_SHORTEST_RECORD = 0.05
_INEXACT = 1e-6
_MOST = 9_999_999
_MOST_GAPS = 10_000


@dataclass(frozen=True)
class _Signal:
    """One signal as EDF stores it: header fields, and samples of shape (records, per record)."""

    label: str
    unit: str
    physical: tuple[str, str]
    samples: NDArray[np.int16]


def write_edf(recording: Recording) -> bytes:
    """Return a recording as EDF+, with the finest 16-bit scale that each lead's range allows.

    Leads are labelled as the standard says (``ECG II``), in 16 characters at most, and in µV; an
    uncalibrated recording has an empty unit. EDF knows no missing samples: a gap is bridged by a
    straight line, and an annotation says which lead misses what (``Missing samples: ECG II``),
    from which ``open_recording`` restores it. A recording that no length of data records divides
    is filled up to a whole number of them with such missing samples.

    Raises
    ------
    RecordingError
        Where EDF cannot hold the recording: values of 10 V or more, or more than 10 000 gaps.
    """
    per_record, duration = _data_record(recording)
    records = math.ceil(recording.n_samples / per_record)
    total = records * per_record
    filled, missing = fill_gaps(recording.signal)
    labels = _labels(recording.leads)
    signals, gaps = [], []
    for label, row, holes in zip(labels, filled, missing, strict=True):
        padding = total - row.size
        row, holes = (
            np.pad(row, (0, padding), "edge"),
            np.pad(holes, (0, padding), constant_values=True),
        )
        signals.append(_signal(label, row, recording, records))
        gaps += [
            (first / recording.fs, (stop - first) / recording.fs, label)
            for first, stop in true_runs(holes)
        ]
    if len(gaps) > _MOST_GAPS:
        raise RecordingError(
            f"has {len(gaps):,} gaps, too many for EDF",
            where=recording.name,
            remedy="Save it as WFDB or CSV, which mark missing samples one by one.",
        )
    signals.append(_annotations(gaps, records, float(duration)))
    return _header(signals, records, duration) + np.hstack([s.samples for s in signals]).tobytes()


def _header(signals: Sequence[_Signal], records: int, duration: str) -> bytes:
    size = 256 * (len(signals) + 1)
    # The date stands for «unknown»: a recording carries none.
    fields = [
        ("0", 8),
        ("X X X X", 80),
        ("Startdate X X X X", 80),
        ("01.01.85", 8),
        ("00.00.00", 8),
    ]
    fields += [(str(size), 8), ("EDF+C", 44), (str(records), 8), (duration, 8)]
    fields += [(str(len(signals)), 4)]
    fields += [(s.label, _LABEL) for s in signals] + [("", 80) for s in signals]
    fields += [(s.unit, 8) for s in signals]
    fields += [(s.physical[0], 8) for s in signals] + [(s.physical[1], 8) for s in signals]
    fields += [(str(_LOW), 8) for s in signals] + [(str(_HIGH), 8) for s in signals]
    fields += [("", 80) for s in signals]
    fields += [(str(s.samples.shape[1]), 8) for s in signals] + [("", 32) for s in signals]
    return b"".join(text.encode("ascii").ljust(width) for text, width in fields)


def _data_record(recording: Recording) -> tuple[int, str]:
    """Return the samples and the duration, in eight characters, of one data record.

    Of the lengths that divide the recording, one whose duration eight characters hold exactly, and
    near a second, is the best; small records go before exact ones, as the standard asks.
    """
    n, fs, frame = recording.n_samples, recording.fs, 2 * len(recording.leads)
    small = [d for d in range(1, math.isqrt(n) + 1) if n % d == 0]
    ranked = []
    for count in {*small, *(n // d for d in small)}:
        if frame * count > _MOST_RECORD_BYTES or (count < n and count / fs < _SHORTEST_RECORD):
            continue
        text = _eight(count / fs)
        error = abs(float(text) * fs / count - 1)
        if error < _INEXACT:
            is_large = frame * count > _RECORD_BYTES
            ranked.append((is_large, round(error, 9), abs(math.log(count / fs)), count, text))
    if ranked:
        return min(ranked)[3:]
    count = max(1, round(fs))
    return count, _eight(count / fs)


def _eight(value: float) -> str:
    """Return a positive number in eight characters, or in fewer where they hold it exactly."""
    decimals = max(0, 6 - max(0, math.floor(math.log10(value))))
    text = f"{value:.{decimals}f}"
    is_exact = abs(float(text) / value - 1) < 1e-12
    return text.rstrip("0").rstrip(".") if is_exact and "." in text else text[:8]


def _signal(label: str, row: Signal, recording: Recording, records: int) -> _Signal:
    values = row.astype(np.float64) * (1000.0 if recording.calibrated else 1.0)
    low, high = float(values.min()), float(values.max())
    if max(-low, high) > _MOST:
        raise RecordingError(
            f"reaches {max(-low, high):g} {'µV' if recording.calibrated else 'units'} in {label}",
            where=recording.name,
            remedy="EDF holds values below 10,000,000 only; save it as WFDB or CSV.",
        )
    physical = _outward(low, ROUND_FLOOR), _outward(high, ROUND_CEILING)
    if physical[0] == physical[1]:
        physical = physical[0], _outward(low + 1 if low < _MOST else low, ROUND_CEILING)
    if physical[0] == physical[1]:
        physical = _outward(low - 1, ROUND_FLOOR), physical[1]
    bottom, top = map(float, physical)
    steps = np.round((values - bottom) / (top - bottom) * (_HIGH - _LOW)) + _LOW
    samples = np.clip(steps, _LOW, _HIGH).astype("<i2").reshape(records, -1)
    return _Signal(label, "uV" if recording.calibrated else "", physical, samples)


def _outward(value: float, rounding: str) -> str:
    """Return a limit in eight characters, rounded so that the range still holds the value."""
    exact = Decimal(repr(value))
    for decimals in range(6, -1, -1):
        text = f"{exact.quantize(Decimal(1).scaleb(-decimals), rounding=rounding):f}"
        if len(text) <= 8:
            return text
    raise AssertionError(f"{value} was checked to fit")


def _annotations(
    gaps: Sequence[tuple[float, float, str]], records: int, duration: float
) -> _Signal:
    """Return the signal that holds each record's time and, spread over all records, the gaps."""
    each = math.ceil(len(gaps) / records)
    lines = []
    for record in range(records):
        line = f"+{_time(record * duration)}\x14\x14\0"
        for onset, length, label in gaps[record * each : (record + 1) * each]:
            line += f"+{_time(onset)}\x15{_time(length)}\x14{MISSING}{label}\x14\0"
        lines.append(line.encode("ascii"))
    width = max(map(len, lines))
    width += width % 2
    samples = np.frombuffer(b"".join(line.ljust(width, b"\0") for line in lines), dtype="<i2")
    return _Signal("EDF Annotations", "", ("-1", "1"), samples.reshape(records, -1))


def _time(seconds: float) -> str:
    return f"{seconds:.9f}".rstrip("0").rstrip(".")


def _labels(leads: Sequence[str]) -> list[str]:
    """Return unique labels of printable ASCII, 16 characters at most."""
    labels: list[str] = []
    for lead in leads:
        text = "".join(c if " " <= c <= "~" else "_" for c in lead)
        text = f"ECG {text}" if lead in STANDARD_LEADS else text
        label, copy = text[:_LABEL].strip() or "ECG", 2
        while label in labels or label == "EDF Annotations":
            label, copy = f"{text[: _LABEL - 1 - len(str(copy))].strip()} {copy}", copy + 1
        labels.append(label)
    return labels
