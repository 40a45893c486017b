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

from ecgkit.digitization.rectification.grid_fit import (
    LEAST_EVIDENCE,
    GridFit,
    fit_grid,
    lay_flat,
    scale_at,
    visible_box,
)
from ecgkit.digitization.rectification.grid_spectrum import grid_channel
from ecgkit.digitization.rectification.orientation import find_orientation
from ecgkit.digitization.rectification.paper_bend import Bend
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

_UNMEASURED = {
    "given": "No grid was measured: scale and direction are as given.",
    "rows": "No grid could be measured: the rows of traces were held to be 250 mm long, as on "
    "usual paper. Times and amplitudes rest on that, and perspective was not undone.",
}
_MEASURED = 1400  # px: the longer side of the picture that the grid is measured in
_CLEAR = 4.0  # evidence of a grid that is beyond doubt
_AROUND_MM = 25.0  # of paper kept around the grid that was seen
_LEAST_MM, _MOST_MM = 25.0, 600.0
_WORN_MM = 0.5
_SURE = 0.8


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
    scale = _checked_scale(px_per_mm)
    if corners is not None:
        return _by_corners(photo, _checked_corners(corners), scale)
    if scale is not None:
        return _by_scale(photo, scale)
    shrink, fit = _measure(photo)
    if fit is None:
        raise PageError(
            "shows no grid that could be measured",
            stage="rectify",
            remedy="Give the resolution in px/mm, or photograph the page closer, flat and in even "
            "light.",
            asks={"px_per_mm", "corners"},
        )
    return _finish(photo, fit.to_mm @ shrink, fit, source="grid", bend=fit.bend)


def take_as_it_lies(photo: Picture, px_per_mm: float, degrees: float = 0.0) -> Rectified:
    """Bring a page without a grid to 5 px/mm by the scale of its rows; see :mod:`.row_scale`.

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
    return _finish(photo, level, None, source="rows")


def _checked_scale(px_per_mm: float | tuple[float, float] | None) -> tuple[float, float] | None:
    if px_per_mm is None:
        return None
    x, y = np.broadcast_to(np.asarray(px_per_mm, dtype=np.float64), 2).tolist()
    if not (np.isfinite(x) and np.isfinite(y) and min(x, y) >= 0.5 and max(x, y) <= 200):
        raise PageError(
            "has an impossible resolution",
            stage="rectify",
            remedy="It must lie between 0.5 and 200 px/mm.",
            asks={"px_per_mm"},
        )
    return float(x), float(y)


def _checked_corners(corners: NDArray[np.float64]) -> Values:
    points = np.asarray(corners, dtype=np.float64)
    good = points.shape == (4, 2) and bool(np.all(np.isfinite(points)))
    if good:
        sides = np.roll(points, -1, axis=0) - points
        after = np.roll(sides, -1, axis=0)
        turn = sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0]
        lengths = np.hypot(*sides.T)
        good = bool(np.all(turn > 0) and lengths.min() >= 50)
    if not good:
        raise PageError(
            "has corners that span no page",
            stage="rectify",
            remedy="Give four, from the page's upper left one clockwise.",
            asks={"corners"},
        )
    return points


def _measure(photo: Picture) -> tuple[Values, GridFit | None]:
    """Return the map from the photo to the picture measured in, and what was found there."""
    ratio = min(1.0, _MEASURED / max(photo.shape[:2]))
    small = _smaller(photo, ratio)
    fit = None
    if min(small.shape[:2]) >= 64:
        fit = fit_grid(grid_channel(small))
    return _shrinking(photo, small), fit


def _smaller(photo: Picture, ratio: float) -> Picture:
    if ratio >= 1:
        return photo
    size = (max(1, round(photo.shape[1] * ratio)), max(1, round(photo.shape[0] * ratio)))
    return np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)


def _shrinking(photo: Picture, small: Picture) -> Values:
    """Return the map from px of a picture to px of a smaller one; pixel centres are whole."""
    x, y = small.shape[1] / photo.shape[1], small.shape[0] / photo.shape[0]
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1.0]])


def _by_corners(photo: Picture, corners: Values, scale: tuple[float, float] | None) -> Rectified:
    """Take direction and perspective from corners, and the scale from the grid if not given."""
    top, right, bottom, left = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    width, height = (top + bottom) / 2, (left + right) / 2
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    straight = cv2.getPerspectiveTransform(corners.astype(np.float32), flat).astype(np.float64)
    if scale is not None:
        to_mm = np.diag([1 / scale[0], 1 / scale[1], 1.0]) @ straight
        return _finish(photo, to_mm, None, upright=True)
    size = (min(round(width), 6000), min(round(height), 6000))
    page = np.asarray(cv2.warpPerspective(photo, straight, size), np.uint8)
    shrink, fit = _measure(page)
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
    return _finish(photo, to_mm, fit, source="grid", upright=True, region=region)


def _by_scale(photo: Picture, scale: tuple[float, float]) -> Rectified:
    """Take the scale as given; direction and perspective from the grid where one is seen."""
    shrink, fit = _measure(photo)
    if fit is None:
        to_mm = np.diag([1 / scale[0], 1 / scale[1], 1.0])
        return _finish(photo, to_mm, None)
    to_mm = fit.to_mm @ shrink
    x, y = scale_at(to_mm, photo.shape)
    resize = np.diag([x / scale[0], y / scale[1], 1.0])
    box = fit.region
    region = (box[0] * x / scale[0], box[1] * y / scale[1])
    far = (box[2] * x / scale[0], box[3] * y / scale[1])
    return _finish(photo, resize @ to_mm, fit, region=(*region, *far))


def _finish(
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
    box = _canvas(to_mm, photo.shape, region or (fit.region if fit else None))
    size = tuple(max(1, round((box[axis + 2] - box[axis]) * PX_PER_MM)) for axis in (0, 1))
    view = np.array([[1 / PX_PER_MM, 0, box[0]], [0, 1 / PX_PER_MM, box[1]], [0, 0, 1.0]])
    picture = _look(photo, to_mm, bend, view, (size[0], size[1]))
    notes: list[str] = []
    turns, sure = 0, 1.0
    if not upright:
        orientation = find_orientation(picture, PX_PER_MM)
        turns, sure = orientation.quarter_turns, orientation.confidence
        if turns:
            degrees = {1: "a quarter", 2: "half", 3: "three quarters"}[turns]
            notes.append(f"The page was turned by {degrees} of a turn to stand upright.")
        if sure < _SURE:
            notes.append("Which way up the page lies is not certain.")
    view = view @ _turning(turns, (size[0], size[1]))
    to_photo = np.asarray(np.linalg.inv(to_mm) @ view, np.float64)
    picture = np.ascontiguousarray(np.rot90(picture, turns))
    confidence = 1.0
    if fit is None:
        notes.append(_UNMEASURED[source])
        confidence = 0.5 if source == "given" else 0.4
    else:
        clear = np.log(min(fit.evidence) / LEAST_EVIDENCE) / np.log(_CLEAR / LEAST_EVIDENCE)
        confidence = float(np.clip(0.5 + 0.5 * clear, 0.5, 1.0))
        if confidence < _SURE:
            notes.append("The grid is hard to see: check the scale.")
        if bend is not None and fit.spread > _WORN_MM:
            notes.append(
                f"The paper is bent by {fit.spread:.1f} mm in mean; it was flattened by its grid."
            )
    height, width = picture.shape[:2]
    middle = transform(to_photo, np.array([(width - 1) / 2, (height - 1) / 2]))
    upright_mm = np.diag([1 / PX_PER_MM, 1 / PX_PER_MM, 1.0]) @ np.linalg.inv(to_photo)
    scale = scale_at(upright_mm, photo.shape, (float(middle[0]), float(middle[1])))
    seen = None if bend is None else bend.seen_from(view)
    return Rectified(picture, to_photo, scale, turns, confidence * sure, tuple(notes), seen, source)


def _canvas(to_mm: Values, shape: tuple[int, ...], region: Box | None) -> Box:
    """Return what to show, in mm: all of the photo that lies on or near the page."""
    box = visible_box(to_mm, shape)
    if region is not None:
        box = (
            max(box[0], region[0] - _AROUND_MM),
            max(box[1], region[1] - _AROUND_MM),
            min(box[2], region[2] + _AROUND_MM),
            min(box[3], region[3] + _AROUND_MM),
        )
    width, height = box[2] - box[0], box[3] - box[1]
    if not (min(width, height) >= _LEAST_MM and max(width, height) <= _MOST_MM):
        raise PageError(
            f"would be a page of {width:.0f} x {height:.0f} mm at this scale",
            stage="rectify",
            remedy="Give the resolution in px/mm.",
            asks={"px_per_mm"},
        )
    return box


def _look(
    photo: Picture, to_mm: Values, bend: Bend | None, view: Values, size: tuple[int, int]
) -> Picture:
    """Return the page; a photo of much higher resolution is averaged down first."""
    width, height = size
    middle = np.array(
        [[width / 2, height / 2], [width / 2 + 1, height / 2], [width / 2, height / 2 + 1]]
    )
    px = transform(np.asarray(np.linalg.inv(to_mm) @ view, np.float64), middle)
    step = float(np.sqrt(np.hypot(*(px[1] - px[0])) * np.hypot(*(px[2] - px[0]))))
    small = _smaller(photo, min(1.0, 1.25 / step))
    paper = np.median(small[::16, ::16].reshape(-1, 3), axis=0)
    from_small = np.asarray(to_mm @ np.linalg.inv(_shrinking(photo, small)), np.float64)
    return lay_flat(small, from_small, bend, view, size, tuple(float(value) for value in paper))


def _turning(turns: int, size: tuple[int, int]) -> Values:
    """Return the map from px of a picture after ``np.rot90`` to px of it before."""
    width, height = size
    matrix = np.eye(3)
    for _ in range(turns):
        # After one turn counter-clockwise, x comes from y, and y from the right edge leftwards.
        matrix = matrix @ np.array([[0, -1.0, width - 1], [1, 0, 0], [0, 0, 1]])
        width, height = height, width
    return matrix
