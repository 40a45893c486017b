"""The leads of a page on ECG paper, drawn true to scale into a part of a PDF pen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecgkit.digitization.extraction import Traces
from ecgkit.drawing.pdf.canvas import Drawing, PdfPen
from ecgkit.drawing.style import PAPER, STYLES
from ecgkit.drawing.svg.digitized import DOUBTFUL, Piece, arranged, lead_confidence
from ecgkit.drawing.svg.ecg_paper import PaperScale, clock, spread
from ecgkit.drawing.svg.paths import lines_of

SPEEDS, GAINS = (25.0, 12.5, 6.25), (10.0, 5.0, 2.5)
"""What a tracing is drawn at: the first that has room."""
GUTTER = 10.0
"""From the paper's left edge to the first sample: room for the calibration pulse."""
TRACE_WIDTH = 0.3
AXIS = 4.0
"""Below the paper: room for the times."""
CROWDED = 1.35
"""Rows may be so many times higher than the paper: waves reach into the next row, as in print."""
INK, GREY = PAPER["ink"][0], "#66605d"
_NAME = 3.5  # mm above the highest wave


@dataclass(frozen=True)
class _Row:
    pieces: Sequence[Piece]
    above: float
    below: float


def leads_drawing(traces: Traces, width: float, height: float) -> tuple[Drawing, PaperScale]:
    """Return a drawing of the leads where the page has them, and the scale they have room at.

    Parameters
    ----------
    width, height
        Of the paper, in mm and whole large boxes. Times stand in :data:`AXIS` below it.
    """
    layout = arranged(traces)
    end = max(piece.x + piece.stop - piece.start for row in layout for piece in row)
    room = width - GUTTER
    speed = next((speed for speed in SPEEDS if end * speed <= room), SPEEDS[-1])
    rows, gain = _fitting(traces, layout, height)
    scale = PaperScale(speed, gain)

    def draw(pen: PdfPen) -> None:
        _paper(pen, traces, rows, width, height, scale)
        for second in range(min(math.floor(end), int(room / speed)) + 1):
            x = GUTTER + speed * second
            pen.line([(x, height), (x, height + 0.8)], 0.2, INK)
            pen.text(x, height + 3, clock(float(second)), 6, align="centre")

    return Drawing(width, height + AXIS, draw), scale


def _paper(
    pen: PdfPen,
    traces: Traces,
    rows: Sequence[_Row],
    width: float,
    height: float,
    scale: PaperScale,
) -> None:
    pen.paper(0, 0, width, height)
    pen.clip(0, 0, width, height)
    stretch = height / sum(row.above + row.below for row in rows)
    start, pulse = 0.0, -height
    for row in rows:
        zero = round(start + stretch * row.above)  # on a line of the paper
        if zero - pulse > scale.gain + 1:  # not into the one above
            _calibration(pen, zero, scale)
            pulse = zero
        for piece in row.pieces:
            _piece(pen, traces, piece, zero, scale)
            _name(pen, traces, piece, GUTTER + piece.x * scale.speed, start + 3.2)
        start += stretch * (row.above + row.below)
    pen.unclip()


def _fitting(
    traces: Traces, layout: Sequence[Sequence[Piece]], height: float
) -> tuple[list[_Row], float]:
    """Return the rows' heights in mm at the largest gain that has room, and the gain."""
    rows: list[_Row] = []
    gain = GAINS[0]
    for gain in GAINS:
        rows = [_row(traces, pieces, gain) for pieces in layout]
        if sum(row.above + row.below for row in rows) <= CROWDED * height:
            break
    return rows, gain


def _row(traces: Traces, pieces: Sequence[Piece], gain: float) -> _Row:
    reach = [
        spread(traces.recording.lead(piece.lead)[_samples(traces, piece)])
        for piece in pieces
        if piece.stop > piece.start
    ]
    low, high = (min((a for a, _ in reach), default=0), max((b for _, b in reach), default=0))
    return _Row(pieces, max(high, 0.3) * gain + _NAME, max(-low, 0.1) * gain + 1)


def _samples(traces: Traces, piece: Piece) -> slice:
    fs = traces.recording.fs
    return slice(round(piece.start * fs), round(piece.stop * fs))


def _piece(pen: PdfPen, traces: Traces, piece: Piece, zero: float, scale: PaperScale) -> None:
    """Draw a stretch of a lead, dashed where the reader is in doubt."""
    if piece.stop <= piece.start:
        return
    recording, part = traces.recording, _samples(traces, piece)
    values = recording.lead(piece.lead)[part]
    x = GUTTER + (piece.x + np.arange(values.size) / recording.fs) * scale.speed
    y = np.clip(zero - values * scale.gain, -pen.height, 2 * pen.height)
    clear = traces.confidence[recording.leads.index(piece.lead)][part] >= DOUBTFUL
    joined = clear | np.roll(clear, 1) | np.roll(clear, -1)  # no gap where one becomes the other
    pen.trace(lines_of(x, np.where(joined, y, np.nan)), TRACE_WIDTH)
    doubt = STYLES["doubtful"]
    pen.trace(lines_of(x, np.where(clear, np.nan, y)), doubt.width, doubt.light, dash=doubt.dash)


def _name(pen: PdfPen, traces: Traces, piece: Piece, x: float, y: float) -> None:
    if piece.x > 0:  # beside the name, not through the trace, where it would look like a spike
        pen.line([(x, y - 2.6), (x, y + 0.8)], 0.25, INK)
    end = pen.text(x + 1, y, piece.lead, 8, bold=True)
    read = piece.stop > piece.start
    note = f"{100 * lead_confidence(traces, piece.lead):.0f} %" if read else "not read"
    pen.text(end + 1.2, y, note, 6, colour=GREY)


def _calibration(pen: PdfPen, zero: float, scale: PaperScale) -> None:
    """Draw the pulse of 1 mV for 0.2 s."""
    x, wide, high = 1.0, 0.2 * scale.speed, scale.gain
    shape = [(x, zero), (x + 1, zero), (x + 1, zero - high), (x + 1 + wide, zero - high)]
    pen.line([*shape, (x + 1 + wide, zero), (x + 2 + wide, zero)], TRACE_WIDTH, INK)
