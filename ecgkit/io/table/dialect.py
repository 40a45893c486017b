"""How a table of numbers is written: encoding, separator, decimal mark, names, units, comments."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ecgkit.io.limits import MAX_CHANNELS
from ecgkit.io.table.time_axis import is_time_name
from ecgkit.io.units import is_arbitrary, millivolts
from ecgkit.recording import RecordingError

_HEAD_BYTES = 256 * 1024
_TAIL_LINES = 300
_NUMBER = r"[-+−]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"
_POINT = re.compile(_NUMBER)
_COMMA = re.compile(_NUMBER.replace(r"\.", ","))
_CLOCK = re.compile(r"\[?(\d{1,3}:)?\d{1,3}:\d{2}([.,]\d*)?\]?")
MISSING = (
    "",
    "nan",
    "NaN",
    "NAN",
    "-nan",
    "NA",
    "na",
    "N/A",
    "n/a",
    "null",
    "NULL",
    "None",
    "-",
    "--",
)
_INFINITE = {"inf", "-inf", "+inf", "infinity", "-infinity"}
_COMMENT = re.compile(r"^\s*(#|%|//)+\s*")
_FS = re.compile(
    r"(?:\bfs|\bsampl\w*[ _-]*(?:frequency|rate|freq)|\bfrequency|\babtastrate)\b(?:\W|hz\b)*?"
    r"(\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?)\s*(k?)(?:hz|hertz|\b)",
    re.IGNORECASE,
)
_UNIT = re.compile(r"\bunits?\b[\s\"',;:=(\[]*([^\s\"',;)\]]+)", re.IGNORECASE)
_LEAD = re.compile(r"\blead\b[\s\"',;:=]+([^\"',;\r\n]+)", re.IGNORECASE)
_BRACKETED = re.compile(r"(?P<name>.*?)\s*[(\[](?P<unit>[^()\[\]]*)[)\]]\s*")
_TRAILING = re.compile(r"(?P<name>.+?)[\s_/,-]+(?P<unit>[nuµμm]v|nu|s|sec|ms|us|µs)", re.IGNORECASE)
_AT_RATE = re.compile(r"(?P<name>[^,;\t]+?)\s+at\s+(?P<fs>\d+(?:\.\d+)?)\s*Hz", re.IGNORECASE)
"""A time column's name with the sampling frequency: «time [s] at 500 Hz»."""
_OTHER_UNIT = re.compile(
    r"s|sec|seconds?|ms|msec|milliseconds?|us|µs|μs|microseconds?|nu|a\.?u\.?|adu|mmhg|kpa|%|bpm|hz|"
    r"1/min|m?l/s|ohm|m/s.?|g|°?c|pm|counts?|raw|steps?|[hm:]{1,5}:ss([.,]m+)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Column:
    """One column: name and unit (empty where there is none), and what its cells are.

    ``kind`` is ``"number"``, ``"clock"`` (h:mm:ss), ``"text"`` or ``"empty"``.
    """

    name: str
    unit: str
    kind: str


@dataclass(frozen=True)
class Layout:
    """How to read a table.

    ``separator`` is as pandas takes it; ``first_line`` is the first of numbers, from 0; ``fs``,
    ``unit`` and ``lead`` are what the lines before it say, None where they do not.
    """

    encoding: str
    separator: str
    decimal: str
    quote: str
    first_line: int
    lines: int
    columns: tuple[Column, ...]
    has_names: bool
    fs: float | None
    unit: str | None
    lead: str | None


def find_layout(content: bytes, where: str) -> Layout:
    """Find out how a table is written from its first 256 KB.

    Raises
    ------
    RecordingError
        Where it is no table of numbers, or has more columns than any recording.
    """
    encoding, lines = _head(content)
    tail = [line for line in lines if line.strip() and not _COMMENT.match(line)][-_TAIL_LINES:]
    quote = "'" if any(re.match(r"\s*'[^']*'\s*[,;\t]", line) for line in tail) else '"'
    if not tail:
        raise _no_table(where)
    best = max((_Reading(tail, separator, quote) for separator in "\t;, "), key=lambda r: r.score)
    if not best.score:
        raise _no_table(where)
    if best.width > MAX_CHANNELS + 2:
        raise RecordingError(
            f"has {best.width:,} columns",
            where=where,
            remedy=f"Leads stand in columns ({MAX_CHANNELS} at most) and samples in rows; turn the "
            "table round if it is the other way.",
        )
    rows = [best.split(_COMMENT.sub("", line, count=1)) for line in lines]
    fitting = [i for i, row in enumerate(rows) if best.fits(row) and not _COMMENT.match(lines[i])]
    if not fitting:
        raise _no_table(where)
    first = fitting[0]
    said = [place for place in range(first) if lines[place].strip()]
    names, units = _names(rows, lines, said, best)
    names, rate = _without_rate(names)
    comments = [line for line in lines[:first] if line.strip()]
    return Layout(
        encoding=encoding,
        separator=best.separator if best.separator != " " else r"\s+",
        decimal=best.decimal,
        quote=quote,
        first_line=first,
        lines=len(fitting),
        columns=tuple(map(_column, names, units, best.kinds)),
        has_names=any(names),
        fs=rate or _stated_fs(comments),
        unit=_stated_unit(comments),
        lead=next((m[1].strip() for line in comments if (m := _LEAD.search(line))), None),
    )


class _Reading:
    """What a table's last lines look like if one character is taken as the separator."""

    def __init__(self, lines: Sequence[str], separator: str, quote: str) -> None:
        self.separator, self.quote, self.decimal = separator, quote, "."
        rows = [self.split(line) for line in lines]
        cells = [cell for row in rows for cell in row]
        if separator != "," and any(_COMMA.fullmatch(c) and not _POINT.fullmatch(c) for c in cells):
            self.decimal = ","
        rows = [row for row in rows if any(map(self._has_value, row))]
        widths = [len(row) for row in rows]
        self.width = max(set(widths), key=widths.count, default=0)
        even = [row for row in rows if len(row) == self.width]
        is_table = len(even) >= 0.8 * len(rows)
        if separator == "," and self.width == 2 and _is_decimal_comma(even):
            is_table = False
        if separator == " " and any(
            set(cell) & set(",;") and not self._has_value(cell) for row in even for cell in row
        ):
            is_table = False
        self.kinds = tuple(map(self._kind, zip(*even, strict=True))) if is_table else ()
        self.score = sum(kind in ("number", "clock") for kind in self.kinds)

    def split(self, line: str) -> list[str]:
        """Split a line into stripped cells."""
        if self.separator == " ":
            return [cell.strip("'\"") for cell in line.split()]
        try:
            cells = next(csv.reader([line], delimiter=self.separator, quotechar=self.quote))
        except (csv.Error, StopIteration):
            return []
        return [cell.strip() for cell in cells]

    def fits(self, row: Sequence[str]) -> bool:
        """Say whether a row is one of the numbers."""
        if len(row) != self.width or not any(map(self._has_value, row)):
            return False
        if row[0] == "" and list(row[1:]) == [str(place) for place in range(len(row) - 1)]:
            return False  # the column numbers that pandas writes for columns without names
        return all(
            self._has_value(cell) or _is_missing(cell)
            for cell, kind in zip(row, self.kinds, strict=True)
            if kind in ("number", "clock")
        )

    def _kind(self, cells: Sequence[str]) -> str:
        present = [cell for cell in cells if not _is_missing(cell)]
        if not present:
            return "empty"
        # A column of numbers with a wrong cell in it stays one, so that the cell is complained of.
        if 2 * sum(map(self._is_number, present)) >= len(present):
            return "number"
        return "clock" if 2 * sum(map(_is_clock, present)) >= len(present) else "text"

    def _has_value(self, cell: str) -> bool:
        return self._is_number(cell) or _is_clock(cell)

    def _is_number(self, cell: str) -> bool:
        return (_COMMA if self.decimal == "," else _POINT).fullmatch(cell) is not None


def _head(content: bytes) -> tuple[str, list[str]]:
    """Return the encoding and the first whole lines of a text."""
    head, encoding = content[:_HEAD_BYTES], "utf-8"
    try:
        # The incremental decoder forgives a letter that the cut splits.
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError:
        text, encoding = head.decode("latin-1"), "latin-1"
    lines = re.split(r"\r\n|\r|\n", text)
    return encoding, lines if len(content) <= _HEAD_BYTES else lines[:-1] or lines


def _names(
    rows: Sequence[Sequence[str]], lines: Sequence[str], said: Sequence[int], reading: _Reading
) -> tuple[list[str], list[str]]:
    """Return the names and units in the one or two lines above the numbers."""
    width = reading.width
    nothing = [""] * width
    if not said or _is_statement(lines[said[-1]]):
        return nothing, nothing
    last = _fitted(rows[said[-1]], reading)
    if len(last) != width or (width == 1 and re.search(r"[,;\t:=]", last[0])):
        return nothing, nothing
    is_units = any(last) and all(not cell or _is_unit(_unbracketed(cell)) for cell in last)
    if is_units and len(said) > 1 and not _is_statement(lines[said[-2]]):
        above = _fitted(rows[said[-2]], reading)
        if len(above) == width:
            return above, [_unbracketed(cell) for cell in last]
    return last, nothing


def _fitted(row: Sequence[str], reading: _Reading) -> list[str]:
    """Add the name that a header leaves out: of R's row names, or of an empty last column."""
    if len(row) != reading.width - 1:
        return list(row)
    return [*row, ""] if reading.kinds[-1] == "empty" else ["", *row]


def _without_rate(names: Sequence[str]) -> tuple[list[str], float | None]:
    """Return the names without the sampling frequency that a time column's may hold, and that."""
    for place, name in enumerate(names):
        match = _AT_RATE.fullmatch(name)
        if match and is_time_name(_column(match["name"], "", "number").name):
            return [*names[:place], match["name"], *names[place + 1 :]], float(match["fs"])
    return list(names), None


def _column(name: str, unit: str, kind: str) -> Column:
    for pattern in (_BRACKETED, _TRAILING):
        match = pattern.fullmatch(name)
        if not unit and match and _is_unit(match["unit"]):
            return Column(match["name"].strip(), match["unit"].strip(), kind)
    if not unit and len(name) > 1 and _is_unit(name) and millivolts(name):
        return Column("", name, kind)
    return Column(name, unit, kind)


def _is_unit(text: str) -> bool:
    return millivolts(text) is not None or _OTHER_UNIT.fullmatch(text.strip()) is not None


def _unbracketed(cell: str) -> str:
    return cell.strip("()[] ")


def _is_statement(line: str) -> bool:
    """Say whether a line states a sampling frequency or unit, rather than naming columns."""
    if _AT_RATE.match(line.lstrip("'\"")):
        return False
    return bool(_FS.search(line)) or _stated_unit([line]) is not None


def _stated_fs(lines: Sequence[str]) -> float | None:
    for line in lines:
        if match := _FS.search(line):
            return float(match[1].replace(",", ".")) * (1000 if match[2] else 1)
    return None


def _stated_unit(lines: Sequence[str]) -> str | None:
    for line in lines:
        match = _UNIT.search(line)
        if match and (millivolts(match[1]) is not None or is_arbitrary(match[1])):
            return match[1]
    return None


def _is_decimal_comma(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether «0,05» must be one number: a whole number never begins with a further zero."""
    tails = [row[1] for row in rows]
    whole = all(re.fullmatch(r"[-+−]?\d+", row[0]) for row in rows) and all(
        re.fullmatch(r"\d+", tail) for tail in tails
    )
    return whole and any(len(tail) > 1 and tail[0] == "0" for tail in tails)


def _is_missing(cell: str) -> bool:
    return cell in MISSING or cell.lower() in _INFINITE


def _is_clock(cell: str) -> bool:
    return _CLOCK.fullmatch(cell) is not None


def _no_table(where: str) -> RecordingError:
    return RecordingError(
        "holds no table of numbers",
        where=where,
        remedy="A text recording has one row a sample and one column a lead, with names above.",
    )
