"""Columns of a page: which layout its rows have, and where one lead ends and the next begins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.following import Path, stretches
from ecgkit.paper.layouts import ANY, LAYOUTS, LIMB, MAX_ROWS, Place, arrange
from ecgkit.paper.lead_names import NAMES, Words
from ecgkit.paper.rows import Rows
from ecgkit.recording import STANDARD_LEADS, unique_names

Array = NDArray[np.float64]

_STEP_MOST = 6.0
_GAP_MOST = 25
_REACH = 4
_WORTH = 0.3
"""A boundary must show in so large a share of its rows, as a break or a name."""
_NAMED = 1.5
"""What a name counts, a break counting 1."""
_TRUST = {"I": 0.4, "II": 0.7}
"""Names that specks and bars can be taken for count less."""
_SLIDE, _STRETCH = 30.0, 0.05
_OFF = 2.0
_BEFORE, _AFTER, _BESIDE = 8.0, 24.0, 75.0
"""Where a name may begin, in px before and behind its column's left end; before the first one."""
_READ = 0.35
"""A name is taken as read from this score on."""


@dataclass(frozen=True, eq=False)
class Columns:
    """Which lead stands where.

    Attributes
    ----------
    layout
        A key of :data:`ecgkit.paper.layouts.LAYOUTS`.
    places
        What stands in each place.
    edges
        float64, shape (columns + 1,): left end of each column and right end of the last, in px.
    certainty
        How well the columns are seen, 0 (a guess) to 1.
    read
        Names that were read in the picture.
    """

    layout: str
    places: tuple[Place, ...]
    edges: Array
    certainty: float
    read: tuple[str, ...]


def extent(paths: list[Path]) -> tuple[float, float] | None:
    """Return from where to where the rows' traces run, in px; None where there is no trace."""
    firsts, lasts = [], []
    for path in paths:
        seen = np.flatnonzero(path.run >= 0)
        if seen.size:
            firsts.append(seen[0])
            lasts.append(seen[-1] + 1)
    if not firsts:
        return None
    return float(np.percentile(firsts, 30)) - 0.5, float(np.percentile(lasts, 70)) - 0.5


def breaks(path: Path) -> Array:
    """Return how much a row looks like one lead ending and another beginning, at each column.

    Shape (width + 1,), 0 to 1, between column x - 1 and x: the trace jumps without ink, or the pen
    is lifted for a moment.
    """
    top, bottom = path.top, path.bottom
    jump = np.maximum(top[1:] - bottom[:-1], top[:-1] - bottom[1:])
    result = np.zeros(top.size + 1)
    result[1:-1] = np.clip(np.nan_to_num(jump) / _STEP_MOST, 0, 1)
    for first, stop in stretches(path.run < 0):
        if 2 <= stop - first <= _GAP_MOST and first and stop < top.size:
            result[first : stop + 1] = np.maximum(result[first : stop + 1], 0.5)
    return result


def fitting(rows: int) -> tuple[str, ...]:
    """Return the layouts with so many rows, strips included."""
    exact = tuple(
        name for name, shape in LAYOUTS.items() if name != ANY and shape.rows + shape.strips == rows
    )
    return exact or (ANY,)


def find_columns(
    paths: list[Path], rows: Rows, words: Words | None = None, layout: str | None = None
) -> Columns | None:
    """Return the layout, its columns and leads; None where no trace is seen.

    Each layout with the rows' number is tried: its boundaries should show in the traces, its names
    in the picture.

    Parameters
    ----------
    paths
        Of each row.
    words
        What may be lead names in the picture, where there is one.
    layout
        The layout, where it is known.
    """
    paths = paths[:MAX_ROWS]  # one more may be a line of text under twelve leads
    ends = extent(paths)
    if ends is None:
        return None
    seen = np.stack([breaks(path) for path in paths])
    named = _named_columns(words, rows, seen.shape[1])
    best: tuple[float, Columns] | None = None
    for name in (layout,) if layout else fitting(len(paths)):
        shape = LAYOUTS[name]
        count = min(shape.rows or len(paths), len(paths))
        shown, edges = _raster(seen[:count].mean(axis=0), named / count, ends, shape.columns)
        scores = _place_scores(words, rows, edges)
        for cabrera in (False, True) if set(LIMB) <= set(shape.leads) else (False,):
            places, read = _leads(name, cabrera, scores, len(paths))
            likely = np.zeros(shape.columns)
            for place in places:
                if not place.rhythm and place.label in NAMES:
                    weight = _TRUST.get(place.label, 1.0) * _NAMED / count
                    likely[place.column] += (
                        weight * scores[place.row, place.column, NAMES.index(place.label)]
                    )
            score = float(likely[0] + np.sum(shown + likely[1:] - _WORTH)) - 0.1 * cabrera
            sure = np.clip(shown + likely[1:], 0, 1)
            certainty = float(sure.mean()) if sure.size else 0.7
            if best is None or score > best[0]:
                best = score, Columns(name, places, edges, certainty, read)
    assert best is not None
    return best[1]


def _leads(
    name: str, cabrera: bool, scores: Array, rows: int
) -> tuple[tuple[Place, ...], tuple[str, ...]]:
    """Return the places of a layout with their leads, and which of the names were read."""
    shape = LAYOUTS[name]
    strips = []
    for row in range(shape.rows, min(rows, shape.rows + shape.strips)):
        weights = [_TRUST.get(lead, 1.0) for lead in STANDARD_LEADS]
        likely = scores[row, 0, : len(STANDARD_LEADS)] * weights
        usual = ("II", "V1", "V5")[row - shape.rows]
        strips.append(STANDARD_LEADS[int(likely.argmax())] if likely.max() >= _READ else usual)
    leads: tuple[str, ...] = shape.leads
    if not leads:
        guessed = []
        for row in range(rows):
            likely = scores[row, 0]
            best = int(likely.argmax())
            guessed.append(
                NAMES[best].removeprefix("-") if likely[best] >= _READ else f"row {row + 1}"
            )
        leads = unique_names(guessed)
    rhythm = tuple(dict.fromkeys((*strips, "II", "V1", "V5")))
    if len(set(strips)) < len(strips):  # misread: no page shows the same strip twice
        rhythm = ("II", "V1", "V5")
    elif strips:
        rhythm = tuple(strips) + tuple(lead for lead in rhythm if lead not in strips)
    places = tuple(
        place for place in arrange(name, leads, cabrera=cabrera, rhythm=rhythm) if place.row < rows
    )
    read = tuple(
        place.label
        for place in places
        if place.label in NAMES
        and scores[place.row, place.column, NAMES.index(place.label)] >= _READ
    )
    return places, read


def _named_columns(words: Words | None, rows: Rows, size: int) -> Array:
    """Return how many names seem to begin where a lead might, at each column of the page."""
    hints = np.zeros(size)
    if words is None:
        return hints
    for box, scores in zip(words.boxes, words.scores, strict=True):
        sure = float(scores[3:].max())  # neither I, II nor III, which lines can be taken for
        if sure > 0.3:
            low, high = max(0, int(box[0] - _AFTER)), max(0, int(box[0] + _BEFORE))
            hints[low:high] += sure
    return hints


def _place_scores(words: Words | None, rows: Rows, edges: Array) -> Array:
    """Return how surely each name stands in each place, shape (rows, columns, names)."""
    columns = edges.size - 1
    result = np.zeros((len(rows.lines), columns, len(NAMES)))
    if words is None:
        return result
    for row, line in enumerate(rows.lines):
        for column, left in enumerate(edges[:-1]):
            middle = float(line[int(np.clip(left, 0, line.size - 1))])
            reach = 0.55 * rows.spacing
            before = _BESIDE if column == 0 else _BEFORE
            near = words.within(left - before, middle - reach, left + _AFTER, middle + reach)
            if near.any():
                result[row, column] = words.scores[near].max(axis=0)
    return result


def _raster(
    seen: Array, named: Array, ends: tuple[float, float], columns: int
) -> tuple[Array, Array]:
    """Return how well each inner boundary shows, and all edges, of evenly wide columns."""
    left, right = ends
    width = (right - left) / columns
    if columns == 1:
        return np.zeros(0), np.array([left, right])
    # The page's ends may be cut off or torn: the columns' raster may lie a little off them.
    inner = np.arange(1, columns)
    starts = left + np.arange(-_SLIDE, _SLIDE + 1, 3.0)
    widths = width * np.linspace(1 - _STRETCH, 1 + _STRETCH, 21)
    start, wide = (grid.ravel() for grid in np.meshgrid(starts, widths))
    where = np.round(start[:, None] + inner * wide[:, None]).astype(int)
    off = np.abs(start - left) + np.abs(start + columns * wide - right)
    near = np.clip(where[..., None] + np.arange(-2, 3), 0, seen.size - 1)
    hint = np.minimum(named[np.clip(where, 0, seen.size - 1)], 1.0)
    score = (seen[near].max(axis=2) + hint).mean(axis=1) - _OFF * off / width / columns
    best = int(score.argmax())
    edges = np.concatenate([[left], start[best] + inner * wide[best], [right]])
    shown = np.zeros(columns - 1)
    for index, at in enumerate(where[best]):
        low = int(np.clip(at - _REACH, 0, seen.size - 1))
        piece = seen[low : at + _REACH + 1]
        shown[index] = piece.max(initial=0.0)
        if shown[index] > 0.3:  # the next lead begins where a gap ends
            edges[index + 1] = low + float(np.flatnonzero(piece >= 0.9 * shown[index])[-1]) - 0.5
    return shown, edges
