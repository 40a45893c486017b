"""Rows of a page: where each one's base line runs, from the mask of the traces alone."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.layouts import MAX_ROWS
from ecgkit.paper.scale import Mask

Line = NDArray[np.float64]

INK = 0.4
"""A pixel of the mask from this probability on is trace."""
_STEEP = 11
"""Runs of ink at least so tall (px) are strokes of a QRS complex, not of a base line."""
_WINDOW = 80
_DRIFT = 5
_FINE = 2
_CLOSEST, _WIDEST = 36, 400
"""Distance of neighbouring rows, in px."""
_NEAR_ROW = 0.2
_NEEDED = 0.22
"""A row costs this share of the fullest row's ink: less is no row."""

_USUAL_COUNTS, _UNUSUAL = (1, 2, 3, 4, 5, 6, 7, 12), 0.85
"""How many rows pages have as a rule, strips included, and what others are worth."""


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
    ink = (mask >= INK).astype(np.uint8)
    steep = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((_STEEP, 1), np.uint8))
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
    for start in range(0, width, _WINDOW):
        part = flat[:, start : start + _WINDOW].sum(axis=1, dtype=np.float64)
        profile += _shifted(part, -round(float(drift[start : start + _WINDOW].mean())))
    smooth = np.asarray(cv2.GaussianBlur(profile[:, None], (0, 0), 4.0), np.float64).ravel()
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
    starts = list(range(0, width, _WINDOW))
    profiles = []
    for start in starts:
        part = flat[:, start : start + _WINDOW].sum(axis=1, dtype=np.float64)
        profiles.append(cv2.GaussianBlur(np.sqrt(part)[:, None], (0, 0), 2.5).ravel())
    middle = len(starts) // 2
    shift = np.zeros(len(starts))
    for order in (range(middle + 1, len(starts)), range(middle - 1, -1, -1)):
        known, at = profiles[middle].copy(), 0
        for place in order:
            tries = range(at - _DRIFT, at + _DRIFT + 1)
            # Staying level is worth a little, so that empty windows do not wander.
            scores = [
                float(_shifted(profiles[place], -by) @ known) * (1 - 0.004 * abs(by - at))
                for by in tries
            ]
            at = tries[int(np.argmax(scores))] if max(scores) > 0 else at
            shift[place] = at
            known = 0.75 * known + _shifted(profiles[place], -at)
    centres = np.array(starts) + _WINDOW / 2
    smooth = cv2.GaussianBlur(shift[None], (0, 0), 0.8, borderType=cv2.BORDER_REPLICATE)
    return np.interp(np.arange(width), centres, smooth.ravel())


def _comb(profile: Line) -> tuple[list[float], float]:
    """Return the heights of the rows, and their distance."""
    coarse = profile[: profile.size // _FINE * _FINE].reshape(-1, _FINE).mean(axis=1)
    full = float(np.sort(coarse)[-max(1, coarse.size // 100) :].mean())
    value = np.minimum(coarse / full, 1.0)
    best, found = -np.inf, (0, 1, value.size)
    for step in range(_CLOSEST // _FINE, min(_WIDEST // _FINE, value.size) + 1):
        # Rows are allowed to lie a little off the comb.
        reach = 2 * max(1, round(0.06 * step)) + 1
        near = cv2.dilate(value[:, None], np.ones((reach, 1), np.uint8)).ravel()
        teeth = np.full(-(-value.size // step) * step, 0.0)
        teeth[: value.size] = near
        gain = teeth.reshape(-1, step) - _NEEDED - 0.002 * reach
        total, first = np.zeros(step), np.zeros(step, int)
        for index, row in enumerate(gain):
            fresh = total <= 0
            total = np.where(fresh, row, total + row)
            first = np.where(fresh, index, first)
            phase = int(np.argmax(total))
            count = index - first[phase] + 1
            worth = float(total[phase]) * (1.0 if count in _USUAL_COUNTS else _UNUSUAL)
            if worth > best and count <= MAX_ROWS:
                best = worth
                found = (int(first[phase] * step + phase), int(count), step)
    origin, count, step = found
    centres = []
    for index in range(count):
        guess = (origin + index * step) * _FINE
        reach = max(2, round(_NEAR_ROW * step * _FINE))
        low = max(0, guess - reach)
        if low >= profile.size:  # the comb's last tooth may lie beyond the page
            break
        piece = profile[low : guess + reach + 1]
        centres.append(float(low + np.argmax(piece)))
    spacing = float(np.median(np.diff(centres))) if len(centres) > 1 else 150.0
    return centres, spacing
