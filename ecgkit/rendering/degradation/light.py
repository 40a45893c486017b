"""Light on a page: its fall-off, shadows, the shading of bent paper, tint and glare.

All of it is smooth, so that it is computed at a quarter of the picture's size.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.geometry import Geometry
from ecgkit.paper.scale import Picture

Field = NDArray[np.float32]

_COARSER = 4
_ONE = 128
"""What stands for a factor of 1 in the 8-bit light field."""


@dataclass(frozen=True)
class Light:
    """How a page is lit.

    Attributes
    ----------
    level
        Brightness of white paper, 0 to 1, before the rest.
    tint
        Factors of red, green and blue.
    slope
        How much the light falls over the picture, and the direction in radians.
    vignette
        Loss of light in the corners, 0 to 1.
    relief
        How strongly slopes of the paper show.
    shadows, depth
        How many soft shadows lie on the page, and how dark they are.
    glare
        Strength of a bright reflection, 0 to 1.
    """

    level: float = 1.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    slope: tuple[float, float] = (0.0, 0.0)
    vignette: float = 0.0
    relief: float = 0.0
    shadows: int = 0
    depth: float = 0.3
    glare: float = 0.0

    def shine(self, image: Picture, geometry: Geometry, rng: np.random.Generator) -> Picture:
        """Return the picture so lit."""
        height, width, _ = image.shape
        rows, columns = -(-height // _COARSER), -(-width // _COARSER)
        y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
        u, v = 2 * x / columns - 1, 2 * y / rows - 1
        strength, angle = self.slope
        light = self.level * (1 - strength * (1 + u * np.cos(angle) + v * np.sin(angle)) / 2)
        light *= 1 - self.vignette * (u * u + v * v) / 2
        if self.relief and geometry.waves:
            light *= self._relief(geometry, x, y, angle)
        for _ in range(self.shadows):
            light *= 1 - self.depth * _shadow((rows, columns), rng)
        field = light[..., None] * np.array(self.tint, np.float32)
        small = np.clip(np.rint(_ONE * field), 0, 255).astype(np.uint8)
        factor = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
        lit = np.asarray(cv2.multiply(image, factor, scale=1 / _ONE), np.uint8)
        return self._glare(lit, u, v, rng) if self.glare else lit

    def _relief(self, geometry: Geometry, x: Field, y: Field, angle: float) -> Field:
        pixels = np.stack([x, y], axis=-1).astype(np.float64) * _COARSER
        plane = geometry.to_plane(pixels)
        sun = np.array([np.cos(angle), np.sin(angle)])
        rise = geometry.height(plane + 0.5 * sun) - geometry.height(plane - 0.5 * sun)
        shade = 1 + self.relief * np.clip(rise, -0.5, 0.5)
        return np.clip(shade, 0.4, 1.5).astype(np.float32)

    def _glare(self, image: Picture, u: Field, v: Field, rng: np.random.Generator) -> Picture:
        at, turn = rng.uniform(-0.9, 0.9, 2), float(rng.uniform(0, np.pi))
        a = (u - at[0]) * np.cos(turn) + (v - at[1]) * np.sin(turn)
        b = (v - at[1]) * np.cos(turn) - (u - at[0]) * np.sin(turn)
        wide, narrow = float(rng.uniform(0.4, 1.2)), float(rng.uniform(0.2, 0.6))
        spot = np.exp(-((a / wide) ** 2) - (b / narrow) ** 2)
        small = (255 * self.glare * spot).astype(np.uint8)
        veil = cv2.resize(small, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        room = cv2.multiply(cv2.bitwise_not(image), cv2.merge([veil] * 3), scale=1 / 255)
        return np.asarray(cv2.add(image, room), np.uint8)


def _shadow(shape: tuple[int, int], rng: np.random.Generator) -> Field:
    """Return the shadow of a head, hand or phone: 0 to 1, with edges more or less soft."""
    rows, columns = shape
    canvas = np.zeros(shape, np.uint8)
    size = np.array([columns, rows])
    if rng.random() < 0.5:
        start, angle = rng.uniform(0, 1, 2) * size, float(rng.uniform(0, 2 * np.pi))
        along = np.array([np.cos(angle), np.sin(angle)])
        side = np.array([-along[1], along[0]])
        far = 3.0 * columns
        polygon = np.array(
            [
                start + side * far,
                start - side * far,
                start - (side - along) * far,
                start + (side + along) * far,
            ]
        )
        cv2.fillPoly(canvas, [polygon.astype(np.int32)], 255)
    else:
        centre = rng.uniform(-0.1, 1.1, 2) * size
        axes = rng.uniform(0.12, 0.5, 2) * columns
        middle = (int(centre[0]), int(centre[1]))
        radii = (int(axes[0]), int(axes[1]))
        cv2.ellipse(canvas, middle, radii, float(rng.uniform(0, 180)), 0, 360, 255, cv2.FILLED)
    soft = float(rng.uniform(0.01, 0.09)) * columns
    blurred = cv2.GaussianBlur(canvas, (0, 0), soft)
    return np.asarray(blurred / np.float32(255), np.float32)
