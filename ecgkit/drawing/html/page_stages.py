"""What a photo of a page becomes, stage by stage, as HTML for the page of view 3.

The photo with the frame of the page on it, the rectified page with rulers, and the mask over it.
Lengths are px of the picture that is shown; the browser scales it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from ecgkit.digitization.rectification.rectify import Rectified
from ecgkit.paper.geometry import transform
from ecgkit.paper.scale import PX_PER_MM, Points

Corners = tuple[tuple[float, float], ...]

_BOX = 5 * PX_PER_MM  # a large box of the paper
_INSET = 0.1
_NAMES = ("upper left", "upper right", "lower right", "lower left")
STATES = {"done": "✓", "failed": "✕", "waiting": "…", "ahead": "–"}
"""A stage's state -> its sign."""


@dataclass(frozen=True)
class Step:
    """One stage for the stepper: its key and words, a key of :data:`STATES`, and a short note."""

    key: str
    title: str
    state: str
    note: str = ""


def draw_steps(steps: Sequence[Step]) -> str:
    """Return the stages as a row of buttons; a page scrolls to the one that is pressed."""
    words = {"done": "done", "failed": "could not be done", "waiting": "at work", "ahead": "to do"}
    items = "".join(
        f'<li><button type="button" class="step {step.state}" data-goto="{escape(step.key)}">'
        f'<b aria-hidden="true">{place}</b><span>{escape(step.title)}</span>'
        f'<small><i aria-hidden="true">{STATES[step.state]}</i>'
        f'<span class="unseen">{words[step.state]} </span>{escape(step.note)}</small>'
        "</button></li>"
        for place, step in enumerate(steps, start=1)
    )
    return f'<ol class="steps">{items}</ol>'


def page_frame(page: Rectified | None, shape: tuple[int, ...]) -> Corners:
    """Return the corners, in px of the photo, of the largest part of the page that it shows whole.

    From the page's upper left one clockwise, as
    :func:`ecgkit.digitization.rectification.rectify.rectify` takes them.
    Without a page: a rectangle a little inside the photo's border.
    """
    height, width = shape[:2]
    last = np.array([width - 1.0, height - 1.0])
    square = np.array([[0.0, 0.0], [1, 0], [1, 1], [0, 1]])
    if page is None:
        return _plain(last * (_INSET + (1 - 2 * _INSET) * square))
    tall, wide = page.picture.shape[:2]
    size = np.array([wide - 1.0, tall - 1.0])
    for share in np.linspace(1, 0.1, 91):
        corners = transform(page.to_photo, size * (0.5 + share * (square - 0.5)))
        if np.all(corners >= 0) and np.all(corners <= last):
            return _plain(corners)
    return page_frame(None, shape)


def draw_photo(
    address: str, shape: tuple[int, ...], page: Rectified | None, name: str, *, edited: bool = False
) -> str:
    """Return the photo with the page's frame on it, its upper edge and left edge ticked every 5 mm.

    Parameters
    ----------
    address
        The photo's copy for the browser; see :func:`ecgkit.drawing.images.photo_jpeg`.
    shape
        Of the photo itself, whose px are the drawing's.
    edited
        The frame is left away: a page lays one over it that can be moved.
    """
    height, width = shape[:2]
    said = f"The photo {name}, {width} by {height} px"
    drawn = ""
    if page is not None and not edited:
        corners = page_frame(page, shape)
        dots = "".join(
            f'<circle cx="{x:g}" cy="{y:g}" r="{max(width, height) / 110:.1f}"/>'
            for x, y in corners
        )
        outline = "M" + "L".join(f"{x:g} {y:g}" for x, y in corners) + "Z"
        drawn = f'<g class="halo">{_lines(outline + _ticks_on_photo(page, corners))}{dots}</g>'
        said += ". A frame lies straight on the page that was found, with ticks every 5 mm"
    editor = '<div class="editor"></div>' if edited else ""
    return (
        f'<div class="photo" style="--w:{width};--h:{height}">'
        f"{_picture(address, width, height, f'{said}.', drawn)}{editor}</div>"
    )


def draw_page(address: str, page: Rectified) -> str:
    """Return the rectified page with rulers along two edges and bars of 25 by 10 mm."""
    height, width = page.picture.shape[:2]
    x, y = page.photo_px_per_mm
    ticks, labels = "", []
    size = max(width, height) / 48  # of the letters, which are to be read in half a window
    for along, length in ((0, width), (1, height)):
        for place in range(int(length // _BOX) + 1):
            at, tick = place * _BOX, (4.0 if place % 5 == 0 else 2.0) * PX_PER_MM
            ticks += f"M{at:g} 0v{tick:g}" if along == 0 else f"M0 {at:g}h{tick:g}"
            if place and place % 10 == 0 and at < length - 4 * size:
                spot = (at + 5, 0.9 * size) if along == 0 else (24.0, at + size / 3)
                labels.append(_text(*spot, f"{5 * place} mm", size))
    base = height - 5 * PX_PER_MM
    left = 5 * PX_PER_MM
    bars = f"M{left:g} {base - 10 * PX_PER_MM:g}v{10 * PX_PER_MM:g}h{25 * PX_PER_MM:g}"
    labels.append(_text(left + 6, base - 8, "25 mm across, 10 mm up", size))
    said = (
        f"The rectified page, {width / PX_PER_MM:.0f} by {height / PX_PER_MM:.0f} mm, with a tick "
        f"every 5 mm along its upper and left edge. The photo has {x:.2f} px/mm across and "
        f"{y:.2f} px/mm down."
    )
    drawn = f'<g class="halo">{_lines(ticks)}{_lines(bars, thick=True)}</g>{"".join(labels)}'
    return _picture(address, width, height, said, drawn)


def draw_mask(address: str, ink: str, page: Rectified, *, coverage: float) -> str:
    """Return the mask over the rectified page, with sliders that the browser works by itself.

    Parameters
    ----------
    address, ink
        The page and the mask; see :func:`ecgkit.drawing.images.ink_png`.
    coverage
        Share of the page that the mask covers, 0 to 1, for those who cannot see it.
    """
    height, width = page.picture.shape[:2]
    sliders = "".join(
        f'<label><span>{label}</span><input type="range" class="{key}" min="0" max="100" '
        f'step="1" value="{value}"/><output></output></label>'
        for key, label, value in (
            ("opacity", "Mask over photo", 85),
            ("fade", "Photo beneath", 100),
            ("divide", "Photo alone up to", 0),
        )
    )
    said = (
        f"The mask of the traces over the rectified page; it covers {100 * coverage:.1f} % of it."
    )
    pile = (
        f'<div class="pile" style="aspect-ratio:{width}/{height}">'
        f'<img src="{address}" alt=""/><div class="veil"></div>'
        f'<div class="over" role="img" aria-label="{escape(said)}" '
        f'style="-webkit-mask-image:url({ink});mask-image:url({ink})"></div>'
        '<div class="divider" aria-hidden="true"><i>◂▸</i></div></div>'
    )
    inside = scrolled(pile, width, height)
    return f'<div class="layers"><div class="sliders">{sliders}</div>{inside}</div>'


def corner_names() -> tuple[str, ...]:
    """Return what the four corners are called, in their order."""
    return _NAMES


def _ticks_on_photo(page: Rectified, corners: Corners) -> str:
    """Return ticks every 5 mm along a frame's upper and left edge, as the photo shows them."""
    back = np.asarray(np.linalg.inv(page.to_photo), np.float64)
    (left, top), (right, bottom) = transform(back, np.array(corners, np.float64)[::2]).tolist()
    length = 2.0 * PX_PER_MM
    ticks = [((x, top), (x, top + length)) for x in np.arange(left, right, _BOX).tolist()]
    ticks += [((left, y), (left + length, y)) for y in np.arange(top, bottom, _BOX).tolist()]
    ends = transform(page.to_photo, np.array(ticks, np.float64))
    return "".join(f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}" for a, b in ends)


def _lines(path: str, *, thick: bool = False) -> str:
    """Return lines that stand out of paper and desk: dark in a pale halo, whatever the theme."""
    kind = ' class="thick"' if thick else ""
    return f'<path{kind} d="{path}" stroke="#fff" stroke-opacity=".8"/><path{kind} d="{path}"/>'


def _text(x: float, y: float, words: str, size: float) -> str:
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:.1f}">{escape(words)}</text>'


def _picture(address: str, width: int, height: int, said: str, drawn: str) -> str:
    return (
        f'<svg class="picture" viewBox="-0.5 -0.5 {width} {height}" role="img" '
        f'aria-label="{escape(said)}"><image href="{address}" x="-0.5" y="-0.5" width="{width}" '
        f'height="{height}" preserveAspectRatio="none"/>{drawn}</svg>'
    )


def scrolled(inside: str, width: int, height: int) -> str:
    """Return a page that stays at least 3 px/mm wide: on a narrow screen it scrolls."""
    mm = width / PX_PER_MM
    return (
        '<div class="scroll" tabindex="0">'
        f'<div class="wide" style="--mm:{mm:g};--ratio:{width / height:.3f}">{inside}</div></div>'
    )


def _plain(points: Points) -> Corners:
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in points)
