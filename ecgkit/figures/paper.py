"""ECG paper, true to scale, as SVG.

One drawing serves the page, the download and the report. SVG it is, and not a chart library's
figure, for three reasons: the grid is a pattern and each trace one path, so twelve leads redraw in
a fraction of the time; a millimetre is the same length on both axes at whatever size it is shown;
and printed at its own size, it is the paper that calipers and rulers are made for.

Lengths in this module are in mm of paper. A small box is 1 mm, a large box 5 mm; at 25 mm/s and
10 mm/mV a small box is 0.04 s by 0.1 mV.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from ecgkit.figures.paths import UNITS, paths_of
from ecgkit.figures.style import NOT_A_DEVICE, STYLES, variable

SPEEDS = (12.5, 25.0, 50.0)
GAINS = (5.0, 10.0, 20.0)
GUTTER = 20.0
LABEL_CHARACTERS = 10
AXIS = 7.0
_ROUND_ZERO = np.array([-8.0, 8.0])


@dataclass(frozen=True)
class PaperScale:
    """Paper speed in mm/s and gain in mm per ``unit``.

    ``unit`` is ``"mV"``; for a recording without voltages it is ``"a.u."``, and then there is no
    calibration pulse.
    """

    speed: float = 25.0
    gain: float = 10.0
    unit: str = "mV"

    @property
    def text(self) -> str:
        """The scale in words."""
        if self.unit != "mV":
            return f"{self.speed:g} mm/s · arbitrary units (no voltage calibration)"
        return f"{self.speed:g} mm/s · {self.gain:g} mm/mV"


@dataclass(frozen=True)
class Trace:
    """One line of a row: a key of :data:`ecgkit.figures.style.STYLES` and samples in mV."""

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


@dataclass(frozen=True)
class Paper:
    """A drawing in two parts, so that the gutter can stay in sight while the rest scrolls.

    Attributes
    ----------
    gutter, sheet
        SVG elements of the same height: labels and calibration pulses; traces and the time axis.
    width, height
        Size in mm of both together.
    """

    gutter: str
    sheet: str
    width: float
    height: float
    title: str

    def html(self) -> str:
        """Return the two parts side by side for a page; the page's style sheet places them."""
        share = 100 * GUTTER / self.width
        return (
            f'<div class="scroll" tabindex="0" role="figure" aria-label="{escape(self.title)}">'
            f'<div class="sheet" style="--mm:{self.width:g};--gutter:{share:.4f}%">'
            f"{self.gutter}{self.sheet}</div></div>"
        )

    def svg(self, caption: str = "") -> str:
        """Return one SVG file of the true size in mm, with the caption and what it is not for."""
        notes = [line for line in (caption, NOT_A_DEVICE) if line]
        height = self.height + 5 * len(notes) + 1
        texts = "".join(
            f'<text x="1" y="{self.height + 5 * place - 1:g}" font-size="3" '
            f'font-family="sans-serif">{escape(line)}</text>'
            for place, line in enumerate(notes, start=1)
        )
        gutter = self.gutter.replace("<svg ", f'<svg x="0" y="0" width="{GUTTER:g}" ', 1)
        sheet = self.sheet.replace(
            "<svg ", f'<svg x="{GUTTER:g}" y="0" width="{self.width - GUTTER:g}" ', 1
        )
        size = f'height="{self.height:g}" '
        gutter, sheet = (
            part.replace('class="part" ', f'class="part" {size}', 1) for part in (gutter, sheet)
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:g}mm" '
            f'height="{height:g}mm" viewBox="0 0 {self.width:g} {height:g}">'
            f"<title>{escape(self.title)}</title>"
            f'<rect width="100%" height="100%" fill="#ffffff"/>{gutter}{sheet}{texts}</svg>'
        )


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
    length = 5 * np.ceil(samples / fs * scale.speed / 5 - 1e-6)
    bands = _bands(rows, scale, least=3.0 if compact else scale.gain + 1)
    height = bands[-1].bottom + AXIS
    area = f'width="{length:g}" height="{bands[-1].bottom:g}"'
    clip = f"clip-{length:g}-{bands[-1].bottom:g}"  # equal names clip equally, on whatever page
    gutter = [_grid(GUTTER, bands[-1].bottom)]
    sheet = [_grid(length, bands[-1].bottom)]
    sheet.append(f'<clipPath id="{clip}"><rect {area}/></clipPath>')
    for row, band in zip(rows, bands, strict=True):
        gutter.append(_row_gutter(row.label, band, scale, pulse=not compact))
        sheet.append(f'<path d="M0 {band.zero:g}H{length:g}" class="zero"/>')
        if row.note:
            sheet.append(_text(1.5, band.top + 4, row.note, 3.2))
    x = np.arange(samples) * (scale.speed / fs)
    for key in dict.fromkeys(trace.style for row in rows for trace in row.traces):
        style = STYLES[key]
        paths = "".join(
            f'<path d="{piece}"/>'
            for row, band in zip(rows, bands, strict=True)
            for trace in row.traces
            if trace.style == key
            for piece in paths_of(x, band.zero - (trace.values - band.level) * scale.gain)
        )
        dash = " ".join(f"{part * UNITS:g}" for part in style.dash)
        sheet.append(
            f'<g data-signal="{key}" clip-path="url(#{clip})" fill="none" stroke="{variable(key)}">'
            f'<g transform="scale({1 / UNITS:g})" stroke-width="{style.width * UNITS:g}" '
            f'stroke-dasharray="{dash}">{paths}</g></g>'
        )
    sheet.append(_time_axis(start, samples / fs, bands[-1].bottom, scale))
    caliper = (
        f'data-seconds-a-mm="{1 / scale.speed:g}" data-units-a-mm="{1 / scale.gain:g}" '
        f'data-unit="{escape(scale.unit)}"'
    )
    return Paper(
        gutter=_svg(GUTTER, height, "".join(gutter), 'aria-hidden="true"'),
        sheet=_svg(length, height, "".join(sheet), f'aria-hidden="true" {caliper}'),
        width=float(GUTTER + length),
        height=float(height),
        title=title,
    )


def natural_scale(
    speed: float, gain: float, calibrated: bool, extent: NDArray[np.floating]
) -> PaperScale:
    """Return the scale, which for a recording without voltages makes its waves 10 mm high."""
    if calibrated:
        return PaperScale(speed, gain)
    low, high = _spread(extent)
    return PaperScale(speed, gain / (high - low) if high > low else gain, "a.u.")


def _spread(values: NDArray[np.floating]) -> tuple[float, float]:
    """Return the range of nearly all values: a single spike should not make a row tall."""
    known = values[~np.isnan(values)]
    if not known.size:
        return 0.0, 0.0
    low, high = np.quantile(known, [0.002, 0.998])
    return float(low), float(high)


def _bands(rows: Sequence[Row], scale: PaperScale, least: float) -> list[_Band]:
    bands, top = [], 0.0
    for row in rows:
        known = _ROUND_ZERO / scale.gain if row.extent is None else row.extent
        low, high = _spread(known)
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


def _svg(width: float, height: float, body: str, attributes: str) -> str:
    return (
        f'<svg class="part" viewBox="0 0 {width:g} {height:g}" {attributes}>'
        f"<style>.ink{{fill:{variable('ink')};font-family:sans-serif;paint-order:stroke;"
        f"stroke:{variable('paper')};stroke-width:.7}}"
        f".pulse{{fill:none;stroke:{variable('ink')};stroke-width:.3}}"
        f".zero{{stroke:{variable('major')};stroke-width:.25;fill:none}}</style>{body}</svg>"
    )


def _grid(width: float, height: float) -> str:
    lines = "".join(f"M0 {step}H5M{step} 0V5" for step in range(1, 5))
    return (
        f'<defs><pattern id="grid" width="5" height="5" patternUnits="userSpaceOnUse">'
        f'<path d="{lines}" fill="none" stroke="{variable("minor")}" stroke-width=".15"/>'
        f'<path d="M0 0H5M0 0V5" fill="none" stroke="{variable("major")}" stroke-width=".3"/>'
        f'</pattern></defs><rect width="{width:g}" height="{height:g}" fill="{variable("paper")}"/>'
        f'<rect width="{width:g}" height="{height:g}" fill="url(#grid)"/>'
    )


def _row_gutter(label: str, band: _Band, scale: PaperScale, *, pulse: bool) -> str:
    short = label if len(label) <= LABEL_CHARACTERS else f"{label[: LABEL_CHARACTERS - 1]}…"
    parts = [_text(1, band.top + 4.3, short, 3.6, "bold")]
    parts.extend(
        _text(
            GUTTER - 1,
            band.zero - offset * scale.gain + 1,
            f"{band.level + offset:.4g}",
            2.9,
            end=True,
        )
        for offset in _tick_offsets(band, scale)
    )
    if pulse and scale.unit == "mV":
        width = 0.2 * scale.speed
        left = GUTTER - 6.5 - width if width <= 7 else 2.0
        parts.append(
            f'<path class="pulse" d="M{left - 1:g} {band.zero:g}h1v{-scale.gain:g}h{width:g}'
            f'v{scale.gain:g}h1"><title>Calibration pulse: 1 mV for 0.2 s</title></path>'
        )
    return "".join(parts)


def _tick_offsets(band: _Band, scale: PaperScale) -> list[float]:
    """Return which values about the zero line get a label: every 10 mm, as far as the row goes."""
    step = 10 / scale.gain
    room = range(-int((band.bottom - band.zero - 2) / 10), int((band.zero - band.top - 2) / 10) + 1)
    return [float(f"{step * place:.3g}") for place in room]


def _time_axis(start: float, duration: float, top: float, scale: PaperScale) -> str:
    step = next(step for step in (0.5, 1.0, 2.0) if step * scale.speed >= 25)
    first = np.ceil(start / step - 1e-6) * step  # + 0.0 below: no «−0 s»
    ticks = np.arange(first, start + duration + 1e-6, step) + 0.0
    parts = []
    for tick in ticks:
        x = (tick - start) * scale.speed
        parts.append(f'<path class="pulse" d="M{x:g} {top:g}v1.2"/>')
        if x > duration * scale.speed - 4:
            parts.append(_text(x - 0.5, top + 4.6, clock(tick), 2.9, end=True))
        else:
            parts.append(_text(x or 0.5, top + 4.6, clock(tick), 2.9, middle=x > 2))
    return "".join(parts)


def clock(seconds: float) -> str:
    """Return a time as a label: ``7 s``, ``2.5 s``, ``12:07`` or ``3:12:07`` (h:min:s)."""
    if seconds < 60:
        return f"{seconds:g} s"
    whole, part = divmod(round(seconds, 1), 1)
    minutes, rest = divmod(int(whole), 60)
    tail = f".{10 * part:.0f}" if part else ""
    if minutes < 60:
        return f"{minutes}:{rest:02d}{tail}"
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}{tail}"


def _text(
    x: float,
    y: float,
    text: str,
    size: float,
    weight: str = "normal",
    *,
    end: bool = False,
    middle: bool = False,
) -> str:
    anchor = "end" if end else "middle" if middle else "start"
    return (
        f'<text class="ink" x="{x:g}" y="{y:g}" font-size="{size:g}" font-weight="{weight}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )
