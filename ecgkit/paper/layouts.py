"""Which lead stands where on a page: rows, columns and rhythm strips."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ecgkit.errors import RecordingError
from ecgkit.leads import CABRERA, LIMB_LEADS, STANDARD_LEADS, unsigned

ANY = "strips"
MAX_ROWS = 12


@dataclass(frozen=True)
class Layout:
    """The places of a page, filled column by column.

    Attributes
    ----------
    rows, columns
        Of the leads; ``rows`` is 0 where each of the recording's leads has a row of its own.
    strips
        Rhythm strips below them, each as long as all columns together.
    leads
        What is shown, in the usual order.
    title
        The layout in words.
    """

    rows: int
    columns: int
    strips: int
    leads: tuple[str, ...]
    title: str


LAYOUTS = {
    "3x4": Layout(3, 4, 0, STANDARD_LEADS, "3 rows of 4 leads"),
    "3x4+1": Layout(3, 4, 1, STANDARD_LEADS, "3 rows of 4 leads and a rhythm strip"),
    "3x4+3": Layout(3, 4, 3, STANDARD_LEADS, "3 rows of 4 leads and three rhythm strips"),
    "6x2": Layout(6, 2, 0, STANDARD_LEADS, "6 rows of 2 leads"),
    "6x2+1": Layout(6, 2, 1, STANDARD_LEADS, "6 rows of 2 leads and a rhythm strip"),
    "12x1": Layout(12, 1, 0, STANDARD_LEADS, "12 rows"),
    "4x3": Layout(4, 3, 0, STANDARD_LEADS, "4 rows of 3 leads"),
    "4x3+1": Layout(4, 3, 1, STANDARD_LEADS, "4 rows of 3 leads and a rhythm strip"),
    "limb": Layout(6, 1, 0, LIMB_LEADS, "the limb leads, a row each"),
    "limb-3x2": Layout(3, 2, 0, LIMB_LEADS, "the limb leads, 3 rows of 2"),
    ANY: Layout(0, 1, 0, (), "each lead of the recording, a row each"),
}


@dataclass(frozen=True)
class Place:
    """What is drawn in one place: a lead, upside down or not, from a column of ``columns``."""

    lead: str
    inverted: bool
    row: int
    column: int
    columns: int
    rhythm: bool

    @property
    def label(self) -> str:
        """What is printed beside it."""
        return f"-{self.lead}" if self.inverted else self.lead


def layouts_for(leads: Collection[str]) -> tuple[str, ...]:
    """Return the names of the layouts that a recording of these leads fills."""
    return tuple(
        name
        for name, layout in LAYOUTS.items()
        if set(layout.leads) <= set(leads) and (name != ANY or len(leads) <= MAX_ROWS)
    )


def arrange(
    name: str, leads: Sequence[str], *, cabrera: bool = False, rhythm: Sequence[str] = ("II",)
) -> tuple[Place, ...]:
    """Return what stands in each place of a layout, row by row.

    Parameters
    ----------
    name
        A key of :data:`LAYOUTS`.
    leads
        The recording's leads.
    cabrera
        Limb leads in Cabrera's order.
    rhythm
        The leads of the rhythm strips, as many as the layout has, or more.

    Raises
    ------
    RecordingError
        Where there is no such layout, or it shows a lead that the recording lacks.
    """
    layout = LAYOUTS.get(name)
    if layout is None:
        raise RecordingError(
            f"there is no layout {name!r}", remedy=f"Choose one of {', '.join(LAYOUTS)}."
        )
    shown = layout.leads or tuple(leads)
    strips = tuple(rhythm[: layout.strips])
    lacking = [lead for lead in dict.fromkeys(shown + strips) if lead not in leads]
    if lacking or len(strips) < layout.strips or len(shown) > MAX_ROWS:
        problem = (
            f"has no lead {', '.join(lacking)}, which layout {name} shows"
            if lacking
            else f"cannot fill layout {name}"
        )
        fitting = layouts_for(leads)
        remedy = (
            f"Layouts that its leads fill: {', '.join(fitting)}."
            if fitting
            else f"Choose at most {MAX_ROWS} of its leads."
        )
        raise RecordingError(problem, remedy=remedy)
    if cabrera and set(LIMB_LEADS) <= set(shown):
        rest = tuple(lead for lead in shown if lead not in LIMB_LEADS)
        shown = CABRERA + rest
    rows = layout.rows or len(shown)
    places = [
        Place(
            lead=unsigned(label)[0] if cabrera else label,
            inverted=cabrera and unsigned(label)[1],
            row=index % rows,
            column=index // rows,
            columns=layout.columns,
            rhythm=False,
        )
        for index, label in enumerate(shown)
    ]
    places.sort(key=lambda place: (place.row, place.column))
    places += [Place(lead, False, rows + k, 0, 1, True) for k, lead in enumerate(strips)]
    return tuple(places)
