"""Lead names in the picture of a page, found by comparing words with drawn ones.

General text recognition fails on I, II and III; here a word needs only to be told from twelve
others. Words are looked for in the picture's ink apart from the traces, brought to one size, and
compared with the names drawn in several fonts.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.digitization.tracing.rows import INK
from ecgkit.paper.lettering import FONTS, draw_text
from ecgkit.paper.scale import Mask
from ecgkit.recording import STANDARD_LEADS

NAMES = (*STANDARD_LEADS, "-aVR")
_LOWEST, _TALLEST, _WIDEST = 6, 22, 70
"""Height of a letter and width of a word in px at 5 px/mm."""
_HEIGHT, _WIDTH, _EDGE = 16, 32, 2
_DRAWN = 48
_ASPECT = 0.5
"""Likeness lost by a word that is e times too wide."""
_MOST = 2000
_LEAST, _SURE = 0.55, 0.85
"""Likeness that says nothing, and that says all."""


@dataclass(frozen=True, eq=False)
class Words:
    """Words of a page that may be lead names.

    Attributes
    ----------
    boxes
        float64, shape (words, 4): left, top, right, bottom in px.
    scores
        float64, shape (words, names): 0 to 1, how surely each is which of :data:`NAMES`.
    """

    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]

    def within(self, left: float, top: float, right: float, bottom: float) -> NDArray[np.bool_]:
        """Return which words begin in a box, their middle at its height."""
        x = self.boxes[:, 0]
        y = (self.boxes[:, 1] + self.boxes[:, 3]) / 2
        return np.asarray((x >= left) & (x <= right) & (y >= top) & (y <= bottom))


def find_words(ink: NDArray[np.uint8], mask: Mask) -> Words:
    """Return what may be lead names in a page's picture.

    Parameters
    ----------
    ink
        uint8, 0 or 1, shape (height, width): see :func:`ecgkit.digitization.tracing.ink.find_ink`.
    mask
        float32, shape (height, width): the traces, which are no words.
    """
    near = cv2.dilate((mask >= INK).astype(np.uint8), np.ones((3, 3), np.uint8))
    ink = np.asarray((ink > 0) & (np.asarray(near) == 0), np.uint8)
    found = _words(ink)
    if not found:
        return Words(np.zeros((0, 4)), np.zeros((0, len(NAMES))))
    boxes = np.array([box for box, _ in found], np.float64)
    shapes = np.stack([_normal(word) for _, word in found])
    aspects = np.log((boxes[:, 2] - boxes[:, 0]) / (boxes[:, 3] - boxes[:, 1]))
    bank, bank_aspects, owner = _bank()
    likeness = shapes @ bank.T - _ASPECT * np.abs(aspects[:, None] - bank_aspects)
    best = np.stack([likeness[:, owner == k].max(axis=1) for k in range(len(NAMES))], axis=1)
    sure = np.clip((best - _LEAST) / (_SURE - _LEAST), 0, 1)
    # What another name fits better is less likely this one.
    margin = np.clip(1 - (best.max(axis=1, keepdims=True) - best) / 0.12, 0, 1)
    return Words(boxes, sure * margin)


def _words(ink: NDArray[np.uint8]) -> list[tuple[tuple[int, int, int, int], NDArray[np.uint8]]]:
    """Return boxes of words and their ink: letters that stand side by side."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    wide, tall, area = stats[:, 2], stats[:, 3], stats[:, 4]
    good = (tall >= _LOWEST) & (tall <= _TALLEST) & (wide <= 2.5 * _TALLEST) & (area >= 6)
    good[0] = False
    letters = [stats[k] for k in np.flatnonzero(good)][:_MOST]
    letters.sort(key=lambda s: int(s[0]))
    groups: list[list[int]] = []
    for x, y, w, h, _ in letters:
        x, y, w, h = int(x), int(y), int(w), int(h)
        for group in reversed(groups[-60:]):
            left, top, right, bottom = group
            size = max(bottom - top, h)
            level = min(bottom, y + h) - max(top, y)
            fits = min(h, bottom - top) >= 0.55 * size and level >= 0.55 * size
            if fits and x - right <= 0.65 * size and x + w - left <= _WIDEST:
                group[:] = left, min(top, y), max(right, x + w), max(bottom, y + h)
                break
        else:
            groups.append([x, y, x + w, y + h])
    kept = [(a, b, c, d) for a, b, c, d in groups if d - b <= _TALLEST and d - b > 0.2 * (c - a)]
    return [((a, b, c, d), ink[b:d, a:c]) for a, b, c, d in kept]


def _normal(word: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a word at one size, an empty edge around it, as a vector of length 1."""
    inner = cv2.resize(word.astype(np.float32), (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA)
    inner = cv2.GaussianBlur(np.pad(inner, _EDGE), (0, 0), 0.8)
    vector = inner.ravel() - inner.mean()
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), np.float32)


@functools.cache
def _bank() -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.int64]]:
    """Return the names drawn in each font: vectors, logarithms of width over height, names."""
    vectors, aspects, owner = [], [], []
    for index, name in enumerate(NAMES):
        for font in FONTS:
            for bold in (False, True):
                canvas = np.zeros((2 * _DRAWN, 5 * _DRAWN), np.uint8)
                draw_text(
                    canvas, name, (_DRAWN / 2, 1.4 * _DRAWN), 0.8 * _DRAWN, 255, font, bold=bold
                )
                rows, columns = np.nonzero(canvas > 127)
                word = canvas[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
                vectors.append(_normal((word > 127).astype(np.uint8)))
                aspects.append(np.log(word.shape[1] / word.shape[0]))
                owner.append(index)
    return np.stack(vectors), np.array(aspects), np.array(owner)
