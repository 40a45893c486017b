"""How far the grid lies from where it should, cell by cell of a page laid almost flat.

Lines 5 mm apart, with or without finer ones 1 mm apart, are a row of cosines that all have a crest
on every strong line. Each cell of the page is compared with them, moved to and fro: that tells its
shift but for whole boxes, and mostly several shifts are likely, a millimetre apart. Which of them
is right follows from the cells around, as paper bends smoothly.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.grid_period import BOX_MM, Floats, Values

Waves = NDArray[np.complex128]

HARMONICS = np.arange(1, 6)
"""Waves to a box that are looked for; the last is that of the 1 mm lines."""
LONG_MM = 20.0
"""The stretch in which waves are told from those half way between."""

_LABELS = 40  # shifts that are compared, over one box
_STEP = BOX_MM / _LABELS
_BENT = 0.04  # mm from cell to cell, for each mm: how much paper usually bends
_TORN = 5.0  # nats that no jump costs more than
_SHARE = 0.25  # cells overlap: each brings so much of its evidence alone
_CLEAR = 2.0  # nats to the next likely shift; cells below are not used
_APART = 0.45  # mm: shifts nearer than this are the same


@dataclass(frozen=True, eq=False)
class Shifts:
    """Of one family of lines, in cells of a flat picture.

    Attributes
    ----------
    shift
        float64, shape (rows, columns): mm along x by which the lines lie too far right.
    precision
        As ``shift``: 1 over the square of its standard error in mm; 0 where unknown.
    strength
        float64, shape (5,): of each of :data:`HARMONICS`, its power over that of noise.
    agreement
        0 to 1: how well cells agree with their likely shifts.
    """

    shift: Values
    precision: Values
    strength: Values
    agreement: float


def read_shifts(flat: Floats, px_per_mm: float, cell_mm: float) -> Shifts:
    """Read the shifts of lines that run down a picture.

    Parameters
    ----------
    flat
        Channel of :func:`ecgkit.paper.grid_period.grid_channel`, its sides whole numbers of cells.
    px_per_mm
        Its resolution.
    cell_mm
        Side of a cell.
    """
    waves = _waves(flat, px_per_mm, cell_mm)
    power = np.abs(waves) ** 2
    empty = power.mean(axis=0) < 1e-6
    power_near = _blur(power, 2 if cell_mm < 7 else 1)
    size = np.sqrt(np.maximum(power_near - 1, 0))  # what is there beyond noise
    turn = np.exp(2j * np.pi / BOX_MM * np.outer(HARMONICS, np.arange(_LABELS) * _STEP))
    fit = 2 * _SHARE * np.einsum("hrc,hl->rcl", size * waves, turn, optimize=True).real
    fit[empty] = 0
    total = _agree(fit, cell_mm)
    label = total.argmax(axis=2)
    best = np.take_along_axis(total, label[..., None], 2)
    away = np.abs(np.arange(_LABELS) - label[..., None])
    away = np.minimum(away, _LABELS - away) * _STEP
    clear = best[..., 0] - np.where(away < _APART, -np.inf, total).max(axis=2)
    own = _refine(fit, label)
    value = label * _STEP + own
    moved = np.exp(2j * np.pi / BOX_MM * HARMONICS[:, None, None] * value)
    kept = size * (waves * moved).real
    bend = 2 * _SHARE * ((2 * np.pi / BOX_MM * HARMONICS[:, None, None]) ** 2 * kept).sum(axis=0)
    good = (clear > _CLEAR) & (bend > 0) & ~empty
    shift, reached = _unwrap(value, np.where(good, clear, 0))
    precision = np.where(reached, np.maximum(bend, 0), 0.0)
    agreement = float((kept[:, good]).sum() / max((size * np.abs(waves))[:, ~empty].sum(), 1e-9))
    used = good if good.any() else ~empty
    strength = np.array([float(np.mean(part[used])) if used.any() else 0.0 for part in power])
    return Shifts(shift, precision, strength, agreement)


def _waves(flat: Floats, px_per_mm: float, cell_mm: float) -> Waves:
    """Return what waves each cell holds, over its noise: shape (harmonics, rows, columns)."""
    cell = round(cell_mm * px_per_mm)
    rows, columns = flat.shape[0] // cell, flat.shape[1] // cell
    strips = flat[: rows * cell].reshape(rows, cell, flat.shape[1]).mean(axis=1)
    if cell_mm < 7:
        strips = cv2.blur(strips, (1, 3), borderType=cv2.BORDER_REPLICATE)
    long = round(LONG_MM * px_per_mm)
    before = (long - cell) // 2
    padded = np.pad(strips, ((0, 0), (before, long)))
    pieces = np.lib.stride_tricks.sliding_window_view(padded, long, axis=1)[:, ::cell][:, :columns]
    window = np.hanning(long + 1)[:-1]
    place = np.arange(long) / px_per_mm
    between = np.concatenate([HARMONICS - 0.5, [HARMONICS[-1] + 0.5]])
    both = np.concatenate([HARMONICS, between])
    carrier = window[:, None] * np.exp(-2j * np.pi / BOX_MM * np.outer(place, both))
    found = np.ascontiguousarray(pieces, dtype=np.float64) @ carrier
    first = (np.arange(columns) * cell - before) / px_per_mm  # mm where each piece begins
    found = found * np.exp(-2j * np.pi / BOX_MM * first[None, :, None] * both)
    signal = np.moveaxis(found[..., : len(HARMONICS)], -1, 0)
    noise = np.abs(np.moveaxis(found[..., len(HARMONICS) :], -1, 0)) ** 2
    usual = np.maximum(np.median(noise, axis=(1, 2)) / np.log(2), 1e-9)
    busy = _blur((noise / usual[:, None, None]).mean(axis=0)[None], 1)[0]
    level = (usual[:-1] + usual[1:]) / 2
    return np.asarray(
        signal / np.sqrt(level[:, None, None] * np.maximum(busy, 0.3)), np.complex128
    )


def _blur(values: Values, radius: int) -> Values:
    side = 2 * radius + 1
    layers = [cv2.blur(layer, (side, side), borderType=cv2.BORDER_REFLECT) for layer in values]
    return np.asarray(layers, np.float64)


def _agree(fit: Values, cell_mm: float) -> Values:
    """Return how likely each shift is, given the cells on all four sides.

    Semi-global matching (H. Hirschmüller, IEEE TPAMI 30(2), 2008), with shifts on a ring.
    """
    change = np.minimum(np.arange(_LABELS), _LABELS - np.arange(_LABELS)) * _STEP
    cost = np.minimum((change / (_BENT * cell_mm)) ** 2 / 2, _TORN)
    penalty = np.stack([np.roll(cost, k) for k in range(_LABELS)]).astype(np.float32)
    data = fit.astype(np.float32)
    total = -3 * data
    for axis in (0, 1):
        lines = np.moveaxis(data, axis, 0)
        for order in (slice(None), slice(None, None, -1)):
            ordered = lines[order]
            path = np.empty_like(ordered)
            path[0] = ordered[0]
            for k in range(1, len(ordered)):
                best = (path[k - 1][:, None, :] - penalty).max(axis=2)
                path[k] = ordered[k] + best - best.max(axis=1, keepdims=True)
            total += np.moveaxis(path[order], 0, axis)
    return np.asarray(total, np.float64)


def _refine(fit: Values, label: NDArray[np.intp]) -> Values:
    """Return how far the summit of a cell's own evidence lies from the shift chosen, in mm."""
    near = np.stack([np.take_along_axis(fit, (label[..., None] + k) % _LABELS, 2)[..., 0]
                     for k in range(-3, 4)])
    top = np.clip(near.argmax(axis=0), 1, 5)
    left, middle, right = (np.take_along_axis(near, (top + k)[None], 0)[0] for k in (-1, 0, 1))
    curve = left - 2 * middle + right
    part = np.where(curve < 0, (left - right) / np.where(curve < 0, 2 * curve, 1), 0)
    return np.asarray((top - 3 + np.clip(part, -0.5, 0.5)) * _STEP)


def _unwrap(value: Values, clear: Values) -> tuple[Values, NDArray[np.bool_]]:
    """Return shifts continued from cell to cell by whole boxes, clearest first."""
    rows, columns = value.shape
    result, done = np.zeros_like(value), np.zeros(value.shape, np.bool_)
    if not clear.any():
        return result, done
    start = np.unravel_index(int(clear.argmax()), clear.shape)
    first = float(value[start])
    first -= BOX_MM * round(first / BOX_MM)
    heap = [(-float(clear[start]), int(start[0]), int(start[1]), first)]
    while heap:
        _, row, column, near = heapq.heappop(heap)
        if done[row, column]:
            continue
        here = float(value[row, column])
        here -= BOX_MM * round((here - near) / BOX_MM)
        result[row, column], done[row, column] = here, True
        for r, c in ((row, column + 1), (row, column - 1), (row + 1, column), (row - 1, column)):
            if 0 <= r < rows and 0 <= c < columns and not done[r, c] and clear[r, c] > 0:
                heapq.heappush(heap, (-float(clear[r, c]), r, c, here))
    return result, done
