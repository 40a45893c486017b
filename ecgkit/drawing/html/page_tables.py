"""What was read of a page in words and tables: its leads, the laws of the limb leads, its scale."""

from __future__ import annotations

import numpy as np

from ecgkit.diagnosis.page_reading import PageReading
from ecgkit.digitization.extraction import Traces
from ecgkit.drawing.html.metrics_table import number
from ecgkit.drawing.html.templating import render
from ecgkit.drawing.svg.digitized import lead_confidence, seen
from ecgkit.paper.layouts import LAYOUTS

CLEAR, DOUBTFUL = 0.8, 0.5
HELD, MISSED = 0.3, 0.7
"""Shares by which a law may be missed: it holds up to the first, is broken from the second on."""


def confidence_word(share: float) -> str:
    """Return a confidence from 0 to 1 in a word."""
    return "clear" if share >= CLEAR else "fair" if share >= DOUBTFUL else "doubtful"


def law_word(missed: float) -> str:
    """Return in words how well a law of the limb leads holds; see ``limb_lead_checks``."""
    if missed < HELD:
        return "✓ holds"
    return "~ holds roughly" if missed < MISSED else "✕ does not hold"


def leads_table(traces: Traces) -> str:
    """Return the leads with their time on the page and their confidence, as HTML."""
    recording = traces.recording
    rows = []
    for lead in recording.leads:
        first, last = seen(recording, lead)
        share = lead_confidence(traces, lead)
        gaps = float(np.isnan(recording.lead(lead)[first:last]).sum()) / recording.fs
        span = "–".join(number(place / recording.fs, "{:.1f}") for place in (first, last))
        cells = (span, number(gaps, "{:.2f}"), f"{100 * share:.0f}", confidence_word(share))
        rows.append((lead, cells))
    columns = [
        ("Lead", None),
        ("On the page", "s"),
        ("Missing", "s"),
        ("Confidence", "%"),
        ("in words", None),
    ]
    return render("page_table", columns=columns, rows=rows, meter=2)


def checks_table(traces: Traces) -> str:
    """Return Einthoven's and Goldberger's laws with how far each is missed, as HTML."""
    rows = [
        (law, (f"{100 * missed:.0f}", law_word(missed))) for law, missed in traces.checks.items()
    ]
    columns = [("Limb leads", None), ("Missed by", "%"), ("in words", None)]
    return render("page_table", columns=columns, rows=rows, meter=None)


def scale_words(report: PageReading) -> str:
    """Return layout and scale in one line."""
    said = []
    if report.traces is not None:
        layout = LAYOUTS[report.traces.layout].title
        said.append(layout[0].upper() + layout[1:])
        said.append(f"{report.traces.mm_per_s:g} mm/s")
        said.append(f"{report.traces.mm_per_mv:g} mm/mV")
    if report.rectified is not None:
        x, y = report.rectified.photo_px_per_mm
        said.append(f"photo at {x:.2f} × {y:.2f} px/mm")
    return " · ".join(said)


def lowest_confidence(report: PageReading) -> float:
    """Return the confidence of what is least sure: the grid, or the leads on the whole."""
    values = [1.0]
    if report.rectified is not None:
        values.append(report.rectified.confidence)
    if report.traces is not None:
        leads = report.traces.recording.leads
        values.append(float(np.mean([lead_confidence(report.traces, lead) for lead in leads])))
    return min(values)
