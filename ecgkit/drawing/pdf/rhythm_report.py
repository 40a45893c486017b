"""The rhythm report as one A4 page: the tracing true to scale, the answers, and the caution."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ecgkit import __version__, models
from ecgkit.drawing.html.rhythm_answers import percent
from ecgkit.drawing.pdf.canvas import PdfPage
from ecgkit.drawing.style import NOT_A_DEVICE, PAPER, RHYTHM_CAUTION
from ecgkit.drawing.svg.ecg_paper import PaperScale, clock
from ecgkit.drawing.svg.overlay import natural_scale
from ecgkit.drawing.svg.paths import lines_of
from ecgkit.processing.beats import Beats, detect_beats
from ecgkit.recording import STANDARD_LEADS, Recording
from ecgkit.rhythm.classes import RHYTHMS
from ecgkit.rhythm.report import (
    LONGEST,
    NETWORKS,
    UNCERTAIN,
    RhythmReport,
    card_name,
    rhythm_window,
)

WIDTH, HEIGHT = 297.0, 210.0
LEFT, TOP = 13.5, 62.0
SHEET_WIDTH, SHEET_HEIGHT = 270.0, 115.0
GUTTER = 15.0
"""From the paper's left edge to the first sample: room for the calibration pulse."""
SPEED, GAIN = 25.0, 10.0
COLUMNS = (STANDARD_LEADS[:3], STANDARD_LEADS[3:6], STANDARD_LEADS[6:9], STANDARD_LEADS[9:])
COLUMN_SECONDS = LONGEST / len(COLUMNS)
ZEROS = (20.0, 45.0, 70.0, 100.0)
"""From the paper's top to the zero lines of the three rows and the rhythm strip: large boxes."""
MARKS = 83.0
"""From the paper's top to the marks of the R peaks, above the rhythm strip."""
FEW_LEADS = 3
"""Up to so many leads run over the whole width; more are laid out in columns."""
TRACE_WIDTH = 0.3
INK, GREY = PAPER["ink"][0], "#66605d"
TABLE = {  # heading: mm from the left
    "Network": 0.0,
    "Answer": 43.0,
    "Probability": 108.0,
    "Runner-up": 128.0,
    **{name: 150.0 + 12 * place for place, name in enumerate(RHYTHMS)},
    "Second by second": 200.0,
}
SECOND_WIDTH = 7.0


def rhythm_pdf(recording: Recording, reports: Sequence[RhythmReport], start: float = 0.0) -> bytes:
    """Return the report as a PDF of one page, A4 landscape.

    Parameters
    ----------
    recording
        What the networks were asked about.
    reports
        One or more networks' answers for the window from ``start`` on, three at most.
    start
        In seconds.

    Raises
    ------
    RecordingError
        As :func:`ecgkit.rhythm.report.rhythm_window`.
    """
    window = rhythm_window(recording, start)
    beats = detect_beats(window)
    page = PdfPage(WIDTH, HEIGHT, "ECG rhythm report")
    _head(page, recording, window, beats, start)
    _answers(page, reports)
    _tracing(page, window, beats, start)
    _foot(page, reports, window)
    return page.finish()


def _head(
    page: PdfPage, recording: Recording, window: Recording, beats: Beats, start: float
) -> None:
    page.text(LEFT, 13, "ECG rhythm report", 14, bold=True)
    page.text(LEFT + SHEET_WIDTH, 12.5, NOT_A_DEVICE, 8, bold=True, align="right")
    page.text(LEFT, 19, recording.name, 9.5, bold=True, width=SHEET_WIDTH)
    span = [clock(round(time, 2)) for time in (start, start + window.duration)]
    facts = (
        f"{span[0]} to {span[1]} of {clock(round(recording.duration, 2))}",
        f"{len(window.leads)} lead{'s' if len(window.leads) > 1 else ''}",
        f"{recording.fs:g} Hz",
        _pulse(beats),
    )
    page.text(LEFT, 24, " · ".join(facts), 8, width=SHEET_WIDTH)


def _pulse(beats: Beats) -> str:
    """Return heart rate and RR intervals in words."""
    if len(beats) < 2:
        return "heart rate unknown"
    rr = 1000 * beats.rr
    return (
        f"heart rate {beats.heart_rate:.0f} per minute · RR median {np.median(rr):.0f} ms, "
        f"{rr.min():.0f} to {rr.max():.0f} ms ({len(beats)} beats, lead {beats.lead})"
    )


def _answers(page: PdfPage, reports: Sequence[RhythmReport]) -> None:
    y = 30.0
    for heading, x in TABLE.items():
        page.text(LEFT + x, y, heading, 6.5, colour=GREY)
    page.line([(LEFT, y + 1.2), (LEFT + SHEET_WIDTH, y + 1.2)], 0.15, GREY)
    for report in reports:
        y += 5.2
        _answer(page, y, report)
    y += 4.6
    labels = dict.fromkeys(report.label for report in reports)
    said = list(dict.fromkeys(warning for report in reports for warning in report.warnings))
    if len(labels) > 1:
        text = f"The networks do not agree: {', '.join(labels)}."
        page.text(LEFT, y, text, 7.5, bold=True)
        y += 3.4
    if said:
        lines = int((TOP - 1.5 - y) / (0.42 * 6.5)) + 1
        page.paragraph(LEFT, y, f"Warnings: {' '.join(said)}", SHEET_WIDTH, lines)


def _answer(page: PdfPage, y: float, report: RhythmReport) -> None:
    first, second = report.ranked[:2]
    shares = dict(zip(RHYTHMS, report.probabilities, strict=True))
    uncertain = report.label == UNCERTAIN
    answer = f"{first} · {RHYTHMS[first]}"
    if uncertain:
        answer = f"uncertain (no class reaches {percent(report.threshold)})"
    page.text(LEFT, y, NETWORKS[report.model], 8, width=TABLE["Answer"] - 2)
    page.text(LEFT + TABLE["Answer"], y, answer, 8, bold=True, width=63)
    page.text(
        LEFT + TABLE["Probability"], y, f"{first} {percent(shares[first])}", 8, bold=not uncertain
    )
    page.text(LEFT + TABLE["Runner-up"], y, f"{second} {percent(shares[second])}", 8)
    for name, share in shares.items():
        page.text(LEFT + TABLE[name], y, percent(share), 8, bold=name == first and not uncertain)
    names = list(RHYTHMS)
    for place, row in enumerate(report.per_second[:LONGEST]):
        best = names[int(row.argmax())]
        page.text(
            LEFT + TABLE["Second by second"] + SECOND_WIDTH * place,
            y,
            best,
            6,
            bold=best != first,
            colour=INK if best != first else GREY,
        )


def _tracing(page: PdfPage, window: Recording, beats: Beats, start: float) -> None:
    scale = natural_scale(SPEED, GAIN, window.calibrated, window.signal)
    zeros: tuple[float, ...]
    page.paper(LEFT, TOP, SHEET_WIDTH, SHEET_HEIGHT)
    page.clip(LEFT, TOP, SHEET_WIDTH, SHEET_HEIGHT)
    if len(window.leads) <= FEW_LEADS:
        room = SHEET_HEIGHT / len(window.leads)
        zeros = tuple(5.0 * round(room * (row + 0.6) / 5) for row in range(len(window.leads)))
        for lead, zero in zip(window.leads, zeros, strict=True):
            _strip(page, window, lead, zero, scale)
        marks = 3.0
    else:
        zeros, marks = ZEROS, MARKS
        _columns(page, window, scale)
        strip = next(lead for lead in ("II", "MLII", "V1", *window.leads) if _has(window, lead))
        _strip(page, window, strip, ZEROS[-1], scale)
    for zero in zeros:
        _calibration(page, zero, scale)
    _marks(page, beats, marks)
    page.unclip()
    for second in range(math.floor(window.duration) + 1):
        x = LEFT + GUTTER + SPEED * second
        page.line([(x, TOP + SHEET_HEIGHT), (x, TOP + SHEET_HEIGHT + 1)], 0.2, INK)
        label = clock(round(start + second, 2))
        page.text(x, TOP + SHEET_HEIGHT + 3.4, label, 6, align="centre")


def _columns(page: PdfPage, window: Recording, scale: PaperScale) -> None:
    """Draw the twelve leads in four columns, one after the other in time."""
    for column, leads in enumerate(COLUMNS):
        for lead, zero in zip(leads, ZEROS, strict=False):
            x = LEFT + GUTTER + column * COLUMN_SECONDS * SPEED
            if column:  # beside the name, not through the trace, where it would look like a spike
                page.line([(x, TOP + zero - 16), (x, TOP + zero - 12)], 0.25, INK)
            here = _has(window, lead)
            words = lead if here else f"{lead} not recorded"
            page.text(x + 1, TOP + zero - 13, words, 8, bold=here, colour=INK if here else GREY)
            if here:
                first = column * COLUMN_SECONDS
                _trace(page, window, lead, zero, scale, first, first + COLUMN_SECONDS)


def _strip(page: PdfPage, window: Recording, lead: str, zero: float, scale: PaperScale) -> None:
    page.text(LEFT + 4, TOP + zero - 12, lead, 8, bold=True)
    _trace(page, window, lead, zero, scale, 0, LONGEST)


def _trace(
    page: PdfPage,
    window: Recording,
    lead: str,
    zero: float,
    scale: PaperScale,
    start: float,
    stop: float,
) -> None:
    """Draw a part of a lead about its median over the window."""
    if not _has(window, lead):
        return
    whole = window.lead(lead)
    first, last = round(start * window.fs), round(stop * window.fs) + 1
    values = (whole - np.nanmedian(whole))[first:last]
    x = LEFT + GUTTER + (first + np.arange(values.size)) * (SPEED / window.fs)
    y = np.clip(TOP + zero - values * scale.gain, -HEIGHT, 2 * HEIGHT)
    page.trace(lines_of(x, y), TRACE_WIDTH)


def _has(window: Recording, lead: str) -> bool:
    """Return whether there is anything of a lead to draw."""
    return lead in window and not np.isnan(window.lead(lead)).all()


def _calibration(page: PdfPage, zero: float, scale: PaperScale) -> None:
    """Draw the pulse of 1 mV for 0.2 s; a recording without voltages has none."""
    if scale.unit != "mV":
        return
    x, y, wide = LEFT + 4, TOP + zero, 0.2 * SPEED
    shape = [(x, y), (x + 1, y), (x + 1, y - GAIN), (x + 1 + wide, y - GAIN), (x + 1 + wide, y)]
    page.line([*shape, (x + 2 + wide, y)], TRACE_WIDTH, INK)


def _marks(page: PdfPage, beats: Beats, y: float) -> None:
    """Mark the R peaks, with the RR interval in ms between each two where there is room."""
    places = LEFT + GUTTER + SPEED * beats.times
    for x in places:
        tip = TOP + y
        page.line([(x - 0.9, tip - 1.6), (x + 0.9, tip - 1.6), (x, tip)], 0, INK, closed=True)
    for before, after, rr in zip(places, places[1:], beats.rr, strict=False):
        if after - before > 6:
            page.text((before + after) / 2, TOP + y, f"{1000 * rr:.0f}", 5.5, align="centre")


def _foot(page: PdfPage, reports: Sequence[RhythmReport], window: Recording) -> None:
    y = TOP + SHEET_HEIGHT + 7.0
    scale = natural_scale(SPEED, GAIN, window.calibrated, window.signal)
    classes = "; ".join(f"{name} {words}" for name, words in RHYTHMS.items())
    page.text(LEFT, y, scale.text, 7.5, bold=True)
    page.text(
        LEFT + SHEET_WIDTH,
        y,
        "Unfiltered, each lead about its median. Triangles: R peaks; between them RR in ms. "
        "True to scale where printed at 100 %.",
        6.5,
        align="right",
    )
    y = page.paragraph(LEFT, y + 3.2, f"Classes: {classes}.", SHEET_WIDTH, 1) + 0.4
    catalogue = models.catalogue()
    for report in reports:
        card = catalogue[card_name(report.model)]
        y = page.paragraph(
            LEFT, y, f"{card.title} (sha256 {card.sha256[:12]}): {card.data}", SHEET_WIDTH, 1, 6
        )
    y = page.paragraph(LEFT, y + 0.6, f"{NOT_A_DEVICE} {RHYTHM_CAUTION}", SHEET_WIDTH, 2, bold=True)
    page.text(
        LEFT + SHEET_WIDTH, HEIGHT - 5, f"ecgkit {__version__}", 6, align="right", colour=GREY
    )
