"""From a period and a direction to the homography that the spectra of all tiles speak for.

The phase of a grid seen at a slant is a rational function of place; its gradient at a tile's
centre is where the tile's peaks should lie. Homographies near the start are drawn, and those near
the best of them, ever closer.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.digitization.rectification.grid_spectrum import (
    BOX_MM,
    TILE,
    WEIGHTS,
    Floats,
    Start,
    Tiles,
    Values,
)

_DRAWN, _ROUNDS, _CLOSER = 72, 7, 0.6
# logarithms of frequency and of its ratio between the families; angle and how much more one of
# them is turned, in radians; slopes of depth along x and y, over half the longer side.
_STEPS = np.array([0.05, 0.06, 0.05, 0.04, 0.12, 0.12])
_USUAL = np.array([np.inf, 0.06, np.inf, 0.06, 0.25, 0.25])
_DRAWS = np.random.default_rng(0).normal(size=(_ROUNDS, _DRAWN, 6))
_COARSE = 3  # rounds in which peaks are blurred
_BLURS = (1.8, 0.8)
_WORTH = tuple(
    np.array([WEIGHTS[kind].get(k, 0.0) for k in (1, 2, 3, 4, 5, 10)]) for kind in (0, 1)
)
_PEAKS = np.array([1.0, 2, 3, 4, 5, 10])
_HALF_WAY = np.array([0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 9.5, 10.5])
_BELOW = np.array([0, 1, 2, 3, 4, 6])


@dataclass(frozen=True, eq=False)
class Guess:
    """A homography, good to a percent or two.

    Attributes
    ----------
    to_mm
        float64, shape (3, 3): from px to mm of paper, the picture's centre at 0, 0.
    score
        Of a tile and family in mean; about 0 where there is no such grid.
    """

    to_mm: Values
    score: float


def guess_homographies(tiles: Tiles, starts: list[Start], shape: tuple[int, ...]) -> list[Guess]:
    """Climb from each start; the best first, each grid once."""
    blurred = [
        np.stack([np.asarray(cv2.GaussianBlur(s, (0, 0), blur)) for s in tiles.spectra])
        for blur in _BLURS
    ]
    found = [_climb(blurred, tiles.centres, shape, start) for start in starts]
    different: list[Guess] = []
    for guess in sorted(found, key=lambda guess: -guess.score):
        if not any(_alike(guess, other) for other in different):
            different.append(guess)
    return different


def _alike(one: Guess, other: Guess) -> bool:
    linear = np.linalg.solve(other.to_mm[:2, :2], one.to_mm[:2, :2])
    return bool(np.abs(linear - np.eye(2)).max() < 0.05)


def _climb(blurred: list[Floats], centres: Values, shape: tuple[int, ...], start: Start) -> Guess:
    height, width = shape[:2]
    half = max(height, width) / 2
    points = (centres - [(width - 1) / 2, (height - 1) / 2]) / half
    best = np.array([np.log(start.frequency), 0, start.angle, 0, 0, 0])
    score = 0.0
    for number in range(_ROUNDS):
        drawn = best + _DRAWS[number] * _STEPS * _CLOSER**number
        drawn[0] = best
        vectors, slopes = _vectors(drawn), drawn[:, 4:]
        waves = _gradients(vectors, slopes, points)
        spectra = blurred[0] if number < _COARSE else blurred[1]
        values = _scores(spectra, waves, start.comb).sum(axis=(1, 2))
        values -= 0.5 * ((drawn / _USUAL) ** 2).sum(axis=1)
        first = int(values.argmax())
        best, score = drawn[first], float(values[first])
    plane = np.zeros((3, 3))
    plane[:2, :2] = _vectors(best[None])[0] * half
    plane[2] = [*best[4:], 1]
    to_half = np.array(
        [
            [1 / half, 0, -(width - 1) / 2 / half],
            [0, 1 / half, -(height - 1) / 2 / half],
            [0, 0, 1],
        ]
    )
    to_mm = np.diag([BOX_MM, BOX_MM, 1.0]) @ plane @ to_half
    return Guess(np.asarray(to_mm, np.float64), score / (2 * len(points)))


def _vectors(drawn: Values) -> Values:
    """Return the frequencies of both families in the centre: shape (drawn, family, 2)."""
    size = np.exp(drawn[:, :1] + drawn[:, 1:2] * [0.5, -0.5])
    angle = drawn[:, 2:3] + drawn[:, 3:4] * [0.5, -0.5]
    along, across = size * np.cos(angle), size * np.sin(angle)
    return np.stack(
        [
            np.stack([along[:, 0], across[:, 0]], -1),
            np.stack([-across[:, 1], along[:, 1]], -1),
        ],
        axis=1,
    )


def _gradients(vectors: Values, slopes: Values, points: Values) -> Values:
    """Return where the first peaks should lie: shape (drawn, family, tile, 2), in 1/px."""
    depth = (1 + slopes @ points.T)[:, None, :, None]
    place = np.einsum("kfd,td->kft", vectors, points)[..., None] / depth
    return np.asarray((vectors[:, :, None] - place * slopes[:, None, None]) / depth)


def _scores(spectra: Floats, waves: Values, kind: int) -> Values:
    """Return how well the peaks stand out: shape (drawn, family, tile)."""
    worth = _WORTH[kind]
    used = np.flatnonzero(worth)
    peak, there = _look_up(spectra, waves, _PEAKS[used])
    low, _ = _look_up(spectra, waves, _HALF_WAY[_BELOW[used]])
    high, beyond = _look_up(spectra, waves, _HALF_WAY[_BELOW[used] + 1])
    usable = there & beyond
    usable[..., 0] |= there[..., 0]
    weight = worth[used] * usable
    contrast = peak - 0.5 * (low + np.where(beyond, high, low))
    total = (contrast * weight).sum(axis=-1)
    size = np.sqrt((weight**2).sum(axis=-1))
    return np.asarray(np.maximum(total / np.maximum(size, 1e-9), -0.5), np.float64)


def _look_up(spectra: Floats, waves: Values, multiples: Values) -> tuple[Floats, NDArray[np.bool_]]:
    place = waves[..., None, :] * multiples[:, None]
    inside = np.asarray((np.abs(place) < 0.496).all(axis=-1), np.bool_)
    pixel = np.clip(np.rint(place * TILE).astype(np.int32) + TILE // 2, 0, TILE - 1)
    tile = np.arange(len(spectra), dtype=np.int32)[:, None] * (TILE * TILE)
    return np.take(spectra.reshape(-1), tile + pixel[..., 1] * TILE + pixel[..., 0]), inside
