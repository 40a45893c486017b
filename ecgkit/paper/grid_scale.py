"""Which of the grid's periods is the box of 5 mm, once perspective is taken out.

Lines 1 mm apart, boxes of 5 mm and their multiples all fit the same peaks of a single tile. In the
straightened picture the spectra of all its strips add up, and peaks too weak to be seen in one of
them decide.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.grid_period import BOX_MM, HARMONIC_WEIGHTS, Floats, Values

_WINDOW, _STRIP = 512, 40  # px
_HARMONICS = 6
_RATIOS = np.exp(np.arange(np.log(0.17), np.log(6.0), 0.01))
_WIDTH_MM, _WIDTH_SPREAD = 240.0, 0.5  # what pictures of ECGs show, and the spread of its logarithm
_ASPECT_SPREAD = 0.05  # how far px/mm may differ between the axes, of its logarithm
_WIDTH_WEIGHT = 3.0
_SAME = 0.12  # of the logarithm
_BETWEEN = 0.5  # lines sampled by pixels leave faint peaks half way; they must not count in full
_SCORE = 2.5
_LEVEL = 1.0  # of the logarithm of power: weaker peaks are not blown up to full height
_FULL = 4.0


def box_ratios(
    flat: Floats, px_per_mm: float, width_mm: float, aspect: float
) -> tuple[float, float]:
    """Return by how much true boxes are larger than believed, along x and y; mostly 1.

    Parameters
    ----------
    flat
        Straightened channel.
    px_per_mm
        Its believed resolution.
    width_mm
        The longer side of what it shows, as believed.
    aspect
        Photo px/mm along x over that along y, as believed.
    """
    scores = [_scores(part, px_per_mm) for part in (flat, flat.T)]
    wide = np.log(width_mm * _RATIOS**-1.0 / _WIDTH_MM) / _WIDTH_SPREAD
    # A box that is r times as large in px means that there are r times fewer mm.
    narrow = np.log(_RATIOS)
    difference = np.log(aspect) + narrow[:, None] - narrow[None, :]
    total = (
        scores[0][:, None]
        + scores[1][None, :]
        - _WIDTH_WEIGHT * 0.5 * (wide[:, None] ** 2 + wide[None, :] ** 2) / 2
        - 0.5 * (np.maximum(np.abs(difference) - 0.05, 0) / _ASPECT_SPREAD) ** 2
    )
    x, y = np.unravel_index(int(total.argmax()), total.shape)
    # Tiles know a period better than this sum does; only which multiple it is comes from here.
    found = (float(_RATIOS[x]), float(_RATIOS[y]))
    across, down = (1.0 if abs(np.log(ratio)) < _SAME else ratio for ratio in found)
    return across, down


def _scores(flat: Floats, px_per_mm: float) -> Values:
    """Return how well a comb of each candidate fits the spectrum along x."""
    z = _spectrum(flat)
    count = len(z)
    unit = 2 * count / (px_per_mm * BOX_MM * _RATIOS)  # bins of the fundamental
    score, used = np.zeros(len(_RATIOS)), np.zeros(len(_RATIOS))
    bins = np.arange(count)
    for harmonic in range(1, _HARMONICS + 1):
        usable = (unit * (harmonic + 0.5) < count - 1) * HARMONIC_WEIGHTS[harmonic - 1]
        peak, left, right = (
            np.interp(unit * place, bins, z) for place in (harmonic, harmonic - 0.5, harmonic + 0.5)
        )
        score += usable * (peak - _BETWEEN * (left + right) / 2)
        used += usable
    return np.where(used > 0, _SCORE * score / np.maximum(used, 1), -10.0)


def _spectrum(flat: Floats) -> Values:
    """Return the mean spectrum along x over its own background, saturated."""
    strip = min(_STRIP, flat.shape[0])
    rows = flat.shape[0] // strip
    strips = flat[: rows * strip].reshape(rows, strip, flat.shape[1]).mean(axis=1)
    size = min(_WINDOW, flat.shape[1])
    step = max(size // 2, 1)
    pieces = np.lib.stride_tricks.sliding_window_view(strips, size, axis=1)[:, ::step]
    power = np.abs(np.fft.rfft(pieces * np.hanning(size), n=2 * _WINDOW, axis=2)) ** 2
    flatness = pieces.std(axis=2) > 0.02  # what lies outside of the photo is empty
    usable = power[flatness]
    if not len(usable):
        return np.zeros(_WINDOW + 1)
    level = np.log(usable + 1e-6).mean(axis=0)
    level -= _running_median(level, 41)
    peaks: NDArray[np.float64] = cv2.dilate(
        level[None].astype(np.float32), np.ones((1, 3), np.uint8)
    )[0].astype(np.float64)
    top = max(float(np.quantile(peaks, 0.98)), _LEVEL)
    return np.asarray(_FULL * np.clip(peaks / top, -0.1, 1.2))


def _running_median(values: Values, size: int) -> Values:
    padded = np.pad(values, size // 2, mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, size), axis=1))
