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

from ecgkit.digitization.rectification.grid_spectrum import BOX_MM, Floats, Values
from ecgkit.digitization.rectification.settings import GridPhaseSettings

Waves = NDArray[np.complex128]

HARMONICS = np.arange(1, 6)
"""Waves to a box that are looked for; the last is that of the 1 mm lines."""

SETTINGS = GridPhaseSettings()

_SHIFT_STEP = BOX_MM / SETTINGS.shifts


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
        float64, shape (5,): power over that of noise of each of :data:`HARMONICS`, as far as
        neighbouring cells agree on it.
    share
        Of the cells that show anything, those whose shift is known.
    """

    shift: Values
    precision: Values
    strength: Values
    share: float


def read_shifts(flat: Floats, px_per_mm: float, cell_mm: float, *, fine: bool = False) -> Shifts:
    """Read the shifts of lines that run down a picture.

    Parameters
    ----------
    flat
        Channel of :func:`ecgkit.digitization.rectification.grid_spectrum.grid_channel`, its sides
        whole numbers of cells.
    px_per_mm
        Its resolution.
    cell_mm
        Side of a cell.
    fine
        Whether to go by the 1 mm lines alone; shifts are then known but for whole millimetres.
    """
    waves = _waves_of_cells(flat, px_per_mm, cell_mm)
    power = np.abs(waves) ** 2
    empty = power.mean(axis=0) < 1e-6
    power_near = _blurred_layers(power, 2 if cell_mm < 6 else 1)
    # A separator is a line as well, but a lonely one: no cell counts more than most of them do.
    usual = (
        np.quantile(power[:, ~empty], SETTINGS.usual_strength, axis=1)[:, None, None]
        if not empty.all()
        else 1.0
    )
    size = np.sqrt(np.maximum(np.minimum(power_near, usual) - 1, 0))  # what is beyond noise
    if fine:
        size[:-1] = 0
    waves = waves * np.minimum(1, np.sqrt(2 * usual / np.maximum(power, 1e-9)))
    turn = np.exp(
        2j * np.pi / BOX_MM * np.outer(HARMONICS, np.arange(SETTINGS.shifts) * _SHIFT_STEP)
    ).astype(np.complex64)
    weighed = 2 * SETTINGS.own_share * size * waves
    weighed[:, empty] = 0
    fit = np.einsum("hrc,hl->rcl", weighed.astype(np.complex64), turn, optimize=True).real
    total = _weighed_with_neighbours(np.ascontiguousarray(fit), cell_mm)
    label = total.argmax(axis=2)
    best = total.max(axis=2)
    away = np.abs(np.arange(SETTINGS.shifts) - label[..., None]) * _SHIFT_STEP
    ring = BOX_MM / HARMONICS[-1] if fine else BOX_MM
    away = np.abs(away - ring * np.round(away / ring))
    clear = best - np.where(away < SETTINGS.same_shift, np.float32(-np.inf), total).max(axis=2)
    value, sharp = _nearest_summit(weighed, label * _SHIFT_STEP)
    good = (clear > SETTINGS.least_lead) & (sharp > 0) & ~empty
    shift = _continued_by_boxes(value, np.where(good, clear, 0))
    precision = np.where(good, sharp, 0.0)
    turned = waves * np.exp(2j * np.pi / BOX_MM * HARMONICS[:, None, None] * value)
    near = _blurred_layers(np.broadcast_to(good, (1, *good.shape)).astype(np.float64), 1)
    common = np.maximum(_blurred_layers(turned.real * good, 1) / np.maximum(near, 1e-9), 0)
    strength = (common**2)[:, good].mean(axis=1) if good.any() else np.zeros(len(HARMONICS))
    if fine:
        strength[:-1] = 0
    return Shifts(shift, precision, strength, float(good.sum() / max((~empty).sum(), 1)))


def _waves_of_cells(flat: Floats, px_per_mm: float, cell_mm: float) -> Waves:
    """Return what waves each cell holds, over its noise: shape (harmonics, rows, columns)."""
    cell = round(cell_mm * px_per_mm)
    rows, columns = flat.shape[0] // cell, flat.shape[1] // cell
    strips = flat[: rows * cell].reshape(rows, cell, flat.shape[1]).mean(axis=1)
    if cell_mm < 6:
        strips = cv2.blur(strips, (1, 3), borderType=cv2.BORDER_REPLICATE)
    long = round(SETTINGS.stretch * px_per_mm)
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
    busy = _blurred_layers((noise / usual[:, None, None]).mean(axis=0)[None], 1)[0]
    level = (usual[:-1] + usual[1:]) / 2
    return np.asarray(signal / np.sqrt(level[:, None, None] * np.maximum(busy, 0.3)), np.complex128)


def _blurred_layers(values: Values, radius: int) -> Values:
    side = 2 * radius + 1
    layers = [cv2.blur(layer, (side, side), borderType=cv2.BORDER_REFLECT) for layer in values]
    return np.asarray(layers, np.float64)


def _weighed_with_neighbours(fit: Floats, cell_mm: float) -> Floats:
    """Return how likely each shift is, given the cells on all four sides.

    Semi-global matching (H. Hirschmüller, IEEE TPAMI 30(2), 2008), with shifts on a ring.
    """
    far = min(
        int(SETTINGS.usual_bend * cell_mm * np.sqrt(2 * SETTINGS.most_jump_cost) / _SHIFT_STEP),
        SETTINGS.shifts // 2 - 1,
    )
    step = np.arange(-far, far + 1)
    cost = ((step * _SHIFT_STEP / (SETTINGS.usual_bend * cell_mm)) ** 2 / 2).astype(np.float32)
    total = -3 * fit
    for axis in (0, 1):
        lines = np.moveaxis(fit, axis, 0)
        # Both ways at once.
        ordered = np.stack([lines, lines[::-1]], axis=1)
        path = np.empty_like(ordered)
        path[0] = ordered[0]
        for k in range(1, len(ordered)):
            before = path[k - 1]
            before = before - before.max(axis=-1, keepdims=True)
            ring = np.concatenate([before[..., -far:], before, before[..., :far]], axis=-1)
            near = np.lib.stride_tricks.sliding_window_view(ring, 2 * far + 1, axis=-1)
            path[k] = ordered[k] + np.maximum(
                (near - cost).max(axis=-1), np.float32(-SETTINGS.most_jump_cost)
            )
        total += np.moveaxis(path[:, 0], 0, axis) + np.moveaxis(path[::-1, 1], 0, axis)
    return total


def _nearest_summit(waves: Waves, value: Values) -> tuple[Values, Values]:
    """Return the summit of each cell's own evidence next to a shift, and how sharp it is."""
    speed = 2 * np.pi / BOX_MM * HARMONICS[:, None, None]
    start = value
    for _ in range(SETTINGS.newton_rounds):
        turned = waves * np.exp(1j * speed * value)
        sharp = (speed**2 * turned.real).sum(axis=0)
        step = -(speed * turned.imag).sum(axis=0) / np.where(sharp > 0, sharp, np.inf)
        value = np.clip(value + step, start - _SHIFT_STEP, start + _SHIFT_STEP)
    return value, sharp


def _continued_by_boxes(value: Values, clear: Values) -> Values:
    """Return shifts continued from cell to cell by whole boxes, clearest first."""
    rows, columns = value.shape
    result, done = np.zeros_like(value), np.zeros(value.shape, np.bool_)
    if not clear.any():
        return result
    start = np.unravel_index(int(clear.argmax()), clear.shape)
    first = float(value[start])
    first -= BOX_MM * round(first / BOX_MM)
    heap = [(-float(clear[start]), int(start[0]), int(start[1]), first)]
    while heap:
        _, row, column, near = heapq.heappop(heap)
        if done[row, column]:
            continue
        done[row, column] = True
        if clear[row, column] > 0:
            here = float(value[row, column])
            near = here - BOX_MM * round((here - near) / BOX_MM)
        result[row, column] = near  # what is unclear is passed over
        for r, c in ((row, column + 1), (row, column - 1), (row + 1, column), (row - 1, column)):
            if 0 <= r < rows and 0 <= c < columns and not done[r, c]:
                heapq.heappush(heap, (-float(clear[r, c]), r, c, near))
    return result
