"""ECG paper that tracings lie on: its scale, its grid, its time axis, and the finished drawing.

Lengths are in mm of paper. A small box is 1 mm, a large box 5 mm; at 25 mm/s and 10 mm/mV a small
box is 0.04 s by 0.1 mV.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from ecgkit.drawing.style import NOT_A_DEVICE, STYLES, variable
from ecgkit.drawing.svg.paths import UNITS

GUTTER = 20.0
AXIS = 7.0


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

    @property
    def caliper(self) -> str:
        """The attributes by which a page's caliper knows the scale."""
        return (
            f'data-seconds-a-mm="{1 / self.speed:g}" data-units-a-mm="{1 / self.gain:g}" '
            f'data-unit="{escape(self.unit)}"'
        )


@dataclass(frozen=True)
class Paper:
    """A drawing in two parts, so that the gutter can stay in sight while the rest scrolls.

    Attributes
    ----------
    gutter, body
        SVG elements of the same height: labels and calibration pulses; traces and the time axis.
    width, height
        Size in mm of both together.
    """

    gutter: str
    body: str
    width: float
    height: float
    title: str

    def html(self) -> str:
        """Return the two parts side by side for a page; the page's style sheet places them."""
        share = 100 * GUTTER / self.width
        return (
            f'<div class="scroll" tabindex="0" role="figure" aria-label="{escape(self.title)}">'
            f'<div class="sheet" style="--mm:{self.width:g};--gutter:{share:.4f}%">'
            f"{self.gutter}{self.body}</div></div>"
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
        body = self.body.replace(
            "<svg ", f'<svg x="{GUTTER:g}" y="0" width="{self.width - GUTTER:g}" ', 1
        )
        size = f'height="{self.height:g}" '
        gutter, body = (
            half.replace('class="part" ', f'class="part" {size}', 1) for half in (gutter, body)
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:g}mm" '
            f'height="{height:g}mm" viewBox="0 0 {self.width:g} {height:g}">'
            f"<title>{escape(self.title)}</title>"
            f'<rect width="100%" height="100%" fill="#ffffff"/>{gutter}{body}{texts}</svg>'
        )


class PaperBuilder:
    """ECG paper of a size that signals, labels and marks are laid on, one after the other.

    Parameters
    ----------
    seconds
        That the paper is long; its end is rounded up to a large box.
    bottom
        Its height in mm, without the time axis.
    scale
        Of what is drawn.
    """

    def __init__(self, seconds: float, bottom: float, scale: PaperScale) -> None:
        self.seconds, self.bottom, self.scale = seconds, bottom, scale
        self.length = float(5 * np.ceil(seconds * scale.speed / 5 - 1e-6))
        self._clip = f"clip-{self.length:g}-{bottom:g}"  # equal names clip equally, on any page
        self.gutter = [grid(GUTTER, bottom)]
        area = f'width="{self.length:g}" height="{bottom:g}"'
        self.body = [
            grid(self.length, bottom),
            f'<clipPath id="{self._clip}"><rect {area}/></clipPath>',
        ]

    def add_signal(self, key: str, paths: Iterable[str]) -> None:
        """Lay a signal's paths on the paper, in its colour, width and dash."""
        self.body.append(signal_lines(key, paths, self._clip))

    def finish(self, start: float, title: str) -> Paper:
        """Return the drawing, with a time axis from ``start`` s on."""
        self.body.append(time_axis(start, self.seconds, self.bottom, self.scale))
        height, hidden = self.bottom + AXIS, 'aria-hidden="true"'
        return Paper(
            gutter=part(GUTTER, height, "".join(self.gutter), hidden),
            body=part(self.length, height, "".join(self.body), f"{hidden} {self.scale.caliper}"),
            width=GUTTER + self.length,
            height=float(height),
            title=title,
        )


def row_reach(values: Iterable[NDArray[np.floating]]) -> tuple[float, float]:
    """Return the range of nearly all values of a row's leads, with zero in it."""
    reach = [spread(one) for one in values]
    return min((low for low, _ in reach), default=0), max((high for _, high in reach), default=0)


def separator(left: float, zero: float) -> str:
    """Return the tick where a lead begins: above and below the trace, so that it is no spike."""
    return f'<path class="pulse" d="M{left:g} {zero - 4:g}v3M{left:g} {zero + 1:g}v3"/>'


def lead_name(lead: str, left: float, top: float, note: str = "", size: float = 3.2) -> str:
    """Return a lead's name over its trace, cut short where it is long, and a note beside it."""
    name = lead if len(lead) <= 24 else f"{lead[:23]}…"
    said = text(left + 3.5 + 2.5 * len(name), top + 4.3, note, size) if note else ""
    return text(left + 1.5, top + 4.3, name, 3.8, "bold") + said


def spread(values: NDArray[np.floating]) -> tuple[float, float]:
    """Return the range of nearly all values: a single spike should not make a row tall."""
    known = values[~np.isnan(values)]
    if not known.size:
        return 0.0, 0.0
    low, high = np.quantile(known, [0.002, 0.998])
    return float(low), float(high)


def part(width: float, height: float, body: str, attributes: str) -> str:
    """Return one of the two parts of a :class:`Paper`, with the styles that its marks use."""
    return (
        f'<svg class="part" viewBox="0 0 {width:g} {height:g}" {attributes}>'
        f"<style>.ink{{fill:{variable('ink')};font-family:sans-serif;paint-order:stroke;"
        f"stroke:{variable('paper')};stroke-width:.7}}"
        f".pulse{{fill:none;stroke:{variable('ink')};stroke-width:.3}}"
        f".zero{{stroke:{variable('major')};stroke-width:.25;fill:none}}</style>{body}</svg>"
    )


def grid(width: float, height: float) -> str:
    """Return paper with small boxes of 1 mm and large ones of 5 mm."""
    lines = "".join(f"M0 {step}H5M{step} 0V5" for step in range(1, 5))
    return (
        f'<defs><pattern id="grid" width="5" height="5" patternUnits="userSpaceOnUse">'
        f'<path d="{lines}" fill="none" stroke="{variable("minor")}" stroke-width=".15"/>'
        f'<path d="M0 0H5M0 0V5" fill="none" stroke="{variable("major")}" stroke-width=".3"/>'
        f'</pattern></defs><rect width="{width:g}" height="{height:g}" fill="{variable("paper")}"/>'
        f'<rect width="{width:g}" height="{height:g}" fill="url(#grid)"/>'
    )


def time_axis(start: float, duration: float, top: float, scale: PaperScale) -> str:
    """Return ticks and times under the paper, from ``start`` on."""
    step = next(step for step in (0.5, 1.0, 2.0) if step * scale.speed >= 25)
    first = np.ceil(start / step - 1e-6) * step  # + 0.0 below: no «−0 s»
    ticks = np.arange(first, start + duration + 1e-6, step) + 0.0
    parts = []
    for tick in ticks:
        x = (tick - start) * scale.speed
        parts.append(f'<path class="pulse" d="M{x:g} {top:g}v1.2"/>')
        if x > duration * scale.speed - 4:
            parts.append(text(x - 0.5, top + 4.6, clock(tick), 2.9, end=True))
        else:
            parts.append(text(x or 0.5, top + 4.6, clock(tick), 2.9, middle=x > 2))
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


def text(
    x: float,
    y: float,
    words: str,
    size: float,
    weight: str = "normal",
    *,
    end: bool = False,
    middle: bool = False,
) -> str:
    """Return a text with a halo of paper around it, so that the grid does not cross it."""
    anchor = "end" if end else "middle" if middle else "start"
    return (
        f'<text class="ink" x="{x:g}" y="{y:g}" font-size="{size:g}" font-weight="{weight}" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )


def calibration_pulse(zero: float, scale: PaperScale) -> str:
    """Return the pulse of 1 mV for 0.2 s, for a gutter; nothing for arbitrary units."""
    if scale.unit != "mV":
        return ""
    width = 0.2 * scale.speed
    left = GUTTER - 6.5 - width if width <= 7 else 2.0
    return (
        f'<path class="pulse" d="M{left - 1:g} {zero:g}h1v-{scale.gain:g}h{width:g}'
        f'v{scale.gain:g}h1"><title>Calibration pulse: 1 mV for 0.2 s</title></path>'
    )


def signal_lines(key: str, paths: Iterable[str], clip: str) -> str:
    """Return a signal's paths, which come in steps of 1/50 mm, in its colour, width and dash."""
    style = STYLES[key]
    dash = " ".join(f"{length * UNITS:g}" for length in style.dash)
    drawn = "".join(f'<path d="{piece}"/>' for piece in paths)
    return (
        f'<g data-signal="{key}" clip-path="url(#{clip})" fill="none" stroke="{variable(key)}">'
        f'<g transform="scale({1 / UNITS:g})" stroke-width="{style.width * UNITS:g}" '
        f'stroke-dasharray="{dash}">{drawn}</g></g>'
    )
