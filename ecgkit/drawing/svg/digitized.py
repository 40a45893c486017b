"""The leads read off a page, drawn where the page shows them, with how sure each moment is.

A lead stands in its own row and column of the page and at its own time. Where the reader is in
doubt, the line is dotted; under each row a band is as high as the confidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgkit.digitization.extraction import Traces
from ecgkit.drawing.style import variable
from ecgkit.drawing.svg.ecg_paper import (
    GUTTER,
    Paper,
    PaperBuilder,
    PaperScale,
    calibration_pulse,
    lead_name,
    row_reach,
    separator,
    text,
)
from ecgkit.drawing.svg.paths import paths_of
from ecgkit.paper.layouts import LAYOUTS, arrange
from ecgkit.recording import Recording

DOUBTFUL = 0.5
"""A sample of less confidence is drawn dotted."""
CONFIDENCE_HEIGHT = 3.0
"""Height in mm of the band at full confidence."""
_STRIP_WIDTH = 0.75  # of the page's traces: a lead that is wider is a rhythm strip
_SAME_TIME = 0.5  # of a column's width: columns that begin earlier do not follow each other


@dataclass(frozen=True)
class Piece:
    """A stretch of a lead, from ``start`` to ``stop`` in s, whose first sample stands at ``x`` s.

    Where the lead could not be read, ``start`` equals ``stop``.
    """

    lead: str
    start: float
    stop: float
    x: float


@dataclass(frozen=True)
class _Row:
    pieces: tuple[Piece, ...]
    top: float
    zero: float
    bottom: float


def draw_digitized(traces: Traces, *, scale: PaperScale | None = None, title: str = "ECG") -> Paper:
    """Draw the leads of a page on ECG paper as the page lays them out.

    Parameters
    ----------
    traces
        As :func:`ecgkit.digitization.extraction.read_traces` gives them.
    title
        What the drawing shows, for those who cannot see it.
    """
    scale = scale or PaperScale()
    rows = _placed(traces, scale)
    end = max(piece.x + piece.stop - piece.start for row in rows for piece in row.pieces)
    paper = PaperBuilder(end, rows[-1].bottom, scale)
    clear: list[str] = []
    doubtful: list[str] = []
    for row in rows:
        paper.gutter.append(calibration_pulse(row.zero, scale))
        paper.gutter.append(text(GUTTER - 1, row.bottom - 0.6, "confidence", 2.4, end=True))
        for piece in row.pieces:
            sure, unsure, under = _drawn(piece, row, traces, scale)
            clear += sure
            doubtful += unsure
            paper.body.append(under)
    paper.add_signal("tracing", clear)
    paper.add_signal("doubtful", doubtful)
    paper.body.extend(_label(piece, row, traces, scale) for row in rows for piece in row.pieces)
    return paper.finish(0.0, title)


def lead_confidence(traces: Traces, lead: str) -> float:
    """Return the mean confidence of a lead between its first and last known sample, 0 to 1."""
    first, last = seen(traces.recording, lead)
    row = traces.confidence[traces.recording.leads.index(lead)]
    return float(row[first:last].mean()) if last > first else 0.0


def seen(recording: Recording, lead: str) -> tuple[int, int]:
    """Return the first known sample of a lead and the one behind the last; 0 and 0 if none is."""
    known = np.flatnonzero(np.isfinite(recording.lead(lead)))
    return (int(known[0]), int(known[-1]) + 1) if known.size else (0, 0)


def show_same_time(traces: Traces) -> bool:
    """Say whether the page's columns all show the same time, each from its own beginning on."""
    return _columns(traces)[1]


def _placed(traces: Traces, scale: PaperScale) -> list[_Row]:
    rows, top = [], 0.0
    for pieces in arranged(traces):
        low, high = row_reach(
            _cut(traces.recording, piece) for piece in pieces if piece.stop > piece.start
        )
        above = 5 * np.ceil(np.clip(high * scale.gain + 6, scale.gain + 1, 40) / 5)
        below = 5 * np.ceil(np.clip(2 - low * scale.gain, 5, 40) / 5)
        zero = top + float(above)
        rows.append(_Row(tuple(pieces), top, zero, zero + float(below) + 5))
        top = rows[-1].bottom
    return rows


def arranged(traces: Traces) -> list[list[Piece]]:
    """Return what stands in each row of the page, from the top down and from left to right."""
    recording, boxes = traces.recording, traces.boxes
    layout = LAYOUTS[traces.layout]
    by_height = sorted(recording.leads, key=lambda lead: boxes[lead][1] + boxes[lead][3])
    if layout.columns == 1:
        return [[_whole(recording, lead)] for lead in by_height]
    strips = [lead for lead in by_height if _is_strip(traces, lead)][: layout.strips]
    columns, together = _columns(traces)
    usual = traces.layout.partition("+")[0]
    rows: list[list[Piece]] = [[] for _ in range(layout.rows)]
    for place in arrange(usual, LAYOUTS[usual].leads, cabrera=_cabrera(traces)):
        start, stop = columns[place.column]
        x = place.column * max(b - a for a, b in columns) if together else start
        if place.lead not in recording:
            start = stop
        elif place.lead not in strips:
            start, stop = (sample / recording.fs for sample in seen(recording, place.lead))
            x = x if together else start
        rows[place.row].append(Piece(place.lead, start, stop, x))
    return rows + [[_whole(recording, lead)] for lead in strips]


def _columns(traces: Traces) -> tuple[list[tuple[float, float]], bool]:
    """Return from when to when each column shows its leads, and whether all show the same time."""
    recording = traces.recording
    layout = LAYOUTS[traces.layout]
    if layout.columns == 1:
        return [(0.0, recording.duration)], False
    usual = traces.layout.partition("+")[0]
    span = recording.duration / layout.columns
    found: list[list[tuple[float, float]]] = [[] for _ in range(layout.columns)]
    for place in arrange(usual, LAYOUTS[usual].leads, cabrera=_cabrera(traces)):
        if place.lead in recording and not _is_strip(traces, place.lead):
            first, last = seen(recording, place.lead)
            found[place.column].append((first / recording.fs, last / recording.fs))
    later = [start for column in found[1:] for start, _ in column]
    width = max((stop - start for column in found for start, stop in column), default=span)
    together = bool(later) and float(np.median(later)) < _SAME_TIME * width
    columns = [
        (min(start for start, _ in column), max(stop for _, stop in column))
        if column
        else ((0.0, width) if together else (place * span, (place + 1) * span))
        for place, column in enumerate(found)
    ]
    return columns, together


def _is_strip(traces: Traces, lead: str) -> bool:
    if not LAYOUTS[traces.layout].strips:
        return False
    lefts, rights = zip(*((box[0], box[2]) for box in traces.boxes.values()), strict=True)
    left, _, right, _ = traces.boxes[lead]
    return bool(right - left > _STRIP_WIDTH * (max(rights) - min(lefts)))


def _cabrera(traces: Traces) -> bool:
    """Say whether aVL leads its column and stands above I, as in Cabrera's order alone."""
    if "I" not in traces.boxes or "aVL" not in traces.boxes:
        return False
    first, second = traces.boxes["aVL"], traces.boxes["I"]
    return bool(first[0] < second[0] + 10 and first[1] + first[3] < second[1] + second[3])


def _whole(recording: Recording, lead: str) -> Piece:
    first, last = seen(recording, lead)
    return Piece(lead, first / recording.fs, last / recording.fs, first / recording.fs)


def _cut(recording: Recording, piece: Piece) -> NDArray[np.floating]:
    first, last = (round(moment * recording.fs) for moment in (piece.start, piece.stop))
    return recording.lead(piece.lead)[first:last]


def _drawn(
    piece: Piece, row: _Row, traces: Traces, scale: PaperScale
) -> tuple[list[str], list[str], str]:
    """Return a piece's clear and its doubtful paths, and the band of its confidence under it."""
    if piece.stop <= piece.start:
        return [], [], ""
    recording = traces.recording
    y = row.zero - _cut(recording, piece) * scale.gain
    first = round(piece.start * recording.fs)
    sure = traces.confidence[recording.leads.index(piece.lead)][first : first + y.size]
    x = (piece.x + np.arange(y.size) / recording.fs) * scale.speed
    clear = sure >= DOUBTFUL
    joined = clear | np.roll(clear, 1) | np.roll(clear, -1)  # no gap where one becomes the other
    step = max(1, int(0.4 * recording.fs / scale.speed))
    heights = row.bottom - CONFIDENCE_HEIGHT * np.clip(sure[::step], 0, 1)
    points = "".join(f"L{a:.1f} {b:.2f}" for a, b in zip(x[::step], heights, strict=True))
    base = f"M{x[0]:.1f} {row.bottom:g}{points}L{x[-1]:.1f} {row.bottom:g}Z"
    band = (
        f'<path class="confidence" d="{base}" fill="{variable("shade")}" fill-opacity=".3" '
        f'stroke="{variable("shade")}" stroke-width=".15"/>'
    )
    return (
        paths_of(x, np.where(joined, y, np.nan)),
        paths_of(x, np.where(clear, np.nan, y)),
        band,
    )


def _label(piece: Piece, row: _Row, traces: Traces, scale: PaperScale) -> str:
    """Return a lead's name with its confidence, and the tick where it begins."""
    left = piece.x * scale.speed
    note = "not read"
    if piece.stop > piece.start:
        note = f"{100 * lead_confidence(traces, piece.lead):.0f} %"
    tick = separator(left, row.zero) if left > 1 else ""
    return tick + lead_name(piece.lead, left, row.top, note, 2.9)
