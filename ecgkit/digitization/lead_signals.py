"""The signal of each lead, cut out of the rows of a page whose layout is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgkit.digitization.tracing.centerline import fit_centerline
from ecgkit.digitization.tracing.layout_detection import DetectedLayout
from ecgkit.digitization.tracing.rows import Rows
from ecgkit.digitization.tracing.trace_path import TracePath
from ecgkit.paper.layouts import Place
from ecgkit.paper.scale import Box

FS = 500.0
"""In Hz: what leads are read at; a px is 8 ms wide at 25 mm/s."""


@dataclass(frozen=True, eq=False)
class LeadSignal:
    """One lead as read: samples from the page's start, and where they stand."""

    signal: NDArray[np.float64]
    confidence: NDArray[np.float64]
    box: Box
    seconds: float


@dataclass(frozen=True, eq=False)
class TracedPage:
    """What is known of a page before its leads are cut out of its rows."""

    separated: tuple[list[TracePath], list[NDArray[np.bool_]]]
    rows: Rows
    drift: NDArray[np.float64]
    pen: float
    blur: float
    px_per_s: float
    px_per_mv: float


def lead_signals(
    detected: DetectedLayout, page: TracedPage, simultaneous: bool
) -> dict[str, LeadSignal]:
    """Return the signal of each lead, the longer one of a lead that stands there twice."""
    found: dict[str, LeadSignal] = {}
    for place in detected.places:
        lead = _lead_signal(place, detected, page, simultaneous)
        other = found.get(place.lead)
        if lead is not None and (other is None or lead.seconds > other.seconds + 0.1):
            found[place.lead] = lead
    return found


def _lead_signal(
    place: Place, detected: DetectedLayout, page: TracedPage, simultaneous: bool
) -> LeadSignal | None:
    left, right = detected.span(place)
    begin = left if simultaneous else float(detected.edges[0])
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
    line = fit_centerline(
        paths[place.row].part(max(first, 0), stop), crossed[place.row], page.pen, page.blur
    )
    y = line.at(x)
    seen = np.isfinite(y)
    if not seen.any():
        return None
    sign = -1 if place.inverted else 1
    # What all rows have in common is a bend of the paper.
    above = np.interp(x, np.arange(page.drift.size), page.drift) - y
    values = sign * (above - float(np.median(above[seen]))) / page.px_per_mv
    nearest = np.clip(np.round(x).astype(int), 0, line.confidence.size - 1)
    confidence = np.where(seen, np.clip(line.confidence[nearest], 0, 1), 0)
    pad = (int(moments[0]), 0)
    base = page.rows.lines[place.row]
    box = (left, float(min(np.nanmin(y), base.min())), right, float(max(np.nanmax(y), base.max())))
    return LeadSignal(
        np.pad(values, pad, constant_values=np.nan),
        np.pad(confidence, pad),
        box,
        (right - left) / page.px_per_s,
    )


def stack_signals(rows: list[NDArray[np.float64]], fill: float) -> NDArray[np.float32]:
    """Return rows of different lengths as one array, filled up at their ends."""
    result = np.full((len(rows), max(row.size for row in rows)), fill, np.float32)
    for row, values in zip(result, rows, strict=True):
        row[: values.size] = values
    return result
