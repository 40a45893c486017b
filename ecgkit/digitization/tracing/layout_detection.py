"""Which lead stands where on a page: layouts weighed against all that a page shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from ecgkit.digitization.tracing.columns import (
    Columns,
    boundary_evidence,
    fit_columns,
    layouts_of_rows,
    traced_extent,
)
from ecgkit.digitization.tracing.layout_evidence import (
    LABEL_TRUST,
    PageEvidence,
    label_columns,
    label_scores,
    limb_law_score,
    stray_labels,
    strip_similarity,
)
from ecgkit.digitization.tracing.lead_label_matching import LABELS, LabelCandidates
from ecgkit.digitization.tracing.rows import Rows
from ecgkit.digitization.tracing.settings import LayoutSettings
from ecgkit.digitization.tracing.trace_path import TracePath
from ecgkit.leads import LIMB_LEADS
from ecgkit.paper.layouts import ANY, LAYOUTS, Place, arrange
from ecgkit.paper.scale import Array
from ecgkit.recording import STANDARD_LEADS, unique_names

SETTINGS = LayoutSettings()
_UNCOMMON = {"4x3": 0.25, "4x3+1": 0.1, "limb": 0.3, "limb-3x2": 0.5, "6x2": 0.0, "3x4+3": 0.05}


@dataclass(frozen=True, eq=False)
class DetectedLayout:
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


def detect_layout(
    paths: list[TracePath],
    rows: Rows,
    candidates: LabelCandidates | None,
    pen: float,
    px_per_mm: float,
    layout: str | None = None,
) -> DetectedLayout | None:
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
    ends = traced_extent(paths, pen)
    if ends is None:
        return None
    seen = np.stack([boundary_evidence(path) for path in paths])
    middle = np.stack(
        [line - (path.top + path.bottom) / 2 for path, line in zip(paths, rows.lines, strict=True)]
    )
    hints = label_columns(candidates, seen.shape[1]) / len(paths)
    page = PageEvidence(rows, candidates, seen, hints, ends, middle)
    best: tuple[float, DetectedLayout] | None = None
    for name in (layout,) if layout else layouts_of_rows(len(paths)) or (ANY,):
        shape = LAYOUTS[name]
        count = min(shape.rows or len(paths), len(paths))
        columns = fit_columns(seen[:count], hints, ends, shape.columns, px_per_mm)
        for cabrera in (False, True) if set(LIMB_LEADS) <= set(shape.leads) else (False,):
            score, leads = _score(page, name, columns, cabrera)
            if best is None or score > best[0]:
                best = score, leads
    assert best is not None
    return best[1]


def _score(
    page: PageEvidence, name: str, columns: Columns, cabrera: bool
) -> tuple[float, DetectedLayout]:
    """Return how well a layout explains what is seen, and what stands where in it."""
    scores = label_scores(page, columns.edges)
    places, read = _places(page, name, cabrera, scores, columns.edges)
    shown = columns.shown.mean(axis=0)
    named = np.zeros(columns.edges.size - 1)
    score = SETTINGS.boundary * float(np.sum(np.maximum(shown, -0.2) - SETTINGS.hidden_boundary))
    for place in places:
        values = scores[place.row, place.column]
        right = LABELS.index(place.label) if place.label in LABELS else None
        other = np.delete(LABEL_TRUST * values, [] if right is None else right).max(initial=0.0)
        own = 0.0 if right is None else float(LABEL_TRUST[right] * values[right])
        score += SETTINGS.label * (own - SETTINGS.other_label * other)
        if not place.rhythm:
            named[place.column] += own
    # Where names are read in one column, those of the others should be, too.
    score -= SETTINGS.missing_label * SETTINGS.label * float(np.sum(named.max() - named))
    score -= SETTINGS.stray_label * SETTINGS.label * stray_labels(page, places, columns.edges)
    score += SETTINGS.law * limb_law_score(page, places, columns.edges)
    score -= _UNCOMMON.get(name, 0.0) + SETTINGS.cabrera * cabrera
    sure = np.clip(shown + named[1:], 0, 1)
    certainty = float(sure.mean()) if sure.size else 0.7
    return score, DetectedLayout(name, places, columns.edges, certainty, read)


def _places(
    page: PageEvidence, name: str, cabrera: bool, scores: Array, edges: Array
) -> tuple[tuple[Place, ...], tuple[str, ...]]:
    """Return the places of a layout with their leads, and which of the names were read."""
    shape, rows = LAYOUTS[name], len(page.rows.lines)
    leads: tuple[str, ...] = shape.leads
    if not leads:
        leads = _row_names(scores)
    usual = ("II", "V1", "V5")
    bare = tuple(p for p in arrange(name, leads, cabrera=cabrera, rhythm=usual) if not p.rhythm)
    likely = np.zeros((max(0, min(rows - shape.rows, shape.strips)), len(STANDARD_LEADS)))
    likely[:, [STANDARD_LEADS.index(lead) for lead in LIMB_LEADS]] = -SETTINGS.rare_strip
    likely[:, [STANDARD_LEADS.index(lead) for lead in usual]] = (0.3, 0.2, 0.1)
    for strip, values in enumerate(likely):
        row = shape.rows + strip
        values += LABEL_TRUST[:-1] * scores[row, 0, :-1] + strip_similarity(page, bare, row, edges)
    # None is shown twice.
    strips = [STANDARD_LEADS[k] for k in linear_sum_assignment(likely, maximize=True)[1]]
    rhythm = (*strips, *(lead for lead in usual if lead not in strips))
    places = tuple(
        place for place in arrange(name, leads, cabrera=cabrera, rhythm=rhythm) if place.row < rows
    )
    read = tuple(
        place.label
        for place in places
        if place.label in LABELS
        and scores[place.row, place.column, LABELS.index(place.label)] >= SETTINGS.read
    )
    return places, read


def _row_names(scores: Array) -> tuple[str, ...]:
    """Return the names that stand beside rows of any leads."""
    guessed = []
    for row, values in enumerate(scores[:, 0]):
        best = int(values.argmax())
        sure = values[best] >= SETTINGS.read
        guessed.append(LABELS[best].removeprefix("-") if sure else f"row {row + 1}")
    return unique_names(guessed)
