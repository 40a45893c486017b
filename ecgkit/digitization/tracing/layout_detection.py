"""Which lead stands where on a page: layouts weighed against all that a page shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from ecgkit.digitization.tracing.columns import Raster, breaks, extent, fitting, lay_raster
from ecgkit.digitization.tracing.lead_label_matching import NAMES, Words
from ecgkit.digitization.tracing.rows import Rows
from ecgkit.digitization.tracing.trace_path import Path
from ecgkit.leads import LIMB_LEAD_LAWS, LIMB_LEADS
from ecgkit.paper.layouts import ANY, LAYOUTS, Place, arrange
from ecgkit.paper.scale import Array
from ecgkit.recording import STANDARD_LEADS, unique_names

_BREAK, _NAME, _LAW = 1.0, 0.5, 0.6
"""What a boundary that shows in all rows counts, a name that is read, a law that holds."""
_HIDDEN = 0.1
"""What a boundary costs that is not seen."""
_UNCOMMON = {"4x3": 0.25, "4x3+1": 0.1, "limb": 0.3, "limb-3x2": 0.5, "6x2": 0.0, "3x4+3": 0.05}
_CABRERA = 0.3
_TRUST = {"I": 0.3, "II": 0.7}
"""Names that specks and bars can be taken for count less."""
_OTHER, _STRAY, _UNREAD = 0.6, 0.5, 0.4
"""What another name in a lead's place costs, a name where none should stand, one that is missing
where other columns show theirs."""
_BEFORE, _AFTER, _BESIDE = 8.0, 24.0, 75.0
"""Where a name may begin, in px before and behind its column's left end; before the first one."""
_REACH = 0.55
"""How far above or below its row a name may stand, in rows."""
_READ = 0.35
"""A name is taken as read from this score on."""
_ALIKE, _RARE = 0.7, 0.3
"""A strip must be so much like a lead to show it; limb leads but II seldom stand there."""


@dataclass(frozen=True, eq=False)
class Leads:
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

    def span(self, place: Place) -> tuple[float, float]:
        """Return where a place's column begins and ends, in px."""
        if place.columns == 1:
            return float(self.edges[0]), float(self.edges[-1])
        return float(self.edges[place.column]), float(self.edges[place.column + 1])


@dataclass(frozen=True, eq=False)
class _Page:
    """All that speaks for or against a layout."""

    rows: Rows
    words: Words | None
    seen: Array
    hints: Array
    ends: tuple[float, float]
    middle: Array
    """Shape (rows, width): each row's height above its line, in px."""


def find_leads(
    paths: list[Path],
    rows: Rows,
    words: Words | None,
    pen: float,
    px_per_mm: float,
    layout: str | None = None,
) -> Leads | None:
    """Return the layout, its columns and leads; None where no trace is seen.

    Each layout with the rows' number is tried: its boundaries should show in the traces, its names
    in the picture, and the limb leads should obey their laws.

    Parameters
    ----------
    paths
        Of each row.
    words
        What may be lead names in the picture, where there is one.
    pen
        Width of the traces in px.
    layout
        The layout, where it is known.
    """
    ends = extent(paths, pen)
    if ends is None:
        return None
    seen = np.stack([breaks(path) for path in paths])
    middle = np.stack(
        [line - (path.top + path.bottom) / 2 for path, line in zip(paths, rows.lines, strict=True)]
    )
    hints = _named_columns(words, seen.shape[1]) / len(paths)
    page = _Page(rows, words, seen, hints, ends, middle)
    best: tuple[float, Leads] | None = None
    for name in (layout,) if layout else fitting(len(paths)) or (ANY,):
        shape = LAYOUTS[name]
        count = min(shape.rows or len(paths), len(paths))
        raster = lay_raster(seen[:count], hints, ends, shape.columns, px_per_mm)
        for cabrera in (False, True) if set(LIMB_LEADS) <= set(shape.leads) else (False,):
            score, leads = _weigh(page, name, raster, cabrera)
            if best is None or score > best[0]:
                best = score, leads
    assert best is not None
    return best[1]


def _weigh(page: _Page, name: str, raster: Raster, cabrera: bool) -> tuple[float, Leads]:
    """Return how well a layout explains what is seen, and what stands where in it."""
    scores = _place_scores(page, raster.edges)
    places, read = _places(page, name, cabrera, scores, raster.edges)
    shown = raster.shown.mean(axis=0)
    named = np.zeros(raster.edges.size - 1)
    score = _BREAK * float(np.sum(np.maximum(shown, -0.2) - _HIDDEN))
    for place in places:
        values = scores[place.row, place.column]
        right = NAMES.index(place.label) if place.label in NAMES else None
        other = np.delete(_TRUSTED * values, [] if right is None else right).max(initial=0.0)
        own = 0.0 if right is None else float(_TRUSTED[right] * values[right])
        score += _NAME * (own - _OTHER * other)
        if not place.rhythm:
            named[place.column] += own
    # Where names are read in one column, those of the others should be, too.
    score -= _UNREAD * _NAME * float(np.sum(named.max() - named))
    score -= _STRAY * _NAME * _stray(page, places, raster.edges)
    score += _LAW * _lawful(page, places, raster.edges)
    score -= _UNCOMMON.get(name, 0.0) + _CABRERA * cabrera
    sure = np.clip(shown + named[1:], 0, 1)
    certainty = float(sure.mean()) if sure.size else 0.7
    return score, Leads(name, places, raster.edges, certainty, read)


_LAWS: tuple[dict[str, float], ...] = (
    *LIMB_LEAD_LAWS.values(),
    {"aVR": 1, "aVL": 1, "aVF": 1},
    {"I": 1, "aVL": -2 / 3, "aVR": 2 / 3},
    {"II": 1, "aVF": -2 / 3, "aVR": 2 / 3},
    {"III": 1, "aVF": -2 / 3, "aVL": 2 / 3},
)
"""What the limb leads of a column obey, in the usual order or in Cabrera's."""
_TRUSTED = np.array([_TRUST.get(name, 1.0) for name in NAMES])


def _places(
    page: _Page, name: str, cabrera: bool, scores: Array, edges: Array
) -> tuple[tuple[Place, ...], tuple[str, ...]]:
    """Return the places of a layout with their leads, and which of the names were read."""
    shape, rows = LAYOUTS[name], len(page.rows.lines)
    leads: tuple[str, ...] = shape.leads
    if not leads:
        leads = _guessed(scores)
    usual = ("II", "V1", "V5")
    bare = tuple(p for p in arrange(name, leads, cabrera=cabrera, rhythm=usual) if not p.rhythm)
    likely = np.zeros((max(0, min(rows - shape.rows, shape.strips)), len(STANDARD_LEADS)))
    likely[:, [STANDARD_LEADS.index(lead) for lead in LIMB_LEADS]] = -_RARE
    likely[:, [STANDARD_LEADS.index(lead) for lead in usual]] = (0.3, 0.2, 0.1)
    for strip, values in enumerate(likely):
        row = shape.rows + strip
        values += _TRUSTED[:-1] * scores[row, 0, :-1] + _alike(page, bare, row, edges)
    # None is shown twice.
    strips = [STANDARD_LEADS[k] for k in linear_sum_assignment(likely, maximize=True)[1]]
    rhythm = (*strips, *(lead for lead in usual if lead not in strips))
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


def _guessed(scores: Array) -> tuple[str, ...]:
    """Return the names that stand beside rows of any leads."""
    guessed = []
    for row, values in enumerate(scores[:, 0]):
        best = int(values.argmax())
        sure = values[best] >= _READ
        guessed.append(NAMES[best].removeprefix("-") if sure else f"row {row + 1}")
    return unique_names(guessed)


def _alike(page: _Page, places: tuple[Place, ...], strip: int, edges: Array) -> Array:
    """Return for each standard lead how much a strip looks like it, 0 to 1."""
    result = np.zeros(len(STANDARD_LEADS))
    for place in places:
        if place.lead not in STANDARD_LEADS:
            continue
        first, stop = (int(edge) for edge in edges[place.column : place.column + 2])
        shown = page.middle[place.row, max(first, 0) : stop] * (-1 if place.inverted else 1)
        for start in {max(first, 0), max(int(edges[0]), 0)}:
            a, b = shown, page.middle[strip, start : start + shown.size]
            both = np.isfinite(a[: b.size]) & np.isfinite(b)
            if both.sum() < 100:
                continue
            a, b = a[: b.size][both], b[both]
            a, b = a - a.mean(), b - b.mean()
            size = float(a @ a + b @ b) / 2
            alike = float(a @ b) / size if size > 0 else 0.0
            at = STANDARD_LEADS.index(place.lead)
            result[at] = max(result[at], (alike - _ALIKE) / (1 - _ALIKE))
    return result


def _lawful(page: _Page, places: tuple[Place, ...], edges: Array) -> float:
    """Return how well the limb leads of columns obey their laws, -1 to 1; 0 where none is."""
    found = []
    for column in range(edges.size - 1):
        lines = {
            place.lead: page.middle[place.row] * (-1 if place.inverted else 1)
            for place in places
            if place.column == column and not place.rhythm
        }
        part = slice(max(0, int(edges[column]) + 3), int(edges[column + 1]) - 3)
        for weights in _LAWS:
            if not all(lead in lines for lead in weights):
                continue
            leads = np.stack([lines[lead][part] for lead in weights])
            leads = leads[:, np.isfinite(leads).all(axis=0)]
            if leads.shape[1] < 100:
                continue
            leads = leads - leads.mean(axis=1, keepdims=True)
            factors = np.array(list(weights.values()))[:, None]
            size = float(np.sqrt(np.mean(np.sum((factors * leads) ** 2, axis=0)))) + 0.5
            missed = float(np.sqrt(np.mean(np.sum(factors * leads, axis=0) ** 2))) / size
            found.append(float(np.clip(2 * (0.6 - missed), -1, 1)))
    return float(np.mean(found)) if found else 0.0


def _named_columns(words: Words | None, size: int) -> Array:
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


def _place_scores(page: _Page, edges: Array) -> Array:
    """Return how surely each name stands in each place, shape (rows, columns, names)."""
    rows = page.rows
    result = np.zeros((len(rows.lines), edges.size - 1, len(NAMES)))
    if page.words is None:
        return result
    for row, line in enumerate(rows.lines):
        for column, left in enumerate(edges[:-1]):
            near = page.words.within(*_window(left, column, line, rows.spacing))
            if near.any():
                result[row, column] = page.words.scores[near].max(axis=0)
    return result


def _window(
    left: float, column: int, line: Array, spacing: float
) -> tuple[float, float, float, float]:
    """Return where a lead's name may begin: left, top, right, bottom."""
    middle = float(line[int(np.clip(left, 0, line.size - 1))])
    before = _BESIDE if column == 0 else _BEFORE
    return left - before, middle - _REACH * spacing, left + _AFTER, middle + _REACH * spacing


def _stray(page: _Page, places: tuple[Place, ...], edges: Array) -> float:
    """Return how many names stand among the rows where none of them should."""
    if page.words is None:
        return 0.0
    lines, spacing = page.rows.lines, page.rows.spacing
    sure = (_TRUSTED * page.words.scores)[:, 1:].max(axis=1, initial=0.0)
    among = page.words.within(
        float(edges[0]) - _BEFORE,
        float(lines[0].min()) - spacing / 2,
        float(edges[-1]),
        float(lines[-1].max()) + spacing / 2,
    )
    for place in places:
        left = float(edges[place.column])
        among &= ~page.words.within(*_window(left, place.column, lines[place.row], spacing))
    return float(sure[among & (sure > 0.5)].sum())
