"""What was read of a page, and the labels found, as plain values and as a picture, for files."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgkit.diagnosis.predict import DEFAULT, RULES, Diagnoses
from ecgkit.digitization.extraction import Traces
from ecgkit.digitization.pipeline import PaperReport
from ecgkit.digitization.rectification.rectify import Rectified
from ecgkit.paper.scale import PX_PER_MM, Mask

THRESHOLD = 0.5
"""From this probability on, a pixel counts as trace where a mask is black and white."""


def report_values(report: PaperReport, diagnoses: Diagnoses | None = None) -> dict[str, Any]:
    """Return a report as plain values for JSON; None stands for what is not known.

    ``scale``: the photo's resolution in px/mm along the page's x and y, in the middle of the page;
    the paper's speed and voltage scale. ``rectified``: size in px of the rectified page and of its
    mask, their resolution, by how many quarters the page was turned counter-clockwise, and how
    sure that is, 0 to 1. ``leads``: mean confidence from 0 to 1, from when until when each can be
    seen, in s from the page's start, how much of that is missing, and its box in the mask, in px:
    left, top, right, bottom. ``checks``: how far each law of the limb leads is missed; see
    :func:`ecgkit.digitization.limb_lead_checks.limb_lead_checks`. ``labels``, ``classification``:
    see :func:`label_values` and :func:`classification_values`; empty and None where nobody
    answered. ``seconds``: time that each stage took.

    Parameters
    ----------
    report
        As :func:`ecgkit.digitization.pipeline.read_page` gives it.
    diagnoses
        Whose labels to give; else :func:`chosen_diagnoses`.
    """
    traces, choices = report.traces, report.choices
    diagnoses = diagnoses or chosen_diagnoses(report)
    return {
        "name": report.name,
        "scale": {
            **_resolution(report.rectified),
            "mm_per_s": traces.mm_per_s if traces else choices.mm_per_s,
            "mm_per_mv": traces.mm_per_mv if traces else choices.mm_per_mv,
        },
        "rectified": _page(report.rectified),
        "layout": traces.layout if traces else choices.layout,
        "leads": _leads(traces),
        "checks": _rounded(traces.checks if traces else {}),
        "labels": label_values(diagnoses) if diagnoses else {},
        "classification": classification_values(diagnoses) if diagnoses else None,
        "warnings": [*report.warnings, *(diagnoses.warnings if diagnoses else ())],
        "seconds": _rounded(report.seconds),
        "error": None if report.error is None else " ".join(str(report.error).split()),
    }


def chosen_diagnoses(report: PaperReport) -> Diagnoses | None:
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
        "networks": _rounded(dict(diagnoses.networks)),
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


def mask_picture(mask: Mask) -> NDArray[np.uint8]:
    """Return a mask as a grey picture, traces white (255) on black (0)."""
    return np.where(mask >= THRESHOLD, np.uint8(255), np.uint8(0))


def _resolution(page: Rectified | None) -> dict[str, float | None]:
    x, y = (round(v, 4) for v in page.photo_px_per_mm) if page else (None, None)
    return {"px_per_mm_x": x, "px_per_mm_y": y}


def _page(page: Rectified | None) -> dict[str, Any] | None:
    if page is None:
        return None
    return {
        "width": page.picture.shape[1],
        "height": page.picture.shape[0],
        "px_per_mm": PX_PER_MM,
        "quarter_turns": page.quarter_turns,
        "confidence": round(page.confidence, 4),
        "scale_source": page.scale_source,
    }


def _leads(traces: Traces | None) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    if traces is None:
        return found
    recording = traces.recording
    for lead, signal, confidence in zip(
        recording.leads, recording.signal, traces.confidence, strict=True
    ):
        seen = np.flatnonzero(np.isfinite(signal))
        if not seen.size:
            continue
        part = slice(int(seen[0]), int(seen[-1]) + 1)
        found[lead] = {
            "confidence": round(float(confidence[part].mean()), 4),
            "start_s": round(part.start / recording.fs, 4),
            "stop_s": round(part.stop / recording.fs, 4),
            "missing_s": round(float(np.isnan(signal[part]).sum()) / recording.fs, 4),
            "box": [round(float(edge), 1) for edge in traces.boxes[lead]],
        }
    return found


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {key: round(value, 4) for key, value in values.items()}
