"""The eleven labels as a table with bars, for a PDF."""

from __future__ import annotations

from reportlab.platypus import Flowable

from ecgkit.diagnosis.export import rule_of
from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.predict import CLASSIFIERS, Diagnoses, Finding
from ecgkit.drawing.html.diagnoses import BASES, axis_place, contradiction, verdict
from ecgkit.drawing.pdf.canvas import Drawing, PdfPen
from ecgkit.drawing.pdf.layout import GREY, INK, paragraph, table
from ecgkit.drawing.percent import distinct_percents, percent
from ecgkit.drawing.style import PAPER

COLUMNS = {  # heading: width in mm
    "": 14.0,
    "Label": 41.0,
    "bar": 26.0,
    "Probability": 15.0,
    "Threshold": 13.5,
    "  ": 1.5,
    " ": 11.0,
    "Sens.": 9.5,
    "Spec.": 10.0,
}
WIDTH = sum(COLUMNS.values())
PITCH = 3.95
"""Height of a row in mm."""
BAR_WIDTH = 24.0
TICKS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
NAMED_TICKS = {0.01: "1 %", 0.5: "50", 0.99: "99"}
FAINT = "#d8d3d0"
ABOVE, BELOW = PAPER["for"][0], "#9a9490"


def findings_table(diagnoses: Diagnoses) -> list[Flowable]:
    """Return the table and what to know of it, the label farthest above its threshold first."""
    right = ("Probability", "Threshold", "Sens.", "Spec.")
    heads: list[Flowable] = [
        Drawing(COLUMNS["bar"], PITCH, _axis)
        if name == "bar"
        else paragraph(name.strip(), 6, colour=GREY, align="right" if name in right else "left")
        for name in COLUMNS
    ]
    rows = [heads, *(_row(finding) for finding in diagnoses.ranked)]
    rule = rule_of(diagnoses)
    said = (
        "Bars: probability on an axis of log odds; upright line: the label's own threshold, "
        f"{f'by {rule}' if rule else 'set by hand'}. Thresholds, sensitivity and specificity: "
        f"validation folds of {BASES[diagnoses.basis]}."
    )
    against = contradiction(diagnoses)
    return [
        paragraph(f"Diagnoses: {CLASSIFIERS[diagnoses.classifier]}", 8, bold=True),
        table(rows, list(COLUMNS.values()), row_height=PITCH, rule=True),
        paragraph(said, 6),
        *([paragraph(against, 6, bold=True)] if against else []),
    ]


def _axis(pen: PdfPen) -> None:
    for value, words in NAMED_TICKS.items():
        pen.text(_along(value), 2.7, words, 5.5, align="centre", colour=GREY)


def _row(finding: Finding) -> list[Flowable]:
    found = finding.positive
    probability, threshold = distinct_percents(finding.probability, finding.threshold)
    return [
        paragraph(finding.label, 6.5, bold=True),
        paragraph(LABELS[finding.label], 6.5),
        Drawing(COLUMNS["bar"], PITCH, lambda pen: _bar(pen, finding)),
        paragraph(probability, 6.5, bold=found, align="right"),
        paragraph(threshold, 6.5, bold=found, align="right"),
        paragraph(""),
        paragraph(verdict(finding), 6.5, bold=found),
        paragraph(percent(finding.sensitivity), 6.5, bold=found, align="right"),
        paragraph(percent(finding.specificity), 6.5, bold=found, align="right"),
    ]


def _bar(pen: PdfPen, finding: Finding) -> None:
    """Draw the bar from the axis's zero to the probability, and the threshold across it."""
    for value in TICKS:
        pen.line([(_along(value), 0), (_along(value), PITCH)], 0.1, FAINT)
    zero, tip, mark = (_along(value) for value in (0, finding.probability, finding.threshold))
    high, low = 0.8, 3.1
    colour = ABOVE if finding.positive else BELOW
    pen.line([(zero, low), (tip, low), (tip, high), (zero, high)], 0, colour, closed=True)
    pen.line([(mark, low + 0.6), (mark, high - 0.6)], 0.45, INK)


def _along(probability: float) -> float:
    """Return where a probability lies on the bars' axis, in mm from the column's left edge."""
    return 1 + BAR_WIDTH * axis_place(probability) / 100
