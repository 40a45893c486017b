"""From the mask of a page's traces to a recording in mV."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgkit.digitization.lead_signals import FS, TracedPage, lead_signals, stack_signals
from ecgkit.digitization.limb_lead_checks import limb_lead_checks
from ecgkit.digitization.tracing.calibration_pulses import (
    CalibrationPulses,
    find_calibration_pulses,
)
from ecgkit.digitization.tracing.centerline import (
    mask_blur,
    pen_width,
    shared_drift,
)
from ecgkit.digitization.tracing.column_timing import columns_are_simultaneous
from ecgkit.digitization.tracing.crossings import separate_crossings
from ecgkit.digitization.tracing.ink import find_ink
from ecgkit.digitization.tracing.layout_detection import DetectedLayout, detect_layout
from ecgkit.digitization.tracing.lead_label_matching import LabelCandidates, find_lead_labels
from ecgkit.digitization.tracing.rows import find_rows
from ecgkit.digitization.tracing.trace_path import find_ink_runs, follow_rows, path_mask
from ecgkit.errors import PageError
from ecgkit.paper.layouts import LAYOUTS
from ecgkit.paper.scale import PX_PER_MM, USUAL_GAIN, USUAL_SPEED, Box
from ecgkit.recording import STANDARD_LEADS, Recording


@dataclass(frozen=True)
class ExtractionSettings:
    """What is refused as no page, and when a person is warned."""

    least_seconds: float = 0.5
    """A page whose traces are shorter shows no ECG."""
    most_side: int = 20_000
    """In px at 5 px/mm, 4 m: larger pages come from a grid measured wrongly; bounds memory."""
    vague_columns: float = 0.3
    """Certainty of the columns, 0 to 1, below which a person is warned."""
    law_missed: float = 0.7
    """Miss of a law of the limb leads, 0 to about 1, above which a person is warned."""


SETTINGS = ExtractionSettings()


@dataclass(frozen=True, eq=False)
class Traces:
    """What was read of a page.

    Attributes
    ----------
    recording
        At 500 Hz in mV; NaN where nothing can be seen. It spans the time of the whole page, each
        lead where the page shows it; of a lead that stands there twice, the longer stretch.
    confidence
        float32, shape (leads, samples): 0 to 1.
    layout
        A key of :data:`ecgkit.paper.layouts.LAYOUTS`.
    mm_per_s, mm_per_mv
        The scale that was used.
    boxes
        Lead -> left, top, right, bottom in px of the mask.
    checks
        Law of the limb leads -> how far it is missed; see
        :func:`ecgkit.digitization.limb_lead_checks.limb_lead_checks`.
    warnings
        What a person should know, one sentence each.
    """

    recording: Recording
    confidence: NDArray[np.float32]
    layout: str
    mm_per_s: float
    mm_per_mv: float
    boxes: dict[str, Box]
    checks: dict[str, float]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, without the signals.

        Of each lead: its box in px of the mask, the seconds that can be seen, and the mean
        confidence in them.
        """
        seen = np.isfinite(self.recording.signal)
        leads = {
            lead: {
                "box": [round(edge, 2) for edge in self.boxes[lead]],
                "seconds": round(float(known.sum()) / self.recording.fs, 3),
                "confidence": round(float(values[known].mean()), 4) if known.any() else 0.0,
            }
            for lead, known, values in zip(self.recording.leads, seen, self.confidence, strict=True)
        }
        return {
            "layout": self.layout,
            "mm_per_s": self.mm_per_s,
            "mm_per_mv": self.mm_per_mv,
            "fs": self.recording.fs,
            "leads": leads,
            "checks": {law: round(missed, 4) for law, missed in self.checks.items()},
            "warnings": list(self.warnings),
        }

    def __repr__(self) -> str:
        return (
            f"<Traces of layout {self.layout}: {len(self.recording.leads)} leads, "
            f"{self.recording.duration:.3g} s, {self.mm_per_s:g} mm/s, {self.mm_per_mv:g} mm/mV, "
            f"{len(self.warnings)} warning{'s' * (len(self.warnings) != 1)}>"
        )

    def _repr_html_(self) -> str:
        warnings = "".join(f"<li>{escape(warning)}</li>" for warning in self.warnings)
        return f"<p>{escape(repr(self)[1:-1])}</p>" + (f"<ul>{warnings}</ul>" if warnings else "")


def read_traces(
    mask: NDArray[np.float32],
    picture: NDArray[np.uint8] | None,
    *,
    layout: str | None = None,
    mm_per_s: float | None = None,
    mm_per_mv: float | None = None,
) -> Traces:
    """Return the leads that a page shows.

    Parameters
    ----------
    mask
        float32, shape (height, width): probability that a pixel belongs to a trace, 0 to 1, of a
        page that is rectified to 5 px/mm.
    picture
        uint8, shape (height, width, 3), RGB: the same page, in which names are read; None where
        there is none.
    layout
        A key of :data:`ecgkit.paper.layouts.LAYOUTS`; found where None.
    mm_per_s, mm_per_mv
        The page's scale. Where None, what its calibration pulses say; where there are none, or
        they leave it open, 25 mm/s and 10 mm/mV, with a warning.

    Raises
    ------
    PageError
        Where no traces are seen, or layout or scale are none that a page can have.
    """
    _check(mask, picture, layout, mm_per_s, mm_per_mv)
    ink = None if picture is None else find_ink(picture, mask)
    pulses = None if ink is None else find_calibration_pulses(ink)
    if pulses is not None:
        mask = _without_pulses(mask, pulses)
    rows = find_rows(mask)
    if rows is None:
        raise _no_trace()
    paths = follow_rows(find_ink_runs(mask), rows)
    pen = pen_width(paths)
    candidates = None if ink is None else find_lead_labels(ink, path_mask(paths, mask.shape))
    detected = detect_layout(paths, rows, candidates, pen, PX_PER_MM, layout)
    if (
        detected is None
        or np.ptp(detected.edges) < SETTINGS.least_seconds * PX_PER_MM * USUAL_SPEED
    ):
        raise _no_trace()
    read_speed, read_gain = (pulses.mm_per_s, pulses.mm_per_mv) if pulses else (None, None)
    speed = mm_per_s or read_speed or USUAL_SPEED
    gain = mm_per_mv or read_gain or USUAL_GAIN
    page = TracedPage(
        separate_crossings(paths, rows, pen),
        rows,
        shared_drift(paths),
        pen,
        mask_blur(mask, paths, pen),
        PX_PER_MM * speed,
        PX_PER_MM * gain,
    )
    simultaneous = columns_are_simultaneous(detected, paths)
    leads = lead_signals(detected, page, simultaneous)
    if not leads:
        raise _no_trace()
    names = [lead for lead in STANDARD_LEADS if lead in leads]
    names += [lead for lead in leads if lead not in names]
    warnings = _warnings(
        detected, candidates, mm_per_s or read_speed, mm_per_mv or read_gain, simultaneous
    )
    recording = Recording(
        signal=stack_signals([leads[name].signal for name in names], np.nan),
        fs=FS,
        leads=tuple(names),
        name="page",
        notes=tuple(warnings),
    )
    checks = limb_lead_checks(recording)
    worst = max(checks.values(), default=0.0)
    if worst > SETTINGS.law_missed:
        warnings.append("The limb leads contradict each other: check the layout and lead names.")
    return Traces(
        recording=recording,
        confidence=stack_signals([leads[name].confidence for name in names], 0.0),
        layout=detected.layout,
        mm_per_s=speed,
        mm_per_mv=gain,
        boxes={name: leads[name].box for name in names},
        checks=checks,
        warnings=tuple(warnings),
    )


def _check(
    mask: NDArray[np.float32],
    picture: NDArray[np.uint8] | None,
    layout: str | None,
    mm_per_s: float | None,
    mm_per_mv: float | None,
) -> None:
    if mask.ndim != 2 or (picture is not None and picture.shape != (*mask.shape, 3)):
        shape = None if picture is None else picture.shape
        raise ValueError(f"a mask of shape {mask.shape} with a picture of shape {shape}")
    if max(mask.shape) > SETTINGS.most_side:
        raise PageError(
            f"is {mask.shape[1]} x {mask.shape[0]} px at 5 px/mm",
            stage="layout",
            remedy=f"At most {SETTINGS.most_side} px a side are read; check the grid's scale.",
        )
    if layout is not None and layout not in LAYOUTS:
        raise PageError(
            f"there is no layout {layout!r}",
            stage="layout",
            remedy=f"Choose one of {', '.join(LAYOUTS)}.",
        )
    for scale, unit in ((mm_per_s, "mm/s"), (mm_per_mv, "mm/mV")):
        if scale is not None and not 1 <= scale <= 200:
            raise PageError(
                f"cannot have {scale:g} {unit}",
                stage="signals",
                remedy="Give a scale between 1 and 200.",
            )


def _no_trace() -> PageError:
    return PageError(
        "shows no trace of an ECG",
        stage="layout",
        remedy="Take the picture closer, sharper and with the whole page in it.",
    )


def _without_pulses(mask: NDArray[np.float32], pulses: CalibrationPulses) -> NDArray[np.float32]:
    """Return the mask without the calibration pulses, and what lies beyond them."""
    result = mask.copy()
    first, stop = round(pulses.left), round(pulses.right)
    result[:, slice(0, stop) if pulses.at_left else slice(max(first, 0), None)] = 0
    return result


def _warnings(
    detected: DetectedLayout,
    candidates: LabelCandidates | None,
    mm_per_s: float | None,
    mm_per_mv: float | None,
    simultaneous: bool,
) -> list[str]:
    result = []
    if mm_per_s is None:
        result.append(f"The paper's speed was taken to be {USUAL_SPEED:g} mm/s.")
    if mm_per_mv is None:
        result.append(f"The voltage scale was taken to be {USUAL_GAIN:g} mm/mV.")
    if detected.certainty < SETTINGS.vague_columns:
        result.append("Columns of leads can hardly be told apart: check the layout.")
    if candidates is not None and not detected.read:
        result.append("No lead name could be read: names follow the layout's usual order.")
    if simultaneous:
        result.append("All columns seem to show the same time.")
    return result
