"""From the mask of a page's traces to a recording in mV."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgkit.digitization.limb_lead_checks import limb_lead_checks
from ecgkit.digitization.tracing.calibration_pulses import Pulses, find_pulses
from ecgkit.digitization.tracing.centerline import bend, blur_of, pen_width, trace
from ecgkit.digitization.tracing.column_timing import simultaneous
from ecgkit.digitization.tracing.crossings import separate
from ecgkit.digitization.tracing.ink import find_ink
from ecgkit.digitization.tracing.layout_detection import Leads, find_leads
from ecgkit.digitization.tracing.lead_label_matching import Words, find_words
from ecgkit.digitization.tracing.rows import Rows, find_rows
from ecgkit.digitization.tracing.trace_path import Path, find_runs, follow
from ecgkit.errors import PageError
from ecgkit.paper.layouts import LAYOUTS, Place
from ecgkit.paper.scale import PX_PER_MM, USUAL_GAIN, USUAL_SPEED, Box
from ecgkit.recording import STANDARD_LEADS, Recording

FS = 500.0
MIN_SECONDS = 0.5
MAX_SIDE = 20_000
_VAGUE = 0.3
_LAW_MISSED = 0.7


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


@dataclass(frozen=True, eq=False)
class _Lead:
    """One lead as read: samples from the page's start, and where they stand."""

    signal: NDArray[np.float64]
    confidence: NDArray[np.float64]
    box: Box
    seconds: float


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
    pulses = None if ink is None else find_pulses(ink)
    if pulses is not None:
        mask = _without_pulses(mask, pulses)
    rows = find_rows(mask)
    if rows is None:
        raise _nothing_seen()
    paths = follow(find_runs(mask), rows)
    pen = pen_width(paths)
    words = None if ink is None else find_words(ink, _traced(paths, mask))
    places = find_leads(paths, rows, words, pen, PX_PER_MM, layout)
    if places is None or np.ptp(places.edges) < MIN_SECONDS * PX_PER_MM * USUAL_SPEED:
        raise _nothing_seen()
    read_speed, read_gain = (pulses.mm_per_s, pulses.mm_per_mv) if pulses else (None, None)
    speed = mm_per_s or read_speed or USUAL_SPEED
    gain = mm_per_mv or read_gain or USUAL_GAIN
    page = _Page(
        separate(paths, rows, pen),
        rows,
        bend(paths),
        pen,
        blur_of(mask, paths, pen),
        PX_PER_MM * speed,
        PX_PER_MM * gain,
    )
    together = simultaneous(places, paths)
    leads = _leads(places, page, together)
    if not leads:
        raise _nothing_seen()
    names = [lead for lead in STANDARD_LEADS if lead in leads]
    names += [lead for lead in leads if lead not in names]
    warnings = _warnings(places, words, mm_per_s or read_speed, mm_per_mv or read_gain, together)
    recording = Recording(
        signal=_stack([leads[name].signal for name in names], np.nan),
        fs=FS,
        leads=tuple(names),
        name="page",
        notes=tuple(warnings),
    )
    checks = limb_lead_checks(recording)
    worst = max(checks.values(), default=0.0)
    if worst > _LAW_MISSED:
        warnings.append("The limb leads contradict each other: check the layout and lead names.")
    return Traces(
        recording=recording,
        confidence=_stack([leads[name].confidence for name in names], 0.0),
        layout=places.layout,
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
    if max(mask.shape) > MAX_SIDE:
        raise PageError(
            f"is {mask.shape[1]} x {mask.shape[0]} px at 5 px/mm",
            stage="layout",
            remedy=f"At most {MAX_SIDE} px a side are read; check the grid's scale.",
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


def _nothing_seen() -> PageError:
    return PageError(
        "shows no trace of an ECG",
        stage="layout",
        remedy="Take the picture closer, sharper and with the whole page in it.",
    )


def _traced(paths: list[Path], mask: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mask of the ink that the paths run through."""
    result = np.zeros_like(mask)
    for path in paths:
        for column in np.flatnonzero(path.run >= 0):
            top, bottom = int(path.top[column]), int(path.bottom[column]) + 2
            result[max(top, 0) : bottom, column] = 1
    return result


def _without_pulses(mask: NDArray[np.float32], pulses: Pulses) -> NDArray[np.float32]:
    """Return the mask without the calibration pulses, and what lies beyond them."""
    result = mask.copy()
    first, stop = round(pulses.left), round(pulses.right)
    result[:, slice(0, stop) if pulses.at_left else slice(max(first, 0), None)] = 0
    return result


@dataclass(frozen=True, eq=False)
class _Page:
    """What is known of a page before its leads are cut out of its rows."""

    separated: tuple[list[Path], list[NDArray[np.bool_]]]
    rows: Rows
    bent: NDArray[np.float64]
    pen: float
    blur: float
    px_per_s: float
    px_per_mv: float


def _leads(places: Leads, page: _Page, together: bool) -> dict[str, _Lead]:
    """Return the signal of each lead, the longer one of a lead that stands there twice."""
    found: dict[str, _Lead] = {}
    for place in places.places:
        lead = _lead(place, places, page, together)
        other = found.get(place.lead)
        if lead is not None and (other is None or lead.seconds > other.seconds + 0.1):
            found[place.lead] = lead
    return found


def _lead(place: Place, places: Leads, page: _Page, together: bool) -> _Lead | None:
    left, right = places.span(place)
    begin = left if together else float(places.edges[0])
    moments = np.arange(
        int(np.ceil((left - begin) / page.px_per_s * FS)),
        int(np.ceil((right - begin) / page.px_per_s * FS)),
    )
    x = begin + moments / FS * page.px_per_s
    # At its ends, a lead's ink may be the next one's too.
    near = (page.pen + 1) / 2
    first = int(np.ceil(left + near * (place.column > 0)))
    stop = int(right - near * (place.column + 1 < place.columns)) + 1
    paths, crossed = page.separated
    line = trace(
        paths[place.row].part(max(first, 0), stop), crossed[place.row], page.pen, page.blur
    )
    y = line.at(x)
    seen = np.isfinite(y)
    if not seen.any():
        return None
    sign = -1 if place.inverted else 1
    # What all rows have in common is a bend of the paper.
    above = np.interp(x, np.arange(page.bent.size), page.bent) - y
    values = sign * (above - float(np.median(above[seen]))) / page.px_per_mv
    nearest = np.clip(np.round(x).astype(int), 0, line.confidence.size - 1)
    confidence = np.where(seen, np.clip(line.confidence[nearest], 0, 1), 0)
    pad = (int(moments[0]), 0)
    base = page.rows.lines[place.row]
    box = (left, float(min(np.nanmin(y), base.min())), right, float(max(np.nanmax(y), base.max())))
    return _Lead(
        np.pad(values, pad, constant_values=np.nan),
        np.pad(confidence, pad),
        box,
        (right - left) / page.px_per_s,
    )


def _stack(rows: list[NDArray[np.float64]], fill: float) -> NDArray[np.float32]:
    result = np.full((len(rows), max(row.size for row in rows)), fill, np.float32)
    for row, values in zip(result, rows, strict=True):
        row[: values.size] = values
    return result


def _warnings(
    places: Leads,
    words: Words | None,
    mm_per_s: float | None,
    mm_per_mv: float | None,
    together: bool,
) -> list[str]:
    result = []
    if mm_per_s is None:
        result.append(f"The paper's speed was taken to be {USUAL_SPEED:g} mm/s.")
    if mm_per_mv is None:
        result.append(f"The voltage scale was taken to be {USUAL_GAIN:g} mm/mV.")
    if places.certainty < _VAGUE:
        result.append("Columns of leads can hardly be told apart: check the layout.")
    if words is not None and not places.read:
        result.append("No lead name could be read: names follow the layout's usual order.")
    if together:
        result.append("All columns seem to show the same time.")
    return result
