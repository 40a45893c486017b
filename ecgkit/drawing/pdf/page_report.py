"""The report on a paper ECG on A4: photo, mask, diagnoses, tracing true to scale, caution.

Photo and page are drawn anew from their pixels: nothing else of the file that came in gets out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepInFrame, Table, TableStyle

from ecgkit import models
from ecgkit.diagnosis.page_reading import PageReading
from ecgkit.diagnosis.predict import Diagnoses
from ecgkit.digitization.segmentation import NETWORK
from ecgkit.drawing.html.page_stages import page_frame
from ecgkit.drawing.pdf.canvas import Drawing, PdfPen
from ecgkit.drawing.pdf.layout import (
    BOTTOM,
    GREY,
    Area,
    build_pdf,
    caution_height,
    height_of,
    one_line,
    paragraph,
    table,
    warnings_split,
)
from ecgkit.drawing.pdf.page_findings import WIDTH as FINDINGS_WIDTH
from ecgkit.drawing.pdf.page_findings import findings_table
from ecgkit.drawing.pdf.page_leads import AXIS, leads_drawing
from ecgkit.drawing.style import DIAGNOSES_CAUTION, NOT_A_DEVICE, PAPER, PAPER_CAUTION
from ecgkit.drawing.svg.digitized import show_same_time
from ecgkit.paper.layouts import LAYOUTS
from ecgkit.paper.scale import PX_PER_MM, Picture

LEFT, RIGHT, HEAD = 11.0, 286.0, 6.0
BAND, BAND_HEIGHT = 22.6, 61.0
"""Top of photo, mask and diagnoses, and how high they may be."""
PICTURES_WIDTH, PICTURES_HEIGHT = RIGHT - LEFT - FINDINGS_WIDTH - 4, 52.0
TOP = 84.5
PAPER_WIDTH, PAPER_HEIGHT = 275.0, 95.0
GAP = 4.0
SMALL, SMALLEST = 6.0, 5.5
"""Font sizes of the caution and of where the networks come from, in points."""
FADED = 0.4
"""How much of the page's contrast is left under the mask."""
BLUE = PAPER["shade"][0]


def paper_pdf(report: PageReading, diagnoses: Diagnoses | None, photo: Picture) -> bytes:
    """Return the report as a PDF, A4 landscape.

    One page, and further ones where the warnings have no room on it.

    Parameters
    ----------
    report
        What was read, as far as it was; what is absent is said in its place.
    diagnoses
        The labels to show; None where nobody could answer.
    photo
        uint8, shape (height, width, 3), RGB: the photo that was read.

    Raises
    ------
    RecordingError
        Where the catalogue's cards cannot be read.
    """
    if diagnoses is None:
        findings: list[Flowable] = [
            paragraph("Diagnoses", 8, bold=True),
            _absent(FINDINGS_WIDTH, PICTURES_HEIGHT, "None: no mask was found."),
        ]
    else:
        findings = findings_table(diagnoses)
    tracing, scale = _tracing(report)
    caution = paragraph(f"{DIAGNOSES_CAUTION} {PAPER_CAUTION}", SMALL, bold=True)
    foot_top = TOP + PAPER_HEIGHT + AXIS
    room = BOTTOM - caution_height(caution) - 0.3 - foot_top
    foot, further = _foot(report, diagnoses, scale, room)
    areas = [
        Area(LEFT, HEAD, PAPER_WIDTH, BAND - HEAD, _head(report, photo)),
        Area(LEFT, BAND, PICTURES_WIDTH, BAND_HEIGHT, _pictures(report, photo)),
        Area(RIGHT - FINDINGS_WIDTH, BAND, FINDINGS_WIDTH, BAND_HEIGHT, findings),
        Area(LEFT, TOP, PAPER_WIDTH, PAPER_HEIGHT + AXIS, [tracing]),
        Area(LEFT, foot_top, PAPER_WIDTH, room, foot),
    ]
    return build_pdf("Paper ECG report", areas, further, caution)


def _head(report: PageReading, photo: Picture) -> list[Flowable]:
    found, traces = report.rectified, report.traces
    height, width = photo.shape[:2]
    facts = [f"photo {width} × {height} px"]
    if found is not None:
        x, y = found.photo_px_per_mm
        tall, wide = (side / PX_PER_MM for side in found.picture.shape[:2])
        facts += [f"{x:.2f} × {y:.2f} px/mm", f"page {wide:.0f} × {tall:.0f} mm"]
    if traces is not None:
        seen = traces.confidence[np.isfinite(traces.recording.signal)]
        facts += [
            f"layout: {LAYOUTS[traces.layout].title}",
            f"read at {traces.mm_per_s:g} mm/s, {traces.mm_per_mv:g} mm/mV",
            f"mean confidence {100 * float(seen.mean()):.0f} %",
        ]
    title = [
        paragraph("Paper ECG report", 14, bold=True),
        paragraph(NOT_A_DEVICE, 8.5, bold=True, align="right"),
    ]
    return [
        table([title], [85, PAPER_WIDTH - 85]),
        one_line(report.name, PAPER_WIDTH, 9.5, bold=True),
        paragraph(" · ".join(facts), 8),
    ]


def _pictures(report: PageReading, photo: Picture) -> list[Flowable]:
    """Return the photo with the page's frame and, equally high, the mask over the page."""
    found, mask = report.rectified, report.mask
    shapes = [photo.shape, photo.shape if found is None else found.picture.shape]
    aspects = [shape[1] / shape[0] for shape in shapes]
    high = min(PICTURES_HEIGHT, (PICTURES_WIDTH - GAP) / sum(aspects))
    first, second = (max(1.0, high * aspect) for aspect in aspects)
    photo_drawing = Drawing(first, high, lambda pen: _photo(pen, report, photo, first, high))
    if found is None or mask is None:
        masked: Flowable = _absent(second, high, _why(report, "The page could not be read"))
    else:
        picture = _masked(found.picture, mask)
        masked = Drawing(second, high, lambda pen: pen.picture(0, 0, second, high, picture))
    widths = (first + GAP, second)
    frame = "Frame: the page as found" if found is not None else ""
    colour = "Blue, on the rectified page" if found is not None and mask is not None else ""
    named = [(photo_drawing, "Photo", frame), (masked, "Mask of the traces", colour)]
    columns = [
        [paragraph(title, 8, bold=True, after=0.8), drawing, paragraph(words, SMALL, colour=GREY)]
        for drawing, title, words in named
    ]
    if min(first, second) > 25:
        return [table([columns], widths)]
    # A heading has no room over a strip of a picture: the headings stand over both.
    return [
        paragraph("Photo; mask of the traces", 8, bold=True, after=0.8),
        table([[photo_drawing, masked]], widths),
        paragraph(f"{frame}. {colour}." if colour else frame, SMALL, colour=GREY),
    ]


def _photo(pen: PdfPen, report: PageReading, photo: Picture, width: float, height: float) -> None:
    pen.picture(0, 0, width, height, photo)
    if report.rectified is None:
        return
    step = height / photo.shape[0]
    corners = [
        ((x + 0.5) * step, (y + 0.5) * step) for x, y in page_frame(report.rectified, photo.shape)
    ]
    for line, colour in ((0.9, "#ffffff"), (0.4, BLUE)):
        pen.line([*corners, corners[0]], line, colour)


def _masked(picture: Picture, mask: NDArray[np.float32]) -> Picture:
    """Return the page, faded, with the mask on it in blue."""
    faded = 255 - FADED * (255 - picture.astype(np.float32))
    blue = np.array([int(BLUE[place : place + 2], 16) for place in (1, 3, 5)], np.float32)
    share = np.clip(mask, 0, 1)[..., np.newaxis]
    mixed: Picture = np.rint(faded + share * (blue - faded)).astype(np.uint8)
    return mixed


def _tracing(report: PageReading) -> tuple[Flowable, str]:
    """Return the leads and the scale in words; why there are none where there are none."""
    if report.traces is None:
        why = _why(report, "The leads could not be read")
        return _absent(PAPER_WIDTH, PAPER_HEIGHT, why), "No tracing"
    drawing, scale = leads_drawing(report.traces, PAPER_WIDTH, PAPER_HEIGHT)
    together = " · all columns show the same time" if show_same_time(report.traces) else ""
    return drawing, f"Drawn at {scale.text}{together}"


def _why(report: PageReading, what: str) -> str:
    error = report.error
    if error is None:
        return f"{what}."
    return f"{what}: {error.where or 'the page'} {error.problem.rstrip('.')}. {error.remedy}"


def _absent(width: float, height: float, words: str) -> Flowable:
    """Return a frame that says in its own place why something is not there."""
    inner = KeepInFrame((width - 4) * mm, (height - 4) * mm, [paragraph(words, 8)], mode="shrink")
    framed = Table([[inner]], [width * mm], [height * mm], hAlign="LEFT")
    box = ("BOX", (0, 0), (-1, -1), 0.2 * mm, HexColor(GREY), 0, (1.5 * mm, 1.0 * mm))
    padding = [(f"{side}PADDING", (0, 0), (-1, -1), 2 * mm) for side in ("LEFT", "TOP")]
    framed.setStyle(TableStyle([box, *padding, ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return framed


def _foot(
    report: PageReading, diagnoses: Diagnoses | None, scale: str, room: float
) -> tuple[list[Flowable], list[Flowable]]:
    """Return what stands below the tracing, and the warnings that have no room there."""
    drawn = ""
    if report.traces is not None:
        drawn = "Beside each lead its confidence; dashed where in doubt. True to scale at 100 %."
    scale_row = [paragraph(scale, 7.5, bold=True), paragraph(drawn, align="right")]
    catalogue = models.catalogue()
    shares = dict(diagnoses.networks) if diagnoses else {}
    cards = [catalogue[name] for name in (*shares, NETWORK)]
    named = [
        (f"{100 * share:.0f} % " if share < 1 else "") + f"{card.title} (sha256 {card.sha256[:12]})"
        for card, share in zip(cards, (*shares.values(), 1.0), strict=True)
    ]
    data = dict.fromkeys(card.data for card in reversed(cards))  # the mask's first: it is short
    head = [table([scale_row], [120, PAPER_WIDTH - 120])]
    origin = [
        paragraph(f"Networks: {'; '.join(named)}.", SMALLEST),
        paragraph(f"Trained on: {' · '.join(data)}", SMALLEST),
    ]
    said = (*report.warnings, *(diagnoses.warnings if diagnoses else ()))
    free = room - height_of([*head, *origin], PAPER_WIDTH)
    here, further = warnings_split(said, PAPER_WIDTH, free)
    return [*head, *here, *origin], further
