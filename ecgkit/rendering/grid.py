"""The grid of ECG paper, exact to a fraction of a pixel.

A grid is separable: how much of a pixel a vertical line covers depends on its column alone. Two
short profiles, one an axis, make every pixel; nothing is drawn line by line.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.scale import Colour, Picture
from ecgkit.rendering.page_style import Grid

Profile = NDArray[np.float32]


def line_profile(
    pixels: int, px_per_mm: float, offset: float, spacing: float, width: float
) -> Profile:
    """Return how much of each pixel the lines cover, 0 to 1, shape (pixels,).

    Parameters
    ----------
    pixels
        Along the axis; pixel ``i`` reaches from ``i / px_per_mm`` to ``(i + 1) / px_per_mm`` mm.
    px_per_mm
        Resolution.
    offset, spacing, width
        Of the lines, in mm. A line narrower than a pixel is pale, not thin.
    """
    edges = np.arange(pixels + 1) / px_per_mm - (offset - width / 2)
    whole, part = np.divmod(edges, spacing)
    covered = whole * width + np.minimum(part, width)
    return np.asarray(np.diff(covered) * px_per_mm, dtype=np.float32)


def draw_grid(
    picture: Picture, grid: Grid, px_per_mm: tuple[float, float], origin: tuple[float, float]
) -> None:
    """Draw a grid on a blank picture, in place.

    Parameters
    ----------
    picture
        uint8, shape (height, width, 3), or a part of a page.
    grid
        What to draw.
    px_per_mm
        Along x and y.
    origin
        Where the picture's upper left corner lies on the page, in mm.
    """
    if grid.kind == "none":
        return
    height, width, _ = picture.shape
    axes = (
        (width, px_per_mm[0], grid.offset[0] - origin[0]),
        (
            height,
            px_per_mm[1],
            grid.offset[1] - origin[1],
        ),
    )
    x_major, y_major = (grid.major * line_profile(*axis, 5.0, grid.major_width) for axis in axes)
    levels = np.maximum(_bytes(x_major)[None, :], _bytes(y_major)[:, None])
    if grid.kind != "boxes":
        x_minor, y_minor = (line_profile(*axis, 1.0, grid.minor_width) for axis in axes)
        if grid.kind == "lines":
            x_levels, y_levels = _bytes(grid.minor * x_minor), _bytes(grid.minor * y_minor)
            np.maximum(levels, np.maximum(x_levels[None, :], y_levels[:, None]), out=levels)
        else:
            dots = np.multiply.outer(y_minor, 255 * grid.minor * x_minor)
            np.maximum(levels, dots.astype(np.uint8), out=levels)
    paper: Colour = tuple(picture[0, 0].tolist())
    shades = np.arange(256)[:, None] / 255
    table = np.rint(np.array(paper) * (1 - shades) + np.array(grid.colour) * shades)
    picture[:] = table.astype(np.uint8)[levels]


def _bytes(profile: Profile) -> Picture:
    return np.asarray(np.rint(255 * np.clip(profile, 0, 1)), dtype=np.uint8)
