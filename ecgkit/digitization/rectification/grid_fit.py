"""From guesses at a grid to the one map that lays it straight: a homography and a bend.

A guess is good to a percent. The picture is laid flat by it, and the phase of the grid is read in
cells: how far each lies from where it should, to a few hundredths of a millimetre. That gives the
homography; what it leaves over is how the paper is bent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.digitization.rectification.grid_phase import read_shifts
from ecgkit.digitization.rectification.grid_search import guess_homographies
from ecgkit.digitization.rectification.grid_spectrum import Floats, Values, find_starts
from ecgkit.digitization.rectification.paper_bend import Bend, smooth_field
from ecgkit.paper.geometry import transform
from ecgkit.paper.scale import Box

_RASTER = 5  # px/mm of the flat picture in which phases are read
_COARSE, _FINE = 7.0, 5.0  # mm: sides of cells
_MAX_MM = 700.0
_WORTH_TRYING, _WORTH_MORE = 0.45, 0.8  # of the best guess's score
_MOST = 0.08  # how far a guess may be wrong, of the scale's logarithm
_FEWEST = 12  # cells
_PASSES = 5  # at most, with cells of the first size
_NEARLY_ALL = 0.93
_BEYOND_DOUBT, _LASTING = 4.0, 0.8  # of evidence; of that at the look before
_WIDTH_MM, _WIDTH_SPREAD = 240.0, 0.45  # what pictures show, and the spread of its logarithm
_PRIOR = 1.0
LEAST_EVIDENCE = 0.4
"""Of the weaker family; pictures without a grid have less."""
_SPARSE = 8  # px
_BENT_MM = 0.05  # a field smaller than this is not worth bending a picture for

Pixel = TypeVar("Pixel", np.float32, np.uint8)


@dataclass(frozen=True, eq=False)
class GridFit:
    """A grid laid straight.

    Attributes
    ----------
    to_mm
        float64, shape (3, 3): from px of the picture to mm of paper, upright lines at equal x.
    bend
        From mm of flat paper to how far the point lies from there by ``to_mm``, in mm; None
        where the paper is flat.
    evidence
        How clearly cells speak for the grid, for the upright and the level lines: the sum of the
        logarithms of the strengths of its waves, times the part of the cells that show them.
    spread
        Root of the mean square of the bend, in mm, where the grid is seen.
    region
        Left, top, right, bottom in mm: where the grid is seen.
    """

    to_mm: Values
    bend: Bend | None
    evidence: tuple[float, float]
    spread: float
    region: Box


@dataclass(frozen=True, eq=False)
class _Reading:
    """Shifts read in cells of a flat picture, both families laid out alike.

    ``centres`` has shape (rows, columns, 2); ``shift`` and ``precision`` (2, rows, columns).
    """

    box: Box
    centres: Values
    shift: Values
    precision: Values
    evidence: tuple[float, float]
    share: tuple[float, float]


@dataclass(frozen=True, eq=False)
class _Look:
    """What was read through a homography, how likely that makes it, and a better one."""

    to_mm: Values
    reading: _Reading
    straight: Values
    merit: float
    fine: bool


def fit_grid(channel: Floats) -> GridFit | None:
    """Fit homography and bend; None where no grid is seen.

    Parameters
    ----------
    channel
        Of :func:`ecgkit.digitization.rectification.grid_spectrum.grid_channel`.
    """
    tiles, starts = find_starts(channel)
    guesses = guess_homographies(tiles, starts, channel.shape)
    looks: list[_Look] = []
    for guess in guesses:
        if guess.score < _WORTH_TRYING * guesses[0].score:
            break
        look, lasting = _look_twice(channel, guess.to_mm, fine=False)
        if look is None and guess.score > _WORTH_MORE * guesses[0].score:
            look, lasting = _look_twice(channel, guess.to_mm, fine=True)
        if look is not None and look.merit > 0:
            looks.append(look)
            if lasting:
                break
    for look in sorted(looks, key=lambda look: -look.merit):
        fit = _unbend(channel, look)
        if fit is not None:
            return fit
    return None


def _look_twice(channel: Floats, to_mm: Values, *, fine: bool) -> tuple[_Look | None, bool]:
    """Return what the second look shows, and whether it leaves no doubt.

    A wrong multiple of the period falls apart when it is looked at again.
    """
    first = _look(channel, to_mm, fine=fine)
    second = first and _look(channel, first.straight, fine=fine)
    if first is None or second is None:
        return None, False
    evidence = min(second.reading.evidence)
    return second, evidence > max(_BEYOND_DOUBT, _LASTING * min(first.reading.evidence))


def _look(channel: Floats, to_mm: Values, *, fine: bool) -> _Look | None:
    """Look at the grid through a homography; None where that shows none, or a much other one."""
    reading = _read(channel, to_mm, None, _COARSE, fine=fine)
    if reading is None:
        return None
    straight = _straighten(reading, to_mm, None, channel.shape)
    if straight is None:
        return None
    left, top, right, bottom = visible_box(straight, channel.shape)
    wide = np.log(max(right - left, bottom - top) / _WIDTH_MM) / _WIDTH_SPREAD
    merit = float(np.sqrt(np.prod(reading.evidence))) - _PRIOR * 0.5 * float(wide**2)
    return _Look(to_mm, reading, straight, merit, fine)


def _unbend(channel: Floats, look: _Look) -> GridFit | None:
    """Read the cells again, ever finer, each time of the picture as flat as it is known by then."""
    bend: Bend | None = None
    to_mm, straight, reading, cell = look.to_mm, look.straight, look.reading, _COARSE
    reached = 0
    for left in range(_PASSES, -1, -1):
        if min(reading.evidence) < LEAST_EVIDENCE:
            return None
        known = reading.precision > 0
        count = int(np.count_nonzero(known))
        ready = min(reading.share) > _NEARLY_ALL or count < 1.03 * reached or left == 1
        reached = count
        whole = _add_bend(reading, bend, cell, hold=ready)
        bend, to_mm = _rebased(whole, to_mm, straight, reading.centres), straight
        if cell == _FINE:
            break
        cell = _FINE if ready else _COARSE
        following = _read(channel, to_mm, bend, cell, fine=look.fine)
        if following is None:
            return None
        reading = following
        again = _straighten(reading, to_mm, bend, channel.shape)
        if again is None:
            return None
        straight = again
    known = reading.precision > 0
    assert bend is not None
    size = bend.values[known.all(axis=0)]
    spread = float(np.sqrt(np.mean(size**2))) if len(size) else 0.0
    seen = reading.centres[known.any(axis=0)]
    low, high = seen.min(axis=0) - cell / 2, seen.max(axis=0) + cell / 2
    region = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return GridFit(to_mm, bend if spread > _BENT_MM else None, reading.evidence, spread, region)


def _read(
    channel: Floats, to_mm: Values, bend: Bend | None, cell: float, *, fine: bool
) -> _Reading | None:
    box = visible_box(to_mm, channel.shape)
    width, height = box[2] - box[0], box[3] - box[1]
    if not (20 < width < _MAX_MM and 20 < height < _MAX_MM):
        return None
    columns, rows = (max(2, int(side // cell)) for side in (width, height))
    size = (round(columns * cell * _RASTER), round(rows * cell * _RASTER))
    view = np.array([[1 / _RASTER, 0, box[0]], [0, 1 / _RASTER, box[1]], [0, 0, 1.0]])
    flat = lay_flat(channel, to_mm, bend, view, size)
    pair = (
        read_shifts(flat, _RASTER, cell, fine=fine),
        read_shifts(np.ascontiguousarray(flat.T), _RASTER, cell, fine=fine),
    )
    x, y = ((np.arange(count) + 0.5) * cell for count in (columns, rows))
    centres = np.stack(np.meshgrid(box[0] + x, box[1] + y), axis=-1)
    precision = np.stack([pair[0].precision, pair[1].precision.T])
    if min(np.count_nonzero(part) for part in precision) < _FEWEST:
        return None
    shift = np.stack([pair[0].shift, pair[1].shift.T])
    evidence = [part.share * float(np.log1p(part.strength).sum()) for part in pair]
    share = (pair[0].share, pair[1].share)
    return _Reading(box, centres, shift, precision, (evidence[0], evidence[1]), share)


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
        As those of :class:`GridFit`, from its px.
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
    # The map is smooth, so that it is computed for every eighth pixel and interpolated between.
    x, y = np.meshgrid(*(np.arange(-(-side // _SPARSE) + 2) * float(_SPARSE) for side in size))
    mm = transform(view, np.stack([x, y], axis=-1))
    sparse = transform(back, mm + bend.at(mm)).astype(np.float32)
    shrink = np.array([[1 / _SPARSE, 0, 0], [0, 1 / _SPARSE, 0]])
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


def _add_bend(reading: _Reading, before: Bend | None, cell: float, *, hold: bool) -> Bend:
    """Return the whole bend, given what was read where the picture was already unbent by a part."""
    fields = [
        smooth_field(shift, precision, cell, hold=hold)
        for shift, precision in zip(reading.shift, reading.precision, strict=True)
    ]
    first = reading.centres[0, 0]
    to_nodes = np.array(
        [[1 / cell, 0, -first[0] / cell], [0, 1 / cell, -first[1] / cell], [0, 0, 1]]
    )
    found = Bend(np.stack(fields, axis=-1), to_nodes)
    # What was read at a place tells where that belongs; wanted is what to look up at a place.
    place = reading.centres
    for _ in range(3):
        place = reading.centres + found.at(place)
    total = place - reading.centres
    return Bend(total if before is None else total + before.at(place), to_nodes)


def _straighten(
    reading: _Reading, to_mm: Values, bend: Bend | None, shape: tuple[int, ...]
) -> Values | None:
    """Return the homography that suits the cells best; None if it is far from the one before."""
    back = np.asarray(np.linalg.inv(to_mm), np.float64)
    sides = []
    for axis in (0, 1):
        known = reading.precision[axis] > 0
        here = reading.centres[known]
        seen = here if bend is None else here + bend.at(here)
        weight = reading.precision[axis][known]
        weight = np.minimum(weight / np.median(weight), 2.0)
        sides.append((transform(back, seen), here[:, axis] - reading.shift[axis][known], weight))
    fitted = _fit_homography(sides, to_mm, shape)
    ratio = np.array(scale_at(fitted, shape)) / scale_at(to_mm, shape)
    return fitted if bool(np.all(np.abs(np.log(ratio)) < _MOST)) else None


def _rebased(bend: Bend, before: Values, after: Values, centres: Values) -> Bend:
    """Return the bend as seen from another homography."""
    back = np.asarray(np.linalg.inv(before), np.float64)
    values = transform(after, transform(back, centres + bend.at(centres))) - centres
    return Bend(values, bend.to_nodes)


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


def _fit_homography(
    sides: list[tuple[Values, Values, Values]], start: Values, shape: tuple[int, ...]
) -> Values:
    """Fit where upright lines should lie along x, and level ones along y.

    Each round solves the linear equations, divided by the depth of the round before, and trusts
    far cells less.
    """
    height, width = shape[:2]
    half = max(height, width) / 2
    shrink = np.array(
        [[1 / half, 0, -width / 2 / half], [0, 1 / half, -height / 2 / half], [0, 0, 1]]
    )
    plane = start @ np.linalg.inv(shrink)
    plane /= plane[2, 2]
    for _ in range(8):
        blocks, targets = [], []
        for axis, (points, wanted, weight) in enumerate(sides):
            at = transform(shrink, points)
            depth = at @ plane[2, :2] + 1
            now = (at @ plane[axis, :2] + plane[axis, 2]) / depth
            distance = now - wanted
            scale = max(1.5 * float(np.median(np.abs(distance))), 0.05)
            trust = np.sqrt(weight / (1 + (distance / scale) ** 2)) / depth
            block = np.zeros((len(at), 8))
            block[:, 3 * axis : 3 * axis + 2] = at
            block[:, 3 * axis + 2] = 1
            block[:, 6:] = -wanted[:, None] * at
            blocks.append(block * trust[:, None])
            targets.append(wanted * trust)
        # A little pull towards a level look keeps a narrow strip from tilting wildly.
        blocks.append(np.concatenate([np.zeros((2, 6)), 3.0 * np.eye(2)], axis=1))
        targets.append(np.zeros(2))
        solved = np.linalg.lstsq(np.concatenate(blocks), np.concatenate(targets))[0]
        plane = np.array([[*solved[:3]], [*solved[3:6]], [*solved[6:], 1.0]])
    return np.asarray(plane @ shrink)
