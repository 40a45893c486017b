"""From a photo of a page to the page itself: level, upright and at one fixed resolution.

The grid decides: its lines are made straight and its boxes 5 mm wide, on bent paper too. Where no
grid can be seen, the photo is taken as it lies at the resolution that a person gives, or is
refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.digitization.rectification.flat_view import (
    flat_page,
    scale_at,
    shrinking_map,
    smaller_picture,
    visible_box,
)
from ecgkit.digitization.rectification.given_values import checked_corners, checked_scale
from ecgkit.digitization.rectification.grid_fit import SETTINGS as GRID_FIT
from ecgkit.digitization.rectification.grid_fit import GridFit, fit_grid
from ecgkit.digitization.rectification.grid_spectrum import grid_channel
from ecgkit.digitization.rectification.orientation import find_orientation
from ecgkit.digitization.rectification.paper_bend import Bend
from ecgkit.digitization.rectification.settings import RectifySettings
from ecgkit.errors import PageError
from ecgkit.paper.geometry import transform
from ecgkit.paper.scale import PX_PER_MM, Box, Picture

Values = NDArray[np.float64]


SCALE_SOURCES = {
    "grid": "measured on the grid",
    "given": "as given",
    "rows": "from the rows of traces, held to be 250 mm long",
}
"""Where a page's scale comes from, in words."""

_UNMEASURED_NOTES = {
    "given": "No grid was measured: scale and direction are as given.",
    "rows": "No grid could be measured: the rows of traces were held to be 250 mm long, as on "
    "usual paper. Times and amplitudes rest on that, and perspective was not undone.",
}

SETTINGS = RectifySettings()


@dataclass(frozen=True, eq=False)
class Rectified:
    """A page as if scanned at 5 px/mm.

    Attributes
    ----------
    picture
        uint8, shape (height, width, 3), RGB; what the photo does not show is filled with the
        colour of paper.
    to_photo
        float64, shape (3, 3): homography from its px to the photo's, pixel centres at whole
        numbers; of bent paper the one that suits best. See :meth:`photo_points`.
    photo_px_per_mm
        The photo's resolution along the page's x and y, in the middle of the page.
    quarter_turns
        By how many quarters the page was turned counter-clockwise to stand upright.
    confidence
        0 to 1: how sure it is that scale and direction are right.
    notes
        What a person should know, one sentence each.
    bend
        How far bent paper lies from where ``to_photo`` says, in px of the picture; None where it
        is flat.
    scale_source
        A key of :data:`SCALE_SOURCES`.
    """

    picture: Picture
    to_photo: Values
    photo_px_per_mm: tuple[float, float]
    quarter_turns: int
    confidence: float
    notes: tuple[str, ...] = ()
    bend: Bend | None = None
    scale_source: str = "grid"

    def photo_points(self, points: NDArray[np.float64]) -> Values:
        """Return where points of the picture lie in the photo.

        Parameters
        ----------
        points
            Shape (…, 2): x and y in px of the picture, pixel centres at whole numbers.

        Returns
        -------
        NDArray[np.float64]
            The same shape: x and y in px of the photo, bends of the paper taken into account.
        """
        points = np.asarray(points, dtype=np.float64)
        moved = points if self.bend is None else points + self.bend.at(points)
        return transform(self.to_photo, moved)


def rectify(
    photo: Picture,
    *,
    corners: NDArray[np.float64] | None = None,
    px_per_mm: float | tuple[float, float] | None = None,
) -> Rectified:
    """Undo rotation, perspective and quarter turns, and bring a page to 5 px/mm.

    Parameters
    ----------
    photo
        uint8, shape (height, width, 3), RGB.
    corners
        Shape (4, 2): x and y in px of the page's corners, or of any rectangle printed on it, the
        page's upper left one first, then clockwise. Decides direction and perspective.
    px_per_mm
        The photo's resolution along the page's x and y, or one number for both, in the middle of
        the photo or of the corners. Decides the scale; the grid is then not asked for it.

    Raises
    ------
    PageError
        Of stage ``"rectify"``: where no grid is found and ``px_per_mm`` is not given, or where
        what is given is impossible.
    """
    scale = checked_scale(px_per_mm)
    if corners is not None:
        return _rectify_by_corners(photo, checked_corners(corners), scale)
    if scale is not None:
        return _rectify_by_scale(photo, scale)
    shrink, fit = _measure_grid(photo)
    if fit is None:
        raise PageError(
            "shows no grid that could be measured",
            stage="rectify",
            remedy="Give the resolution in px/mm, or photograph the page closer, flat and in even "
            "light.",
            asks={"px_per_mm", "corners"},
        )
    return _cut_out_page(photo, fit.to_mm @ shrink, fit, source="grid", bend=fit.bend)


def rectify_at_scale(photo: Picture, px_per_mm: float, degrees: float = 0.0) -> Rectified:
    """Bring a page without a grid to 5 px/mm by the scale of its rows.

    See :mod:`ecgkit.digitization.rectification.row_length_scale`.

    Parameters
    ----------
    photo
        uint8, shape (height, width, 3), RGB.
    px_per_mm
        The photo's resolution.
    degrees
        By how much the page is turned clockwise in the photo.

    Raises
    ------
    PageError
        Of stage ``"rectify"``: where the page would be impossibly small or large.
    """
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    level = np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, px_per_mm]]) / px_per_mm
    return _cut_out_page(photo, level, None, source="rows")


def _measure_grid(photo: Picture) -> tuple[Values, GridFit | None]:
    """Return the map from the photo to the picture measured in, and what was found there."""
    ratio = min(1.0, SETTINGS.measured_side / max(photo.shape[:2]))
    small = smaller_picture(photo, ratio)
    fit = None
    if min(small.shape[:2]) >= 64:
        fit = fit_grid(grid_channel(small))
    return shrinking_map(photo, small), fit


def _rectify_by_corners(
    photo: Picture, corners: Values, scale: tuple[float, float] | None
) -> Rectified:
    """Take direction and perspective from corners, and the scale from the grid if not given."""
    top, right, bottom, left = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    width, height = (top + bottom) / 2, (left + right) / 2
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    straight = cv2.getPerspectiveTransform(corners.astype(np.float32), flat).astype(np.float64)
    if scale is not None:
        to_mm = np.diag([1 / scale[0], 1 / scale[1], 1.0]) @ straight
        return _cut_out_page(photo, to_mm, None, upright=True)
    size = (min(round(width), 6000), min(round(height), 6000))
    page = np.asarray(cv2.warpPerspective(photo, straight, size), np.uint8)
    shrink, fit = _measure_grid(page)
    if fit is None:
        raise PageError(
            "shows no grid between these corners",
            stage="rectify",
            remedy="Give the resolution in px/mm as well.",
            asks={"px_per_mm", "corners"},
        )
    x, y = scale_at(fit.to_mm @ shrink, page.shape)
    to_mm = np.diag([1 / x, 1 / y, 1.0]) @ straight
    region = (0.0, 0.0, size[0] / x, size[1] / y)
    return _cut_out_page(photo, to_mm, fit, source="grid", upright=True, region=region)


def _rectify_by_scale(photo: Picture, scale: tuple[float, float]) -> Rectified:
    """Take the scale as given; direction and perspective from the grid where one is seen."""
    shrink, fit = _measure_grid(photo)
    if fit is None:
        to_mm = np.diag([1 / scale[0], 1 / scale[1], 1.0])
        return _cut_out_page(photo, to_mm, None)
    to_mm = fit.to_mm @ shrink
    x, y = scale_at(to_mm, photo.shape)
    resize = np.diag([x / scale[0], y / scale[1], 1.0])
    box = fit.region
    region = (box[0] * x / scale[0], box[1] * y / scale[1])
    far = (box[2] * x / scale[0], box[3] * y / scale[1])
    return _cut_out_page(photo, resize @ to_mm, fit, region=(*region, *far))


def _cut_out_page(
    photo: Picture,
    to_mm: Values,
    fit: GridFit | None,
    *,
    source: str = "given",
    upright: bool = False,
    region: Box | None = None,
    bend: Bend | None = None,
) -> Rectified:
    """Cut out the page, turn it upright and make the picture from the photo, once."""
    box = _page_box(to_mm, photo.shape, region or (fit.region if fit else None))
    size = tuple(max(1, round((box[axis + 2] - box[axis]) * PX_PER_MM)) for axis in (0, 1))
    view = np.array([[1 / PX_PER_MM, 0, box[0]], [0, 1 / PX_PER_MM, box[1]], [0, 0, 1.0]])
    picture = flat_page(photo, to_mm, bend, view, (size[0], size[1]))
    notes: list[str] = []
    turns, sure = 0, 1.0
    if not upright:
        orientation = find_orientation(picture, PX_PER_MM)
        turns, sure = orientation.quarter_turns, orientation.confidence
        if turns:
            degrees = {1: "a quarter", 2: "half", 3: "three quarters"}[turns]
            notes.append(f"The page was turned by {degrees} of a turn to stand upright.")
        if sure < SETTINGS.sure:
            notes.append("Which way up the page lies is not certain.")
    view = view @ _quarter_turn_map(turns, (size[0], size[1]))
    to_photo = np.asarray(np.linalg.inv(to_mm) @ view, np.float64)
    picture = np.ascontiguousarray(np.rot90(picture, turns))
    confidence = 1.0
    if fit is None:
        notes.append(_UNMEASURED_NOTES[source])
        confidence = 0.5 if source == "given" else 0.4
    else:
        least = GRID_FIT.least_evidence
        clear = np.log(min(fit.evidence) / least) / np.log(SETTINGS.clear_evidence / least)
        confidence = float(np.clip(0.5 + 0.5 * clear, 0.5, 1.0))
        if confidence < SETTINGS.sure:
            notes.append("The grid is hard to see: check the scale.")
        if bend is not None and fit.spread > SETTINGS.told_bend:
            notes.append(
                f"The paper is bent by {fit.spread:.1f} mm in mean; it was flattened by its grid."
            )
    height, width = picture.shape[:2]
    middle = transform(to_photo, np.array([(width - 1) / 2, (height - 1) / 2]))
    upright_mm = np.diag([1 / PX_PER_MM, 1 / PX_PER_MM, 1.0]) @ np.linalg.inv(to_photo)
    scale = scale_at(upright_mm, photo.shape, (float(middle[0]), float(middle[1])))
    seen = None if bend is None else bend.seen_from(view)
    return Rectified(picture, to_photo, scale, turns, confidence * sure, tuple(notes), seen, source)


def _page_box(to_mm: Values, shape: tuple[int, ...], region: Box | None) -> Box:
    """Return what to show, in mm: all of the photo that lies on or near the page."""
    box = visible_box(to_mm, shape)
    if region is not None:
        box = (
            max(box[0], region[0] - SETTINGS.margin),
            max(box[1], region[1] - SETTINGS.margin),
            min(box[2], region[2] + SETTINGS.margin),
            min(box[3], region[3] + SETTINGS.margin),
        )
    width, height = box[2] - box[0], box[3] - box[1]
    if not (min(width, height) >= SETTINGS.least_side and max(width, height) <= SETTINGS.most_side):
        raise PageError(
            f"would be a page of {width:.0f} x {height:.0f} mm at this scale",
            stage="rectify",
            remedy="Give the resolution in px/mm.",
            asks={"px_per_mm"},
        )
    return box


def _quarter_turn_map(turns: int, size: tuple[int, int]) -> Values:
    """Return the map from px of a picture after ``np.rot90`` to px of it before."""
    width, height = size
    matrix = np.eye(3)
    for _ in range(turns):
        # After one turn counter-clockwise, x comes from y, and y from the right edge leftwards.
        matrix = matrix @ np.array([[0, -1.0, width - 1], [1, 0, 0], [0, 0, 1]])
        width, height = height, width
    return matrix
