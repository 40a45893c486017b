"""What is drawn of a comparison on ECG paper: its traces, and its residuals."""

from __future__ import annotations

from collections.abc import Sequence

from ecgkit.denoising.comparison import Comparison, Outcome
from ecgkit.drawing.svg.ecg_paper import Paper, PaperScale
from ecgkit.drawing.svg.overlay import Row, Trace, draw_paper

Figure = tuple[Paper, str]
"""A drawing and its caption."""


def draw_traces(
    comparison: Comparison, visible: Sequence[Outcome], layout: str, scale: PaperScale
) -> Figure:
    """Draw the visible signals: ``"over"`` one another on each lead, or ``"under"`` one another."""
    base = comparison.base
    if layout == "over":
        rows = [
            Row(
                lead,
                [Trace(o.key, o.recording.lead(lead)) for o in _back_to_front(visible)],
                base.lead(lead),
            )
            for lead in base.leads
        ]
    else:
        truth = [outcome for outcome in visible if outcome.key == "reference"]
        rows = [
            Row(
                lead,
                [Trace(o.key, o.recording.lead(lead)) for o in (*truth, outcome)],
                base.lead(lead),
                note=outcome.label,
            )
            for lead in base.leads
            for outcome in visible
            if outcome not in truth or len(visible) == 1
        ]
    return _drawn("Traces", visible, rows, comparison, scale)


def draw_residuals(comparison: Comparison, scale: PaperScale) -> Figure:
    """Draw what each method left over, or, where the truth is not known, took away."""
    what = "Output minus clean reference"
    if comparison.clean is None:
        what = "Output minus input, that is what each method took away"
    residuals = comparison.residuals
    rows = [
        Row(lead, [Trace(key, part.lead(lead)) for key, part in reversed(residuals.items())])
        for lead in comparison.leads
    ]
    outcomes = [outcome for outcome in comparison.signals if outcome.key in residuals]
    return _drawn(what, outcomes, rows, comparison, scale, compact=True)


def _back_to_front(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return the order of drawing: what is first in the table comes last and lies on top."""
    beneath = ("reference", "input")
    methods = [outcome for outcome in reversed(outcomes) if outcome.key not in beneath]
    return [outcome for outcome in outcomes if outcome.key in beneath] + methods


def _drawn(
    what: str,
    outcomes: Sequence[Outcome],
    rows: list[Row],
    comparison: Comparison,
    scale: PaperScale,
    *,
    compact: bool = False,
) -> Figure:
    names = ", ".join(outcome.label for outcome in outcomes)
    unit = "" if scale.unit == "mV" else " in arbitrary units"
    window = comparison.window
    caption = (
        f"{what}{unit}: {names}. Leads {', '.join(comparison.leads)}, {window.start:.1f} to "
        f"{window.stop:.1f} s. {scale.text}; a small box is {1000 / scale.speed:g} ms"
        + (f" by {1 / scale.gain:g} mV." if scale.unit == "mV" else ".")
    )
    title = f"ECG paper. {caption}"
    paper = draw_paper(
        rows, comparison.base.fs, start=window.start, scale=scale, title=title, compact=compact
    )
    return paper, caption
