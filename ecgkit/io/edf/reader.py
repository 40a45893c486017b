"""EDF, EDF+ and BDF files.

Format: https://www.edfplus.info/specs/edf.html and edfplus.html
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import edfio
import numpy as np
from numpy.typing import NDArray

from ecgkit.io.channels import Channel, choose_ecg_channels, stack_at_highest_rate
from ecgkit.io.edf.writer import MISSING
from ecgkit.io.limits import MAX_CHANNELS, check_fs, display_name, readable, stem
from ecgkit.io.units import millivolts
from ecgkit.recording import Recording, RecordingError, Signal, check_size

_MOST_RECORDS = 2_000_000
_ONSET = re.compile(rb"([+-]\d{1,9}(?:\.\d{1,12})?)(?:\x15[\d.]*)?\x14")


@dataclass(frozen=True)
class _Frame:
    """How a file is laid out, from its header: sizes in bytes, duration in seconds."""

    header: int
    record: int
    records: int
    announced: int
    duration: float
    duration_text: str
    per_record: tuple[int, ...]
    labels: tuple[str, ...]
    sample: int


def read_edf(content: bytes, name: str) -> Recording:
    """Read the ECG in an EDF, EDF+ or BDF file.

    Leads of a lower sampling frequency are resampled to the highest. Where an EDF+D recording
    pauses, and where annotations of this package's writer say so, samples are NaN.

    Raises
    ------
    RecordingError
        Where the file is damaged, too large, or holds no signal.
    """
    where = display_name(name)
    with (
        readable(where, "is a damaged EDF file", "Export or copy it again."),
        warnings.catch_warnings(),
    ):
        # Of a cut-off end and equal limits the notes below tell in this package's words.
        warnings.filterwarnings("ignore", module=r"edfio\.")
        frame = _frame(content, where)
        read = edfio.read_bdf if frame.sample == 3 else edfio.read_edf
        edf = read(content, header_encoding="latin-1")
        return _recording(edf, content, frame, name)


def _frame(content: bytes, where: str) -> _Frame:
    """Read from the header what bounds the file, before anything else is believed."""
    sample = 3 if content.startswith(b"\xff") else 2
    count = int(content[252:256])
    if not 1 <= count <= 2 * MAX_CHANNELS or len(content) < 256 * (count + 1):
        raise RecordingError(
            f"announces {count} signals",
            where=where,
            remedy=f"It needs 1 to {2 * MAX_CHANNELS}, and a header line for each; copy it again.",
        )
    labels = _fields(content, count, 0, 16)
    per_record = tuple(int(text) for text in _fields(content, count, 216, 8))
    duration_text = content[244:252].decode("latin-1").strip()
    duration = float(duration_text)
    header, record = int(content[184:192]), sample * sum(per_record)
    if min(per_record) < 0 or record == 0 or header != 256 * (count + 1):
        raise RecordingError(
            "has a damaged header", where=where, remedy="Export or copy the file again."
        )
    if not (math.isfinite(duration) and duration > 0):
        raise RecordingError(
            "gives no duration of its records",
            where=where,
            remedy="It holds annotations only; open the file with the signals.",
        )
    records = (len(content) - header) // record
    if records > _MOST_RECORDS:
        raise RecordingError(
            f"holds {records:,} data records",
            where=where,
            remedy=f"At most {_MOST_RECORDS:,} can be read; export it with longer ones.",
        )
    if not records:
        raise RecordingError("holds no samples", where=where, remedy="Copy the file again.")
    announced = int(content[236:244])
    return _Frame(
        header, record, records, announced, duration, duration_text, per_record, labels, sample
    )


def _fields(content: bytes, count: int, before: int, width: int) -> tuple[str, ...]:
    """Return one field of all signals; ``before`` bytes of each signal's header stand before it."""
    start = 256 + before * count
    raw = [content[start + i * width : start + (i + 1) * width] for i in range(count)]
    return tuple(field.decode("latin-1").strip() for field in raw)


def _recording(edf: edfio.Edf | edfio.Bdf, content: bytes, frame: _Frame, name: str) -> Recording:
    where, notes = display_name(name), []
    signals = [signal for signal in edf.signals if signal.samples_per_data_record]
    if not signals:
        raise RecordingError(
            "holds no signal", where=where, remedy="Open the file with the signals."
        )
    channels = [
        Channel(
            signal.label,
            signal.physical_dimension,
            _fs(signal.samples_per_data_record, frame),
            signal.physical_min != signal.physical_max and signal.digital_min != signal.digital_max,
        )
        for signal in signals
    ]
    choice = choose_ecg_channels(channels)
    kept = [signals[place] for place in choice.places]
    rates = [channels[place].fs for place in choice.places]
    check_fs(max(rates), where)
    starts = _starts(content, frame, where)
    seconds = starts[-1] + frame.duration
    check_size(len(kept), math.ceil(seconds * max(rates)), max(rates), where=where)
    if frame.announced > frame.records:
        notes.append(
            f"The file ends after {frame.records * frame.duration:g} s of the "
            f"{frame.announced * frame.duration:g} s that its header announces."
        )
    factors = [millivolts(signal.physical_dimension) or 1.0 for signal in kept]
    rows = [
        _placed(signal.data * factor, rate, frame, starts)
        for signal, factor, rate in zip(kept, factors, rates, strict=True)
    ]
    names = [signal.label for signal in kept]
    if MISSING.encode() in content:
        _mark_missing(rows, names, rates, edf)
    signal, fs, said = stack_at_highest_rate(rows, rates, names, where=where)
    return Recording(
        signal,
        fs,
        tuple(names),
        name=stem(name),
        notes=(*notes, *choice.notes, *said),
        calibrated=choice.calibrated,
    )


def _fs(samples: int, frame: _Frame) -> float:
    """Return the plainest sampling frequency that a duration cut to eight characters can mean."""
    fs = samples / frame.duration
    _, point, decimals = frame.duration_text.partition(".")
    is_cut = bool(point) and len(frame.duration_text) >= 7
    tolerance = fs * (0.51 * 10.0 ** -len(decimals) / frame.duration if is_cut else 1e-9)
    plain = (round(fs, digits) for digits in range(5))
    return next((value for value in plain if abs(value - fs) <= tolerance), fs)


def _starts(content: bytes, frame: _Frame, where: str) -> NDArray[np.float64]:
    """Return when each data record begins, in seconds after the first."""
    even = frame.duration * np.arange(frame.records, dtype=np.float64)
    label = "BDF Annotations" if frame.sample == 3 else "EDF Annotations"
    if content[192:197] not in (b"EDF+D", b"BDF+D") or label not in frame.labels:
        return even
    place = frame.labels.index(label)
    offset = frame.sample * sum(frame.per_record[:place])
    size = frame.sample * frame.per_record[place]
    onsets = []
    for record in range(frame.records):
        start = frame.header + record * frame.record + offset
        match = _ONSET.match(content[start : start + size])
        if match is None:
            raise RecordingError(
                f"does not say when its data record {record + 1} begins",
                where=where,
                remedy="An interrupted recording (EDF+D) needs that; export it as EDF+C.",
            )
        onsets.append(float(match[1]))
    starts = np.array(onsets) - onsets[0]
    if np.any(np.diff(starts) < 0.999 * frame.duration):
        raise RecordingError(
            "has data records that overlap", where=where, remedy="Export it again as EDF+C."
        )
    return starts


def _placed(
    values: NDArray[np.float64], fs: float, frame: _Frame, starts: NDArray[np.float64]
) -> Signal:
    """Lay data records where they begin; what lies between them is missing."""
    records = values.astype(np.float32).reshape(frame.records, -1)
    places = np.round(starts * fs).astype(np.int64)
    width = records.shape[1]
    signal = np.full(int(places[-1]) + width, np.nan, dtype=np.float32)
    if signal.size == records.size:
        return records.reshape(-1)
    for place, record in zip(places, records, strict=True):
        signal[place : place + width] = record
    return signal


def _mark_missing(
    rows: Sequence[Signal],
    names: Sequence[str],
    rates: Sequence[float],
    edf: edfio.Edf | edfio.Bdf,
) -> None:
    """Mark the gaps again as missing, which the writer could not store as numbers."""
    row_of = {name: place for place, name in enumerate(names)}
    for note in edf.annotations:
        place = row_of.get(note.text.removeprefix(MISSING))
        if note.text.startswith(MISSING) and place is not None and note.duration:
            first = round(note.onset * rates[place])
            rows[place][max(0, first) : first + round(note.duration * rates[place])] = np.nan
