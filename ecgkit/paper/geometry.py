"""Where a point of the paper lies in a picture, and back: one map for everything on the page.

Paper that is not flat is a height field over its plane: waves, folds and lifted edges. Seen at a
slant, a point that stands higher than the plane appears shifted; the shift grows with the height.
A camera then maps the plane by a homography.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.scale import Points

Map = NDArray[np.float32]

_STEP = 8
_ROUNDS = 60


@dataclass(frozen=True)
class Wave:
    """One bend of the paper; all lengths in mm.

    Attributes
    ----------
    kind
        ``"wave"``: a cosine; ``"fold"``: a ridge with a sharp crest; ``"edge"``: an edge that
        rises, highest at the crest and beyond it.
    height
        Of the crest above the plane; negative bends away.
    angle
        Direction across the bend, in radians from the x axis.
    reach
        Wavelength of a wave, or the length in which a fold or edge falls to 1/e.
    crest
        A point on the crest.
    """

    kind: Literal["wave", "fold", "edge"]
    height: float
    angle: float
    reach: float
    crest: tuple[float, float]

    def at(self, points: Points) -> Points:
        """Return the height at points of shape (…, 2)."""
        along = np.array([np.cos(self.angle), np.sin(self.angle)])
        distance = (points - self.crest) @ along
        if self.kind == "wave":
            return np.asarray(self.height * np.cos(2 * np.pi * distance / self.reach))
        away = np.abs(distance) if self.kind == "fold" else np.maximum(distance, 0)
        return np.asarray(self.height * np.exp(-away / self.reach))


@dataclass(frozen=True)
class Geometry:
    """The map between paper (mm from the page's upper left corner) and picture (px).

    Pixel centres lie at whole numbers, as OpenCV has it.

    Attributes
    ----------
    matrix
        float64, shape (3, 3): the homography from the paper's plane in mm to px.
    waves
        How the paper is bent; none where it is flat.
    slant
        How far a height of 1 mm shifts a point, in mm along x and y.
    """

    matrix: NDArray[np.float64]
    waves: tuple[Wave, ...] = ()
    slant: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def flat(cls, px_per_mm: tuple[float, float]) -> Geometry:
        """Return the map of a page seen straight on."""
        x, y = px_per_mm
        return cls(np.array([[x, 0, -0.5], [0, y, -0.5], [0, 0, 1.0]]))

    @property
    def scale(self) -> tuple[float, float]:
        """Resolution of a flat picture along x and y, in px/mm."""
        return float(self.matrix[0, 0]), float(self.matrix[1, 1])

    def height(self, plane: Points) -> Points:
        """Return how high the paper stands over points of its plane, in mm."""
        return np.asarray(sum((wave.at(plane) for wave in self.waves), np.zeros(plane.shape[:-1])))

    def to_plane(self, pixels: Points) -> Points:
        """Return where in the paper's plane pixels look, in mm, shape (…, 2)."""
        return transform(np.asarray(np.linalg.inv(self.matrix), np.float64), pixels)

    def to_paper(self, pixels: Points) -> Points:
        """Return which points of the paper pixels show, in mm, shape (…, 2)."""
        plane = self.to_plane(pixels)
        return plane + self.height(plane)[..., None] * np.array(self.slant) if self.waves else plane

    def to_picture(self, paper: Points) -> Points:
        """Return where points of the paper lie in the picture, in px, shape (…, 2)."""
        paper = np.asarray(paper, dtype=np.float64)
        plane = paper
        if self.waves:
            slant = np.array(self.slant)
            for _ in range(_ROUNDS):  # heights are shallow, so that this contracts
                nearer = paper - self.height(plane)[..., None] * slant
                change = np.nanmax(np.abs(nearer - plane), initial=0.0)
                plane = nearer
                if change < 1e-4:
                    break
        return transform(self.matrix, plane)

    def maps(self, shape: tuple[int, int], source: Geometry) -> tuple[Map, Map]:
        """Return what ``cv2.remap`` needs to bring a flat picture of the page into this one.

        Parameters
        ----------
        shape
            Height and width of the picture to make, in px.
        source
            Map of the picture at hand; flat.

        Notes
        -----
        The map is smooth, so that it is computed for every eighth pixel and interpolated between.
        """
        rows, columns = (-(-size // _STEP) + 2 for size in shape)
        x, y = np.meshgrid(np.arange(columns) * _STEP, np.arange(rows) * _STEP)
        paper = self.to_paper(np.stack([x, y], axis=-1).astype(np.float64))
        found = transform(source.matrix, paper).astype(np.float32)
        shrink = np.array([[1 / _STEP, 0, 0], [0, 1 / _STEP, 0]])
        full = cv2.warpAffine(
            found, shrink, shape[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        )
        return np.ascontiguousarray(full[..., 0]), np.ascontiguousarray(full[..., 1])


def transform(matrix: NDArray[np.float64], points: Points) -> Points:
    """Apply a homography to points of shape (…, 2)."""
    moved = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(moved[..., :2] / moved[..., 2:])


@dataclass(frozen=True)
class Camera:
    """How a page is looked at.

    Attributes
    ----------
    roll, pitch, yaw
        In degrees: turned in the picture, tilted back, tilted sideways.
    distance
        In diagonals of what is looked at; nearer makes perspective stronger.
    quarters
        Turns of 90° clockwise, on top of the roll.
    focus
        What the picture is to show, in mm of paper: left, top, right, bottom.
    longest
        Side of the picture in px.
    """

    roll: float
    pitch: float
    yaw: float
    distance: float
    quarters: int
    focus: tuple[float, float, float, float]
    longest: int

    def look(self) -> tuple[NDArray[np.float64], tuple[int, int]]:
        """Return the homography from mm to px, and the picture's height and width."""
        roll, pitch, yaw = np.deg2rad([self.roll + 90 * self.quarters, self.pitch, self.yaw])
        turn = np.array(
            [[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
        )
        tilt = np.array(
            [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
        )
        swing = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
        pose = turn @ tilt @ swing
        left, top, right, bottom = self.focus
        far = self.distance * float(np.hypot(right - left, bottom - top))
        centre = np.array([[1, 0, -(left + right) / 2], [0, 1, -(top + bottom) / 2], [0, 0, 1.0]])
        view = np.stack([pose[:, 0], pose[:, 1], [0, 0, far]], axis=1) @ centre
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
        seen = transform(view, corners)
        # Half way between the rectangle around the tilted page and the one within it.
        sides = np.sort(seen, axis=0)
        low, high = (sides[0] + sides[1]) / 2, (sides[2] + sides[3]) / 2
        long = self.longest / (high - low).max()
        size = np.maximum(np.round((high - low) * long), 32).astype(int)
        fit = np.array(
            [[long, 0, -low[0] * long - 0.5], [0, long, -low[1] * long - 0.5], [0, 0, 1]]
        )
        matrix = fit @ view
        return matrix / matrix[2, 2], (int(size[1]), int(size[0]))
