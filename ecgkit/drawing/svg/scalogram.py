"""One second's stacked scalogram, large, and the row of all of them, small.

What a network did not look at is darkened, where that is known.

The images of all seconds lie side by side in one picture; a drawing shows one second of it through
windows (``svg.cut``). A page changes the second by moving the windows, which takes a few
milliseconds and asks nothing of the server.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from ecgkit.drawing.images import coloured_png, compressed, shadow_png, viridis
from ecgkit.drawing.style import NOT_A_DEVICE, chip, variable
from ecgkit.drawing.svg.ecg_paper import clock, spread
from ecgkit.drawing.svg.paths import UNITS, paths_of
from ecgkit.drawing.svg.stacked_scalograms import COLUMNS, StackedScalograms, cone_columns
from ecgkit.rhythm.scalogram import SETTINGS

LOWEST, HIGHEST, COUNT = SETTINGS.low, SETTINGS.high, SETTINGS.count

WIDTH, LEFT, RIGHT = 640.0, 86.0, 92.0
BANDS, TALLEST = 552.0, 260.0
TRACE, GAP, FOOT = 48.0, 8.0, 40.0
TICKS = (1.0, 10.0, 100.0)
FINE_TICKS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
"""Frequencies in Hz at the axis of low bands, and of bands with room for more."""
BAR = (0.0, 0.02, 0.1, 0.25, 0.5, 1.0)
"""Places on the colour bar, as shares of its end."""


def draw_stacked_scalogram(
    scalograms: StackedScalograms,
    trace: tuple[str, NDArray[np.floating]],
    *,
    second: int = 0,
    title: str = "Stacked scalogram",
) -> str:
    """Draw a second's stacked scalogram: a band a lead, frequency upwards, magnitude as colour.

    Parameters
    ----------
    trace
        A lead's name and its samples over the seconds: drawn above, on the same axis.
    second
        The one that is in sight, counted from the stretch's start.
    """
    band = min(TALLEST, BANDS / len(scalograms.leads))
    across, down = WIDTH - LEFT - RIGHT, band * len(scalograms.leads)
    top = 6 + TRACE + GAP
    height = top + down + FOOT
    parts = [_definitions(scalograms), _trace(trace, scalograms, second, across)]
    for place, lead in enumerate(scalograms.leads):
        y = top + place * band
        shadow = f'<use href="#heat" y="{-COUNT * place}"/>' if scalograms.heat is not None else ""
        parts.append(
            f'<svg class="cut" data-step="{COLUMNS}" x="{LEFT:g}" y="{y:g}" width="{across:g}" '
            f'height="{band:g}" viewBox="{second * COLUMNS} 0 {COLUMNS} {COUNT}" '
            f'preserveAspectRatio="none"><use href="#rows" y="{-COUNT * place}"/>{shadow}'
            '<use href="#cone"/></svg>'
            f'<path class="edge" d="M{LEFT:g} {y:g}h{across:g}"/>'
        )
        parts.append(_band_axis(lead, scalograms, y, band))
    parts.append(
        f'<rect class="edge" x="{LEFT:g}" y="{top:g}" width="{across:g}" height="{down:g}"/>'
    )
    parts.append(_seconds_axis(top + down, across))
    parts.append(_colour_bar(scalograms, top, min(down, 300.0)))
    parts.append(_vertical("Frequency (Hz), log axis", 11, top + down / 2))
    return (
        f'<svg class="stack" viewBox="0 0 {WIDTH:g} {height:g}" role="img" '
        f'aria-label="{escape(title)}">'
        f"<style>.stack text{{fill:{variable('ink')};font:11px sans-serif}}"
        f".stack .edge{{fill:none;stroke:{variable('ink')};stroke-width:.8}}"
        ".stack .lead{font-weight:600;font-size:13px}.stack .small{font-size:9.5px}"
        "@media (max-width:640px){.stack text{font-size:14px}"
        ".stack .small{font-size:12.5px}}</style>"
        f"{''.join(parts)}</svg>"
    )


def scalogram_file(drawing: str, caption: str) -> bytes:
    """Return a drawing as an SVG file of its own, with the caption and what it is not for."""
    _, _, width, height = drawing.split('viewBox="', 1)[1].split('"', 1)[0].split(" ")
    tall = float(height) + 40
    notes = "".join(
        f'<text x="6" y="{float(height) + 14 * place:g}" font-family="sans-serif" '
        f'font-size="10">{escape(line)}</text>'
        for place, line in enumerate((caption, NOT_A_DEVICE), start=1)
    )
    inner = drawing.replace("<svg ", f'<svg width="{width}" height="{height}" ', 1)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{tall:g}" '
        f'viewBox="0 0 {width} {tall:g}"><rect width="100%" height="100%" fill="#fff"/>{inner}'
        f"{notes}</svg>"
    ).encode()


def draw_thumbnails(scalograms: StackedScalograms, labels: Sequence[str]) -> str:
    """Return the seconds' stacks as a row of buttons, each with its class in colour and in words.

    They show the picture that :func:`draw_stacked_scalogram` holds, and need it on the same page.

    Parameters
    ----------
    labels
        A class for each second, ``"uncertain"``, or empty where no network has answered.
    """
    tall = scalograms.values.shape[0]
    buttons = []
    for second in range(scalograms.seconds):
        label = labels[second] if second < len(labels) else ""
        begin, end = (clock(round(scalograms.start + second + past, 1)) for past in (0, 1))
        said = chip(label) if label else '<span class="chip none">–</span>'
        buttons.append(
            f'<button class="thumb" data-second="{second}" type="button" '
            f'aria-label="Second {second + 1}, {begin} to {end}: {label or "no answer"}">'
            f'<svg viewBox="{second * COLUMNS} 0 {COLUMNS} {tall}" preserveAspectRatio="none" '
            f'aria-hidden="true"><use href="#rows"/></svg>{said}'
            f'<span class="when">{begin}</span></button>'
        )
    return f'<div class="thumbs" role="group" aria-label="Seconds">{"".join(buttons)}</div>'


def _definitions(scalograms: StackedScalograms) -> str:
    """Return the picture of all seconds, the shadow over it, and the cone of one band."""
    tall, wide = scalograms.values.shape
    size = f'width="{wide}" height="{tall}" preserveAspectRatio="none"'
    picture = coloured_png(compressed(scalograms.values, scalograms.top))
    shadow = ""
    if scalograms.heat is not None:
        shadow = f'<image id="heat" {size} href="{shadow_png(scalograms.heat)}"/>'
    return (
        f'<defs><image id="rows" {size} href="{picture}"/>{shadow}'
        f'<g id="cone">{_cone(scalograms)}</g></defs>'
    )


def _cone(scalograms: StackedScalograms) -> str:
    """Return the cone of influence in one band: paler, with an edge where it does not cover all."""
    left, right = cone_columns(scalograms)
    wide = scalograms.values.shape[1]
    span = wide if scalograms.mode == "whole" else COLUMNS
    y = COUNT - 0.5 - np.arange(COUNT)
    partly = left + right < span - 1e-6
    areas, edges = [], []
    for begin in range(0, wide, span):
        for reach, end, way in ((left, begin, 1), (right, begin + span, -1)):
            if not reach.any():
                continue
            x = end + way * reach
            points = [f"{across:.1f} {row:g}" for across, row in zip(x, y, strict=True)]
            areas.append(f"M{end} {COUNT}H{x[0]:.1f}L{'L'.join(points)}L{x[-1]:.1f} 0H{end}Z")
            seen = [point for point, here in zip(points, partly, strict=True) if here]
            if seen:
                edges.append(f"M{'L'.join(seen)}")
    return (
        f'<path d="{"".join(areas)}" fill="#fff" fill-opacity=".38"/>'
        f'<path d="{"".join(edges)}" fill="none" stroke="#fff" stroke-dasharray="3 2" '
        'vector-effect="non-scaling-stroke"/>'
    )


def _trace(
    trace: tuple[str, NDArray[np.floating]],
    scalograms: StackedScalograms,
    second: int,
    across: float,
) -> str:
    lead, values = trace
    low, high = spread(values)
    room = (TRACE - 6) / (high - low) if high > low else 0.0
    x = np.linspace(0, scalograms.seconds * COLUMNS, values.size, endpoint=False)
    y = TRACE - 3 - (values - low) * room
    still = 'vector-effect="non-scaling-stroke"'
    paths = "".join(f'<path {still} d="{piece}"/>' for piece in paths_of(x, y, chunk=1e9))
    return (
        f'<text class="lead" x="{LEFT - 34:g}" y="{6 + TRACE / 2:g}" text-anchor="end">'
        f"{escape(_short(lead))}</text>"
        f'<svg class="cut" data-step="{COLUMNS}" x="{LEFT:g}" y="6" width="{across:g}" '
        f'height="{TRACE:g}" viewBox="{second * COLUMNS} 0 {COLUMNS} {TRACE:g}" '
        f'preserveAspectRatio="none"><g transform="scale({1 / UNITS:g})" fill="none" '
        f'stroke="{variable("tracing")}" stroke-width="1.3">'
        f"{paths}</g></svg>"
    )


def _band_axis(lead: str, scalograms: StackedScalograms, y: float, band: float) -> str:
    note = "derived" if lead in scalograms.derived else "flat" if lead in scalograms.flat else ""
    middle = y + band / 2
    said = (
        f'<text class="lead" x="{LEFT - 34:g}" y="{middle + (1 if note else 5):g}" '
        f'text-anchor="end">{escape(_short(lead))}</text>'
    )
    if note:
        said += (
            f'<text class="small" x="{LEFT - 34:g}" y="{middle + 12:g}" text-anchor="end">'
            f"{note}</text>"
        )
    for tick in FINE_TICKS if band > 110 else TICKS:
        share = np.log(tick / LOWEST) / np.log(HIGHEST / LOWEST)
        level = y + band * (1 - (share * (COUNT - 1) + 0.5) / COUNT)  # the middle of its row
        words = min(max(level + 3.3, y + 8), y + band - 1)
        said += (
            f'<path class="edge" d="M{LEFT - 4:g} {level:.1f}h4"/>'
            f'<text class="small" x="{LEFT - 6:g}" y="{words:.1f}" '
            f'text-anchor="end">{tick:g}</text>'
        )
    return said


def _seconds_axis(bottom: float, across: float) -> str:
    parts = []
    for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        x = LEFT + tick * across
        parts.append(
            f'<path class="edge" d="M{x:g} {bottom:g}v4"/>'
            f'<text x="{x:g}" y="{bottom + 16:g}" text-anchor="middle">{tick:g}</text>'
        )
    parts.append(
        f'<text x="{LEFT + across / 2:g}" y="{bottom + 33:g}" text-anchor="middle">'
        "Time within the second (s)</text>"
    )
    return "".join(parts)


def _colour_bar(scalograms: StackedScalograms, top: float, tall: float) -> str:
    ramp = viridis()[::15]
    stops = "".join(
        f'<stop offset="{place / (len(ramp) - 1):g}" stop-color="rgb({red},{green},{blue})"/>'
        for place, (red, green, blue) in enumerate(ramp)
    )
    x = WIDTH - RIGHT + 16
    parts = [
        '<defs><linearGradient id="bar" x1="0" y1="1" x2="0" y2="0">',
        f'{stops}</linearGradient></defs><rect class="edge" x="{x:g}" y="{top:g}" width="14" '
        f'height="{tall:g}" style="fill:url(#bar)"/>',
    ]
    for share in BAR:
        y = top + tall * (1 - float(compressed(np.array(share), 1.0)))
        value = share * scalograms.top
        parts.append(
            f'<path class="edge" d="M{x + 14:g} {y:.1f}h4"/>'
            f'<text class="small" x="{x + 21:g}" y="{y + 3.3:.1f}">{value:.3g}</text>'
        )
    parts.append(
        _vertical(f"Magnitude ({scalograms.unit}), square-root scale", WIDTH - 10, top + tall / 2)
    )
    return "".join(parts)


def _vertical(words: str, x: float, y: float) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="middle" '
        f'transform="rotate(-90 {x:g} {y:g})">{words}</text>'
    )


def _short(lead: str) -> str:
    return lead if len(lead) <= 6 else f"{lead[:5]}…"
