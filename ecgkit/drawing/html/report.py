"""The report: figures, metrics and settings as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from ecgkit.drawing.html.templating import render, style_sheet
from ecgkit.drawing.style import CAUTION, NOT_A_DEVICE
from ecgkit.drawing.svg.ecg_paper import Paper

STYLE_SHEET = style_sheet("drawings")
"""The style sheet that the drawings and tables need, on the page as in the report."""


def html_report(
    title: str,
    settings: Sequence[str],
    table: str,
    figures: Sequence[tuple[Paper, str]],
) -> bytes:
    """Return the report as a self-contained HTML file.

    Parameters
    ----------
    settings
        What was done, one sentence each.
    table
        The metrics as :func:`ecgkit.drawing.html.metrics_table.metrics_table` gives them.
    figures
        Drawings with their captions.
    """
    return render(
        "report",
        title=title,
        styles=STYLE_SHEET + style_sheet("report"),
        not_a_device=NOT_A_DEVICE,
        caution=CAUTION,
        settings=settings,
        table=table,
        figures=[(paper.html(), caption) for paper, caption in figures],
    ).encode()
