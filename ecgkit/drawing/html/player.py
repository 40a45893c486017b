"""The controls that choose a second, as HTML; the page's component gives them life."""

from __future__ import annotations

import json
from html import escape

from ecgkit.drawing.svg.ecg_paper import clock


def player(start: float, seconds: int) -> str:
    """Return play, slider and the second in words.

    Parameters
    ----------
    start
        Where the first second begins, in the recording's seconds.
    seconds
        How many there are.
    """
    times = [
        f"second {place + 1} of {seconds}: {clock(round(start + place, 1))} to "
        f"{clock(round(start + place + 1, 1))}"
        for place in range(seconds)
    ]
    return (
        f'<div class="player" data-times="{escape(json.dumps(times))}">'
        '<button class="play" type="button">▶ Play</button>'
        f'<input type="range" min="1" max="{seconds}" step="1" value="1" aria-label="Second"/>'
        "<output></output></div>"
    )
