"""A tracing as an electrocardiograph prints it: 3 × 4 with a rhythm strip, 6 × 2 or 12 × 1.

Time runs on from column to column, as in a real printout: a place on the paper is one moment in
every row, so a second is one upright bar over all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
from ecgkit.processing.beats import Beats
from ecgkit.processing.gaps import mostly_present
from ecgkit.recording import STANDARD_LEADS, Recording

LAYOUTS = {"3x4": "3 × 4 + rhythm strip", "6x2": "6 × 2 + rhythm strip", "12x1": "12 × 1"}
_ORDERS = {
    "3x4": (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6")),
    "6x2": tuple(zip(STANDARD_LEADS[:6], STANDARD_LEADS[6:], strict=True)),
}
_LEAST_SECONDS = {"3x4": 8.0, "6x2": 4.0}
"""A column that is shorter shows hardly a beat."""
LEAST_LEADS = 6
"""With fewer of the twelve, columns would be mostly empty: the leads stand one below another."""
MOST_LEADS = 16
"""Of more leads, the first so many are drawn, the standard ones before others."""
FAINT = 0.1
"""Evidence, in log-odds, that is at least needed for a full tint: a network that reacts to nothing
leaves the paper white."""
MARKS = 7.0
"""Height in mm of the row of R peaks and RR intervals over the rhythm strip."""


@dataclass(frozen=True)
class TracingRow:
    """One row of paper: its leads from left to right, and where it lies, in mm from the top.

    ``strip`` is the row that carries the marks of the R peaks.
    """

    leads: tuple[str, ...]
    strip: bool
    top: float
    zero: float
    bottom: float

    @property
    def label_top(self) -> float:
        """The upper edge of the leads' names: below the marks where there are any."""
        return self.top + (MARKS if self.strip else 0)


@dataclass(frozen=True, eq=False)
class LeadPiece:
    """A part of a lead in mm of paper, y downwards and NaN where nothing is known, and a note."""

    lead: str
    left: float
    x: NDArray[np.floating]
    y: NDArray[np.floating]
    note: str = ""


def layouts_for(recording: Recording, duration: float) -> list[str]:
    """Return which of :data:`LAYOUTS` suit the leads and a stretch of so many seconds.

    One in whose columns a lead would be empty, though there is something of it elsewhere, does not.
    """
    standard = sum(lead in recording for lead in STANDARD_LEADS)
    columns = [
        key
        for key, least in _LEAST_SECONDS.items()
        if standard >= LEAST_LEADS and duration >= least and not _hides(recording, key)
    ]
    return [*columns, "12x1"]


def _hides(recording: Recording, layout: str) -> bool:
    columns = zip(*_ORDERS[layout], strict=True)
    edges = np.linspace(0, recording.n_samples, len(_ORDERS[layout][0]) + 1).round().astype(int)
    for leads, first, last in zip(columns, edges[:-1], edges[1:], strict=True):
        known = [np.isfinite(recording.lead(lead)) for lead in leads if lead in recording]
        if any(row.any() and not row[first:last].any() for row in known):
            return True
    return False


def rhythm_lead(recording: Recording, beats: Beats) -> str:
    """Return the lead of the rhythm strip: II, or where it is hardly there that of the beats."""
    seen = dict(zip(recording.leads, mostly_present(recording.signal), strict=True))
    wanted = ("II", "MLII", beats.lead, *recording.leads)
    return next(lead for lead in wanted if seen.get(lead))


def ordered_leads(recording: Recording) -> tuple[str, ...]:
    """Return the leads that are drawn, the standard ones first and in their order."""
    order = [*STANDARD_LEADS[:2], "MLII", *STANDARD_LEADS[2:]]
    standard = [lead for lead in order if lead in recording]
    return (*standard, *(lead for lead in recording.leads if lead not in standard))[:MOST_LEADS]


def centred(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return a lead about its own median, as an electrocardiograph's AC coupling leaves it."""
    known = values[~np.isnan(values)]
    return values - np.median(known) if known.size else values


def draw_tracing(
    window: Recording,
    beats: Beats,
    *,
    layout: str = "3x4",
    start: float = 0.0,
    scale: PaperScale | None = None,
    weights: NDArray[np.float64] | None = None,
    second: int | None = None,
    title: str = "ECG",
) -> Paper:
    """Draw the leads of a stretch of a recording on ECG paper.

    Parameters
    ----------
    window
        What is drawn, from its first sample to its last. NaN leaves a gap.
    beats
        The window's beats: marked over the rhythm strip, with the RR intervals in ms.
    layout
        One of :data:`LAYOUTS`.
    start
        Time in seconds of the first sample.
    weights
        Evidence to tint the paper with, shape (12, seconds), leads in the standard order, as
        :func:`ecgkit.rhythm.explanation.occlusion` gives it.
    second
        The second to highlight, counted from the window's start. A page moves the highlight
        (``.now``) by itself.
    title
        What the drawing shows, for those who cannot see it.
    """
    scale = scale or PaperScale()
    rows = tracing_rows(window, beats, layout, scale)
    paper = PaperBuilder(window.duration, rows[-1].bottom, scale)
    x = 0 if second is None else second * scale.speed
    filled = 0.15 if weights is None else 0  # tints are not to be mistaken
    paper.body.append(
        f'<rect class="now" data-step="{scale.speed:g}" x="{x:g}" width="{scale.speed:g}" '
        f'height="{rows[-1].bottom:g}" fill="{variable("now")}" fill-opacity="{filled}" '
        f'stroke="{variable("now")}" stroke-width=".4"'
        + (' visibility="hidden"/>' if second is None else "/>")
    )
    if weights is not None:
        paper.body.append(_tints(weights, rows, window.duration, scale))
    paths: list[str] = []
    for row in rows:
        paper.gutter.append(calibration_pulse(row.zero, scale))
        for piece in row_pieces(window, row, scale):
            paths += paths_of(piece.x, piece.y)
            if piece.left > 0:
                paper.body.append(separator(piece.left, row.zero))
            paper.body.append(lead_name(piece.lead, piece.left, row.label_top, piece.note))
        if row.strip:
            paper.gutter.append(text(GUTTER - 1, row.top + 4.8, "RR (ms)", 2.7, end=True))
            paper.body.append(_beat_marks(beats, row.top, scale))
    paper.add_signal("tracing", paths)
    return paper.finish(start, title)


def tracing_rows(
    window: Recording, beats: Beats, layout: str, scale: PaperScale
) -> list[TracingRow]:
    """Return the rows of a layout from the top down, each as high as its leads need."""
    strip = rhythm_lead(window, beats)
    if layout == "12x1":
        rows: list[tuple[str, ...]] = [(lead,) for lead in ordered_leads(window)]
    else:
        rows = [*_ORDERS[layout], (strip,)]
    marked = max((place for place, leads in enumerate(rows) if leads == (strip,)), default=0)
    placed, top = [], 0.0
    for place, leads in enumerate(rows):
        low, high = row_reach(centred(window.lead(lead)) for lead in leads if lead in window)
        head = MARKS if place == marked else 0.0
        above = 5 * np.ceil((np.clip(high * scale.gain + 3, scale.gain + 1, 40) + head) / 5)
        below = 5 * np.ceil(np.clip(1 - low * scale.gain, 5, 40) / 5)
        zero = top + float(above)
        placed.append(TracingRow(leads, place == marked, top, zero, zero + float(below)))
        top = zero + float(below)
    return placed


def row_pieces(window: Recording, row: TracingRow, scale: PaperScale) -> list[LeadPiece]:
    """Return what stands in a row, from left to right: each lead's part of the window in mm."""
    edges = np.linspace(0, window.n_samples, len(row.leads) + 1).round().astype(int)
    step = scale.speed / window.fs
    pieces = []
    for lead, first, last in zip(row.leads, edges[:-1], edges[1:], strict=True):
        left, x = float(first * step), np.arange(first, last) * step
        if lead not in window:
            pieces.append(LeadPiece(lead, left, x, np.full(x.size, np.nan), "not recorded"))
            continue
        values = centred(window.lead(lead))
        known = values[~np.isnan(values)]
        note = "no signal" if not known.size else "flat" if np.ptp(known) == 0 else ""
        y = row.zero - values[first:last] * scale.gain
        pieces.append(LeadPiece(lead, left, x, y, note))
    return pieces


def _beat_marks(beats: Beats, top: float, scale: PaperScale) -> str:
    """Return a triangle for each R peak, and between two the RR interval in ms."""
    x = beats.times * scale.speed
    marks = "".join(f"M{place:.2f} {top + 6.2:g}l-1.1-2.2h2.2z" for place in x)
    numbers = "".join(
        text(float(left + right) / 2, top + 4.8, f"{1000 * rr:.0f}", 2.7, middle=True)
        for left, right, rr in zip(x[:-1], x[1:], beats.rr, strict=True)
        if right - left > 7
    )
    return (
        f'<path class="beats" d="{marks}" fill="{variable("ink")}"><title>R peaks</title></path>'
        f"{numbers}"
    )


def _tints(
    weights: NDArray[np.float64], rows: Sequence[TracingRow], duration: float, scale: PaperScale
) -> str:
    """Return a tinted cell for each second of each lead, the strong ones with their value."""
    known = np.abs(weights[~np.isnan(weights)])
    strongest = max(FAINT, float(known.max()) if known.size else 0.0)
    cells = []
    for row in rows:
        span = duration / len(row.leads)
        for column, lead in enumerate(row.leads):
            name = "II" if lead == "MLII" else lead
            if name not in STANDARD_LEADS:
                continue
            for second, value in enumerate(weights[STANDARD_LEADS.index(name)]):
                left, right = max(second, column * span), min(second + 1, (column + 1) * span)
                if right <= left or np.isnan(value):
                    continue
                kind = "for" if value > 0 else "against"
                cells.append(
                    f'<rect x="{left * scale.speed:g}" y="{row.top:g}" '
                    f'width="{(right - left) * scale.speed:g}" height="{row.bottom - row.top:g}" '
                    f'fill="{variable(kind)}" fill-opacity="{0.45 * abs(value) / strongest:.3f}"/>'
                )
                if abs(value) > strongest / 4 and right - left > 0.6:
                    said = f"{value:+.2f}".replace("-", "−")
                    cells.append(
                        text(right * scale.speed - 1, row.bottom - 1.2, said, 2.7, end=True)
                    )
    return f'<g class="tints">{"".join(cells)}</g>'


def left_out(window: Recording, layout: str) -> str:
    """Return in a sentence which leads a drawing lacks, and which it does not show."""
    said = []
    absent = [lead for lead in STANDARD_LEADS if lead not in window]
    if "II" in absent and "MLII" in window:
        absent.remove("II")
    if absent and len(absent) < len(STANDARD_LEADS):
        said.append(f"Not recorded: {', '.join(absent)}.")
    shown = STANDARD_LEADS if layout != "12x1" else ordered_leads(window)
    hidden = [lead for lead in window.leads if lead not in shown]
    if hidden:
        said.append(f"Not drawn here: {len(hidden)} further lead{'s' * (len(hidden) > 1)}.")
    return " ".join(said)
