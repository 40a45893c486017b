"""The networks' answers as files: JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgkit.disclaimer import NOT_A_DEVICE
from ecgkit.rhythm.classes import RHYTHMS
from ecgkit.rhythm.report import RhythmReport


def report_values(report: RhythmReport) -> dict[str, Any]:
    """Return a report as plain values, rounded, as the command line's JSON has them."""
    values = report.to_dict()
    rate = values["heart_rate"]
    return {
        "model": values["model"],
        "label": values["label"],
        "probabilities": by_class(report.probabilities),
        "per_second": [by_class(row) for row in report.per_second],
        "heart_rate": None if rate is None else round(rate, 2),
        "warnings": values["warnings"],
    }


def by_class(values: NDArray[np.float64]) -> dict[str, float]:
    """Return probabilities by class, in the classes' order, to six decimals."""
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
                zip(report.per_second, report.second_labels, strict=True)
            )
        ]
        for begin, end, values, label in lines:
            shares = [f"{value:.6f}" for value in values]
            writer.writerow([report.model, f"{begin:g}", f"{end:g}", *shares, label])
    return text.getvalue().encode()
