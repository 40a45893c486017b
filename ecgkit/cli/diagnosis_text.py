"""What classifiers say of the eleven labels, as lines for a person."""

from __future__ import annotations

import argparse

from ecgkit import models
from ecgkit.diagnosis.export import rule_of
from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.predict import CLASSIFIERS, RULES, Diagnoses
from ecgkit.drawing.html.diagnoses import BASES, contradiction, verdict
from ecgkit.drawing.percent import distinct_percents

WIDTHS = (44, 12, 11, 8, 13, 12)
"""Of the table's columns, in characters."""


RULE_KEYS = dict(zip(("f1", "youden"), RULES, strict=True))
"""What the command line calls the rules for thresholds."""


def add_rule(command: argparse.ArgumentParser) -> None:
    """Add the option for the rule that thresholds follow."""
    command.add_argument(
        "--rule",
        choices=RULE_KEYS,
        default="f1",
        help="how thresholds were chosen on validation folds: f1, by the greatest F1 that finds "
        "at least half; youden, by Youden's J as in the study, which finds more and is wrong more "
        "often (f1)",
    )


def brief(diagnoses: Diagnoses) -> list[str]:
    """Return a line for each label that is found, the clearest first, and one for the others."""
    above, below = [], []
    for finding in diagnoses.ranked:
        found, limit = distinct_percents(finding.probability, finding.threshold)
        if finding.positive:
            name = f"{LABELS[finding.label]} ({finding.label})"
            above.append(f"  above       {name}: probability {found}, threshold {limit}")
        else:
            below.append(f"{finding.label} {found} ({limit})")
    return [
        *_asked(diagnoses),
        *(above or ["  above       no label reaches its threshold"]),
        *([f"  below       probability (threshold): {', '.join(below)}"] if below else []),
        *_against(diagnoses),
    ]


def table(diagnoses: Diagnoses) -> list[str]:
    """Return a line for each label, the one farthest above its threshold first."""
    head = ("label", "probability", "threshold", "", "sensitivity", "specificity")
    rows = [
        (
            f"{LABELS[finding.label]} ({finding.label})",
            *distinct_percents(finding.probability, finding.threshold),
            verdict(finding),
            f"{100 * finding.sensitivity:.0f} %",
            f"{100 * finding.specificity:.0f} %",
        )
        for finding in diagnoses.ranked
    ]
    return [*_asked(diagnoses), *(_columns(row) for row in (head, *rows)), *_against(diagnoses)]


def _asked(diagnoses: Diagnoses) -> list[str]:
    cards = models.catalogue()
    shares = [
        f"{cards[name].title} {100 * share:.0f} %" for name, share in diagnoses.networks.items()
    ]
    rule = rule_of(diagnoses)
    return [
        f"  classifier  {CLASSIFIERS[diagnoses.classifier]}"
        + (f" ({'; '.join(shares)})" if len(shares) > 1 else ""),
        f"  thresholds  {f'by {rule}' if rule else 'set by hand'}, on validation folds of "
        f"{BASES[diagnoses.basis]}",
    ]


def _against(diagnoses: Diagnoses) -> list[str]:
    said = contradiction(diagnoses)
    return [f"  note        {said}"] if said else []


def _columns(cells: tuple[str, ...]) -> str:
    first, *others = (
        cell.rjust(width) if place else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(cells, WIDTHS, strict=True))
    )
    return f"  {first}{''.join(others)}".rstrip()
