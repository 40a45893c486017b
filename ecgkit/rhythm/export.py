"""The networks' answers as files: JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgkit.drawing.html.metrics_table import safe_cell
from ecgkit.drawing.html.rhythm_answers import second_labels
from ecgkit.drawing.style import NOT_A_DEVICE
from ecgkit.rhythm.classes import RHYTHMS
from ecgkit.rhythm.report import RhythmReport


def report_values(report: RhythmReport) -> dict[str, Any]:
    """Return a report as plain values, as the command line's JSON has them."""
    return {
        "model": report.model,
        "label": report.label,
        "probabilities": by_class(report.probabilities),
        "per_second": [by_class(row) for row in report.per_second],
        "heart_rate": None if math.isnan(report.heart_rate) else round(report.heart_rate, 2),
        "warnings": list(report.warnings),
    }


def by_class(values: NDArray[np.float64]) -> dict[str, float]:
    """Return probabilities by class, in the classes' order."""
    return {name: round(float(value), 6) for name, value in zip(RHYTHMS, values, strict=True)}


def answers_json(name: str, reports: Sequence[RhythmReport]) -> bytes:
    """Return the reports of one window as a JSON file."""
    content = {
        "recording": name,
        "start": reports[0].start,
        "networks": [report_values(report) for report in reports],
        "classes": RHYTHMS,
        "note": NOT_A_DEVICE,
    }
    return json.dumps(content, indent=1, ensure_ascii=False).encode()


def answers_csv(name: str, reports: Sequence[RhythmReport]) -> bytes:
    """Return the reports of one window as a CSV file: a line for the whole and for each second."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([f"# {name}, from {reports[0].start:g} s on"])
    writer.writerow([f"# {NOT_A_DEVICE}"])
    writer.writerow(["network", "from (s)", "to (s)", *RHYTHMS, "answer"])
    for report in reports:
        seconds = len(report.per_second)
        lines = [(report.start, report.start + seconds, report.probabilities, report.label)]
        lines += [
            (report.start + place, report.start + place + 1, row, label)
            for place, (row, label) in enumerate(
                zip(report.per_second, second_labels(report), strict=True)
            )
        ]
        for begin, end, values, label in lines:
            shares = [f"{value:.6f}" for value in values]
            writer.writerow([safe_cell(report.model), f"{begin:g}", f"{end:g}", *shares, label])
    return text.getvalue().encode()
