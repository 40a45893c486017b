"""WFDB records: a header (.hea) with signal files (.dat, .mat), of one segment or of many."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ecgkit.io.channels import Channel, choose, join, listed
from ecgkit.io.limits import check_fs, shown, stem
from ecgkit.io.units import millivolts
from ecgkit.io.wfdb import signals as wfdb_signals
from ecgkit.io.wfdb.header import Header, SignalLine, parse_header
from ecgkit.recording import Recording, RecordingError, Signal, check_size, unique_names

_MOST_NOTES = 12


@dataclass(frozen=True)
class _Part:
    """One segment of a record, or the whole of it: its header, and where it starts (frames)."""

    name: str
    header: Header
    start: int
    frames: int | None


def read_wfdb(files: Mapping[str, bytes], headers: Sequence[str]) -> Recording:
    """Read the WFDB record in an upload.

    Parameters
    ----------
    files
        Name in the upload -> content.
    headers
        Which of them are headers: those of one record.

    Returns
    -------
    Recording
        Voltage channels only, where there are any; leads of a lower sampling frequency are
        resampled to the highest.

    Raises
    ------
    RecordingError
        Where files are missing, damaged, too large, or name others outside the upload.
    """
    parsed = {name: parse_header(files[name], name) for name in headers}
    name = _main_header(parsed)
    header, where = parsed[name], shown(name)
    check_fs(header.fs, where)
    notes = list(header.notes)
    if header.segments:
        parts, layout = _parts(files, parsed, name)
        frames = sum(frames for _, frames in header.segments)
        lines = layout or next(iter(parts)).header.signals
    else:
        parts, layout = [_Part(name, header, 0, header.frames)], None
        frames, lines = header.frames or 0, header.signals
    channels = [_channel(line, header.fs) for line in lines]
    choice = choose(channels)
    wanted = [lines[place] for place in choice.places]
    rates = [line.per_frame * header.fs for line in wanted]
    check_size(len(wanted), round(frames * max(rates) / header.fs), max(rates), where=where)
    pieces = []
    for part in parts:
        rows = _rows(part.header, lines, choice.places, by_name=layout is not None)
        read, said = _read_part(part, rows, files, len(wanted), header.fs)
        pieces.append((part, rows, read))
        notes += said
    if len(notes) > _MOST_NOTES:
        rest = f"{len(notes) - _MOST_NOTES} more remarks of this kind were left out."
        notes = [*notes[:_MOST_NOTES], rest]
    if not header.segments:
        frames = max(_frames_read(rows, read) for _, rows, read in pieces)
    signals = [_laid(row, line, pieces, frames) for row, line in enumerate(wanted)]
    names = [line.name for line in wanted]
    signal, fs, said_of_rates = join(signals, rates, names, where=where)
    return Recording(
        signal,
        fs,
        tuple(names),
        name=stem(name),
        notes=(*notes, *choice.notes, *said_of_rates),
        calibrated=choice.calibrated,
    )


def _main_header(parsed: Mapping[str, Header]) -> str:
    """Return the one header that the others are segments of."""
    masters = [name for name, header in parsed.items() if header.segments]
    named = {_in_folder_of(master, file) for master in masters for file in parsed[master].files}
    heads = [name for name in parsed if name not in named]
    if len(heads) == 1:
        return heads[0]
    raise RecordingError(
        f"hold {len(heads)} records ({listed([stem(name) for name in sorted(heads)])})",
        where="The files",
        remedy="Open one record at a time: one header (.hea) and the files that it names.",
    )


def _parts(
    files: Mapping[str, bytes], parsed: Mapping[str, Header], name: str
) -> tuple[list[_Part], tuple[SignalLine, ...] | None]:
    """Return a record's segments, and the layout's signals where the layout varies."""
    header, where = parsed[name], shown(name)
    parts, layout, start = [], None, 0
    missing = [f for f in header.files if _find(files, name, f) is None]
    if missing:
        raise _missing(where, missing)
    for place, (segment, frames) in enumerate(header.segments):
        if segment != "~":
            found = _find(files, name, f"{segment}.hea") or ""
            inner = parsed.get(found) or parse_header(files[found], found)
            if inner.segments or inner.fs != header.fs:
                raise RecordingError(
                    f"has a segment {segment} of another sampling frequency or of segments itself",
                    where=where,
                    remedy="Segments share the record's sampling frequency and are plain records.",
                )
            if place == 0 and frames == 0:
                layout = inner.signals
            elif frames:
                parts.append(_Part(found, inner, start, frames))
        start += frames
    if not parts:
        raise RecordingError(
            "has no segment with samples", where=where, remedy="It needs one at least."
        )
    if layout is None and len({part.header.n_signals for part in parts}) > 1:
        raise RecordingError(
            "has segments with differing numbers of signals",
            where=where,
            remedy="Such a record begins with a layout header of length 0.",
        )
    return parts, layout


def _channel(line: SignalLine, fs: float) -> Channel:
    return Channel(line.name, line.unit, line.per_frame * fs, line.gain is not None)


def _is_voltage(line: SignalLine) -> bool:
    return _channel(line, 1.0).is_voltage


def _rows(
    header: Header, lines: Sequence[SignalLine], places: Sequence[int], *, by_name: bool
) -> dict[int, int]:
    """Return which wanted lead (value) each of a segment's signals (key) is."""
    if not by_name:
        return {place: row for row, place in enumerate(places)}
    wanted = unique_names([line.name for line in lines])
    row_of = {wanted[place]: row for row, place in enumerate(places)}
    own = unique_names([line.name for line in header.signals])
    return {place: row_of[lead] for place, lead in enumerate(own) if lead in row_of}


_Read = dict[int, tuple[SignalLine, Signal]]


def _read_part(
    part: _Part, rows: Mapping[int, int], files: Mapping[str, bytes], leads: int, fs: float
) -> tuple[_Read, list[str]]:
    """Read the wanted signals of one segment, in mV where they are voltages."""
    where = shown(part.name)
    groups: dict[str, list[int]] = {}
    for place, line in enumerate(part.header.signals):
        wfdb_signals.check_format(line, where)
        if line.file != "~" and line.fmt != wfdb_signals.NULL_FORMAT:
            groups.setdefault(line.file, []).append(place)
    groups = {file: places for file, places in groups.items() if set(places) & set(rows)}
    missing = [file for file in groups if _find(files, part.name, file) is None]
    if missing:
        raise _missing(where, missing)
    read: _Read = {}
    notes = []
    for file, places in groups.items():
        group = [part.header.signals[place] for place in places]
        if len({(line.fmt, line.offset) for line in group}) > 1:
            raise RecordingError(
                f"gives differing formats for the signals in {file}",
                where=where,
                remedy="All signals of one file share its format.",
            )
        found = _find(files, part.name, file) or ""
        held = wfdb_signals.frames_in(files[found], group, shown(found))
        announced = part.header.frames or part.frames or held
        frames = min(held, announced, part.frames or held)
        if not frames:
            continue
        rate = fs * max(line.per_frame for line in group)
        check_size(max(leads, len(group)), round(frames * rate / fs), rate, where=where)
        if held < announced:
            notes.append(
                f"{shown(found)} ends after {held / fs:.4g} s of the {announced / fs:.4g} s that "
                "its header announces; the rest is missing."
            )
        stored = wfdb_signals.decode(files[found], group, frames, shown(found))
        for place, line, values in zip(places, group, stored, strict=True):
            if line.checksum is not None and frames == announced == held:
                total = int(values.sum(dtype=np.int64))
                if (total - line.checksum) % 65536:
                    notes.append(f"{line.name}: the checksum differs, the file may be damaged.")
            if place in rows:
                factor = millivolts(line.unit) if line.gain is not None else None
                read[place] = line, wfdb_signals.scaled(values, line, factor or 1.0)
    if groups and not read:
        raise RecordingError(
            "names signal files that hold no samples",
            where=where,
            remedy="Copy the record again; its files may have been cut off.",
        )
    return read, notes


def _frames_read(rows: Mapping[int, int], read: _Read) -> int:
    return max((values.size // line.per_frame for line, values in read.values()), default=0)


def _laid(
    row: int,
    line: SignalLine,
    pieces: Sequence[tuple[_Part, Mapping[int, int], _Read]],
    frames: int,
) -> Signal:
    """Return one lead over the whole record, NaN where no segment holds it."""
    length = frames * line.per_frame
    lead = None
    for part, rows, read in pieces:
        for place, (own, values) in read.items():
            if rows[place] == row:
                if own.per_frame != line.per_frame or _is_voltage(own) != _is_voltage(line):
                    raise RecordingError(
                        f"gives lead {line.name} another unit or sampling frequency",
                        where=shown(part.name),
                        remedy="A lead must keep both over all segments of a record.",
                    )
                if values.size == length:
                    return values
                lead = np.full(length, np.nan, dtype=np.float32) if lead is None else lead
                start = part.start * line.per_frame
                lead[start : start + values.size] = values
    return np.full(length, np.nan, dtype=np.float32) if lead is None else lead


def _find(files: Mapping[str, bytes], header: str, name: str) -> str | None:
    """Return the upload's name for a file beside the header; its case may differ."""
    wanted = _in_folder_of(header, name)
    if wanted in files:
        return wanted
    same = [file for file in files if file.casefold() == wanted.casefold()]
    return same[0] if len(same) == 1 else None


def _in_folder_of(header: str, name: str) -> str:
    return posixpath.join(posixpath.dirname(header), name)


def _missing(where: str, files: Sequence[str]) -> RecordingError:
    plural = "s" if len(files) > 1 else ""
    return RecordingError(
        f"names the file{plural} {listed(files)}, not among those given",
        where=where,
        remedy="Open the header and all files that it names together, or one .zip of them.",
    )
