"""What classifiers say of the eleven labels, as lines for a person."""

from __future__ import annotations

from ecgkit import models
from ecgkit.paper.diagnoses import CLASSIFIERS, Diagnoses
from ecgkit.paper.labels import LABELS
from ecgkit.paper.wording import about_thresholds, fine_percent, title_of, verdict

WIDTHS = (44, 12, 11, 8, 13, 12)
"""Of the table's columns, in characters."""


def brief(diagnoses: Diagnoses) -> list[str]:
    """Return a line for each label that is found, the clearest first, and one for the others."""
    found = [finding for finding in diagnoses.ranked if finding.positive]
    others = [
        f"{finding.label} {fine_percent(finding.probability)} ({fine_percent(finding.threshold)})"
        for finding in diagnoses.ranked
        if not finding.positive
    ]
    lines = [
        f"  above       {LABELS[finding.label]} ({finding.label}): probability "
        f"{fine_percent(finding.probability)}, threshold {fine_percent(finding.threshold)}"
        for finding in found
    ]
    return [
        *_asked(diagnoses),
        *(lines or ["  above       no label reaches its threshold"]),
        *([f"  below       probability (threshold): {', '.join(others)}"] if others else []),
    ]


def table(diagnoses: Diagnoses) -> list[str]:
    """Return a line for each label, the one farthest above its threshold first."""
    head = ("label", "probability", "threshold", "", "sensitivity", "specificity")
    rows = [
        (
            f"{LABELS[finding.label]} ({finding.label})",
            fine_percent(finding.probability),
            fine_percent(finding.threshold),
            verdict(finding),
            f"{100 * finding.sensitivity:.0f} %",
            f"{100 * finding.specificity:.0f} %",
        )
        for finding in diagnoses.ranked
    ]
    return [*_asked(diagnoses), *(_columns(row) for row in (head, *rows))]


def _asked(diagnoses: Diagnoses) -> list[str]:
    cards = models.catalogue()
    shares = [
        f"{title_of(cards[name])}, {100 * share:.0f} %" for name, share in diagnoses.networks.items()
    ]
    return [
        f"  classifier  {CLASSIFIERS[diagnoses.classifier]}"
        + (f" ({'; '.join(shares)})" if len(shares) > 1 else ""),
        f"  thresholds  {about_thresholds(diagnoses)}",
    ]


def _columns(cells: tuple[str, ...]) -> str:
    first, *others = (
        cell.rjust(width) if place else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(cells, WIDTHS, strict=True))
    )
    return f"  {first}{''.join(others)}".rstrip()
