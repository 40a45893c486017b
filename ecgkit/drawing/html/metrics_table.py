"""The metrics as a table: for the page, for the report and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import numpy as np

from ecgkit.denoising.comparison import Outcome, Score
from ecgkit.drawing.html.templating import render
from ecgkit.drawing.style import NOT_A_DEVICE, swatch
from ecgkit.processing.quality import INDICATORS, LeadIndicators

METRICS = {
    "snr_db": ("SNR", "dB", "{:.2f}"),
    "gain_db": ("Gain in SNR", "dB", "{:+.2f}"),
    "mse": ("MSE", "mV²", "{:.3g}"),
    "prd": ("PRD", "%", "{:.1f}"),
}
"""Column -> heading, unit, format. The gain is the SNR less the input's."""
FURTHER = {
    "rmse": ("RMSE", "mV"),
    "max_abs_deviation": ("Largest deviation", "mV"),
    "pearson": ("Pearson correlation", ""),
}
"""Columns of the CSV file alone."""


def value_of(score: Score, column: str, inputs: Score, lead: int | None = None) -> float:
    """Return one cell: a metric over all leads, or of one lead."""
    own, other = (each.overall if lead is None else each.by_lead[lead] for each in (score, inputs))
    if column == "gain_db":
        return own.snr_db - other.snr_db
    return float(getattr(own, column))


def metrics_table(scores: Sequence[Score], waiting: Sequence[str] = (), unit: str = "mV") -> str:
    """Return the table over all leads as HTML, which is the legend too.

    Parameters
    ----------
    scores
        The input's first.
    waiting
        Labels of the methods that are not ready yet.
    """
    best = max((score.overall.snr_db for score in scores[1:]), default=np.nan)
    rows = []
    for score in scores:
        cells = [
            "–"
            if score is scores[0] and column == "gain_db"
            else number(value_of(score, column, scores[0]), form)
            for column, (_, _, form) in METRICS.items()
        ]
        mark = score is not scores[0] and score.overall.snr_db == best and len(scores) > 2
        rows.append(_signal_row(score.outcome, cells, best=mark))
    columns = [(title, text.replace("mV", unit)) for title, text, _ in METRICS.values()]
    return render(
        "signals_table",
        columns=columns,
        with_reference=True,
        rows=rows,
        waiting=waiting,
        swatch=swatch,
    )


def legend_table(outcomes: Sequence[Outcome], waiting: Sequence[str] = ()) -> str:
    """Return the table where there is no reference: the legend with the times alone."""
    rows = [_signal_row(outcome, []) for outcome in outcomes]
    return render(
        "signals_table",
        columns=[],
        with_reference=False,
        rows=rows,
        waiting=waiting,
        swatch=swatch,
    )


def lead_table(scores: Sequence[Score], leads: Sequence[str], column: str) -> str:
    """Return one metric lead by lead as HTML: leads down, signals across."""
    shown = scores[1:] if column == "gain_db" else scores
    form = METRICS[column][2]
    rows = [
        (lead, None, [number(value_of(score, column, scores[0], row), form) for score in shown])
        for row, lead in enumerate(leads)
    ]
    outcomes = [score.outcome for score in shown]
    return render("values_table", first="Lead", outcomes=outcomes, rows=rows, swatch=swatch)


def indicators_table(outcomes: Sequence[Outcome], indicators: Sequence[LeadIndicators]) -> str:
    """Return noise indicators that need no reference: indicators down, signals across."""
    rows = []
    for field, (label, unit) in INDICATORS.items():
        factor, form = {"%": (100, "{:.2f}"), "mV": (1, "{:.3f}")}.get(unit, (1, "{:.1f}"))
        cells = [number(factor * getattr(one, field), form) for one in indicators]
        rows.append((label, unit, cells))
    first = "Indicator, without a reference"
    return render("values_table", first=first, outcomes=outcomes, rows=rows, swatch=swatch)


def metrics_csv(scores: Sequence[Score], leads: Sequence[str], settings: Sequence[str]) -> bytes:
    """Return every metric, over all leads and lead by lead, as a CSV file with its settings."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for line in (*settings, NOT_A_DEVICE):
        writer.writerow([f"# {line}"])
    units = {key: (title, unit) for key, (title, unit, _) in METRICS.items()} | FURTHER
    columns = [f"{title} ({unit})" if unit else title for title, unit in units.values()]
    writer.writerow(["signal", "lead", *columns, "time (ms)"])
    for score in scores:
        for row, lead in enumerate([None, *range(len(leads))]):
            values = [f"{value_of(score, key, scores[0], lead):.6g}" for key in units]
            taken = "" if row or score.outcome.seconds is None else _milliseconds(score.outcome)
            name = "all" if lead is None else leads[lead]
            writer.writerow([score.outcome.label, safe_cell(name), *values, taken])
    return text.getvalue().encode()


def safe_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def number(value: float, form: str) -> str:
    """Return a value as a cell says it; a dash where there is none."""
    if np.isnan(value):
        return "–"
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = form.format(value)
    if float(text) == 0:
        text = text.lstrip("+-")
    return text.replace("-", "−")


def _milliseconds(outcome: Outcome) -> str:
    return "–" if outcome.seconds is None else f"{1000 * outcome.seconds:.0f}"


def _signal_row(outcome: Outcome, cells: Sequence[str], *, best: bool = False) -> dict[str, object]:
    return {
        "key": outcome.key,
        "label": outcome.label,
        "cells": cells,
        "time": _milliseconds(outcome),
        "best": best,
    }
