"""The rhythm report on A4: the tracing true to scale, the answers, and the caution."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from reportlab.platypus import Flowable

from ecgkit import models
from ecgkit.drawing.pdf.canvas import Drawing, PdfPen
from ecgkit.drawing.pdf.layout import (
    BOTTOM,
    GREY,
    INK,
    Area,
    build_pdf,
    caution_height,
    height_of,
    one_line,
    paragraph,
    table,
    warnings_split,
)
from ecgkit.drawing.percent import percent
from ecgkit.drawing.style import NOT_A_DEVICE, RHYTHM_CAUTION
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

LEFT, HEAD, TOP = 13.5, 8.0, 62.0
"""Left edge of everything; upper edges of the words and of the tracing."""
PAPER_WIDTH, PAPER_HEIGHT = 270.0, 115.0
AXIS = 4.0
"""Below the paper: room for the times."""
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
TABLE = {  # heading: width of its column in mm
    "Network": 43.0,
    "Answer": 65.0,
    "Probability": 22.0,
    "Runner-up": 20.0,
    **dict.fromkeys(RHYTHMS, 12.0),
    "Second by second": 72.0,
}
SECOND_WIDTH = 7.0
FAR = 400.0
"""Values that are wild are drawn no farther than so many mm from the paper's top."""


def rhythm_pdf(recording: Recording, reports: Sequence[RhythmReport], start: float = 0.0) -> bytes:
    """Return the report as a PDF, A4 landscape.

    One page, and further ones where the warnings have no room on it.

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
    scale = natural_scale(SPEED, GAIN, window.calibrated, window.signal)
    head = [*_head(recording, window, beats, start), *_answers(reports)]
    warnings = list(dict.fromkeys(said for report in reports for said in report.warnings))
    room = TOP - 1 - HEAD - height_of(head, PAPER_WIDTH)
    here, further = warnings_split(warnings, PAPER_WIDTH, room)
    tracing = Drawing(
        PAPER_WIDTH, PAPER_HEIGHT + AXIS, lambda pen: _tracing(pen, window, beats, start, scale)
    )
    caution = paragraph(f"{NOT_A_DEVICE} {RHYTHM_CAUTION}", bold=True)
    foot = TOP + PAPER_HEIGHT + AXIS + 0.8
    areas = [
        Area(LEFT, HEAD, PAPER_WIDTH, TOP - 1 - HEAD, [*head, *here]),
        Area(LEFT, TOP, PAPER_WIDTH, PAPER_HEIGHT + AXIS, [tracing]),
        Area(
            LEFT, foot, PAPER_WIDTH, BOTTOM - caution_height(caution) - foot, _foot(reports, scale)
        ),
    ]
    return build_pdf("ECG rhythm report", areas, further, caution)


def _head(recording: Recording, window: Recording, beats: Beats, start: float) -> list[Flowable]:
    span = [clock(round(time, 2)) for time in (start, start + window.duration)]
    facts = (
        f"{span[0]} to {span[1]} of {clock(round(recording.duration, 2))}",
        f"{len(window.leads)} lead{'s' if len(window.leads) > 1 else ''}",
        f"{recording.fs:g} Hz",
        _heart_rate(beats),
    )
    title = [
        paragraph("ECG rhythm report", 14, bold=True),
        paragraph(NOT_A_DEVICE, 8, bold=True, align="right"),
    ]
    return [
        table([title], [90, PAPER_WIDTH - 90]),
        one_line(recording.name, PAPER_WIDTH, 9.5, bold=True),
        paragraph(" · ".join(facts), 8, after=1.5),
    ]


def _heart_rate(beats: Beats) -> str:
    """Return heart rate and RR intervals in words."""
    if len(beats) < 2:
        return "heart rate unknown"
    rr = 1000 * beats.rr
    return (
        f"heart rate {beats.heart_rate:.0f} per minute · RR median {np.median(rr):.0f} ms, "
        f"{rr.min():.0f} to {rr.max():.0f} ms ({len(beats)} beats, lead {beats.lead})"
    )


def _answers(reports: Sequence[RhythmReport]) -> list[Flowable]:
    rows: list[list[Flowable]] = [[paragraph(name, colour=GREY) for name in TABLE]]
    rows += [_answer(report) for report in reports]
    content: list[Flowable] = [table(rows, list(TABLE.values()), row_height=4.8, rule=True)]
    labels = dict.fromkeys(report.label for report in reports)
    if len(labels) > 1:
        content.append(
            paragraph(f"The networks do not agree: {', '.join(labels)}.", 7.5, bold=True)
        )
    return content


def _answer(report: RhythmReport) -> list[Flowable]:
    first, second = report.ranked[:2]
    shares = dict(zip(RHYTHMS, report.probabilities, strict=True))
    uncertain = report.label == UNCERTAIN
    answer = f"{first} · {RHYTHMS[first]}"
    if uncertain:
        answer = f"uncertain (no class reaches {percent(report.threshold)})"
    return [
        paragraph(NETWORKS[report.model], 7.5),
        paragraph(answer, 7.5, bold=True),
        paragraph(f"{first} {percent(shares[first])}", 7.5, bold=not uncertain),
        paragraph(f"{second} {percent(shares[second])}", 7.5),
        *(
            paragraph(percent(share), 7.5, bold=name == first and not uncertain)
            for name, share in shares.items()
        ),
        _seconds(report, first),
    ]


def _seconds(report: RhythmReport, first: str) -> Flowable:
    """Return each second's most probable class; what is not the whole's stands out."""
    names = list(RHYTHMS)
    best = [names[int(row.argmax())] for row in report.per_second[:LONGEST]]
    cells = [
        paragraph(name, 6, bold=name != first, colour=GREY if name == first else INK)
        for name in best
    ]
    return table([cells], [SECOND_WIDTH] * len(cells))


def _tracing(pen: PdfPen, window: Recording, beats: Beats, start: float, scale: PaperScale) -> None:
    zeros: tuple[float, ...]
    pen.paper(0, 0, PAPER_WIDTH, PAPER_HEIGHT)
    pen.clip(0, 0, PAPER_WIDTH, PAPER_HEIGHT)
    if len(window.leads) <= FEW_LEADS:
        room = PAPER_HEIGHT / len(window.leads)
        zeros = tuple(5.0 * round(room * (row + 0.6) / 5) for row in range(len(window.leads)))
        for lead, zero in zip(window.leads, zeros, strict=True):
            _strip(pen, window, lead, zero, scale)
        marks = 3.0
    else:
        zeros, marks = ZEROS, MARKS
        _columns(pen, window, scale)
        strip = next(lead for lead in ("II", "MLII", "V1", *window.leads) if _has(window, lead))
        _strip(pen, window, strip, ZEROS[-1], scale)
    for zero in zeros:
        _calibration(pen, zero, scale)
    _marks(pen, beats, marks)
    pen.unclip()
    for second in range(math.floor(window.duration) + 1):
        x = GUTTER + SPEED * second
        pen.line([(x, PAPER_HEIGHT), (x, PAPER_HEIGHT + 1)], 0.2, INK)
        label = clock(round(start + second, 2))
        pen.text(x, PAPER_HEIGHT + 3.4, label, 6, align="centre")


def _columns(pen: PdfPen, window: Recording, scale: PaperScale) -> None:
    """Draw the twelve leads in four columns, one after the other in time."""
    for column, leads in enumerate(COLUMNS):
        for lead, zero in zip(leads, ZEROS, strict=False):
            x = GUTTER + column * COLUMN_SECONDS * SPEED
            if column:  # beside the name, not through the trace, where it would look like a spike
                pen.line([(x, zero - 16), (x, zero - 12)], 0.25, INK)
            here = _has(window, lead)
            words = lead if here else f"{lead} not recorded"
            pen.text(x + 1, zero - 13, words, 8, bold=here, colour=INK if here else GREY)
            if here:
                first = column * COLUMN_SECONDS
                _trace(pen, window, lead, zero, scale, first, first + COLUMN_SECONDS)


def _strip(pen: PdfPen, window: Recording, lead: str, zero: float, scale: PaperScale) -> None:
    pen.text(4, zero - 12, lead, 8, bold=True)
    _trace(pen, window, lead, zero, scale, 0, LONGEST)


def _trace(
    pen: PdfPen,
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
    x = GUTTER + (first + np.arange(values.size)) * (SPEED / window.fs)
    y = np.clip(zero - values * scale.gain, -FAR, FAR)
    pen.trace(lines_of(x, y), TRACE_WIDTH)


def _has(window: Recording, lead: str) -> bool:
    """Return whether there is anything of a lead to draw."""
    return lead in window and not np.isnan(window.lead(lead)).all()


def _calibration(pen: PdfPen, zero: float, scale: PaperScale) -> None:
    """Draw the pulse of 1 mV for 0.2 s; a recording without voltages has none."""
    if scale.unit != "mV":
        return
    x, y, wide = 4, zero, 0.2 * SPEED
    shape = [(x, y), (x + 1, y), (x + 1, y - GAIN), (x + 1 + wide, y - GAIN), (x + 1 + wide, y)]
    pen.line([*shape, (x + 2 + wide, y)], TRACE_WIDTH, INK)


def _marks(pen: PdfPen, beats: Beats, y: float) -> None:
    """Mark the R peaks, with the RR interval in ms between each two where there is room."""
    places = GUTTER + SPEED * beats.times
    for x in places:
        pen.line([(x - 0.9, y - 1.6), (x + 0.9, y - 1.6), (x, y)], 0, INK, closed=True)
    for before, after, rr in zip(places, places[1:], beats.rr, strict=False):
        if after - before > 6:
            pen.text((before + after) / 2, y, f"{1000 * rr:.0f}", 5.5, align="centre")


def _foot(reports: Sequence[RhythmReport], scale: PaperScale) -> list[Flowable]:
    drawn = (
        "Unfiltered, each lead about its median. Triangles: R peaks; between them RR in ms. "
        "True to scale where printed at 100 %."
    )
    scale_row = [paragraph(scale.text, 7.5, bold=True), paragraph(drawn, align="right")]
    classes = "; ".join(f"{name} {words}" for name, words in RHYTHMS.items())
    catalogue = models.catalogue()
    cards = [catalogue[card_name(report.model)] for report in reports]
    return [
        table([scale_row], [90, PAPER_WIDTH - 90]),
        paragraph(f"Classes: {classes}."),
        *(paragraph(f"{card.title} (sha256 {card.sha256[:12]}): {card.data}", 6) for card in cards),
    ]
