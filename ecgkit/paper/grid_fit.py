"""From the grid seen tile by tile to the one homography that makes it straight and regular.

First the tiles' frequencies are fitted, which is good to a percent. Then the picture is laid flat
with what is known, and the phase of the grid is read in cells of it: how far each cell lies from
where it should, to a few hundredths of a millimetre.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from ecgkit.paper.geometry import transform
from ecgkit.paper.grid_period import BOX_MM, Floats, LocalGrid, Values
from ecgkit.paper.grid_scale import box_ratios

_RASTER = 5  # px/mm of the flat picture in which phases are read
_CELL, _LONG = 10, 20  # mm: from cell to cell, and the stretch in which lines are counted
_MULTIPLES = (1, 2, 3, 4, 5)  # of one cycle a box; the last is that of the 1 mm lines
_MAX_MM = 700.0
LEAST_COHERENCE = 0.48
"""Cells of pages without a grid agree less than this."""
_SQUARE = 60.0  # pull towards a right angle between the families, as strong as that of some tiles
_MOST = 0.06  # how far the tiles' scale may be wrong, of its logarithm


@dataclass(frozen=True, eq=False)
class GridFit:
    """A grid laid straight.

    Attributes
    ----------
    to_mm
        float64, shape (3, 3): from px of the picture to mm of paper, upright lines at equal x.
    coherence
        How well neighbouring cells agree, 0 to 1, for the upright and the level lines.
    spread
        Root of the mean square distance of the cells from the regular grid, in mm.
    region
        Left, top, right, bottom in mm: where the grid is seen.
    """

    to_mm: Values
    coherence: tuple[float, float]
    spread: float
    region: tuple[float, float, float, float]


def fit_grid(channel: Floats, local: LocalGrid) -> GridFit | None:
    """Fit the homography; None where tiles or cells do not agree on any."""
    if min(np.count_nonzero(weights) for weights in local.weights) < 1:
        return None
    to_mm = _true_scale(channel, _fit_waves(local, channel.shape))
    fit = None
    for _ in range(2):
        found = _fit_phases(channel, to_mm)
        if found is None or min(found.coherence) < LEAST_COHERENCE:
            break
        fit, to_mm = found, found.to_mm
    return fit


def _true_scale(channel: Floats, to_mm: Values) -> Values:
    """Correct the size of boxes where other than the believed multiple of a period is one."""
    box = visible_box(to_mm, channel.shape)
    width, height = box[2] - box[0], box[3] - box[1]
    if not (0 < width < 6 * _MAX_MM and 0 < height < 6 * _MAX_MM):
        return to_mm
    flat = _lay_flat(channel, to_mm, box, (int(width * _RASTER), int(height * _RASTER)))
    x, y = scale_at(to_mm, channel.shape)
    ratios = box_ratios(flat, _RASTER, max(width, height), x / y)
    return np.asarray(np.diag([1 / ratios[0], 1 / ratios[1], 1.0]) @ to_mm)


def scale_at(
    to_mm: Values, shape: tuple[int, ...], point: tuple[float, float] | None = None
) -> tuple[float, float]:
    """Return the px/mm along the paper's x and y at a point in px, the picture's centre if None."""
    middle = point or ((shape[1] - 1) / 2, (shape[0] - 1) / 2)
    x, y = transform(to_mm, np.array(middle))
    back: Values = np.asarray(np.linalg.inv(to_mm), np.float64)
    ends = transform(back, np.array([[x - 0.5, y], [x + 0.5, y], [x, y - 0.5], [x, y + 0.5]]))
    return float(np.hypot(*(ends[1] - ends[0]))), float(np.hypot(*(ends[3] - ends[2])))


def _lay_flat(
    channel: Floats,
    to_mm: Values,
    box: tuple[float, float, float, float],
    size: tuple[int, int],
) -> Floats:
    view = np.array([[_RASTER, 0, -box[0] * _RASTER], [0, _RASTER, -box[1] * _RASTER], [0, 0, 1.0]])
    return np.asarray(cv2.warpPerspective(channel, view @ to_mm, size), np.float32)


def _fit_waves(local: LocalGrid, shape: tuple[int, ...]) -> Values:
    """Fit a homography to frequencies; the picture's centre becomes 0, 0 mm."""
    height, width = shape[:2]
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    half = max(width, height) / 2
    points = (local.centres - middle) / half
    waves = local.waves * half * BOX_MM
    weights = local.weights
    start = np.zeros(6)
    for family in (0, 1):
        start[2 * family : 2 * family + 2] = [
            _weighted_median(waves[family, :, axis], weights[family]) for axis in (0, 1)
        ]
    sizes = [float(np.hypot(*start[:2])), float(np.hypot(*start[2:4]))]

    def differences(values: Values) -> Values:
        slope, depth = values[4:], 1 + points @ values[4:]
        out = []
        for family in (0, 1):
            vector = values[2 * family : 2 * family + 2]
            place = points @ vector / depth
            gradient = (vector - place[:, None] * slope) / depth[:, None]
            error = (gradient - waves[family]) / sizes[family]
            out.append((error * np.sqrt(weights[family])[:, None] / 0.02).ravel())
        out.append(slope * 4.0)
        between = values[0] * values[2] + values[1] * values[3]
        out.append(np.array([between / (sizes[0] * sizes[1]) * _SQUARE]))
        return np.concatenate(out)

    found = least_squares(differences, start, loss="cauchy", max_nfev=40).x
    plane = np.array([[found[0], found[1], 0], [found[2], found[3], 0], [found[4], found[5], 1.0]])
    shift = np.array(
        [[1 / half, 0, -middle[0] / half], [0, 1 / half, -middle[1] / half], [0, 0, 1]]
    )
    return np.asarray(plane @ shift)


def _weighted_median(values: Values, weights: Values) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


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


def _fit_phases(channel: Floats, to_mm: Values) -> GridFit | None:
    left, top, right, bottom = visible_box(to_mm, channel.shape)
    if not (20 < right - left < _MAX_MM and 20 < bottom - top < _MAX_MM):
        return None
    columns, rows = (max(2, int(side // _CELL)) for side in (right - left, bottom - top))
    size = (columns * _CELL * _RASTER, rows * _CELL * _RASTER)
    flat = _lay_flat(channel, to_mm, (left, top, right, bottom), size)
    centres = np.stack(
        np.meshgrid(
            left + (np.arange(columns) + 0.5) * _CELL, top + (np.arange(rows) + 0.5) * _CELL
        ),
        axis=-1,
    )
    shifts, clear, coherence = [], [], []
    for picture in (flat, flat.T):
        shift, weight, agreement = _cell_shifts(picture)
        turned = picture is not flat
        shifts.append(shift.T if turned else shift)
        clear.append(weight.T if turned else weight)
        coherence.append(agreement)
    known = [weight > 0 for weight in clear]
    if min(int(mask.sum()) for mask in known) < 6:
        return None
    back: Values = np.asarray(np.linalg.inv(to_mm), np.float64)
    sides = [
        (transform(back, centres[mask]), centres[mask][:, axis] - shift[mask], weight[mask])
        for axis, (mask, shift, weight) in enumerate(zip(known, shifts, clear, strict=True))
    ]
    fitted, spread = _fit_homography(sides, to_mm, channel.shape)
    if not _alike(fitted, to_mm, channel.shape):
        return None
    seen = transform(fitted, np.concatenate([side[0] for side in sides]))
    low, high = seen.min(axis=0) - _CELL / 2, seen.max(axis=0) + _CELL / 2
    region = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return GridFit(fitted, (coherence[0], coherence[1]), spread, region)


def _alike(one: Values, other: Values, shape: tuple[int, ...]) -> bool:
    """Whether two maps have nearly the same scale in the middle of the picture."""
    ratio = np.array(scale_at(one, shape)) / scale_at(other, shape)
    return bool(np.all(np.abs(np.log(ratio)) < _MOST))


def _cell_shifts(flat: Floats) -> tuple[Values, Values, float]:
    """Read how far upright lines lie from multiples of a box, cell by cell.

    Returns
    -------
    shift, weight
        float64, shape (rows, columns): mm to the right, and how sure, 0 where unknown.
    coherence
        How well neighbours agree, 0 to 1.
    """
    cell, long = _CELL * _RASTER, _LONG * _RASTER
    strips = flat.reshape(flat.shape[0] // cell, cell, flat.shape[1]).mean(axis=1)
    padded = np.pad(strips, ((0, 0), ((long - cell) // 2,) * 2))
    pieces = np.lib.stride_tricks.sliding_window_view(padded, long, axis=1)[:, ::cell]
    place = (np.arange(long) - long / 2 + cell / 2) / _RASTER  # mm from the cell's left edge
    window = np.hanning(long)
    best: tuple[float, int, NDArray[np.complex128]] | None = None
    for multiple in _MULTIPLES:
        wave = window * np.exp(-2j * np.pi * multiple / BOX_MM * place)
        amplitude = pieces @ wave
        agreement = _agreement(amplitude)
        merit = agreement * (1.25 if multiple == _MULTIPLES[-1] else 1.0)
        if best is None or merit > best[0]:
            best = (merit, multiple, amplitude)
    assert best is not None
    merit, multiple, amplitude = best
    period = BOX_MM / multiple
    shift, weight = _unwrap(amplitude, _MOST * _CELL / period)
    return -shift * period, weight, _agreement(amplitude)


def _agreement(amplitude: NDArray[np.complex128]) -> float:
    """Return the coherence of neighbours, whatever the constant turn from one to the next."""
    size = np.abs(amplitude)
    unit = amplitude / (size + np.median(size) + 1e-12)
    sums, count = 0.0, 0.0
    for pair in (unit[:, 1:] * unit[:, :-1].conj(), unit[1:] * unit[:-1].conj()):
        if pair.size:
            sums += abs(pair.sum())
            count += float(np.abs(pair).sum())
    return sums / max(count, 1e-12)


def _unwrap(amplitude: NDArray[np.complex128], most: float) -> tuple[Values, Values]:
    """Return phases in cycles, continued from neighbour to neighbour, and their weights.

    Neighbours differ by ``most`` cycles at most, in mean. A cell counts where it agrees with those
    around it. The walk starts at the clearest cell; what it cannot reach stays unknown.
    """
    rows, columns = amplitude.shape
    size = np.abs(amplitude)
    unit = amplitude / (size + np.median(size) + 1e-12)
    steps = []
    for pair in (unit[:, 1:] * unit[:, :-1].conj(), unit[1:] * unit[:-1].conj()):
        step = float(np.angle(pair.sum())) if pair.size else 0.0
        steps.append(step if abs(step) < 2 * np.pi * most else 0.0)
    y, x = np.mgrid[:rows, :columns]
    level = unit * np.exp(-1j * (steps[0] * x + steps[1] * y))  # the mean slope taken out
    parts = np.stack([level.real, level.imag], -1).astype(np.float32)
    smooth = np.asarray(cv2.blur(parts, (3, 3)))
    mean = smooth[..., 0] + 1j * smooth[..., 1]
    near = np.asarray(cv2.blur(np.abs(level).astype(np.float32), (3, 3)))
    quality = np.abs(mean) / (near + 1e-9)
    good = (quality > 0.6) & (near > 0.2)
    phase = np.angle(level * 1.0) / (2 * np.pi)
    found = np.full(amplitude.shape, np.nan)
    if good.any():
        first = np.unravel_index(int(np.argmax(np.where(good, quality * near, 0))), good.shape)
        found[first] = phase[first]
        queue = deque([(int(first[0]), int(first[1]))])
        while queue:
            row, column = queue.popleft()
            for other in (
                (row, column + 1),
                (row, column - 1),
                (row + 1, column),
                (row - 1, column),
            ):
                inside = 0 <= other[0] < rows and 0 <= other[1] < columns
                if inside and good[other] and np.isnan(found[other]):
                    change = phase[other] - found[row, column]
                    change -= round(change)
                    if abs(change) < 0.3:
                        found[other] = found[row, column] + change
                        queue.append(other)
    weight = np.where(np.isnan(found), 0.0, quality * near)
    found += (steps[0] * x + steps[1] * y) / (2 * np.pi)
    return np.nan_to_num(found), weight


def _fit_homography(
    sides: list[tuple[Values, Values, Values]], start: Values, shape: tuple[int, ...]
) -> tuple[Values, float]:
    """Fit where upright lines should lie along x, and level ones along y.

    Returns the homography and the root of the mean square distance in mm. Each round solves the
    linear equations, divided by the depth of the round before, and trusts far cells less.
    """
    height, width = shape[:2]
    half = max(height, width) / 2
    shrink = np.array(
        [[1 / half, 0, -width / 2 / half], [0, 1 / half, -height / 2 / half], [0, 0, 1]]
    )
    plane = start @ np.linalg.inv(shrink)
    plane /= plane[2, 2]
    spread = 0.0
    for _ in range(8):
        blocks, targets, distances = [], [], []
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
            distances.append(distance)
        # A little pull towards a level look keeps a narrow strip from tilting wildly.
        blocks.append(np.concatenate([np.zeros((2, 6)), 3.0 * np.eye(2)], axis=1))
        targets.append(np.zeros(2))
        solved = np.linalg.lstsq(np.concatenate(blocks), np.concatenate(targets))[0]
        plane = np.array([[*solved[:3]], [*solved[3:6]], [*solved[6:], 1.0]])
        spread = float(np.sqrt(np.mean(np.concatenate(distances) ** 2)))
    return np.asarray(plane @ shrink), spread
