"""From the mask of a page's traces to a recording in mV."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.checks import limb_lead_checks
from ecgkit.paper.columns import find_columns
from ecgkit.paper.errors import PageError
from ecgkit.paper.following import find_runs, follow
from ecgkit.paper.layouts import LAYOUTS, arrange
from ecgkit.paper.rows import find_rows
from ecgkit.paper.tracing import Trace, pen_width, separate, trace
from ecgkit.recording import STANDARD_LEADS, Recording

PX_PER_MM = 5.0
FS = 500.0
USUAL_SPEED, USUAL_GAIN = 25.0, 10.0


@dataclass(frozen=True, eq=False)
class Traces:
    """What was read of a page.

    Attributes
    ----------
    recording
        At 500 Hz in mV; NaN where nothing can be seen. It spans the time of the whole page.
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
        :func:`ecgkit.paper.checks.limb_lead_checks`.
    warnings
        What a person should know, one sentence each.
    """

    recording: Recording
    confidence: NDArray[np.float32]
    layout: str
    mm_per_s: float
    mm_per_mv: float
    boxes: dict[str, tuple[float, float, float, float]]
    checks: dict[str, float]
    warnings: tuple[str, ...]


def read_traces(
    mask: NDArray[np.float32],
    picture: NDArray[np.uint8] | None,
    *,
    layout: str | None = None,
    mm_per_s: float | None = None,
    mm_per_mv: float | None = None,
) -> Traces:
    rows = find_rows(mask)
    if rows is None:
        raise PageError("shows no trace", stage="layout")
    paths = follow(find_runs(mask), rows)
    pen = pen_width(paths)
    columns = find_columns(paths, None, layout)
    if columns is None:
        raise PageError("shows no trace", stage="layout")
    separated, crossed = separate(paths, rows, pen)
    traces = [trace(p, c, pen) for p, c in zip(separated, crossed, strict=True)]
    speed, gain = mm_per_s or USUAL_SPEED, mm_per_mv or USUAL_GAIN
    shape = LAYOUTS[columns.layout]
    places = arrange(columns.layout, shape.leads or STANDARD_LEADS[: len(traces)], rhythm=("II", "V1", "V5"))
    edges = columns.edges
    px_s = PX_PER_MM * speed
    count = int(round((edges[-1] - edges[0]) / px_s * FS))
    time_x = edges[0] + np.arange(count) / FS * px_s
    found = {}
    for place in places:
        t = traces[place.row]
        l, r = (edges[0], edges[-1]) if place.columns == 1 else (edges[place.column], edges[place.column + 1])
        inside = (time_x >= l) & (time_x < r)
        y = np.where(inside, t.at(time_x), np.nan)
        if place.lead in found and inside.sum() <= found[place.lead][1]:
            continue
        zero = np.nanmedian(y) if np.isfinite(y).any() else 0
        s = (zero - y) / (PX_PER_MM * gain) * (-1 if place.inverted else 1)
        c = np.where(np.isfinite(y), t.confidence[np.clip(np.round(time_x).astype(int), 0, t.confidence.size - 1)], 0)
        found[place.lead] = (s, inside.sum(), c, (l, 0, r, 0))
    leads = [x for x in STANDARD_LEADS if x in found]
    rec = Recording(np.stack([found[x][0] for x in leads]), FS, tuple(leads))
    return Traces(rec, np.stack([found[x][2] for x in leads]).astype(np.float32), columns.layout, speed, gain, {x: found[x][3] for x in leads}, limb_lead_checks(rec), ())
