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
    WEIGHTS,
    Floats,
    Start,
    Tiles,
    Values,
)
from ecgkit.digitization.rectification.grid_spectrum import SETTINGS as SPECTRUM
from ecgkit.digitization.rectification.settings import GridSearchSettings

SETTINGS = GridSearchSettings()

_TILE = SPECTRUM.tile
_STEPS = np.array(SETTINGS.steps)
_USUAL_SPREAD = np.array(SETTINGS.usual_spread)
_DRAWS = np.random.default_rng(0).normal(size=(SETTINGS.rounds, SETTINGS.drawn, 6))
_PEAK_WEIGHTS = tuple(
    np.array([WEIGHTS[kind].get(k, 0.0) for k in (1, 2, 3, 4, 5, 10)]) for kind in (0, 1)
)
_PEAK_MULTIPLES = np.array([1.0, 2, 3, 4, 5, 10])
"""The multiples of one cycle a box at which peaks are looked for."""
_VALLEY_MULTIPLES = np.array([0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 9.5, 10.5])
"""The multiples half way between, against which peaks count."""
_VALLEY_BELOW = np.array([0, 1, 2, 3, 4, 6])
"""For each peak, the place in ``_VALLEY_MULTIPLES`` of the one below it; that above is the next."""


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
        for blur in (SETTINGS.coarse_blur, SETTINGS.fine_blur)
    ]
    found = [_climb_from_start(blurred, tiles.centres, shape, start) for start in starts]
    different: list[Guess] = []
    for guess in sorted(found, key=lambda guess: -guess.score):
        if not any(_same_grid(guess, other) for other in different):
            different.append(guess)
    return different


def _same_grid(one: Guess, other: Guess) -> bool:
    linear = np.linalg.solve(other.to_mm[:2, :2], one.to_mm[:2, :2])
    return bool(np.abs(linear - np.eye(2)).max() < SETTINGS.same_grid)


def _climb_from_start(
    blurred: list[Floats], centres: Values, shape: tuple[int, ...], start: Start
) -> Guess:
    height, width = shape[:2]
    half = max(height, width) / 2
    points = (centres - [(width - 1) / 2, (height - 1) / 2]) / half
    best = np.array([np.log(start.frequency), 0, start.angle, 0, 0, 0])
    score = 0.0
    for number in range(SETTINGS.rounds):
        drawn = best + _DRAWS[number] * _STEPS * SETTINGS.narrowing**number
        drawn[0] = best
        vectors, slopes = _centre_frequencies(drawn), drawn[:, 4:]
        waves = _first_peaks(vectors, slopes, points)
        spectra = blurred[0] if number < SETTINGS.coarse_rounds else blurred[1]
        values = _peak_contrasts(spectra, waves, start.comb).sum(axis=(1, 2))
        values -= 0.5 * ((drawn / _USUAL_SPREAD) ** 2).sum(axis=1)
        first = int(values.argmax())
        best, score = drawn[first], float(values[first])
    plane = np.zeros((3, 3))
    plane[:2, :2] = _centre_frequencies(best[None])[0] * half
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


def _centre_frequencies(drawn: Values) -> Values:
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


def _first_peaks(vectors: Values, slopes: Values, points: Values) -> Values:
    """Return where the first peaks should lie: shape (drawn, family, tile, 2), in 1/px."""
    depth = (1 + slopes @ points.T)[:, None, :, None]
    place = np.einsum("kfd,td->kft", vectors, points)[..., None] / depth
    return np.asarray((vectors[:, :, None] - place * slopes[:, None, None]) / depth)


def _peak_contrasts(spectra: Floats, waves: Values, kind: int) -> Values:
    """Return how well the peaks stand out: shape (drawn, family, tile)."""
    worth = _PEAK_WEIGHTS[kind]
    used = np.flatnonzero(worth)
    peak, there = _spectrum_at(spectra, waves, _PEAK_MULTIPLES[used])
    low, _ = _spectrum_at(spectra, waves, _VALLEY_MULTIPLES[_VALLEY_BELOW[used]])
    high, beyond = _spectrum_at(spectra, waves, _VALLEY_MULTIPLES[_VALLEY_BELOW[used] + 1])
    usable = there & beyond
    usable[..., 0] |= there[..., 0]
    weight = worth[used] * usable
    contrast = peak - 0.5 * (low + np.where(beyond, high, low))
    total = (contrast * weight).sum(axis=-1)
    size = np.sqrt((weight**2).sum(axis=-1))
    return np.asarray(np.maximum(total / np.maximum(size, 1e-9), -0.5), np.float64)


def _spectrum_at(
    spectra: Floats, waves: Values, multiples: Values
) -> tuple[Floats, NDArray[np.bool_]]:
    place = waves[..., None, :] * multiples[:, None]
    inside = np.asarray((np.abs(place) < 0.496).all(axis=-1), np.bool_)
    pixel = np.clip(np.rint(place * _TILE).astype(np.int32) + _TILE // 2, 0, _TILE - 1)
    tile = np.arange(len(spectra), dtype=np.int32)[:, None] * (_TILE * _TILE)
    return np.take(spectra.reshape(-1), tile + pixel[..., 1] * _TILE + pixel[..., 0]), inside
