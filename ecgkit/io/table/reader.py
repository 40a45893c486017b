"""Tables of numbers as text: CSV, TSV, with semicolons or blanks, decimal point or comma."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecgkit.io.channels import Channel, choose, default_names, listed
from ecgkit.io.limits import ask, check_bytes, check_channels, check_fs, readable, shown, stem
from ecgkit.io.table.dialect import MISSING, Column, Layout, find_layout
from ecgkit.io.table.time_axis import (
    Floats,
    guessed_seconds,
    is_count,
    is_index_name,
    is_time_name,
    seconds_a_unit,
    time_axis,
)
from ecgkit.io.units import millivolts
from ecgkit.recording import MAX_FS, Recording, RecordingError, check_size

_CHUNK = 50_000
_FEWEST_LINES = 10
"""Lines of numbers that make a text a recording among others, and not a note with a figure."""


@dataclass(frozen=True)
class _Axis:
    """What a file says of time.

    ``fs`` in Hz or None; ``places`` of its rows, None where they follow each other; the
    ``columns`` that hold time or count samples.
    """

    fs: float | None
    places: NDArray[np.int64] | None
    columns: tuple[int, ...]
    notes: tuple[str, ...]


def looks_like_table(content: bytes) -> bool:
    """Say whether a text is a table of numbers."""
    try:
        return find_layout(_as_utf8(content, ""), "").lines >= _FEWEST_LINES
    except RecordingError:
        return False


def read_text(content: bytes, name: str, fs: float | None, unit: str | None) -> Recording:
    """Read a table with one row a sample and one column a lead.

    Parameters
    ----------
    content, name
        Of the file.
    fs, unit
        Used where the file does not state them, by a time column, by units beside the names
        (``time [s] at 360 Hz``, ``II [mV]``), or in a comment (``# fs: 360 Hz, unit: mV``).

    Raises
    ------
    RecordingError
        Where the text is no such table, or ``fs`` or ``unit`` are needed.
    """
    where = shown(name)
    content = _as_utf8(content, where)
    layout = find_layout(content, where)
    cells = _cells(content, layout, where)
    axis = _axis(layout, cells, where)
    leads = [place for place in cells if place not in axis.columns]
    if not leads:
        raise RecordingError(
            "has no column of samples", where=where, remedy="It needs one column a lead."
        )
    columns = [layout.columns[place] for place in leads]
    fs = axis.fs or fs
    units = _units(columns, layout.unit, unit)
    if fs is None or units is None:
        raise ask(where, fs, units)
    names, unnamed = _lead_names(columns, layout.lead)
    choice = choose([Channel(n, u, fs) for n, u in zip(names, units, strict=True)])
    factors = [millivolts(units[place]) or 1.0 for place in choice.places]
    kept = [cells[leads[place]] for place in choice.places]
    length = kept[0].size if axis.places is None else int(axis.places[-1]) + 1
    check_size(len(kept), length, fs, where=where)
    signal = np.full((len(kept), length), np.nan, dtype=np.float32)
    for row, values, factor in zip(signal, kept, factors, strict=True):
        row[slice(None) if axis.places is None else axis.places] = values * factor
    return Recording(
        signal,
        fs,
        tuple(names[place] for place in choice.places),
        name=stem(name),
        notes=(*axis.notes, *unnamed, *_left_out(layout, cells), *choice.notes),
        calibrated=choice.calibrated,
    )


def _as_utf8(content: bytes, where: str) -> bytes:
    """Return UTF-16 as UTF-8, everything else as it stands."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        with readable(where, "is no readable UTF-16 text", "Save it as UTF-8."):
            content = content.decode("utf-16").encode("utf-8")
        check_bytes(len(content), where)
    if b"\0" in content:
        raise RecordingError(
            "holds NUL bytes, as no text does",
            where=where,
            remedy="Export the recording as text again, or open it in its binary format.",
        )
    return content


def _cells(content: bytes, layout: Layout, where: str) -> dict[int, Floats]:
    """Return the columns of numbers (clock times in seconds) by their places."""
    places = [p for p, c in enumerate(layout.columns) if c.kind in ("number", "clock")]
    # A column that begins empty may be a lead that was connected late, or one of comments.
    hopeful = [p for p, c in enumerate(layout.columns) if c.kind == "empty" and c.name]
    lines = max(content.count(b"\n"), content.count(b"\r")) + 1
    check_channels(len(places) + len(hopeful), where)
    check_size(len(places) + len(hopeful), lines, MAX_FS, where=where)
    try:
        return _numbers(content, layout, sorted(places + hopeful), where)
    except RecordingError:
        if not hopeful:
            raise
        return _numbers(content, layout, places, where)


def _numbers(
    content: bytes, layout: Layout, places: Sequence[int], where: str
) -> dict[int, Floats]:
    types = {p: str if layout.columns[p].kind == "clock" else np.float64 for p in places}
    # Told which columns to use, pandas no longer minds rows with too many cells.
    chosen = None if len(places) == len(layout.columns) else list(places)
    try:
        table = pd.read_csv(io.BytesIO(content), usecols=chosen, dtype=types, **_options(layout))
        return {
            place: _clock_seconds(table[place]) if kind is str else table[place].to_numpy()
            for place, kind in types.items()
        }
    # pandas raises many things on a malformed table; each is looked into for the line at fault.
    except Exception as error:
        raise _fault(content, layout, places, str(error), where) from error


def _options(layout: Layout) -> dict[str, object]:
    return {
        "sep": layout.separator,
        "decimal": layout.decimal,
        "quotechar": layout.quote,
        "skiprows": layout.first_line,
        "header": None,
        "names": range(len(layout.columns)),
        "comment": "#",
        "skipinitialspace": True,
        "na_values": list(MISSING),
        "encoding": layout.encoding,
        "encoding_errors": "replace",
        "engine": "c",
    }


def _clock_seconds(cells: pd.Series) -> Floats:
    parts = cells.str.strip("[]'\" ").str.replace(",", ".").str.split(":", expand=True)
    values = parts.astype(np.float64).to_numpy()
    weights = 60.0 ** np.arange(values.shape[1] - 1, -1, -1)
    return np.asarray(values @ weights)


def _fault(
    content: bytes, layout: Layout, places: Sequence[int], message: str, where: str
) -> RecordingError:
    """Find the first row that stops a table from being read."""
    if cells := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", message):
        return RecordingError(
            f"has {cells[3]} cells in line {cells[2]} and {cells[1]} in those before",
            where=where,
            remedy="Each row needs the same number of cells.",
        )
    unreadable = RecordingError(
        "is a damaged table", where=where, remedy="Export it again, one row a sample."
    )
    with readable(where, unreadable.problem, unreadable.remedy):
        chunks = pd.read_csv(
            io.BytesIO(content),
            dtype=str,
            chunksize=_CHUNK,
            usecols=list(places),
            **_options(layout),
        )
        for chunk in chunks:
            for place in places:
                texts = chunk[place].dropna().str.replace(layout.decimal, ".")
                bad = pd.to_numeric(texts, errors="coerce").isna()
                if layout.columns[place].kind == "number" and bad.any():
                    row, column = int(bad.idxmax()), layout.columns[place].name
                    return RecordingError(
                        f"holds {str(chunk[place][row])[:20]!r} in row {row + 1:,} of the numbers, "
                        f"column {column or place + 1}",
                        where=where,
                        remedy="Every cell must be a number, or empty where a sample is missing.",
                    )
    return unreadable


def _axis(layout: Layout, cells: dict[int, Floats], where: str) -> _Axis:
    """Find out what the file says of time."""
    stated = check_fs(layout.fs, where) if layout.fs is not None else None
    time = _time_place(layout, cells)
    if time is None:
        first = next(iter(cells))
        named = not layout.has_names or is_index_name(layout.columns[first].name)
        if named and len(cells) > 1 and is_count(cells[first]):
            note = "The column that only counts samples was left out."
            return _Axis(stated, None, (first,), (note,))
        return _Axis(stated, None, (), ())
    times, notes = _times(layout.columns[time], cells[time], where)
    if times is None or times.size < 2:
        return _Axis(stated, None, (time,), notes)
    fs, places = time_axis(times, stated, where)
    return _Axis(fs, places, (time,), notes)


def _time_place(layout: Layout, cells: dict[int, Floats]) -> int | None:
    """Return the column of time: by its kind or name, or (the first, if nameless) its values."""
    for place in cells:
        column = layout.columns[place]
        if column.kind == "clock" or (layout.has_names and is_time_name(column.name)):
            return place
    first, values = next(iter(cells.items()))
    if layout.has_names or len(cells) < 2 or is_count(values):
        return None
    steps = np.diff(values)
    even = steps.size > 1 and bool(np.all(steps > 0)) and steps.max() < 2.5 * np.median(steps)
    return first if even and guessed_seconds(values) is not None else None


def _times(column: Column, values: Floats, where: str) -> tuple[Floats | None, tuple[str, ...]]:
    """Return times in seconds (None where the unit is not known), and what to say of them."""
    if not np.isfinite(values).all():
        raise RecordingError(
            "has a time column with empty cells",
            where=where,
            remedy="Each row needs its time; or leave the column out.",
        )
    seconds = 1.0 if column.kind == "clock" else seconds_a_unit(column.unit, column.name)
    if seconds is not None:
        return values * seconds, ()
    seconds = guessed_seconds(values)
    if seconds is None or is_count(values):
        return None, ("The time column states no unit and was not used.",)
    return values * seconds, (
        f"The time column is taken to be in {'s' if seconds == 1 else 'ms'}.",
    )


def _lead_names(
    columns: Sequence[Column], stated: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names = tuple(column.name for column in columns)
    if any(names):
        return names, ()
    return ((stated,), ()) if stated and len(columns) == 1 else default_names(len(columns))


def _units(columns: Sequence[Column], stated: str | None, given: str | None) -> list[str] | None:
    """Return each lead's unit, None where one must be asked for."""
    if any(millivolts(column.unit) for column in columns):
        return [column.unit or stated or "" for column in columns]
    unit = stated or given
    if unit is None and not all(column.unit for column in columns):
        return None
    return [column.unit or unit or "" for column in columns]


def _left_out(layout: Layout, cells: dict[int, Floats]) -> tuple[str, ...]:
    others = [
        column.name or f"column {place + 1}"
        for place, column in enumerate(layout.columns)
        if place not in cells and (column.name or column.kind == "text")
    ]
    return (f"Left out, as no numbers: {listed(others)}.",) if others else ()
