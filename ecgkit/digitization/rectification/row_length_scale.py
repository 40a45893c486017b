"""The scale of a page whose grid cannot be measured, from the length of its rows of traces.

Usual pages, whatever their layout, give 250 mm to a row: ten seconds at 25 mm/s, or five at
50 mm/s. The rows are seen by the network that finds the mask, which bears a scale that is off by a
third; one or two looks at the page lead to the right one.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ecgkit.digitization.rectification.rectify import Rectified, rectify_at_scale
from ecgkit.digitization.rectification.settings import RowLengthSettings
from ecgkit.digitization.segmentation import find_mask
from ecgkit.digitization.tracing.rows import SETTINGS as ROWS
from ecgkit.digitization.tracing.rows import Rows, find_rows
from ecgkit.errors import PageError
from ecgkit.paper.scale import PX_PER_MM, Mask

SETTINGS = RowLengthSettings()


def rectify_by_rows(
    photo: NDArray[np.uint8], progress: Callable[[float], None] | None = None
) -> Rectified | None:
    """Bring a page to 5 px/mm by its rows of traces alone.

    Turns and small tilts are undone, perspective and bends are not.

    Parameters
    ----------
    photo
        uint8, shape (height, width, 3), RGB.
    progress
        Told the share that is done, 0 to 1.

    Returns
    -------
    Rectified | None
        Its note says what was taken for granted; None where the picture shows no rows of traces.
    """
    scale, degrees, settled = max(photo.shape[:2]) / SETTINGS.first_side, 0.0, False
    for number in range(SETTINGS.rounds):
        if progress is not None:
            progress(number / SETTINGS.rounds)
        try:
            page = rectify_at_scale(photo, scale, degrees)
        except PageError:  # no page is so small, or so large
            return None
        if settled:
            return page
        mask = find_mask(page.picture)
        rows = find_rows(mask)
        length = None if rows is None else row_length(mask, rows)
        if rows is None or length is None:
            return None
        change = length / PX_PER_MM / SETTINGS.length
        scale, degrees = scale * change, degrees + tilt(rows)
        settled = max(change, 1 / change) < SETTINGS.settled
    return None


def row_length(mask: Mask, rows: Rows) -> float | None:
    """Return how long a page's rows are, in px; None where they are not those of an ECG.

    Parameters
    ----------
    mask
        Shape (height, width): probability of trace, at about 5 px/mm.
    rows
        Of this mask.
    """
    ink = mask >= ROWS.trace_probability
    heights = np.arange(mask.shape[0])[:, None]
    lengths, shares = [], []
    for line in rows.lines:
        there = np.flatnonzero((ink & (np.abs(heights - line) < rows.spacing / 2)).any(axis=0))
        if there.size:
            first, last = np.percentile(there, [0.5, 99.5])
            lengths.append(last - first)
            shares.append(min(1.0, there.size / max(1.0, last - first)))
    if len(lengths) < SETTINGS.least_rows or float(np.median(shares)) < SETTINGS.least_seen:
        return None
    # The median: a row that is cut short, or has a mark beside it, does not count.
    return float(np.median(lengths))


def tilt(rows: Rows) -> float:
    """Return by how many degrees rows are turned clockwise."""
    width = rows.lines.shape[1]
    slope = np.polyfit(np.arange(width), rows.lines.mean(axis=0), 1)[0]
    return math.degrees(math.atan(float(slope)))
