"""Text on pages, in fonts that come with the package, so that a page looks alike everywhere."""

from __future__ import annotations

import functools
from importlib import resources

import cv2
import numpy as np

from ecgkit.paper.scale import Picture

FONTS = {
    "sans": "sans",
    "slanted": "italic",
    "roman": "STIXGeneral.ttf",
    "serif": "DejaVuSerif.ttf",
    "wide": "DejaVuSans.ttf",
    "mono": "DejaVuSansMono.ttf",
    "modern": "cmss10.ttf",
    "typewriter": "cmtt10.ttf",
}
"""Name -> OpenCV's own font, or a file of the folder ``fonts``."""
_BOLD = {
    "roman": "STIXGeneralBol.ttf",
    "serif": "DejaVuSerif-Bold.ttf",
    "wide": "DejaVuSans-Bold.ttf",
    "mono": "DejaVuSansMono-Bold.ttf",
    "modern": "cmb10.ttf",
}
_PROBE = 64


@functools.cache
def _face(font: str, bold: bool) -> cv2.FontFace:
    name = _BOLD.get(font, FONTS[font]) if bold else FONTS[font]
    if not name.endswith(".ttf"):
        return cv2.FontFace(name)
    with resources.as_file(resources.files("ecgkit.paper") / "fonts" / name) as path:
        return cv2.FontFace(str(path))


def _weight(font: str, bold: bool) -> int:
    return 700 if bold and font in ("sans", "slanted") else 400


@functools.cache
def _capital(font: str, bold: bool) -> float:
    """Return the height of a capital in parts of the font's nominal size."""
    canvas = np.zeros((2 * _PROBE, 2 * _PROBE), np.uint8)
    draw_text(canvas, "I", (8, 96), _PROBE, 255, font, bold=bold, by_capital=False)
    rows = np.flatnonzero(canvas.max(axis=1) > 127)
    return float(rows[-1] - rows[0] + 1) / _PROBE


def text_width(text: str, font: str, *, bold: bool = False) -> float:
    """Return a text's width in heights of its capitals."""
    box = cv2.getTextSize((0, 0), text, (0, 0), _face(font, bold), _PROBE, _weight(font, bold))
    return float(box[2]) / _PROBE / _capital(font, bold)


def draw_text(
    picture: Picture,
    text: str,
    origin: tuple[float, float],
    height: float,
    colour: tuple[int, int, int] | int,
    font: str,
    *,
    bold: bool = False,
    by_capital: bool = True,
) -> None:
    """Write on a picture, in place.

    Parameters
    ----------
    picture
        uint8, shape (height, width) or (height, width, 3).
    origin
        Left end of the base line, x and y in px.
    height
        Of a capital in px; of the nominal font where not ``by_capital``.
    colour
        In the picture's own order of channels.
    font, bold
        A key of :data:`FONTS`.
    """
    size = max(3, round(height / _capital(font, bold))) if by_capital else round(height)
    place = (round(origin[0]), round(origin[1]))
    shade = (colour, colour, colour) if isinstance(colour, int) else colour
    face, weight = _face(font, bold), _weight(font, bold)
    cv2.putText(picture, text, place, shade, face, size, weight)
