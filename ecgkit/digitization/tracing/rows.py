"""Rows of a page: where each one's base line runs, from the mask of the traces alone."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from ecgkit.digitization.tracing.settings import RowSettings
from ecgkit.paper.layouts import MAX_ROWS
from ecgkit.paper.scale import Mask

Line = NDArray[np.float64]

SETTINGS = RowSettings()


@dataclass(frozen=True)
class Rows:
    """Base lines of a page.

    Attributes
    ----------
    lines
        float64, shape (rows, width): the height of each row's base line at every column, in px,
        from the uppermost row down. Bends of the paper, which all rows share, are in it.
    spacing
        From one row to the next in px, or what a single row has to itself.
    """

    lines: Line
    spacing: float


def flat_ink(mask: Mask) -> NDArray[np.uint8]:
    """Return the ink that belongs to no steep stroke: uint8, 0 or 1, the mask's shape."""
    ink = (mask >= SETTINGS.trace_probability).astype(np.uint8)
    steep = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((SETTINGS.steep_stroke, 1), np.uint8))
    return np.asarray((ink > 0) & (np.asarray(steep) == 0), np.uint8)


def find_rows(mask: Mask) -> Rows | None:
    """Return the rows of a page; None where no trace is seen.

    A row is a height at which much of the page's width holds flat ink. Slow bends are followed
    first, window by window; then the comb of evenly spaced rows that gathers most ink is taken.

    Parameters
    ----------
    mask
        float32, shape (height, width): probability of trace, at 5 px/mm.
    """
    flat = flat_ink(mask)
    height, width = flat.shape
    if flat.sum() < 100:
        return None
    drift = _drift(flat)
    profile = np.zeros(height)
    for start in range(0, width, SETTINGS.window):
        part = flat[:, start : start + SETTINGS.window].sum(axis=1, dtype=np.float64)
        profile += _shifted(part, -round(float(drift[start : start + SETTINGS.window].mean())))
    smooth = gaussian_filter1d(profile, 4.0, mode="mirror")
    centres, spacing = _comb(smooth)
    lines = np.stack([centre + drift for centre in centres])
    return Rows(lines, spacing)


def _shifted(profile: Line, by: int) -> Line:
    moved = np.zeros_like(profile)
    if by >= 0:
        moved[by:] = profile[: profile.size - by]
    else:
        moved[:by] = profile[-by:]
    return moved


def _drift(flat: NDArray[np.uint8]) -> Line:
    """Return how far all rows together lie below where they lie at the middle of the page."""
    width = flat.shape[1]
    starts = list(range(0, width, SETTINGS.window))
    profiles = []
    for start in starts:
        part = flat[:, start : start + SETTINGS.window].sum(axis=1, dtype=np.float64)
        profiles.append(gaussian_filter1d(np.sqrt(part), 2.5, mode="mirror"))
    middle = len(starts) // 2
    shift = np.zeros(len(starts))
    for order in (range(middle + 1, len(starts)), range(middle - 1, -1, -1)):
        known, at = profiles[middle].copy(), 0
        for place in order:
            tries = range(at - SETTINGS.most_drift, at + SETTINGS.most_drift + 1)
            # Staying level is worth a little, so that empty windows do not wander.
            scores = [
                float(_shifted(profiles[place], -by) @ known) * (1 - 0.004 * abs(by - at))
                for by in tries
            ]
            at = tries[int(np.argmax(scores))] if max(scores) > 0 else at
            shift[place] = at
            known = 0.75 * known + _shifted(profiles[place], -at)
    centres = np.array(starts) + SETTINGS.window / 2
    smooth = gaussian_filter1d(shift, 0.8, mode="nearest")
    return np.asarray(np.interp(np.arange(width), centres, smooth), np.float64)


def _comb(profile: Line) -> tuple[list[float], float]:
    """Return the heights of the rows, and their distance."""
    coarse = (
        profile[: profile.size // SETTINGS.comb_step * SETTINGS.comb_step]
        .reshape(-1, SETTINGS.comb_step)
        .mean(axis=1)
    )
    full = float(np.sort(coarse)[-max(1, coarse.size // 100) :].mean())
    value = np.minimum(coarse / full, 1.0)
    best, found = -np.inf, (0, 1, value.size)
    for step in range(
        SETTINGS.least_spacing // SETTINGS.comb_step,
        min(SETTINGS.most_spacing // SETTINGS.comb_step, value.size) + 1,
    ):
        # Rows are allowed to lie a little off the comb.
        reach = 2 * max(1, round(0.06 * step)) + 1
        near = maximum_filter1d(value, reach)
        teeth = np.full(-(-value.size // step) * step, 0.0)
        teeth[: value.size] = near
        gain = teeth.reshape(-1, step) - SETTINGS.row_cost - 0.002 * reach
        total, first = np.zeros(step), np.zeros(step, int)
        for index, row in enumerate(gain):
            fresh = total <= 0
            total = np.where(fresh, row, total + row)
            first = np.where(fresh, index, first)
            phase = int(np.argmax(total))
            count = index - first[phase] + 1
            worth = float(total[phase]) * (
                1.0 if count in SETTINGS.usual_counts else SETTINGS.unusual_count
            )
            if worth > best and count <= MAX_ROWS:
                best = worth
                found = (int(first[phase] * step + phase), int(count), step)
    origin, count, step = found
    centres = []
    for index in range(count):
        guess = (origin + index * step) * SETTINGS.comb_step
        reach = max(2, round(SETTINGS.off_comb * step * SETTINGS.comb_step))
        low = max(0, guess - reach)
        if low >= profile.size:  # the comb's last tooth may lie beyond the page
            break
        piece = profile[low : guess + reach + 1]
        centres.append(float(low + np.argmax(piece)))
    spacing = float(np.median(np.diff(centres))) if len(centres) > 1 else 150.0
    return centres, spacing
