"""From guesses at a grid to the one map that lays it straight: a homography and a bend.

A guess is good to a percent. The picture is laid flat by it, and the phase of the grid is read in
cells: how far each lies from where it should, to a few hundredths of a millimetre. That gives the
homography; what it leaves over is how the paper is bent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecgkit.digitization.rectification.flat_view import lay_flat, scale_at, visible_box
from ecgkit.digitization.rectification.grid_phase import read_shifts
from ecgkit.digitization.rectification.grid_search import guess_homographies
from ecgkit.digitization.rectification.grid_spectrum import Floats, Values, find_starts
from ecgkit.digitization.rectification.homography_fit import fit_homography
from ecgkit.digitization.rectification.paper_bend import Bend, smooth_field
from ecgkit.digitization.rectification.settings import GridFitSettings
from ecgkit.paper.geometry import transform
from ecgkit.paper.scale import Box

SETTINGS = GridFitSettings()


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
class _Trial:
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
    trials: list[_Trial] = []
    for guess in guesses:
        if guess.score < SETTINGS.worth_trying * guesses[0].score:
            break
        trial, lasting = _try_twice(channel, guess.to_mm, fine=False)
        if trial is None and guess.score > SETTINGS.worth_fine_lines * guesses[0].score:
            trial, lasting = _try_twice(channel, guess.to_mm, fine=True)
        if trial is not None and trial.merit > 0:
            trials.append(trial)
            if lasting:
                break
    for trial in sorted(trials, key=lambda trial: -trial.merit):
        fit = _measure_bend(channel, trial)
        if fit is not None:
            return fit
    return None


def _try_twice(channel: Floats, to_mm: Values, *, fine: bool) -> tuple[_Trial | None, bool]:
    """Return what the second reading shows, and whether it leaves no doubt.

    A wrong multiple of the period falls apart when it is read again.
    """
    first = _try_homography(channel, to_mm, fine=fine)
    second = first and _try_homography(channel, first.straight, fine=fine)
    if first is None or second is None:
        return None, False
    evidence = min(second.reading.evidence)
    return second, evidence > max(
        SETTINGS.beyond_doubt, SETTINGS.lasting * min(first.reading.evidence)
    )


def _try_homography(channel: Floats, to_mm: Values, *, fine: bool) -> _Trial | None:
    """Read the grid through a homography; None where that shows none, or a much other one."""
    reading = _read_cells(channel, to_mm, None, SETTINGS.first_cell, fine=fine)
    if reading is None:
        return None
    straight = _better_homography(reading, to_mm, None, channel.shape)
    if straight is None:
        return None
    left, top, right, bottom = visible_box(straight, channel.shape)
    wide = np.log(max(right - left, bottom - top) / SETTINGS.usual_width) / SETTINGS.width_spread
    merit = float(np.sqrt(np.prod(reading.evidence))) - SETTINGS.width_weight * 0.5 * float(wide**2)
    return _Trial(to_mm, reading, straight, merit, fine)


def _measure_bend(channel: Floats, trial: _Trial) -> GridFit | None:
    """Read the cells again, ever finer, each time of the picture as flat as it is known by then."""
    bend: Bend | None = None
    to_mm, straight, reading, cell = trial.to_mm, trial.straight, trial.reading, SETTINGS.first_cell
    reached = 0
    for left in range(SETTINGS.most_passes, -1, -1):
        if min(reading.evidence) < SETTINGS.least_evidence:
            return None
        known = reading.precision > 0
        count = int(np.count_nonzero(known))
        ready = (
            min(reading.share) > SETTINGS.nearly_all
            or count < SETTINGS.least_gain * reached
            or left == 1
        )
        reached = count
        whole = _whole_bend(reading, bend, cell, hold=ready)
        bend, to_mm = _bend_by_other_homography(whole, to_mm, straight, reading.centres), straight
        if cell == SETTINGS.last_cell:
            break
        cell = SETTINGS.last_cell if ready else SETTINGS.first_cell
        following = _read_cells(channel, to_mm, bend, cell, fine=trial.fine)
        if following is None:
            return None
        reading = following
        again = _better_homography(reading, to_mm, bend, channel.shape)
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
    return GridFit(
        to_mm, bend if spread > SETTINGS.least_bend else None, reading.evidence, spread, region
    )


def _read_cells(
    channel: Floats, to_mm: Values, bend: Bend | None, cell: float, *, fine: bool
) -> _Reading | None:
    """Read the shifts in cells of this side, in mm; None where too few show the grid."""
    px_per_mm = SETTINGS.px_per_mm
    box = visible_box(to_mm, channel.shape)
    width, height = box[2] - box[0], box[3] - box[1]
    if not all(SETTINGS.least_side < side < SETTINGS.most_side for side in (width, height)):
        return None
    columns, rows = (max(2, int(side // cell)) for side in (width, height))
    size = (round(columns * cell * px_per_mm), round(rows * cell * px_per_mm))
    view = np.array([[1 / px_per_mm, 0, box[0]], [0, 1 / px_per_mm, box[1]], [0, 0, 1.0]])
    flat = lay_flat(channel, to_mm, bend, view, size)
    pair = (
        read_shifts(flat, px_per_mm, cell, fine=fine),
        read_shifts(np.ascontiguousarray(flat.T), px_per_mm, cell, fine=fine),
    )
    x, y = ((np.arange(count) + 0.5) * cell for count in (columns, rows))
    centres = np.stack(np.meshgrid(box[0] + x, box[1] + y), axis=-1)
    precision = np.stack([pair[0].precision, pair[1].precision.T])
    if min(np.count_nonzero(part) for part in precision) < SETTINGS.least_cells:
        return None
    shift = np.stack([pair[0].shift, pair[1].shift.T])
    evidence = [part.share * float(np.log1p(part.strength).sum()) for part in pair]
    share = (pair[0].share, pair[1].share)
    return _Reading(box, centres, shift, precision, (evidence[0], evidence[1]), share)


def _whole_bend(reading: _Reading, before: Bend | None, cell: float, *, hold: bool) -> Bend:
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


def _better_homography(
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
    fitted = fit_homography(sides, to_mm, shape)
    ratio = np.array(scale_at(fitted, shape)) / scale_at(to_mm, shape)
    return fitted if bool(np.all(np.abs(np.log(ratio)) < SETTINGS.most_correction)) else None


def _bend_by_other_homography(bend: Bend, before: Values, after: Values, centres: Values) -> Bend:
    """Return the bend as seen from another homography."""
    back = np.asarray(np.linalg.inv(before), np.float64)
    values = transform(after, transform(back, centres + bend.at(centres))) - centres
    return Bend(values, bend.to_nodes)
