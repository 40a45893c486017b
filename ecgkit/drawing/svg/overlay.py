"""ECG paper, true to scale, as SVG.

One drawing serves the page, the download and the report. SVG it is, and not a chart library's
figure, for three reasons: the grid is a pattern and each trace one path, so twelve leads redraw in
a fraction of the time; a millimetre is the same length on both axes at whatever size it is shown;
and printed at its own size, it is the paper that calipers and rulers are made for.

Lengths in this module are in mm of paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgkit.drawing.svg.ecg_paper import (
    GUTTER,
    Paper,
    PaperBuilder,
    PaperScale,
    calibration_pulse,
    spread,
    text,
)
from ecgkit.drawing.svg.paths import paths_of

SPEEDS = (12.5, 25.0, 50.0)
GAINS = (5.0, 10.0, 20.0)
LABEL_CHARACTERS = 10
_ROUND_ZERO = np.array([-8.0, 8.0])


@dataclass(frozen=True)
class Trace:
    """One line of a row: a key of :data:`ecgkit.drawing.style.STYLES` and samples in mV."""

    style: str
    values: NDArray[np.floating]


@dataclass(frozen=True)
class Row:
    """One row of paper: a label, its traces, the signal that sets its height, and a note on it.

    The height comes from ``extent`` and not from the traces, so that a row keeps its place while
    noise or methods change. Without it, a row reaches 10 mm to both sides of zero.
    """

    label: str
    traces: Sequence[Trace]
    extent: NDArray[np.floating] | None = None
    note: str = ""


@dataclass(frozen=True)
class _Band:
    """Where a row lies: its top, its zero line and the value in mV at that line."""

    top: float
    zero: float
    bottom: float
    level: float


def draw_paper(
    rows: Sequence[Row],
    fs: float,
    *,
    start: float = 0.0,
    scale: PaperScale | None = None,
    title: str = "ECG",
    compact: bool = False,
) -> Paper:
    """Draw rows of traces on ECG paper.

    Parameters
    ----------
    rows
        From the top down; all traces have the same number of samples.
    fs
        Sampling frequency in Hz.
    start
        Time in seconds of the first sample, for the time axis.
    title
        What the drawing shows, for those who cannot see it.
    compact
        Low rows without calibration pulses.
    """
    scale = scale or PaperScale()
    samples = max((trace.values.size for row in rows for trace in row.traces), default=1)
    bands = _bands(rows, scale, least=3.0 if compact else scale.gain + 1)
    paper = PaperBuilder(samples / fs, bands[-1].bottom, scale)
    for row, band in zip(rows, bands, strict=True):
        paper.gutter.append(_row_gutter(row.label, band, scale, pulse=not compact))
        paper.body.append(f'<path d="M0 {band.zero:g}H{paper.length:g}" class="zero"/>')
        if row.note:
            paper.body.append(text(1.5, band.top + 4, row.note, 3.2))
    x = np.arange(samples) * (scale.speed / fs)
    for key in dict.fromkeys(trace.style for row in rows for trace in row.traces):
        paths = (
            piece
            for row, band in zip(rows, bands, strict=True)
            for trace in row.traces
            if trace.style == key
            for piece in paths_of(x, band.zero - (trace.values - band.level) * scale.gain)
        )
        paper.add_signal(key, paths)
    return paper.finish(start, title)


def natural_scale(
    speed: float, gain: float, calibrated: bool, extent: NDArray[np.floating]
) -> PaperScale:
    """Return the scale, which for a recording without voltages makes its waves 10 mm high."""
    if calibrated:
        return PaperScale(speed, gain)
    low, high = spread(extent)
    return PaperScale(speed, gain / (high - low) if high > low else gain, "a.u.")


def _bands(rows: Sequence[Row], scale: PaperScale, least: float) -> list[_Band]:
    bands, top = [], 0.0
    for row in rows:
        known = _ROUND_ZERO / scale.gain if row.extent is None else row.extent
        low, high = spread(known)
        known = known[~np.isnan(known)]
        middle = float(np.median(known)) if known.size else 0.0
        box = 5 / scale.gain  # zero lines stay on the lines of large boxes
        level = box * round(middle / box)
        above = 5 * np.ceil(np.clip((high - level) * scale.gain + 2, least, 40) / 5)
        below = 5 * np.ceil(np.clip((level - low) * scale.gain + 2, 5, 40) / 5)
        zero = top + above
        bands.append(_Band(top, float(zero), float(zero + below), float(level)))
        top = float(zero + below)
    return bands


def _row_gutter(label: str, band: _Band, scale: PaperScale, *, pulse: bool) -> str:
    short = label if len(label) <= LABEL_CHARACTERS else f"{label[: LABEL_CHARACTERS - 1]}…"
    parts = [text(1, band.top + 4.3, short, 3.6, "bold")]
    parts.extend(
        text(
            GUTTER - 1,
            band.zero - offset * scale.gain + 1,
            f"{band.level + offset:.4g}",
            2.9,
            end=True,
        )
        for offset in _tick_offsets(band, scale)
    )
    if pulse:
        parts.append(calibration_pulse(band.zero, scale))
    return "".join(parts)


def _tick_offsets(band: _Band, scale: PaperScale) -> list[float]:
    """Return which values about the zero line get a label: every 10 mm, as far as the row goes."""
    step = 10 / scale.gain
    room = range(-int((band.bottom - band.zero - 2) / 10), int((band.zero - band.top - 2) / 10) + 1)
    return [float(f"{step * place:.3g}") for place in room]
