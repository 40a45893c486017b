"""Looking at a photo through a homography and a bend: the paper as if it lay flat."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.digitization.rectification.paper_bend import Bend
from ecgkit.paper.geometry import transform

Picture = NDArray[np.uint8]
Values = NDArray[np.float64]
Pixel = TypeVar("Pixel", np.float32, np.uint8)

_MAP_STEP = 8
"""In px: at every so many the map of bent paper is computed, as it is smooth."""


def lay_flat(
    picture: NDArray[Pixel],
    to_mm: Values,
    bend: Bend | None,
    view: Values,
    size: tuple[int, int],
    border: tuple[float, ...] = (0.0,),
) -> NDArray[Pixel]:
    """Return a picture of the flat paper.

    Parameters
    ----------
    picture
        What to look at.
    to_mm, bend
        As those of :class:`ecgkit.digitization.rectification.grid_fit.GridFit`, from its px.
    view
        From px of the picture to make to mm.
    size
        Its width and height.
    border
        Colour of what the picture does not show.
    """
    back = np.asarray(np.linalg.inv(to_mm), np.float64)
    if bend is None:
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        flat = cv2.warpPerspective(
            picture,
            back @ view,
            size,
            flags=flags,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=border,
        )
        return np.asarray(flat, picture.dtype)
    # Computed at few pixels, and interpolated between.
    x, y = np.meshgrid(*(np.arange(-(-side // _MAP_STEP) + 2) * float(_MAP_STEP) for side in size))
    mm = transform(view, np.stack([x, y], axis=-1))
    sparse = transform(back, mm + bend.at(mm)).astype(np.float32)
    shrink = np.array([[1 / _MAP_STEP, 0, 0], [0, 1 / _MAP_STEP, 0]])
    maps = cv2.warpAffine(sparse, shrink, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return np.asarray(
        cv2.remap(
            picture,
            np.ascontiguousarray(maps[..., 0]),
            np.ascontiguousarray(maps[..., 1]),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=border,
        ),
        picture.dtype,
    )


def flat_page(
    photo: Picture, to_mm: Values, bend: Bend | None, view: Values, size: tuple[int, int]
) -> Picture:
    """Return the page; a photo of much higher resolution is averaged down first."""
    width, height = size
    middle = np.array(
        [[width / 2, height / 2], [width / 2 + 1, height / 2], [width / 2, height / 2 + 1]]
    )
    px = transform(np.asarray(np.linalg.inv(to_mm) @ view, np.float64), middle)
    step = float(np.sqrt(np.hypot(*(px[1] - px[0])) * np.hypot(*(px[2] - px[0]))))
    small = smaller_picture(photo, min(1.0, 1.25 / step))
    paper = np.median(small[::16, ::16].reshape(-1, 3), axis=0)
    from_small = np.asarray(to_mm @ np.linalg.inv(shrinking_map(photo, small)), np.float64)
    return lay_flat(small, from_small, bend, view, size, tuple(float(value) for value in paper))


def smaller_picture(photo: Picture, ratio: float) -> Picture:
    """Return a picture of so much of a photo's size, averaged; never a larger one."""
    if ratio >= 1:
        return photo
    size = (max(1, round(photo.shape[1] * ratio)), max(1, round(photo.shape[0] * ratio)))
    return np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)


def shrinking_map(photo: Picture, small: Picture) -> Values:
    """Return the map from px of a picture to px of a smaller one; pixel centres are whole."""
    x, y = small.shape[1] / photo.shape[1], small.shape[0] / photo.shape[0]
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1.0]])


def scale_at(
    to_mm: Values, shape: tuple[int, ...], point: tuple[float, float] | None = None
) -> tuple[float, float]:
    """Return the px/mm along the paper's x and y at a point in px, the picture's centre if None."""
    middle = point or ((shape[1] - 1) / 2, (shape[0] - 1) / 2)
    x, y = transform(to_mm, np.array(middle))
    back: Values = np.asarray(np.linalg.inv(to_mm), np.float64)
    ends = transform(back, np.array([[x - 0.5, y], [x + 0.5, y], [x, y - 0.5], [x, y + 0.5]]))
    return float(np.hypot(*(ends[1] - ends[0]))), float(np.hypot(*(ends[3] - ends[2])))


def visible_box(to_mm: Values, shape: tuple[int, ...]) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom in mm around what a picture shows.

    Where the perspective's horizon comes near, only what lies before it counts.
    """
    height, width = shape[:2]
    x, y = np.meshgrid(np.linspace(0, width - 1, 33), np.linspace(0, height - 1, 33))
    points = np.stack([x.ravel(), y.ravel()], -1)
    depth = points @ to_mm[2, :2] + to_mm[2, 2]
    middle = np.array([(width - 1) / 2, (height - 1) / 2]) @ to_mm[2, :2] + to_mm[2, 2]
    mm = transform(to_mm, points[depth / middle > 0.35])
    low, high = mm.min(axis=0), mm.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
