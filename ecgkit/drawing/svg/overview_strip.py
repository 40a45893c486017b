"""The overview strip: a whole recording as an envelope, with the visible window marked."""

from __future__ import annotations

from html import escape

import numpy as np
from numpy.typing import NDArray

from ecgkit.drawing.style import variable
from ecgkit.drawing.svg.ecg_paper import clock

COLUMNS = 1000
HEIGHT = 56

Envelope = NDArray[np.float32]


def envelope(values: NDArray[np.floating], columns: int = COLUMNS) -> Envelope:
    """Return lowest and highest value of each of some ``columns`` stretches, shape (2, columns).

    NaN where a stretch has no samples.
    """
    columns = min(columns, values.size)
    edges = np.linspace(0, values.size, columns, endpoint=False).astype(int)
    low = np.minimum.reduceat(np.where(np.isnan(values), np.inf, values), edges)
    high = np.maximum.reduceat(np.where(np.isnan(values), -np.inf, values), edges)
    result = np.stack([low, high]).astype(np.float32)
    result[:, np.isinf(low)] = np.nan
    return result


def draw_overview_strip(
    shape: Envelope, duration: float, start: float, stop: float, label: str
) -> str:
    """Return the strip as an HTML block: envelope, time labels, and the window as a frame.

    Parameters
    ----------
    shape
        As :func:`envelope` gives it.
    duration, start, stop
        Length of the recording and the window's ends, in seconds.
    label
        What the strip shows, for those who cannot see it.
    """
    known = shape[:, ~np.isnan(shape[0])]
    low, high = (np.quantile(known[0], 0.01), np.quantile(known[1], 0.99)) if known.size else (0, 1)
    span = max(float(high - low), 1e-6)
    y = np.clip(HEIGHT - 6 - (shape - low) / span * (HEIGHT - 12), 1, HEIGHT - 1)
    step = COLUMNS / shape.shape[1]
    path = "".join(
        f"M{(place + 0.5) * step:.1f} {bottom:.1f}V{top - 0.6:.1f}"
        for place, (bottom, top) in enumerate(y.T)
        if not np.isnan(bottom)
    )
    left = COLUMNS * start / duration
    width = max(COLUMNS * (stop - start) / duration, 4)
    return (
        f'<div class="strip" data-duration="{duration:g}" role="img" aria-label="{escape(label)}">'
        f'<svg viewBox="0 0 {COLUMNS} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{COLUMNS}" height="{HEIGHT}" fill="{variable("paper")}"/>'
        f'<path d="{path}" stroke="{variable("input")}" stroke-width="{max(1, step):.2f}"/>'
        f'<rect x="{left:.1f}" width="{width:.1f}" y="1" height="{HEIGHT - 2}" '
        f'fill="{variable("shade")}" fill-opacity=".18" stroke="{variable("shade")}" '
        'stroke-width="2" vector-effect="non-scaling-stroke"/></svg>'
        f'<div class="ends"><span>{clock(0)}</span><span>{clock(round(duration, 1))}</span></div>'
        "</div>"
    )
