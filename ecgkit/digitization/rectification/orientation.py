"""Which way up a page lies, by what is drawn on it.

Traces run along the page and not across it; that tells quarter turns. Whether it stands on its head
is told by calibration pulses, which point up, and by QRS complexes, most of which do.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from ecgkit.digitization.rectification.settings import OrientationSettings
from ecgkit.paper.scale import Picture

Floats = NDArray[np.float32]

SETTINGS = OrientationSettings()

_PULSES = ((5.0, 10.0), (2.5, 10.0), (5.0, 5.0), (2.5, 5.0), (5.0, 20.0))
"""Width and height in mm of the calibration pulses that are looked for."""


@dataclass(frozen=True)
class Orientation:
    """How a page lies.

    Attributes
    ----------
    quarter_turns
        How many times the picture must be turned by 90° counter-clockwise to stand upright.
    confidence
        0.5 to 1: the probability, by what such measures say on drawn pages, that this is right.
    """

    quarter_turns: int
    confidence: float


def find_orientation(picture: Picture, px_per_mm: float) -> Orientation:
    """Find out how a straightened page is turned.

    Parameters
    ----------
    picture
        uint8, shape (height, width, 3), RGB, its grid level and upright.
    px_per_mm
        Its resolution.
    """
    ink = ink_mask(picture, px_per_mm)
    lying = _sigmoid(-float(np.dot(SETTINGS.lying_weights, lying_features(ink))))
    turned = np.ascontiguousarray(np.rot90(ink)) if lying > 0.5 else ink
    # Few pictures are sent upside down: it takes evidence to say so. Of two sides none is usual.
    usual = 0.0 if lying > 0.5 else SETTINGS.usually_up
    head = _sigmoid(-usual - float(np.dot(SETTINGS.head_weights, down_features(turned))))
    turns = (1 if lying > 0.5 else 0) + (2 if head > 0.5 else 0)
    return Orientation(turns, float(max(lying, 1 - lying) * max(head, 1 - head)))


def _sigmoid(value: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(value, -30, 30))))


def ink_mask(picture: Picture, px_per_mm: float) -> Floats:
    """Return how much of each pixel is covered by ink as dark as traces, at 2.5 px/mm, 0 to 1.

    The lightest of the three colours is taken, in which coloured grids do not show.
    """
    lightest = picture.max(axis=2)
    factor = SETTINGS.px_per_mm / px_per_mm
    small = cv2.resize(lightest, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    values = small.astype(np.float32)
    side = int(12 * SETTINGS.px_per_mm) | 1
    dark = cv2.blur(cv2.blur(values, (side, side)), (side, side)) - values
    for axis in (0, 1):
        dark = dark - _grid_lines(dark, axis)
    full = max(float(np.quantile(dark, 0.99)), 12.0)
    return np.asarray(np.clip((dark / full - 0.4) / 0.4, 0, 1), np.float32)


def _grid_lines(dark: Floats, axis: int) -> Floats:
    """Return what runs straight along an axis, as grids do: the median of each stretch of it."""
    stretch = int(SETTINGS.line_stretch * SETTINGS.px_per_mm)
    parts = np.array_split(dark, max(1, dark.shape[axis] // stretch), axis=axis)
    lines = [
        np.broadcast_to(np.maximum(np.median(part, axis=axis, keepdims=True), 0), part.shape)
        for part in parts
    ]
    return np.concatenate(lines, axis=axis)


def lying_features(ink: Floats) -> tuple[float, float]:
    """Return what speaks for traces along x, positive, against along y, negative.

    Returns
    -------
    rows
        How much more unevenly ink is spread over rows than over columns, as a logarithm: traces
        keep to their rows.
    breadth
        The logarithm of width over height: most pages are wider than high.
    """
    side = int(2 * SETTINGS.px_per_mm)
    rows, columns = (
        float(np.std(uniform_filter1d(ink.mean(axis=axis), side, mode="mirror"))) for axis in (1, 0)
    )
    height, width = ink.shape
    return float(np.log((rows + 1e-4) / (columns + 1e-4))), float(np.log(width / height))


def down_features(ink: Floats) -> tuple[float, float]:
    """Return what speaks for the page standing on its feet, positive, or its head, negative.

    Returns
    -------
    pulse
        How much better the best pulse that points up fits than the best that points down.
    strokes
        How many more strokes rise than fall (its root, signed), against the same upside down.
    """
    turned = np.ascontiguousarray(ink[::-1, ::-1])
    return _pulse_feature(ink), _stroke_balance(ink) - _stroke_balance(turned)


def _pulse_feature(ink: Floats) -> float:
    """Return how much better the best pulse that points up fits than the best that points down."""
    edge = max(int(ink.shape[1] * SETTINGS.pulse_edge), 40)
    soft: Floats = np.asarray(cv2.GaussianBlur(ink, (0, 0), 0.8), np.float32)
    sides = (soft[:, :edge], soft[:, -edge:])
    best = [0.0, 0.0]
    for width, height in _PULSES:
        shape = _drawn_pulse(width, height)
        for way, template in enumerate((shape, np.ascontiguousarray(shape[::-1]))):
            for side in sides:
                if side.shape[0] > template.shape[0] and side.shape[1] > template.shape[1]:
                    best[way] = max(best[way], _best_match(side, template))
    return best[0] - best[1]


def _best_match(ink: Floats, template: Floats) -> float:
    """Return the highest correlation of a template anywhere, low where there is little ink."""
    shape = template - template.mean()
    energy = float((shape**2).sum())
    fit = cv2.matchTemplate(ink, shape, cv2.TM_CCORR)
    size = template.shape[::-1]
    sums = [
        cv2.boxFilter(values, -1, size, anchor=(0, 0), normalize=False)[
            : fit.shape[0], : fit.shape[1]
        ]
        for values in (ink, ink * ink)
    ]
    spread = np.maximum(sums[1] - sums[0] ** 2 / template.size, 0)
    return float((fit / np.sqrt(energy * (spread + 0.2 * energy))).max())


def _drawn_pulse(width: float, height: float) -> Floats:
    foot, pad = SETTINGS.pulse_foot, 1.5
    path = np.array([[0, 0], [foot, 0], [foot, -height], [foot + width, -height]])
    path = np.concatenate([path, [[foot + width, 0], [2 * foot + width, 0]]])
    path = (path + np.array([0.0, height + pad])) * SETTINGS.px_per_mm * 8
    size = (
        int((height + 2 * pad) * SETTINGS.px_per_mm),
        int((2 * foot + width) * SETTINGS.px_per_mm) + 1,
    )
    canvas = np.zeros((size[0] * 8, size[1] * 8), np.uint8)
    thick = round(SETTINGS.pen * SETTINGS.px_per_mm * 8)
    cv2.polylines(canvas, [path.astype(np.int32)], False, 255, thick)
    small = cv2.resize(canvas, size[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small.astype(np.float32) / 255, (0, 0), 0.8), np.float32)


def _stroke_balance(ink: Floats) -> float:
    """Return the root of how many more strokes rise above the flat parts beside them than fall."""
    mm = SETTINGS.px_per_mm
    mask = (ink > 0.3).astype(np.uint8)
    tall = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((int(SETTINGS.stroke * mm), 1), np.uint8))
    flat = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, int(SETTINGS.flat * mm)), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(tall)
    reach, most = int(SETTINGS.stroke_reach * mm), 40 * mm
    balance = []
    for left, top, width, height, _ in stats[1 : min(count, 400)]:
        if height > most or width > 3 * mm:
            continue  # a separator or a blot
        above, below = max(0, int(top - mm)), int(top + height + mm)
        beside = np.concatenate(
            [
                flat[above:below, max(0, left - reach) : left].sum(axis=1, keepdims=True),
                flat[above:below, left + width : left + width + reach].sum(axis=1, keepdims=True),
            ],
            axis=1,
        ).sum(axis=1)
        if beside.sum() < 2 * mm:
            continue
        base = above + float(beside.argmax())
        up, down = max(base - top, 0.0), max(top + height - base, 0.0)
        balance.append(up - down)
    total = float(np.sum(np.sign(balance)))
    return float(np.sign(total) * np.sqrt(abs(total)))
