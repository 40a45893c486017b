"""A stretch of a recording on ECG paper as a PDF page of the drawing's own size, true to scale."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from ecgkit.drawing.pdf.canvas import PdfPen
from ecgkit.drawing.pdf.fonts import register_fonts
from ecgkit.drawing.pdf.layout import GREY, INK
from ecgkit.drawing.style import NOT_A_DEVICE, STYLES
from ecgkit.drawing.svg.ecg_paper import AXIS, GUTTER, PaperScale, clock
from ecgkit.drawing.svg.paths import lines_of
from ecgkit.drawing.svg.tracing import TracingRow, row_pieces, tracing_rows
from ecgkit.processing.beats import Beats
from ecgkit.recording import Recording, RecordingError

MARGIN = 5.0
NOTES = 9.0
"""Below the paper in mm: room for the scale and what the drawing is not for."""
LONGEST_PAGE = 5000.0
"""No PDF page may be longer, in mm."""


def tracing_pdf(
    window: Recording,
    beats: Beats,
    *,
    layout: str = "3x4",
    start: float = 0.0,
    scale: PaperScale | None = None,
    title: str = "ECG",
) -> bytes:
    """Return the drawing of :func:`ecgkit.drawing.svg.tracing.draw_tracing` as a PDF of one page.

    Raises
    ------
    RecordingError
        Where the stretch is longer than a PDF page can be: 5 m of paper.
    """
    scale = scale or PaperScale()
    rows = tracing_rows(window, beats, layout, scale)
    length = float(5 * np.ceil(window.duration * scale.speed / 5 - 1e-6))
    wide, bottom = GUTTER + length, rows[-1].bottom
    width, height = wide + 2 * MARGIN, bottom + AXIS + NOTES + 2 * MARGIN
    if width > LONGEST_PAGE:
        raise RecordingError(
            f"would need {width / 1000:.1f} m of paper in one PDF page",
            where=window.name,
            remedy=f"A page holds {int((LONGEST_PAGE - 2 * MARGIN - GUTTER) / scale.speed)} s.",
        )
    register_fonts()
    content = io.BytesIO()
    canvas = Canvas(content, pagesize=(width * mm, height * mm), pageCompression=1)
    canvas.setTitle("ECG")
    canvas.setAuthor("ecgkit")
    canvas.setCreator("ecgkit")
    canvas.translate(MARGIN * mm, -MARGIN * mm)
    pen = PdfPen(canvas, height)
    pen.paper(0, 0, wide, bottom)
    pen.clip(0, 0, wide, bottom)
    for row in rows:
        _draw_row(pen, window, row, scale)
    pen.unclip()
    _marks(pen, beats, rows, scale)
    for second in range(int(window.duration + 1e-6) + 1):
        x = GUTTER + second * scale.speed
        pen.line([(x, bottom), (x, bottom + 1)], 0.25, INK)
        pen.text(x, bottom + 4, clock(round(start + second, 2)), 6.5, align="centre")
    pen.text(0, bottom + AXIS + 3, f"{title} · {scale.text}", 7)
    pen.text(0, bottom + AXIS + 7, NOT_A_DEVICE, 6, colour=GREY)
    canvas.showPage()
    canvas.save()
    return content.getvalue()


def _draw_row(pen: PdfPen, window: Recording, row: TracingRow, scale: PaperScale) -> None:
    if scale.unit == "mV":
        x, wide, zero = GUTTER - 8 - 0.2 * scale.speed, 0.2 * scale.speed, row.zero
        top = zero - scale.gain
        shape = [(x - 1, zero), (x, zero), (x, top), (x + wide, top), (x + wide, zero)]
        pen.line([*shape, (x + wide + 1, zero)], 0.3, INK)
    for piece in row_pieces(window, row, scale):
        left = GUTTER + piece.left
        y = np.clip(piece.y, -pen.height, 2 * pen.height)
        pen.trace(lines_of(GUTTER + piece.x, y), STYLES["tracing"].width)
        if piece.left > 0:
            for top in (row.zero - 4, row.zero + 1):
                pen.line([(left, top), (left, top + 3)], 0.3, INK)
        end = pen.text(left + 1.5, row.label_top + 4.3, piece.lead[:24], 10, bold=True)
        pen.text(end + 1.5, row.label_top + 4.3, piece.note, 8)


def _marks(pen: PdfPen, beats: Beats, rows: Sequence[TracingRow], scale: PaperScale) -> None:
    """Draw a triangle for each R peak, and between two the RR interval in ms."""
    top = next(row.top for row in rows if row.strip)
    places = GUTTER + beats.times * scale.speed
    for x in places:
        corners = [(x, top + 6.2), (x - 1.1, top + 4), (x + 1.1, top + 4)]
        pen.line(corners, 0, INK, closed=True)
    for before, after, rr in zip(places[:-1], places[1:], beats.rr, strict=True):
        if after - before > 7:
            pen.text((before + after) / 2, top + 4.8, f"{1000 * rr:.0f}", 7, align="centre")
