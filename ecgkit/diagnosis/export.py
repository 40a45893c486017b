"""What was read of a page, and the labels found, as plain values for files."""

from __future__ import annotations

from typing import Any

from ecgkit.diagnosis.page_reading import PageReading
from ecgkit.diagnosis.predict import DEFAULT, RULES, Diagnoses
from ecgkit.digitization.export import page_values


def report_values(report: PageReading, diagnoses: Diagnoses | None = None) -> dict[str, Any]:
    """Return a report as plain values for JSON; None stands for what is not known.

    As :func:`ecgkit.digitization.export.page_values`, and ``labels``, ``classification``: see
    :func:`label_values` and :func:`classification_values`; empty and None where nobody answered.

    Parameters
    ----------
    report
        As :func:`ecgkit.diagnosis.page_reading.read_page` gives it.
    diagnoses
        Whose labels to give; else :func:`chosen_diagnoses`.
    """
    values = page_values(report)
    diagnoses = diagnoses or chosen_diagnoses(report)
    last = {key: values.pop(key) for key in ("warnings", "seconds", "error")}
    last["warnings"] += diagnoses.warnings if diagnoses else ()
    return {
        **values,
        "labels": label_values(diagnoses) if diagnoses else {},
        "classification": classification_values(diagnoses) if diagnoses else None,
        **last,
    }


def chosen_diagnoses(report: PageReading) -> Diagnoses | None:
    """Return the default classifier's answer, else another one's; None where none answered."""
    return report.diagnoses.get(DEFAULT) or next(iter(report.diagnoses.values()), None)


def label_values(diagnoses: Diagnoses) -> dict[str, dict[str, Any]]:
    """Return label -> calibrated probability, threshold, and whether the one reaches the other."""
    return {
        finding.label: {
            "probability": round(finding.probability, 6),
            "threshold": round(finding.threshold, 6),
            "positive": finding.positive,
        }
        for finding in diagnoses.findings
    }


def classification_values(diagnoses: Diagnoses) -> dict[str, Any]:
    """Return who gave the labels.

    ``classifier``: a key of :data:`ecgkit.diagnosis.predict.CLASSIFIERS`. ``networks``: the
    catalogue's name of each network that answered, and its share. ``basis``: what thresholds were
    measured on. ``rule``: how they were chosen, None where by hand.
    """
    return {
        "classifier": diagnoses.classifier,
        "networks": {name: round(share, 4) for name, share in diagnoses.networks.items()},
        "basis": diagnoses.basis,
        "rule": rule_of(diagnoses),
    }


def rule_of(diagnoses: Diagnoses) -> str | None:
    """Return which of the rules all thresholds follow; None where one was set by hand."""
    return next(
        (
            rule
            for rule in RULES
            if all(one.threshold == one.rules[rule] for one in diagnoses.findings)
        ),
        None,
    )
