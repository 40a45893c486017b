"""Lead labels in the picture of a page, found by matching its words with drawn templates.

General text recognition fails on I, II and III; here a word needs only to be told from twelve
others. Words are looked for in the picture's ink apart from the traces, brought to one size, and
matched with the labels drawn in several fonts.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.digitization.tracing.rows import SETTINGS as ROWS
from ecgkit.digitization.tracing.settings import LabelSettings
from ecgkit.paper.lettering import FONTS, draw_text
from ecgkit.paper.scale import Mask
from ecgkit.recording import STANDARD_LEADS

LABELS = (*STANDARD_LEADS, "-aVR")
SETTINGS = LabelSettings()


@dataclass(frozen=True, eq=False)
class LabelCandidates:
    """Words of a page that may be lead labels.

    Attributes
    ----------
    boxes
        float64, shape (words, 4): left, top, right, bottom in px.
    scores
        float64, shape (words, names): 0 to 1, how surely each is which of :data:`LABELS`.
    """

    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]

    def within(self, left: float, top: float, right: float, bottom: float) -> NDArray[np.bool_]:
        """Return which words begin in a box, their middle at its height."""
        x = self.boxes[:, 0]
        y = (self.boxes[:, 1] + self.boxes[:, 3]) / 2
        return np.asarray((x >= left) & (x <= right) & (y >= top) & (y <= bottom))


def find_lead_labels(ink: NDArray[np.uint8], mask: Mask) -> LabelCandidates:
    """Return what may be lead names in a page's picture.

    Parameters
    ----------
    ink
        uint8, 0 or 1, shape (height, width): see :func:`ecgkit.digitization.tracing.ink.find_ink`.
    mask
        float32, shape (height, width): the traces, which are no words.
    """
    near = cv2.dilate((mask >= ROWS.trace_probability).astype(np.uint8), np.ones((3, 3), np.uint8))
    ink = np.asarray((ink > 0) & (np.asarray(near) == 0), np.uint8)
    found = _letter_groups(ink)
    if not found:
        return LabelCandidates(np.zeros((0, 4)), np.zeros((0, len(LABELS))))
    boxes = np.array([box for box, _ in found], np.float64)
    shapes = np.stack([_normalized(word) for _, word in found])
    aspects = np.log((boxes[:, 2] - boxes[:, 0]) / (boxes[:, 3] - boxes[:, 1]))
    bank, bank_aspects, owner = _templates()
    likeness = shapes @ bank.T - SETTINGS.aspect_cost * np.abs(aspects[:, None] - bank_aspects)
    best = np.stack([likeness[:, owner == k].max(axis=1) for k in range(len(LABELS))], axis=1)
    sure = np.clip(
        (best - SETTINGS.least_likeness) / (SETTINGS.sure_likeness - SETTINGS.least_likeness), 0, 1
    )
    # What another name fits better is less likely this one.
    margin = np.clip(1 - (best.max(axis=1, keepdims=True) - best) / 0.12, 0, 1)
    return LabelCandidates(boxes, sure * margin)


def _letter_groups(
    ink: NDArray[np.uint8],
) -> list[tuple[tuple[int, int, int, int], NDArray[np.uint8]]]:
    """Return boxes of words and their ink: letters that stand side by side."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    wide, tall, area = stats[:, 2], stats[:, 3], stats[:, 4]
    good = (
        (tall >= SETTINGS.least_height)
        & (tall <= SETTINGS.most_height)
        & (wide <= 2.5 * SETTINGS.most_height)
        & (area >= 6)
    )
    good[0] = False
    letters = [stats[k] for k in np.flatnonzero(good)][: SETTINGS.most_letters]
    letters.sort(key=lambda s: int(s[0]))
    groups: list[list[int]] = []
    for x, y, w, h, _ in letters:
        x, y, w, h = int(x), int(y), int(w), int(h)
        for group in reversed(groups[-60:]):
            left, top, right, bottom = group
            size = max(bottom - top, h)
            level = min(bottom, y + h) - max(top, y)
            fits = min(h, bottom - top) >= 0.55 * size and level >= 0.55 * size
            if fits and x - right <= 0.65 * size and x + w - left <= SETTINGS.most_width:
                group[:] = left, min(top, y), max(right, x + w), max(bottom, y + h)
                break
        else:
            groups.append([x, y, x + w, y + h])
    kept = [
        (a, b, c, d)
        for a, b, c, d in groups
        if d - b <= SETTINGS.most_height and d - b > 0.2 * (c - a)
    ]
    return [((a, b, c, d), ink[b:d, a:c]) for a, b, c, d in kept]


def _normalized(word: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a word at one size, an empty edge around it, as a vector of length 1."""
    inner = cv2.resize(
        word.astype(np.float32),
        (SETTINGS.template_width, SETTINGS.template_height),
        interpolation=cv2.INTER_AREA,
    )
    inner = cv2.GaussianBlur(np.pad(inner, SETTINGS.template_edge), (0, 0), 0.8)
    vector = inner.ravel() - inner.mean()
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), np.float32)


@functools.cache
def _templates() -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.int64]]:
    """Return the names drawn in each font: vectors, logarithms of width over height, names."""
    vectors, aspects, owner = [], [], []
    for index, name in enumerate(LABELS):
        for font in FONTS:
            for bold in (False, True):
                canvas = np.zeros((2 * SETTINGS.drawn_size, 5 * SETTINGS.drawn_size), np.uint8)
                draw_text(
                    canvas,
                    name,
                    (SETTINGS.drawn_size / 2, 1.4 * SETTINGS.drawn_size),
                    0.8 * SETTINGS.drawn_size,
                    255,
                    font,
                    bold=bold,
                )
                rows, columns = np.nonzero(canvas > 127)
                word = canvas[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
                vectors.append(_normalized((word > 127).astype(np.uint8)))
                aspects.append(np.log(word.shape[1] / word.shape[0]))
                owner.append(index)
    return np.stack(vectors), np.array(aspects), np.array(owner)
