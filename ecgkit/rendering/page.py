"""Page: a picture of an ECG page with its exact truth; and the drawing of clean ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from ecgkit.paper.geometry import Geometry
from ecgkit.paper.lettering import draw_text
from ecgkit.paper.pen import draw_lines, put_ink
from ecgkit.paper.scale import Box, Picture, Points
from ecgkit.recording import Recording, RecordingError
from ecgkit.rendering.composition import Sheet, Strip, compose
from ecgkit.rendering.grid import draw_grid
from ecgkit.rendering.page_style import PageStyle

MAX_PIXELS, MAX_SIDE = 20_000_000, 30_000
_PATTERNS = {"dotted": (0.35, 1.0), "dashed": (1.6, 2.6)}
"""Ink and period of broken separators, in mm."""


@dataclass(frozen=True, eq=False)
class Page:
    """A picture of a page, and what is known of it.

    Attributes
    ----------
    image
        uint8, shape (height, width, 3), RGB.
    mask
        uint8, shape (height, width): how much of each pixel the traces cover, 0 to 255, where they
        can be seen. Calibration pulses, separators and text are not in it.
    covered
        bool, shape (height, width): where a thing lies on the page and hides it, or glare has burnt
        it out.
    sheet
        What lies where, in mm of paper.
    geometry
        From mm of paper to px of this picture.
    source
        From mm of paper to px of the flat picture that this one was made of; the same as
        ``geometry`` where the page is flat.
    level
        How it was degraded; ``"none"`` where it was not.
    """

    image: Picture
    mask: Picture
    covered: NDArray[np.bool_]
    sheet: Sheet
    geometry: Geometry
    source: Geometry
    level: str = "none"

    @property
    def style(self) -> PageStyle:
        """The page's look."""
        return self.sheet.style

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in px."""
        return self.image.shape[0], self.image.shape[1]

    @property
    def warped(self) -> bool:
        """Whether the page is no longer seen as it was drawn."""
        return self.geometry is not self.source

    @property
    def corners(self) -> Points:
        """The page's corners in px, shape (4, 2), from the upper left clockwise.

        They may lie outside of the picture.
        """
        return self.quad((0, 0, *self.sheet.size))

    def quad(self, box: Box) -> Points:
        """Return the corners of a box in mm as points in px, shape (4, 2), clockwise."""
        left, top, right, bottom = box
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
        return self.geometry.to_picture(corners)

    def points(self, strip: Strip) -> Points:
        """Return a strip's trace in px, shape (samples, 2); NaN where the pen is lifted."""
        return self.geometry.to_picture(strip.points)

    def px_per_mm(self, at: tuple[float, float] | None = None) -> tuple[float, float]:
        """Return the resolution along the paper's x and y at a point in mm (the field's centre)."""
        left, top, right, bottom = self.sheet.field
        x, y = at or ((left + right) / 2, (top + bottom) / 2)
        paper = np.array([[x - 0.5, y], [x + 0.5, y], [x, y - 0.5], [x, y + 0.5]])
        px = self.geometry.to_picture(paper)
        return float(np.hypot(*(px[1] - px[0]))), float(np.hypot(*(px[3] - px[2])))

    @cached_property
    def strip_masks(self) -> tuple[Picture, ...]:
        """The mask of each strip of the sheet: uint8, shape (height, width)."""
        drawn = Geometry.flat(self.style.px_per_mm)
        shape = pixel_size(self.sheet.size, drawn.scale)
        near = pixel_size(self.sheet.size, self.source.scale)
        maps = self.geometry.maps(self.shape, self.source) if self.warped else None
        masks = []
        for strip in self.sheet.strips:
            canvas: MatLike = np.zeros(shape, np.uint8)
            ink, where = trace_ink(strip, drawn, shape, self.style.pen)
            canvas[where] = ink
            if near != shape:
                canvas = cv2.resize(canvas, near[::-1], interpolation=cv2.INTER_AREA)
            if maps:
                canvas = cv2.remap(canvas, *maps, cv2.INTER_LINEAR)
            masks.append(np.where(self.covered, np.uint8(0), np.asarray(canvas, np.uint8)))
        return tuple(masks)

    @cached_property
    def strip_index(self) -> Picture:
        """Which strip a pixel shows: uint8, shape (height, width); 0 none, 1 the first.

        Where two cross, the one that covers more of the pixel; of equals, the later.
        """
        index, best = np.zeros(self.shape, np.uint8), np.full(self.shape, 63, np.uint8)
        for number, mask in enumerate(self.strip_masks, start=1):
            wins = (mask >= best) & (mask > 63)
            index[wins] = number
            best[wins] = mask[wins]
        return index


def pixel_size(size: tuple[float, float], px_per_mm: tuple[float, float]) -> tuple[int, int]:
    """Return the height and width in px of a page in mm."""
    return max(1, round(size[1] * px_per_mm[1])), max(1, round(size[0] * px_per_mm[0]))


def trace_ink(
    strip: Strip, geometry: Geometry, shape: tuple[int, int], pen: float
) -> tuple[Picture, tuple[slice, slice]]:
    """Return the ink of a strip on a flat page and where it lies; see ``pen.draw_lines``.

    The pen's width is given in mm; on the picture it is at least one pixel.
    """
    width = max(pen * float(np.sqrt(np.prod(geometry.scale))), 1.0)
    return draw_lines(shape, [geometry.to_picture(strip.points)], width)


def render_page(recording: Recording, style: PageStyle, *, start: float = 0.0) -> Page:
    """Draw a recording on ECG paper, clean, with exact truth.

    Parameters
    ----------
    recording
        In mV.
    style
        The page's look; see :func:`ecgkit.rendering.page_style.random_style`.
    start
        Where in the recording the page begins, in s.

    Raises
    ------
    RecordingError
        Where the recording does not fill the layout, has no voltages, ends before ``start``, or
        the page would have more than 20 megapixels.
    """
    sheet = compose(recording, style, start=start)
    shape = pixel_size(sheet.size, style.px_per_mm)
    if shape[0] * shape[1] > MAX_PIXELS or max(shape) > MAX_SIDE:
        raise RecordingError(
            f"makes a page of {shape[1]} x {shape[0]} px",
            where=recording.name,
            remedy=f"At most {MAX_PIXELS / 1e6:.0f} megapixels are drawn; lower the resolution.",
        )
    geometry = Geometry.flat(style.px_per_mm)
    image = np.empty((*shape, 3), np.uint8)
    image[:] = style.paper
    _draw_paper(image, sheet)
    _draw_marks(image, sheet, geometry)
    mask = np.zeros(shape, np.uint8)
    for strip in sheet.strips:
        ink, where = trace_ink(strip, geometry, shape, style.pen)
        np.maximum(mask[where], ink, out=mask[where])
        put_ink(image[where], _faded(ink, style.fade), style.ink)
    return Page(image, mask, np.zeros(shape, np.bool_), sheet, geometry, geometry)


def _draw_paper(image: Picture, sheet: Sheet) -> None:
    """Draw the grid on the page or on its field."""
    style, scale = sheet.style, sheet.style.px_per_mm
    if not style.field_only:
        draw_grid(image, style.grid, scale, (0.0, 0.0))
        return
    left, right = (max(0, round(x * scale[0])) for x in (sheet.field[0], sheet.field[2]))
    top, bottom = (max(0, round(y * scale[1])) for y in (sheet.field[1], sheet.field[3]))
    image[:] = 255
    image[top:bottom, left:right] = style.paper
    draw_grid(image[top:bottom, left:right], style.grid, scale, (left / scale[0], top / scale[1]))


def _draw_marks(image: Picture, sheet: Sheet, geometry: Geometry) -> None:
    """Draw separators, calibration pulses, names and text."""
    style, shape = sheet.style, (image.shape[0], image.shape[1])
    mean = float(np.sqrt(style.px_per_mm[0] * style.px_per_mm[1]))
    pen = max(style.pen * mean, 1.0)
    lines = [line for bar in sheet.separators for line in _broken(bar, style.separator)]
    thick = {"bar": 1.8, "dotted": 0.8, "dashed": 0.8, "solid": 0.7}.get(style.separator, 1.0)
    for strokes, width in ((lines, max(thick * pen, 1.0)), (list(sheet.pulses), pen)):
        ink, where = draw_lines(shape, [geometry.to_picture(line) for line in strokes], width)
        put_ink(image[where], ink, style.ink)
    for strip in sheet.strips:
        x, y = geometry.to_picture(np.array([strip.label[0], strip.label[3]]))
        height = style.label_height * mean
        draw_text(image, strip.place.label, (x, y), height, style.ink, style.font, bold=style.bold)
    for text in sheet.texts:
        x, y = geometry.to_picture(np.array([text.x, text.y]))
        draw_text(image, text.text, (x, y), text.height * mean, style.ink, style.font)


def _broken(bar: tuple[float, float, float], kind: str) -> list[Points]:
    """Return a separator as the lines that make it: one, or its dots or dashes."""
    x, top, bottom = bar
    if kind == "dashes":
        third = (bottom - top) / 3
        ends = [(top, top + third * 0.8), (bottom - third * 0.8, bottom)]
    elif kind in _PATTERNS:
        ink, period = _PATTERNS[kind]
        ends = [(y, min(y + ink, bottom)) for y in np.arange(top, bottom, period)]
    else:
        ends = [(top, bottom)]
    return [np.array([[x, a], [x, b]]) for a, b in ends]


def _faded(ink: Picture, fade: float) -> Picture:
    """Return the ink of a thermal printer, which is paler where the pen moves fast."""
    if not fade or not ink.size:
        return ink
    extent = (ink > 127).sum(axis=0)
    usual = max(float(np.median(extent)), 1.0)
    steep = np.clip((extent - 2 * usual) / (8 * usual), 0, 1)
    keep = (1 - fade * steep).astype(np.float32)
    return np.asarray(np.rint(ink * keep[None, :]), dtype=np.uint8)
