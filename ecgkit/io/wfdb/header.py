"""WFDB headers, read as strictly as strangers' bytes need and as loosely as real databases do.

Format: https://physionet.org/physiotools/wag/header-5.htm
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ecgkit.io.limits import check_channels, display_name
from ecgkit.recording import RecordingError

DEFAULT_FS = 250.0
MAX_HEADER_BYTES = 4 * 1024 * 1024
MAX_SEGMENTS = 2_000
_INTEGER = re.compile(r"-?\d{1,15}")
_FORMAT = re.compile(r"(\d{1,4})(?:x(\d{1,6}))?(?::(\d{1,12}))?(?:\+(\d{1,12}))?")
_GAIN = re.compile(r"(?P<gain>[^(/]*)(?:\((?P<baseline>[^)]*)\))?(?:/(?P<unit>.*))?")
_SCALE_WORD = re.compile(r"[-+.\d(]|nan\b|inf\b|\S*/", re.IGNORECASE)
_NAME = re.compile(r"[-\w]+(\.[-\w]+)*")
_RECORD_LINE = re.compile(r"\S+\s+\d+(\s+[-+\d.eE]\S*(\s+\d+(\s+.*)?)?)?")
_SIGNAL_LINE = re.compile(r"(~|\S*[^\W\d]\S*)\s+\d+(x\d+)?(:\d+)?(\+\d+)?(\s.*)?")
_SEGMENT_LINE = re.compile(r"\S+\s+\d+")


@dataclass(frozen=True)
class SignalLine:
    """One signal: the file that holds it, how it is coded, and how to scale it.

    ``unit`` per ``gain`` steps, ``baseline`` being zero; ``gain`` None marks a signal of unknown
    scale. ``checksum`` is None where the header gives none.
    """

    file: str
    fmt: str
    per_frame: int
    skew: int
    offset: int
    gain: float | None
    baseline: int
    unit: str
    initial: int
    checksum: int | None
    name: str


@dataclass(frozen=True)
class Header:
    """A record (``signals``) or a record of records (``segments``: name and frames of each)."""

    n_signals: int
    fs: float
    frames: int | None
    signals: tuple[SignalLine, ...]
    segments: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """The files that the header names, each once."""
        if self.segments:
            names = [f"{name}.hea" for name, _ in self.segments if name != "~"]
        else:
            names = [signal.file for signal in self.signals if signal.file != "~"]
        return tuple(dict.fromkeys(names))


def looks_like_header(content: bytes) -> bool:
    """Say whether the first two lines are those of a WFDB header."""
    if b"\0" in content[:4096]:
        return False
    lines = [line.strip() for line in content[:4096].decode("latin-1").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")][:2]
    if len(lines) < 2 or not _RECORD_LINE.fullmatch(lines[0]):
        return False
    if re.fullmatch(r"[^\s/]+/\d+", lines[0].split()[0]):
        return _SEGMENT_LINE.fullmatch(lines[1]) is not None
    return _SIGNAL_LINE.fullmatch(lines[1]) is not None


def parse_header(content: bytes, name: str) -> Header:
    """Parse a header.

    Raises
    ------
    RecordingError
        Where a line is not what WFDB prescribes and cannot be understood all the same.
    """
    where = display_name(name)
    if len(content) > MAX_HEADER_BYTES or b"\0" in content:
        raise RecordingError(
            "is not the text of a WFDB header",
            where=where,
            remedy="A header (.hea) is a short text that names the signal files.",
        )
    numbered = enumerate(content.decode("utf-8-sig", errors="replace").splitlines(), start=1)
    lines = [(number, text.strip()) for number, text in numbered]
    lines = [(number, text) for number, text in lines if text and not text.startswith("#")]
    if not lines:
        raise RecordingError(
            "is empty", where=where, remedy="A WFDB header begins with the record's name."
        )
    number, first = lines[0]
    return _parse(first.split(), lines[1:], f"{where}, line {number}", where)


def _parse(words: list[str], lines: Sequence[tuple[int, str]], place: str, where: str) -> Header:
    record, slash, n_segments = words[0].partition("/")
    if len(words) < 2:
        raise RecordingError(
            "gives no number of signals",
            where=place,
            remedy="The first line holds name, number of signals, sampling frequency and length.",
        )
    n_signals = _whole(words[1], "number of signals", place)
    check_channels(n_signals, where)
    notes = []
    if not re.fullmatch(r"[-\w]+", record):
        notes.append(
            f"The header's first line was repaired (it names the record «{display_name(record)}»)."
        )
    if len(words) > 2:
        fs = _number(words[2].split("/")[0].split("(")[0], "sampling frequency", place)
    else:
        fs = DEFAULT_FS
        notes.append("The header gives no sampling frequency; WFDB's default of 250 Hz is used.")
    frames = _whole(words[3], "number of samples", place) if len(words) > 3 else 0
    if frames < 0:
        raise RecordingError(
            f"gives {frames} samples", where=place, remedy="Their number cannot be negative."
        )
    segments: tuple[tuple[str, int], ...] = ()
    signals: tuple[SignalLine, ...] = ()
    if slash:
        count = _whole(n_segments, "number of segments", place)
        segments = _segments(lines, count, where)
    else:
        if len(lines) < n_signals:
            raise RecordingError(
                f"announces {n_signals} signals but describes {len(lines)}",
                where=where,
                remedy="Each signal needs a line of its own; the header may have been cut off.",
            )
        signals = tuple(
            _signal(text, f"{where}, line {number}", row)
            for row, (number, text) in enumerate(lines[:n_signals], start=1)
        )
    return Header(n_signals, fs, frames or None, signals, segments, tuple(notes))


def _segments(
    lines: Sequence[tuple[int, str]], count: int, where: str
) -> tuple[tuple[str, int], ...]:
    if not 1 <= count <= MAX_SEGMENTS or len(lines) < count:
        raise RecordingError(
            f"announces {count} segments but describes {len(lines)}",
            where=where,
            remedy=f"Each segment needs a line of its own, {MAX_SEGMENTS} at most.",
        )
    segments = []
    for number, text in lines[:count]:
        place = f"{where}, line {number}"
        words = text.split()
        if len(words) < 2:
            raise RecordingError(
                "is no segment line", where=place, remedy="It holds a name and a length."
            )
        if words[0] != "~":
            _safe(words[0], place)
        frames = _whole(words[1], "number of samples", place)
        if frames < 0:
            raise RecordingError(
                f"gives {frames} samples", where=place, remedy="A length cannot be negative."
            )
        segments.append((words[0], frames))
    return tuple(segments)


def _signal(text: str, place: str, row: int) -> SignalLine:
    words = text.split(None, 2)
    if len(words) < 2:
        raise RecordingError(
            "is no signal line",
            where=place,
            remedy="It holds the signal file's name and format, then gain and lead.",
        )
    file, coding = words[0], _FORMAT.fullmatch(words[1])
    if file != "~":
        _safe(file, place)
    if coding is None:
        raise RecordingError(
            f"gives the signal format {words[1][:20]!r}",
            where=place,
            remedy="It is a number, as 16.",
        )
    fmt, per_frame, skew, offset = (int(part or 0) for part in coding.groups())
    rest = words[2] if len(words) > 2 else ""
    gain, baseline, unit = None, None, ""
    if _SCALE_WORD.match(rest):
        scale, rest = _next_word(rest)
        gain, baseline, unit = _scale(scale, place)
    numbers: list[int | None] = []
    while rest and len(numbers) < 5 and _INTEGER.fullmatch(_next_word(rest)[0]):
        word, rest = _next_word(rest)
        numbers.append(int(word))
    # Resolution, zero, first value, checksum and block size may be left out from the end on.
    _, zero, initial, checksum, _ = numbers + [None] * (5 - len(numbers))
    return SignalLine(
        file=file,
        fmt=str(fmt),
        per_frame=per_frame or 1,
        skew=skew,
        offset=offset,
        gain=gain,
        baseline=baseline if baseline is not None else zero or 0,
        unit=unit or "mV",
        initial=initial or 0,
        checksum=checksum,
        name=rest or f"signal {row}",
    )


def _next_word(text: str) -> tuple[str, str]:
    word, _, rest = text.replace("\t", " ").partition(" ")
    return word, rest.strip()


def _scale(text: str, place: str) -> tuple[float | None, int | None, str]:
    match = _GAIN.fullmatch(text)
    if match is None:
        raise RecordingError(
            f"gives the gain {text[:20]!r}", where=place, remedy="It is written as 200(0)/mV."
        )
    gain = _number(match["gain"] or "0", "gain", place)
    baseline = _whole(match["baseline"], "baseline", place) if match["baseline"] else None
    # «A gain of zero or missing indicates that the signal amplitude is uncalibrated.»
    return gain or None, baseline, (match["unit"] or "")[:40]


def _safe(name: str, place: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > 200:
        raise RecordingError(
            f"names the file {name[:60]!r}, which is no plain file name",
            where=place,
            remedy="A header may name files of its own folder only: letters, digits, - and _.",
        )


def _whole(text: str, what: str, place: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise RecordingError(
            f"gives {text[:20]!r} as {what}", where=place, remedy="It must be a whole number."
        )
    return int(text)


def _number(text: str, what: str, place: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise RecordingError(
            f"gives {text[:20]!r} as {what}", where=place, remedy="It must be a number."
        )
    return value
