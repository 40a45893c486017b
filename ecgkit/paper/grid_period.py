"""Where the grid of ECG paper shows in a photo: its frequency and direction, tile by tile.

A grid is two families of parallel lines 5 mm apart, mostly with finer ones or dots 1 mm apart.
In the Fourier transform of a tile each family is a row of peaks at multiples of one frequency, so
that lines too faint for the eye add up. Distances are measured by combs of such peaks, against
what lies half way between them.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

Floats = NDArray[np.float32]
Values = NDArray[np.float64]

BOX_MM = 5.0
"""Distance of the grid's strong lines."""

_TILE = 256
_BLOCK = 0.08  # in units of the channel
_SPREAD = 32.0  # deg: how far a page may be turned from the nearest quarter turn
_ANGLES = np.deg2rad(np.arange(-_SPREAD, _SPREAD + 0.1, 1.0))
_RADII = 512
HARMONIC_WEIGHTS = (1.0, 1.0, 1.0, 0.8, 1.6, 0.6, 0.6, 0.6, 0.6, 1.0)
"""How much each multiple of one cycle a box counts: the fifth is that of the 1 mm lines."""
_FREQUENCIES = np.exp(np.arange(np.log(1 / 110), np.log(1 / 8), 0.015))
_OBLIQUE = 0.02  # of score, for each degree squared from the picture's common angle
_NEAR = 12  # candidates, 20 %: how much perspective may change the scale within the picture
_WIDTH_MM, _WIDTH_SPREAD = (
    240.0,
    0.55,
)  # what pictures of ECGs show, and the spread of its logarithm


@dataclass(frozen=True, eq=False)
class LocalGrid:
    """The grid in the tiles of a picture.

    Attributes
    ----------
    centres
        float64, shape (tiles, 2): of the tiles, x and y in px.
    waves
        float64, shape (2, tiles, 2): in cycles a box of the grid's two families, the change of
        phase along x and y, in 1/px; first that of the upright lines.
    weights
        float64, shape (2, tiles): how clearly each is seen; 0 where it is not.
    """

    centres: Values
    waves: Values
    weights: Values


def grid_channel(picture: NDArray[np.uint8]) -> Floats:
    """Return how much ink lies on each pixel, shape (height, width), light and shade evened out.

    The darkest of the three colours is taken, in which grids of any colour show; what is much
    darker than usual nearby, as traces and text are, is cut off.
    """
    darkest = picture.min(axis=2) if picture.ndim == 3 else picture
    values = darkest.astype(np.float32)
    ink = _local_mean(values, 24) - values
    power = np.maximum(_local_mean(np.minimum(ink * ink, 900.0), 48), 0)
    size = np.sqrt(power) + 1.0
    channel: Floats = np.clip(ink / size, -1.0, 1.8).astype(np.float32)
    for axis in (0, 1):
        channel -= _blocks(channel, axis)
    return channel


def _blocks(channel: Floats, axis: int) -> Floats:
    """Return what repeats every 8 px along one axis, if faint: the blocks of JPEG, not a grid."""
    profile = channel.mean(axis=1 - axis)
    whole = len(profile) // 8 * 8
    pattern = profile[:whole].reshape(-1, 8).mean(axis=0)
    pattern = np.clip(pattern - pattern.mean(), -_BLOCK, _BLOCK)
    repeated = np.resize(pattern, len(profile)).astype(np.float32)
    return repeated[:, None] if axis == 0 else repeated[None, :]


def _local_mean(values: Floats, radius: int) -> Floats:
    small = cv2.resize(values, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    side = radius // 2 + 1
    small = cv2.blur(cv2.blur(small, (side, side)), (side, side))
    size = (values.shape[1], values.shape[0])
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), np.float32)


def find_grid(channel: Floats) -> LocalGrid:
    """Find the grid in overlapping tiles.

    Parameters
    ----------
    channel
        Of :func:`grid_channel`, with boxes of 8 to 110 px.
    """
    corners, tile = _tile_corners(channel.shape)
    window = np.hanning(tile).astype(np.float32)
    scores = np.empty((2, len(corners), len(_ANGLES), len(_FREQUENCIES)), np.float32)
    comb = _comb()
    maps = [_polar_map(turned) for turned in (False, True)]
    for number, (x, y) in enumerate(corners):
        part = channel[y : y + tile, x : x + tile] * window[:, None] * window
        if tile < _TILE:
            part = np.pad(part, ((0, _TILE - tile), (0, _TILE - tile)))
        power = np.abs(fft.fft2(part)) ** 2
        level = np.log(fft.fftshift(power).astype(np.float32) + 1e-2)
        level = np.clip(level - cv2.blur(level, (21, 21)), -1.0, 3.0)
        for family in (0, 1):
            polar = cv2.remap(level, *maps[family], cv2.INTER_LINEAR)
            scores[family, number] = polar @ comb
    centres = np.array(corners, np.float64) + (tile - 1) / 2
    return _select(scores, centres, max(channel.shape))


def _tile_corners(shape: tuple[int, ...]) -> tuple[list[tuple[int, int]], int]:
    height, width = shape[:2]
    tile = min(_TILE, height, width)
    rows, columns = (max(1, round((side - tile) / (tile * 0.55)) + 1) for side in (height, width))
    ys = np.linspace(0, height - tile, rows).astype(int)
    xs = np.linspace(0, width - tile, columns).astype(int)
    return [(int(x), int(y)) for y in ys for x in xs], tile


def _polar_map(turned: bool) -> tuple[Floats, Floats]:
    """Return where angle and frequency lie in a centred spectrum; of lines across where turned."""
    radius = np.arange(_RADII) * (_TILE / 2 / _RADII)
    along, across = np.cos(_ANGLES)[:, None] * radius, np.sin(_ANGLES)[:, None] * radius
    x, y = (-across, along) if turned else (along, across)
    half = _TILE // 2
    return (x + half).astype(np.float32), (y + half).astype(np.float32)


def _comb() -> Floats:
    """Return weights of frequencies, shape (radii, candidates), that pick a candidate's harmonics.

    Each harmonic counts against the two points half way to its neighbours. Dividing by the root of
    their number makes all candidates equally likely in noise.
    """
    radius = np.arange(_RADII)[:, None]
    unit = 2 * _RADII * _FREQUENCIES[None, :]
    comb = np.zeros((_RADII, len(_FREQUENCIES)))
    count = np.zeros(len(_FREQUENCIES))
    for harmonic, worth in enumerate(HARMONIC_WEIGHTS, start=1):
        usable = unit[0] * (harmonic + 0.5) < _RADII - 1
        if harmonic == 1:
            usable[:] = True
        for place, weight in ((harmonic, 1.0), (harmonic - 0.5, -0.5), (harmonic + 0.5, -0.5)):
            near = np.maximum(0, 1 - np.abs(radius - unit * place) / 4)
            comb += near * usable * weight * worth / 4
        count += usable * worth**2
    return np.asarray(comb / np.sqrt(count), dtype=np.float32)


def _select(scores: Floats, centres: Values, longest: int) -> LocalGrid:
    """Choose one scale and angle for the picture, then each tile's own near them."""
    best = np.maximum(scores.max(axis=2), 0)  # family, tile, candidate
    near = np.ones((1, 2 * _NEAR // 2 + 1), np.uint8)
    wide = np.stack([np.asarray(cv2.dilate(family, near)) for family in best])
    usual = np.log(longest * _FREQUENCIES * BOX_MM / _WIDTH_MM) / _WIDTH_SPREAD
    total = wide.mean(axis=1)
    common = np.sqrt(total[0] * total[1]) * np.exp(-0.5 * usual**2 * 0.35)
    chosen = int(common.argmax())
    low, high = max(chosen - 20, 0), chosen + 21
    part = scores[:, :, :, low:high]
    by_angle = np.maximum(part.max(axis=3), 0)  # family, tile, angle
    pull = by_angle**2
    both = pull.sum(axis=(0, 1))
    middle = int(cv2.blur(both[None].astype(np.float32), (9, 1)).argmax())
    left, right = max(middle - 14, 0), middle + 15
    # Both families turn together, but for perspective: oblique rows of crossings are no lines.
    turn = np.rad2deg(_ANGLES[left:right] - _ANGLES[middle])
    part = part[:, :, left:right] - (_OBLIQUE * turn**2)[:, None].astype(np.float32)
    families, tiles = part.shape[:2]
    flat = part.reshape(families, tiles, -1)
    where = flat.argmax(axis=2)
    value = np.take_along_axis(flat, where[..., None], axis=2)[..., 0]
    angle, step = np.unravel_index(where, part.shape[2:])
    angles, frequency = _ANGLES[left + angle], _FREQUENCIES[low + step]
    along, across = np.cos(angles) * frequency, np.sin(angles) * frequency
    waves = np.stack([np.stack([along[0], across[0]], -1), np.stack([-across[1], along[1]], -1)])
    floor = 1.2
    weights = np.clip((value - floor) / 2.0, 0, 1.5)
    return LocalGrid(centres, waves.astype(np.float64), weights.astype(np.float64))
