"""The eleven labels as a table with bars, drawn into a part of a PDF page."""

from __future__ import annotations

from ecgkit.diagnosis.export import rule_of
from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.predict import CLASSIFIERS, Diagnoses, Finding
from ecgkit.drawing.html.diagnoses import BASES, axis_place, contradiction, verdict
from ecgkit.drawing.html.rhythm_answers import precise_percent
from ecgkit.drawing.pdf.canvas import PdfPage
from ecgkit.drawing.style import PAPER

WIDTH = 130.0
PITCH = 4.0
HEAD = 8.4
"""From the top to the first row's upper edge."""
WORDS, BAR, SIDE = 13.5, 52.0, 101.5
"""Where the labels' words, the bars and «above» or «below» begin, from the left."""
BAR_WIDTH = 24.0
COLUMNS = {"Probability": 88.0, "Threshold": 100.0, "Sensitivity": 119.0, "Specificity": 130.0}
"""Column -> its right edge."""
TICKS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
SAID = {0.01: "1 %", 0.5: "50", 0.99: "99"}
INK, GREY, FAINT = PAPER["ink"][0], "#66605d", "#d8d3d0"
ABOVE, BELOW = PAPER["for"][0], "#9a9490"


def draw_findings(page: PdfPage, diagnoses: Diagnoses, left: float, top: float) -> float:
    """Draw the table, the label farthest above its threshold first, and return where it ends."""
    page.text(left, top, f"Diagnoses: {CLASSIFIERS[diagnoses.classifier]}", 8, bold=True)
    for heading, right in COLUMNS.items():
        page.text(left + right, top + 5.2, heading, 6, align="right", colour=GREY)
    for value, words in SAID.items():
        page.text(left + _along(value), top + 5.2, words, 5.5, align="centre", colour=GREY)
    y = top + 6.2
    page.line([(left, y), (left + WIDTH, y)], 0.15, GREY)
    last = top + HEAD - 2 + PITCH * len(diagnoses.findings)
    for value in TICKS:
        x = left + _along(value)
        page.line([(x, y), (x, last + 0.6)], 0.1, FAINT)
    y = top + HEAD + 1.2
    for finding in diagnoses.ranked:
        _row(page, finding, left, y)
        y += PITCH
    y -= 0.5
    rule = rule_of(diagnoses)
    said = (
        "Bars: probability on an axis of log odds; upright line: the label's own threshold, "
        f"{f'by {rule}' if rule else 'set by hand'}. Thresholds, sensitivity and specificity: "
        f"validation folds of {BASES[diagnoses.basis]}."
    )
    against = contradiction(diagnoses)
    y = page.paragraph(left, y, said, WIDTH, 2, 6)
    return page.paragraph(left, y, against, WIDTH, 2, 6, bold=True) if against else y


def _row(page: PdfPage, finding: Finding, left: float, y: float) -> None:
    found = finding.positive
    page.text(left, y, finding.label, 7, bold=True)
    page.text(left + WORDS, y, LABELS[finding.label], 7)
    zero, tip, mark = (
        left + _along(value) for value in (0, finding.probability, finding.threshold)
    )
    low, high = y + 0.3, y - 2.0
    page.line(
        [(zero, low), (tip, low), (tip, high), (zero, high)],
        0,
        ABOVE if found else BELOW,
        closed=True,
    )
    page.line([(mark, low + 0.6), (mark, high - 0.6)], 0.45, INK)
    values = (
        precise_percent(finding.probability),
        precise_percent(finding.threshold),
        f"{100 * finding.sensitivity:.0f} %",
        f"{100 * finding.specificity:.0f} %",
    )
    for words, right in zip(values, COLUMNS.values(), strict=True):
        page.text(left + right, y, words, 7, bold=found, align="right")
    page.text(left + SIDE, y, verdict(finding), 7, bold=found)


def _along(probability: float) -> float:
    """Return where a probability lies on the bars' axis, in mm from the table's left edge."""
    return BAR + BAR_WIDTH * axis_place(probability) / 100
