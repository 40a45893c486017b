"""The report on a paper ECG as one A4 page: photo, mask, diagnoses, tracing true to scale, caution.

Photo and page are drawn anew from their pixels: nothing else of the file that came in gets out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecgkit import __version__, models
from ecgkit.diagnosis.predict import Diagnoses
from ecgkit.digitization.pipeline import PaperReport
from ecgkit.digitization.segmentation import NETWORK
from ecgkit.drawing.html.page_stages import page_frame
from ecgkit.drawing.pdf.canvas import PdfPage, wrapped, writable
from ecgkit.drawing.pdf.page_findings import WIDTH as FINDINGS_WIDTH
from ecgkit.drawing.pdf.page_findings import draw_findings
from ecgkit.drawing.pdf.page_leads import AXIS, draw_leads
from ecgkit.drawing.style import DIAGNOSES_CAUTION, NOT_A_DEVICE, PAPER, PAPER_CAUTION
from ecgkit.drawing.svg.digitized import show_same_time
from ecgkit.paper.layouts import LAYOUTS
from ecgkit.paper.scale import PX_PER_MM, Picture

WIDTH, HEIGHT = 297.0, 210.0
LEFT, RIGHT = 11.0, 286.0
BAND = 26.0
"""Top of photo, mask and diagnoses."""
PICTURES_WIDTH, PICTURES_HEIGHT = RIGHT - LEFT - FINDINGS_WIDTH - 4, 52.0
TOP = 86.0
SHEET_WIDTH, SHEET_HEIGHT = 275.0, 95.0
GAP = 4.0
BOTTOM = 207.0
SMALL = 6.0
"""Font size of the last lines, in points."""
FADED = 0.4
"""How much of the page's contrast is left under the mask."""
INK, GREY, BLUE = PAPER["ink"][0], "#66605d", PAPER["shade"][0]


def paper_pdf(report: PaperReport, diagnoses: Diagnoses | None, photo: Picture) -> bytes:
    """Return the report as a PDF of one page, A4 landscape.

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
    page = PdfPage(WIDTH, HEIGHT, "Paper ECG report")
    _head(page, report, photo)
    _pictures(page, report, photo)
    table = RIGHT - FINDINGS_WIDTH
    if diagnoses is None:
        page.text(table, BAND, "Diagnoses", 8, bold=True)
        _absent(page, table, BAND + 2, FINDINGS_WIDTH, PICTURES_HEIGHT, "None: no mask was found.")
    else:
        draw_findings(page, diagnoses, table, BAND)
    scale = _tracing(page, report)
    _foot(page, report, diagnoses, scale)
    return page.finish()


def _head(page: PdfPage, report: PaperReport, photo: Picture) -> None:
    page.text(LEFT, 11.5, "Paper ECG report", 14, bold=True)
    page.text(RIGHT, 11.5, NOT_A_DEVICE, 9.5, bold=True, align="right")
    page.text(LEFT, 17, report.name, 9.5, bold=True, width=SHEET_WIDTH)
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
    page.text(LEFT, 21.3, " · ".join(facts), 8, width=SHEET_WIDTH)


def _pictures(page: PdfPage, report: PaperReport, photo: Picture) -> None:
    """Draw the photo with the page's frame and, equally high, the mask over the rectified page."""
    found, mask = report.rectified, report.mask
    shapes = [photo.shape, photo.shape if found is None else found.picture.shape]
    aspects = [shape[1] / shape[0] for shape in shapes]
    high = min(PICTURES_HEIGHT, (PICTURES_WIDTH - GAP) / sum(aspects))
    first, second = (max(1.0, high * aspect) for aspect in aspects)
    top, right = BAND + 2, LEFT + first + GAP
    page.text(LEFT, BAND, "Photo", 8, bold=True, width=first)
    page.picture(LEFT, top, first, high, photo)
    words = "" if found is None else "Frame: the page as found"
    if found is not None:
        step = high / photo.shape[0]
        corners = [
            (LEFT + (x + 0.5) * step, top + (y + 0.5) * step)
            for x, y in page_frame(found, photo.shape)
        ]
        for line, colour in ((0.9, "#ffffff"), (0.4, BLUE)):
            page.line([*corners, corners[0]], line, colour)
    page.text(LEFT, top + high + 2.6, words, SMALL, width=first, colour=GREY)
    page.text(right, BAND, "Mask of the traces", 8, bold=True, width=second)
    if found is None or mask is None:
        _absent(page, right, top, second, high, _why(report, "The page could not be read"))
        return
    page.picture(right, top, second, high, _masked(found.picture, mask))
    words = "Blue, on the rectified page"
    page.text(right, top + high + 2.6, words, SMALL, width=second, colour=GREY)


def _masked(picture: Picture, mask: NDArray[np.float32]) -> Picture:
    """Return the page, faded, with the mask on it in blue."""
    faded = 255 - FADED * (255 - picture.astype(np.float32))
    blue = np.array([int(BLUE[place : place + 2], 16) for place in (1, 3, 5)], np.float32)
    share = np.clip(mask, 0, 1)[..., np.newaxis]
    mixed: Picture = np.rint(faded + share * (blue - faded)).astype(np.uint8)
    return mixed


def _tracing(page: PdfPage, report: PaperReport) -> str:
    """Draw the leads and return the scale in words; why there are none where there are none."""
    if report.traces is None:
        why = _why(report, "The leads could not be read")
        _absent(page, LEFT, TOP, SHEET_WIDTH, SHEET_HEIGHT, why)
        return "No tracing"
    scale = draw_leads(page, report.traces, LEFT, TOP, SHEET_WIDTH, SHEET_HEIGHT)
    together = " · all columns show the same time" if show_same_time(report.traces) else ""
    return f"Drawn at {scale.text}{together}"


def _why(report: PaperReport, what: str) -> str:
    error = report.error
    if error is None:
        return f"{what}."
    return f"{what}: {error.where or 'the page'} {error.problem.rstrip('.')}. {error.remedy}"


def _absent(
    page: PdfPage, left: float, top: float, width: float, height: float, words: str
) -> None:
    """Say in its own place why something is not there."""
    corners = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
    page.line([*corners, corners[0]], 0.2, GREY, dash=(1.5, 1.0))
    lines = max(1, int((height - 6) / 3.5))
    page.paragraph(left + 3, top + min(8, height / 2 + 1), words, width - 6, lines, 8)


def _foot(page: PdfPage, report: PaperReport, diagnoses: Diagnoses | None, scale: str) -> None:
    y = TOP + SHEET_HEIGHT + AXIS + 3.0
    page.text(LEFT, y, scale, 7.5, bold=True)
    if report.traces is not None:
        words = "Beside each lead its confidence; dashed where in doubt. True to scale at 100 %."
        page.text(RIGHT, y, words, 6.5, align="right")
    catalogue = models.catalogue()
    shares = dict(diagnoses.networks) if diagnoses else {}
    cards = [catalogue[name] for name in (*shares, NETWORK)]
    named = [
        (f"{100 * share:.0f} % " if share < 1 else "") + f"{card.title} (sha256 {card.sha256[:12]})"
        for card, share in zip(cards, (*shares.values(), 1.0), strict=True)
    ]
    data = dict.fromkeys(card.data for card in reversed(cards))  # the mask's first: it is short
    said = (*report.warnings, *(diagnoses.warnings if diagnoses else ()))
    step, caution = 0.42 * SMALL, BOTTOM - 0.42 * SMALL
    y += 3.0
    networks = f"Networks: {'; '.join(named)}."
    taken = 1 + len(wrapped(writable(networks), SHEET_WIDTH, 2, SMALL))  # and a line of data
    if said:
        lines = int((caution - y) / step) - taken
        y = page.paragraph(LEFT, y, f"Warnings: {' '.join(said)}", SHEET_WIDTH, lines, SMALL)
    y = page.paragraph(LEFT, y, networks, SHEET_WIDTH, 2, SMALL)
    lines = int((caution - y) / step)
    page.paragraph(LEFT, y, f"Trained on: {' · '.join(data)}", SHEET_WIDTH, lines, SMALL)
    words = f"{DIAGNOSES_CAUTION} {PAPER_CAUTION}"
    page.paragraph(LEFT, caution, words, SHEET_WIDTH - 16, 2, SMALL, bold=True)
    page.text(RIGHT, BOTTOM, f"ecgkit {__version__}", SMALL, align="right", colour=GREY)
