"""A report's pages: areas of the first page with their flowables, and pages for what is left over.

Nothing that has to be read is cut: an area's text shrinks a little where it must, and warnings that
have no room go on to a further page.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    FrameBreak,
    KeepInFrame,
    NextPageTemplate,
    PageTemplate,
    Paragraph,
    Table,
    TableStyle,
)

from ecgkit import __version__
from ecgkit.drawing.pdf.fonts import BOLD, PLAIN, fitted, markup, printable
from ecgkit.drawing.style import PAPER

WIDTH, HEIGHT = 297.0, 210.0
"""A4 landscape in mm."""
MARGIN = 11.0
"""To all sides of a further page; at the foot, the version stands right of the caution."""
VERSION_WIDTH = 12.0
BOTTOM = 207.0
"""Lower edge in mm of the caution, which stands at the foot of every page."""
SIZES = (6.5, 6.0, 5.5)
"""Font sizes in points that warnings are tried at before they go on to a further page."""
INK, GREY = PAPER["ink"][0], "#66605d"
_ALIGNMENTS = {"left": TA_LEFT, "centre": TA_CENTER, "right": TA_RIGHT}
_NO_PADDING = [
    (f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")
]


@dataclass(frozen=True)
class Area:
    """A part of the first page in mm from its upper left corner, and what stands in it."""

    left: float
    top: float
    width: float
    height: float
    content: Sequence[Flowable]


def paragraph(
    words: str,
    size: float = 6.5,
    *,
    bold: bool = False,
    align: str = "left",
    colour: str = INK,
    after: float = 0.0,
) -> Paragraph:
    """Return any text as a paragraph that wraps, ``after`` mm of room below it."""
    style = _style(size, bold, align, colour, after)
    return Paragraph(markup(printable(words), style.fontName), style)


def one_line(words: str, width: float, size: float, *, bold: bool = False) -> Paragraph:
    """Return a name on one line of so many mm, its middle left out where it is longer."""
    style = _style(size, bold, "left", INK, 0.0)
    line = fitted(printable(words), width * mm - 1, size, style.fontName)
    return Paragraph(markup(line, style.fontName), style)


def table(
    rows: Sequence[Sequence[Flowable | str]],
    widths: Sequence[float],
    *,
    row_height: float | None = None,
    rule: bool = False,
) -> Table:
    """Return a table without padding, columns and rows in mm; ``rule``: a line under the first."""
    heights = None if row_height is None else [row_height * mm] * len(rows)
    styles: list[tuple[object, ...]] = [*_NO_PADDING, ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    if rule:
        styles.append(("LINEBELOW", (0, 0), (-1, 0), 0.15 * mm, HexColor(GREY)))
    return Table(
        rows, [width * mm for width in widths], heights, style=TableStyle(styles), hAlign="LEFT"
    )


def warnings_split(
    warnings: Sequence[str], width: float, room: float
) -> tuple[list[Flowable], list[Flowable]]:
    """Return the warnings as paragraphs: what has room in so many mm, and what has not.

    They shrink down to the last of :data:`SIZES` before any goes on to a further page.
    """
    if not warnings:
        return [], []
    words = f"Warnings: {' '.join(warnings)}"
    for size in SIZES:
        whole = _unlimited(words, size)
        if whole.wrap(width * mm, HEIGHT * mm)[1] <= room * mm:
            return [whole], []
    whole = _unlimited(words, SIZES[0])
    parts = whole.split(width * mm, room * mm) if room > 0 else []
    if len(parts) < 2:
        return [], [whole]
    return parts[:1], [paragraph("Warnings, continued", 9, bold=True, after=1), *parts[1:]]


def height_of(content: Sequence[Flowable], width: float) -> float:
    """Return how high flowables are, one below the other, in mm."""
    heights = (
        part.wrap(width * mm, HEIGHT * mm)[1] + part.getSpaceBefore() + part.getSpaceAfter()
        for part in content
    )
    return float(sum(heights) / mm)


def build_pdf(
    title: str, areas: Sequence[Area], further: Sequence[Flowable], caution: Paragraph
) -> bytes:
    """Return the PDF.

    Parameters
    ----------
    areas
        Of the first page, in the order of reading.
    further
        What stands on the pages after it; no page where empty.
    caution
        What stands at the foot of every page.
    """
    content = io.BytesIO()
    document = BaseDocTemplate(
        content,
        pagesize=(WIDTH * mm, HEIGHT * mm),
        title=title,
        author="ecgkit",
        creator="ecgkit",
        subject="",
        pageCompression=1,
    )

    def foot(canvas: Canvas, document: BaseDocTemplate) -> None:
        wide = (WIDTH - 2 * MARGIN - VERSION_WIDTH) * mm
        caution.wrapOn(canvas, wide, HEIGHT * mm)
        caution.drawOn(canvas, areas[0].left * mm, (HEIGHT - BOTTOM) * mm)
        canvas.setFillColor(HexColor(GREY))
        canvas.setFont(PLAIN, 5)
        pages = [f"page {document.page}"] if further else []
        for line, words in enumerate([f"ecgkit {__version__}", *pages]):
            y = (HEIGHT - BOTTOM) * mm + 1.5 + 6 * line
            canvas.drawRightString((WIDTH - MARGIN) * mm, y, words)

    frames = [_frame(area.left, area.top, area.width, area.height) for area in areas]
    high = BOTTOM - caution_height(caution) - 3 - MARGIN
    rest = _frame(MARGIN, MARGIN, WIDTH - 2 * MARGIN, high)
    document.addPageTemplates(
        [
            PageTemplate("first", frames, onPageEnd=foot),
            PageTemplate("further", [rest], onPageEnd=foot),
        ]
    )
    story: list[Flowable] = [NextPageTemplate("further")]
    for place, area in enumerate(areas):
        if place:
            story.append(FrameBreak())
        story.append(
            KeepInFrame(area.width * mm, area.height * mm, list(area.content), mode="shrink")
        )
    if further:
        story += [FrameBreak(), *further]
    document.build(story)
    return content.getvalue()


def caution_height(caution: Paragraph) -> float:
    """Return how much room in mm the caution takes at the foot."""
    wide = (WIDTH - 2 * MARGIN - VERSION_WIDTH) * mm
    return float(caution.wrap(wide, HEIGHT * mm)[1] / mm)


def _unlimited(words: str, size: float) -> Paragraph:
    style = _style(size, False, "left", INK, 0.0)
    return Paragraph(markup(printable(words, longest=None)), style)


def _frame(left: float, top: float, width: float, height: float) -> Frame:
    return Frame(
        left * mm,
        (HEIGHT - top - height) * mm,
        width * mm,
        height * mm + 0.01,  # rounding is not to push out what fits exactly
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )


@cache
def _style(size: float, bold: bool, align: str, colour: str, after: float) -> ParagraphStyle:
    return ParagraphStyle(
        f"{size}-{bold}-{align}-{colour}-{after}",
        fontName=BOLD if bold else PLAIN,
        fontSize=size,
        leading=1.18 * size,
        alignment=_ALIGNMENTS[align],
        textColor=HexColor(colour),
        spaceAfter=after * mm,
        splitLongWords=1,
    )
