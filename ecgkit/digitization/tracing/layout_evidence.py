"""What a page shows that speaks for a layout or against it: labels, strips, laws of the leads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecgkit.digitization.tracing.lead_label_matching import LABELS, LabelCandidates
from ecgkit.digitization.tracing.rows import Rows
from ecgkit.digitization.tracing.settings import LayoutSettings
from ecgkit.leads import LIMB_LEAD_LAWS
from ecgkit.paper.layouts import Place
from ecgkit.paper.scale import Array
from ecgkit.recording import STANDARD_LEADS

SETTINGS = LayoutSettings()
_TRUST = {"I": 0.3, "II": 0.7}
"""Names that specks and bars can be taken for count less."""
_LAWS: tuple[dict[str, float], ...] = (
    *LIMB_LEAD_LAWS.values(),
    {"aVR": 1, "aVL": 1, "aVF": 1},
    {"I": 1, "aVL": -2 / 3, "aVR": 2 / 3},
    {"II": 1, "aVF": -2 / 3, "aVR": 2 / 3},
    {"III": 1, "aVF": -2 / 3, "aVL": 2 / 3},
)
"""What the limb leads of a column obey, in the usual order or in Cabrera's."""
LABEL_TRUST = np.array([_TRUST.get(name, 1.0) for name in LABELS])


@dataclass(frozen=True, eq=False)
class PageEvidence:
    """All that speaks for or against a layout."""

    rows: Rows
    candidates: LabelCandidates | None
    seen: Array
    hints: Array
    ends: tuple[float, float]
    middle: Array
    """Shape (rows, width): each row's height above its line, in px."""


def strip_similarity(
    page: PageEvidence, places: tuple[Place, ...], strip: int, edges: Array
) -> Array:
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
            result[at] = max(result[at], (alike - SETTINGS.similar) / (1 - SETTINGS.similar))
    return result


def limb_law_score(page: PageEvidence, places: tuple[Place, ...], edges: Array) -> float:
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


def label_columns(candidates: LabelCandidates | None, size: int) -> Array:
    """Return how many names seem to begin where a lead might, at each column of the page."""
    hints = np.zeros(size)
    if candidates is None:
        return hints
    for box, scores in zip(candidates.boxes, candidates.scores, strict=True):
        sure = float(scores[3:].max())  # neither I, II nor III, which lines can be taken for
        if sure > 0.3:
            low, high = (
                max(0, int(box[0] - SETTINGS.label_after)),
                max(0, int(box[0] + SETTINGS.label_before)),
            )
            hints[low:high] += sure
    return hints


def label_scores(page: PageEvidence, edges: Array) -> Array:
    """Return how surely each name stands in each place, shape (rows, columns, names)."""
    rows = page.rows
    result = np.zeros((len(rows.lines), edges.size - 1, len(LABELS)))
    if page.candidates is None:
        return result
    for row, line in enumerate(rows.lines):
        for column, left in enumerate(edges[:-1]):
            near = page.candidates.within(*_window(left, column, line, rows.spacing))
            if near.any():
                result[row, column] = page.candidates.scores[near].max(axis=0)
    return result


def _window(
    left: float, column: int, line: Array, spacing: float
) -> tuple[float, float, float, float]:
    """Return where a lead's name may begin: left, top, right, bottom."""
    middle = float(line[int(np.clip(left, 0, line.size - 1))])
    before = SETTINGS.label_beside if column == 0 else SETTINGS.label_before
    return (
        left - before,
        middle - SETTINGS.label_reach * spacing,
        left + SETTINGS.label_after,
        middle + SETTINGS.label_reach * spacing,
    )


def stray_labels(page: PageEvidence, places: tuple[Place, ...], edges: Array) -> float:
    """Return how many names stand among the rows where none of them should."""
    if page.candidates is None:
        return 0.0
    lines, spacing = page.rows.lines, page.rows.spacing
    sure = (LABEL_TRUST * page.candidates.scores)[:, 1:].max(axis=1, initial=0.0)
    among = page.candidates.within(
        float(edges[0]) - SETTINGS.label_before,
        float(lines[0].min()) - spacing / 2,
        float(edges[-1]),
        float(lines[-1].max()) + spacing / 2,
    )
    for place in places:
        left = float(edges[place.column])
        among &= ~page.candidates.within(*_window(left, place.column, lines[place.row], spacing))
    return float(sure[among & (sure > 0.5)].sum())
