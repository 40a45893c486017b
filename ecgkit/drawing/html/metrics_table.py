"""The metrics as a table: for the page, for the report and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from html import escape

import numpy as np

from ecgkit.denoising.comparison import Outcome, Score
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
    heads = "".join(
        f'<th scope="col">{title}<span class="unit">{text.replace("mV", unit)}</span></th>'
        for title, text, _ in METRICS.values()
    )
    best = max((score.overall.snr_db for score in scores[1:]), default=np.nan)
    body = [_reference(len(METRICS) + 1)]
    for score in scores:
        cells = []
        for column, (_, _, form) in METRICS.items():
            first = score is scores[0] and column == "gain_db"
            value = "–" if first else number(value_of(score, column, scores[0]), form)
            cells.append(f"<td>{value}</td>")
        mark = score is not scores[0] and score.overall.snr_db == best and len(scores) > 2
        body.append(_line(score.outcome, "".join(cells), best=mark))
    body.extend(_waiting(label, len(METRICS) + 1) for label in waiting)
    return _table(f'{heads}<th scope="col">Time<span class="unit">ms</span></th>', body)


def legend_table(outcomes: Sequence[Outcome], waiting: Sequence[str] = ()) -> str:
    """Return the table where there is no reference: the legend with the times alone."""
    body = [_line(outcome, "") for outcome in outcomes]
    body.extend(_waiting(label, 1) for label in waiting)
    return _table('<th scope="col">Time<span class="unit">ms</span></th>', body)


def lead_table(scores: Sequence[Score], leads: Sequence[str], column: str) -> str:
    """Return one metric lead by lead as HTML: leads down, signals across."""
    shown = scores[1:] if column == "gain_db" else scores
    heads = "".join(
        f'<th scope="col">{swatch(score.outcome.key)}<br>{escape(score.outcome.label)}</th>'
        for score in shown
    )
    form = METRICS[column][2]
    body = [
        f'<tr><th scope="row">{escape(lead)}</th>'
        + "".join(f"<td>{number(value_of(s, column, scores[0], row), form)}</td>" for s in shown)
        + "</tr>"
        for row, lead in enumerate(leads)
    ]
    return _table(heads, body, first="Lead")


def indicators_table(outcomes: Sequence[Outcome], indicators: Sequence[LeadIndicators]) -> str:
    """Return noise indicators that need no reference: indicators down, signals across."""
    heads = "".join(
        f'<th scope="col">{swatch(outcome.key)}<br>{escape(outcome.label)}</th>'
        for outcome in outcomes
    )
    body = []
    for field, (label, unit) in INDICATORS.items():
        factor, form = {"%": (100, "{:.2f}"), "mV": (1, "{:.3f}")}.get(unit, (1, "{:.1f}"))
        cells = "".join(
            f"<td>{number(factor * getattr(one, field), form)}</td>" for one in indicators
        )
        body.append(
            f'<tr><th scope="row">{label} <span class="unit">{unit}</span></th>{cells}</tr>'
        )
    return _table(heads, body, first="Indicator, without a reference")


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


def _line(outcome: Outcome, cells: str, *, best: bool = False) -> str:
    mark = '<span class="best">best SNR</span>' if best else ""
    return (
        f'<tr data-signal="{outcome.key}"><th scope="row">{swatch(outcome.key)}'
        f"{escape(outcome.label)} {mark}</th>{cells}<td>{_milliseconds(outcome)}</td></tr>"
    )


def _reference(columns: int) -> str:
    return (
        f'<tr class="legend"><th scope="row">{swatch("reference")}Clean reference</th>'
        f'<td colspan="{columns}"></td></tr>'
    )


def _waiting(label: str, columns: int) -> str:
    return (
        f'<tr class="waiting"><th scope="row">{escape(label)}</th>'
        f'<td colspan="{columns}">loading the network …</td></tr>'
    )


def _table(heads: str, body: Sequence[str], first: str = "Signal") -> str:
    return (
        f'<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">{first}</th>{heads}'
        f"</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )
