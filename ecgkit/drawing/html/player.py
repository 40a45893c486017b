"""The controls that choose a second, as HTML; the page's component gives them life."""

from __future__ import annotations

import json

from ecgkit.drawing.html.templating import render
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
    return render("player", times=json.dumps(times), seconds=seconds)
