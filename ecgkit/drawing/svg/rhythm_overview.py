"""The rhythm along a whole recording: its envelope, and a lane for each class beneath.

A class has a place of its own, so that no one needs its colour.
"""

from __future__ import annotations

from html import escape

import numpy as np

from ecgkit.drawing.style import variable
from ecgkit.drawing.svg.ecg_paper import clock
from ecgkit.drawing.svg.overview_strip import Envelope, draw_overview_strip
from ecgkit.rhythm.classes import RHYTHMS
from ecgkit.rhythm.report import UNCERTAIN, RhythmOverview

_WIDE, _TALL = 1000.0, 16.0
UNREADABLE = "not readable"


def draw_overview(
    shape: Envelope,
    duration: float,
    start: float,
    stop: float,
    lead: str,
    overview: RhythmOverview | None = None,
) -> str:
    """Return the overview as an HTML block; a click on it tells the time.

    Parameters
    ----------
    shape
        The lead's envelope (:func:`ecgkit.drawing.svg.overview_strip.envelope`).
    duration, start, stop
        Length of the recording and the window's ends, in seconds.
    overview
        A network's answers along the recording, None while there are none.
    """
    label = f"Overview of lead {lead}: click to go there"
    strip = draw_overview_strip(shape, duration, start, stop, label)
    if overview is None:
        return strip
    lanes = [*RHYTHMS, UNCERTAIN]
    if "" in overview.labels:
        lanes.append(UNREADABLE)
    drawn = "".join(_lane(name, overview, duration, start, stop) for name in lanes)
    said = escape(summary(overview))
    return (
        f'{strip}<div class="lanes" data-duration="{duration:g}" role="img" '
        f'aria-label="{said}">{drawn}</div>'
    )


def summary(overview: RhythmOverview) -> str:
    """Return in words how much of the recording each class takes, and when each comes first."""
    labels = overview.labels
    said = []
    for name in [*RHYTHMS, UNCERTAIN, ""]:
        places = [place for place, label in enumerate(labels) if label == name]
        if places:
            first = clock(float(overview.starts[places[0]]))
            share = 100 * len(places) / len(labels)
            said.append(f"{name or UNREADABLE} {share:.0f} % (first at {first})")
    return f"Of {len(labels)} windows: {', '.join(said)}."


def _lane(name: str, overview: RhythmOverview, duration: float, start: float, stop: float) -> str:
    """Return a class's lane: its probability as height, in full colour where it is the answer."""
    ends = [*overview.starts[1:], duration]
    paths = {True: "", False: ""}
    places = list(RHYTHMS)
    for place, (begin, end) in enumerate(zip(overview.starts, ends, strict=True)):
        label = overview.labels[place] or UNREADABLE
        values = overview.probabilities[place]
        answer = label == name
        tall = float(values[places.index(name)]) if name in RHYTHMS else float(answer)
        if np.isnan(tall) or tall < 0.02:
            continue
        left, right = _WIDE * float(begin) / duration, _WIDE * float(end) / duration
        height = tall * (_TALL - 2)
        paths[answer] += (
            f"M{left:.2f} {_TALL - 1}V{_TALL - 1 - height:.1f}H{right:.2f}V{_TALL - 1}Z"
        )
    colour = variable(name if name in RHYTHMS else UNCERTAIN)
    left, width = _WIDE * start / duration, max(_WIDE * (stop - start) / duration, 2)
    return (
        f'<div class="lane"><b>{name}</b><svg viewBox="0 0 {_WIDE:g} {_TALL:g}" '
        f'preserveAspectRatio="none"><rect width="{_WIDE:g}" height="{_TALL:g}" '
        f'fill="{variable("paper")}"/><path d="{paths[False]}" fill="{colour}" fill-opacity=".3"/>'
        f'<path d="{paths[True]}" fill="{colour}"/><rect x="{left:.1f}" width="{width:.1f}" '
        f'height="{_TALL:g}" fill="{variable("shade")}" fill-opacity=".18"/></svg></div>'
    )
