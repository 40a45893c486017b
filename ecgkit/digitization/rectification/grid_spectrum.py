"""Where the grid of ECG paper shows in a photo: how its spectrum speaks for a period and direction.

A grid is two families of parallel lines 5 mm apart, mostly with finer ones or dots 1 mm apart.
In the Fourier transform of a tile each family is a row of peaks at multiples of one frequency, so
that lines too faint for the eye add up. Distances are measured by combs of such peaks, against
what lies half way between them. Some grids show their strong lines best and some the fine ones
alone; each has a comb of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from ecgkit.digitization.rectification.settings import GridSpectrumSettings
from ecgkit.paper.scale import Picture

Floats = NDArray[np.float32]
Values = NDArray[np.float64]

BOX_MM = 5.0
"""Distance of the grid's strong lines."""
FULL, FINE = 0, 1
"""The combs: of all multiples of one cycle a box, and of the 1 mm lines alone."""
WEIGHTS: dict[int, dict[int, float]] = {
    FULL: {1: 1.0, 2: 1.0, 3: 1.0, 4: 0.8, 5: 1.6, 6: 0.6, 7: 0.6, 8: 0.6, 9: 0.6, 10: 1.0},
    FINE: {5: 1.6, 10: 1.0},
}
"""How much each multiple of one cycle a box counts: the fifth is that of the 1 mm lines."""

SETTINGS = GridSpectrumSettings()

_DIRECTIONS = np.deg2rad(
    np.arange(-SETTINGS.most_turn, SETTINGS.most_turn + 0.1, SETTINGS.turn_step)
)
_FREQUENCIES = np.exp(
    np.arange(
        np.log(1 / SETTINGS.widest_box), np.log(1 / SETTINGS.narrowest_box), SETTINGS.period_step
    )
)


@dataclass(frozen=True, eq=False)
class Tiles:
    """The spectra of overlapping tiles.

    Attributes
    ----------
    centres
        float64, shape (tiles, 2): x and y in px.
    spectra
        float32, shape (tiles, side, side): logarithm of power over its surroundings, frequency 0
        in the middle.
    """

    centres: Values
    spectra: Floats


@dataclass(frozen=True)
class Start:
    """A period and a direction that the spectra speak for.

    Attributes
    ----------
    comb
        By which it was found: :data:`FULL` or :data:`FINE`.
    angle
        By how much the upright lines are turned, in radians.
    frequency
        Boxes to a px.
    """

    comb: int
    angle: float
    frequency: float


def grid_channel(picture: Picture) -> Floats:
    """Return how much ink lies on each pixel, shape (height, width), light and shade evened out.

    The darkest of the three colours is taken, in which grids of any colour show. Traces and text
    are left out: they are long and dark in all colours.
    """
    values = picture.min(axis=2).astype(np.float32)
    keep = 1 - _widened_ink(picture).astype(np.float32)
    mean = _local_mean(values * keep, 24) / np.maximum(_local_mean(keep, 24), 0.05)
    ink = (mean - values) * keep
    power = _local_mean(np.minimum(ink * ink, 900.0), 48) / np.maximum(_local_mean(keep, 48), 0.05)
    size = np.sqrt(np.maximum(power, 0)) + 1.0
    channel: Floats = np.clip(ink / size, -2.0, 2.5).astype(np.float32)
    for axis in (0, 1):
        channel -= _jpeg_blocks(channel, axis)
    return channel


def _widened_ink(picture: Picture) -> Picture:
    """Return where traces and text are, a little widened."""
    values = picture.max(axis=2).astype(np.float32)
    side = SETTINGS.ink_surroundings
    dark = _local_mean(values, 24) - values
    full = max(float(np.quantile(dark[::3, ::3], 0.997)), 1.0)
    # Ink in shadow or out of focus is paler than elsewhere.
    small = cv2.resize(dark, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    near = cv2.dilate(small, np.ones((side, side), np.uint8))
    near = cv2.blur(np.clip(near, SETTINGS.palest_ink * full, full), (side, side))
    near = cv2.resize(near, (dark.shape[1], dark.shape[0]), interpolation=cv2.INTER_LINEAR)
    mask = (dark > np.maximum(SETTINGS.ink * near, 12.0)).astype(np.uint8)
    if mask.mean() > SETTINGS.most_ink:
        return np.zeros_like(mask)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    long = (np.maximum(stats[:, 2], stats[:, 3]) >= SETTINGS.speck).astype(np.uint8)
    long[0] = 0
    return np.asarray(cv2.dilate(long[labels], np.ones((3, 3), np.uint8)), np.uint8)


def _jpeg_blocks(channel: Floats, axis: int) -> Floats:
    """Return what repeats every 8 px along one axis, if faint: the blocks of JPEG, not a grid."""
    profile = channel.mean(axis=1 - axis)
    whole = len(profile) // 8 * 8
    pattern = profile[:whole].reshape(-1, 8).mean(axis=0)
    pattern = np.clip(pattern - pattern.mean(), -SETTINGS.most_block, SETTINGS.most_block)
    repeated = np.resize(pattern, len(profile)).astype(np.float32)
    return repeated[:, None] if axis == 0 else repeated[None, :]


def _local_mean(values: Floats, radius: int) -> Floats:
    small = cv2.resize(values, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    side = radius // 2 + 1
    small = cv2.blur(cv2.blur(small, (side, side)), (side, side))
    size = (values.shape[1], values.shape[0])
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), np.float32)


def find_starts(channel: Floats) -> tuple[Tiles, list[Start]]:
    """Look for the grid in overlapping tiles.

    Parameters
    ----------
    channel
        Of :func:`grid_channel`, with boxes of 8 to 110 px.

    Returns
    -------
    Tiles
        Their spectra.
    list[Start]
        What speaks loudest in all of them together, one comb after the other.
    """
    corners, tile = _tile_corners(channel.shape)
    side = SETTINGS.tile
    window = np.hanning(tile).astype(np.float32)
    maps = [_polar_map(turned) for turned in (False, True)]
    combs = _both_combs()
    count = len(_FREQUENCIES)
    near = np.ones((SETTINGS.tile_turns, SETTINGS.tile_periods), np.uint8)
    spectra = np.empty((len(corners), side, side), np.float32)
    sums = np.zeros((2, 2, len(_DIRECTIONS), count), np.float32)  # family, comb
    for number, (x, y) in enumerate(corners):
        part = channel[y : y + tile, x : x + tile] * window[:, None] * window
        if tile < side:
            part = np.pad(part, ((0, side - tile), (0, side - tile)))
        power = np.abs(fft.fftshift(fft.fft2(part))) ** 2
        level = np.log(
            power + np.float32(SETTINGS.peak_floor * np.quantile(power[::3, ::3], 0.98) + 1e-2)
        )
        level = np.clip(level - cv2.blur(level, (21, 21)), -1.0, 3.0)
        spectra[number] = level
        for family in (0, 1):
            scores = cv2.remap(level, *maps[family], cv2.INTER_LINEAR) @ combs
            for kind in (FULL, FINE):
                own = scores[:, kind * count : (kind + 1) * count]
                sums[family, kind] += np.maximum(cv2.dilate(own, near), 0)
    centres = np.array(corners, np.float64) + (tile - 1) / 2
    return Tiles(centres, spectra), _loudest_starts(
        np.asarray(sums / len(corners), np.float32), max(channel.shape)
    )


def _tile_corners(shape: tuple[int, ...]) -> tuple[list[tuple[int, int]], int]:
    height, width = shape[:2]
    tile = min(SETTINGS.tile, height, width)
    rows, columns = (max(1, round((side - tile) / (tile * 0.75)) + 1) for side in (height, width))
    ys = np.linspace(0, height - tile, rows).astype(int)
    xs = np.linspace(0, width - tile, columns).astype(int)
    return [(int(x), int(y)) for y in ys for x in xs], tile


@cache
def _polar_map(turned: bool) -> tuple[Floats, Floats]:
    """Return where angle and frequency lie in a centred spectrum; of lines across where turned."""
    radius = np.arange(SETTINGS.radii) * (SETTINGS.tile / 2 / SETTINGS.radii)
    along, across = np.cos(_DIRECTIONS)[:, None] * radius, np.sin(_DIRECTIONS)[:, None] * radius
    x, y = (-across, along) if turned else (along, across)
    half = SETTINGS.tile // 2
    return (x + half).astype(np.float32), (y + half).astype(np.float32)


@cache
def _both_combs() -> Floats:
    return np.concatenate([_harmonic_comb(WEIGHTS[kind]) for kind in (FULL, FINE)], axis=1)


def _harmonic_comb(weights: dict[int, float]) -> Floats:
    """Return weights of frequencies, shape (radii, candidates), that pick a candidate's harmonics.

    Each harmonic counts against the two points half way to its neighbours. Dividing by the root of
    their number makes all candidates equally likely in noise.
    """
    radii = SETTINGS.radii
    radius = np.arange(radii)[:, None]
    unit = 2 * radii * _FREQUENCIES[None, :]
    comb = np.zeros((radii, len(_FREQUENCIES)))
    count = np.zeros(len(_FREQUENCIES))
    first = min(weights)
    for harmonic, worth in weights.items():
        usable = unit[0] * (harmonic + (0 if harmonic == first else 0.5)) < radii - 1
        for place, weight in ((harmonic, 1.0), (harmonic - 0.5, -0.5), (harmonic + 0.5, -0.5)):
            near = np.maximum(0, 1 - np.abs(radius - unit * place) / 4)
            comb += near * usable * weight * worth / 4
        count += usable * worth**2
    return np.asarray(comb / np.sqrt(np.maximum(count, 1e-9)), dtype=np.float32)


def _loudest_starts(sums: Floats, longest: int) -> list[Start]:
    """Return the periods and angles at which both families are loud."""
    loud = np.maximum(sums - np.median(sums, axis=2, keepdims=True), 0)
    both = np.sqrt(loud[0] * loud[1])
    usual = np.log(longest * _FREQUENCIES * BOX_MM / SETTINGS.usual_width) / SETTINGS.width_spread
    same = SETTINGS.same_period
    starts = []
    for kind, layer in enumerate(both * np.exp(-0.5 * usual**2).astype(np.float32)):
        smooth = np.asarray(cv2.blur(layer, (5, 5)))
        for _ in range(SETTINGS.starts[kind]):
            angle, step = np.unravel_index(int(smooth.argmax()), smooth.shape)
            starts.append(Start(kind, float(_DIRECTIONS[angle]), float(_FREQUENCIES[step])))
            smooth[:, max(0, step - same) : step + same + 1] = 0
    return starts
