"""Correcting by hand what was not, or not rightly, found: the page's frame and its resolution."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from ecgkit.diagnosis.page_reading import PageReading
from ecgkit.digitization.known_distance import (
    LEAST_PX_PER_MM,
    MOST_PX_PER_MM,
    marks_across,
    resolution,
)
from ecgkit.digitization.pipeline import Choices
from ecgkit.drawing.html.page_stages import corner_names, page_frame
from ecgkit.drawing.html.page_tables import lowest_confidence
from pages.paper.photo import Corners, Draft, OpenPhoto, chosen_choices, forget_choices

POOR = 0.6
"""With less confidence, correcting is offered unasked."""
USUAL = 6.0
"""px/mm to begin with, where nothing was measured."""
VIEW = "paper_photo_view"


def should_offer_correction(report: PageReading) -> bool:
    """Say whether correcting the page should be offered unasked."""
    error = report.error
    if error is not None and error.stage != "labels":
        return True
    return lowest_confidence(report) < POOR


def draft_of(opened: OpenPhoto, report: PageReading | None) -> Draft:
    """Return what is being corrected; to begin with, what was found."""
    state = st.session_state
    if "paper_draft" not in state:
        page = report.rectified if report is not None else None
        scale = USUAL if page is None else sum(page.photo_px_per_mm) / 2
        corners = page_frame(page, opened.photo.picture.shape)
        state["paper_draft_number"] = state.get("paper_draft_number", 0) + 1
        state["paper_draft"] = Draft(corners, round(scale, 2), number=state["paper_draft_number"])
    return state["paper_draft"]


def editor_of(opened: OpenPhoto, draft: Draft) -> dict[str, object]:
    """Return what the component lets a person move."""
    height, width = opened.photo.picture.shape[:2]
    return {
        "width": width,
        "height": height,
        "corners": draft.corners,
        "names": corner_names(),
        "marks": draft.marks,
        "token": f"{opened.number} {draft.number}",
    }


def show_fields(opened: OpenPhoto, report: PageReading | None) -> None:
    """Show what can be given by hand, under the photo."""
    draft = draft_of(opened, report)
    state = st.session_state
    error = report.error if report is not None else None
    asks = error.asks if error is not None else frozenset()
    page = report.rectified if report is not None else None
    guessed = page is not None and page.scale_source == "rows"
    st.caption(
        "Drag the numbered corners onto the page's corners, or onto those of any rectangle printed "
        "on it; 1 is the page's own upper left one. A corner that is focused moves with the arrow "
        "keys."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with_corners = st.checkbox("Use these corners", value=True, key="paper_use_corners")
        with st.popover("Corners as numbers", icon=":material/pin:"):
            _numbers(opened, draft)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with_scale = st.checkbox(
            "Use this resolution",
            value="px_per_mm" in asks or guessed,
            key=f"paper_use_scale_{opened.number}",
            help="Otherwise the grid is measured.",
        )
        state["paper_px_per_mm"] = draft.px_per_mm
        st.number_input(
            "Photo (px/mm)",
            LEAST_PX_PER_MM,
            MOST_PX_PER_MM,
            step=0.1,
            format="%.2f",
            key="paper_px_per_mm",
            on_change=_scale_given,
        )
        marking = st.toggle("Mark a known distance", key="paper_marking", on_change=_mark_or_not)
        if marking and draft.marks is not None:
            state["paper_distance"] = draft.distance
            st.number_input(
                "Distance from A to B (mm)",
                1.0,
                1000.0,
                step=5.0,
                key="paper_distance",
                on_change=_distance_given,
                help="Ten large boxes are 50 mm.",
            )
    with st.container(horizontal=True):
        corners = draft.corners if with_corners else None
        scale = (draft.px_per_mm, draft.px_per_mm) if with_scale else None
        st.button(
            "Read again with these",
            type="primary",
            key="paper_again",
            icon=":material/refresh:",
            disabled=corners is None and scale is None,
            on_click=lambda: state.update(paper_given=(corners, scale)),
        )
        back_button("paper_back")


def back_button(key: str) -> None:
    """Show the way back to what was found without help, where there has been any."""
    if chosen_choices() != Choices():
        st.button(
            "Back to what was found", on_click=forget_choices, icon=":material/undo:", key=key
        )


def corners_moved() -> None:
    """Take the frame as it was moved over the photo."""
    corners = _checked(st.session_state[VIEW].get("corners"), 4)
    if corners:
        _change(corners=corners)


def marks_moved() -> None:
    """Take the marks as they were moved, and the resolution that they give."""
    marks = _checked(st.session_state[VIEW].get("marks"), 2)
    if marks:
        _change(marks=marks)
        _measure()


def _checked(points: object, count: int) -> Corners | None:
    """Return points of the photo; a browser may send anything."""
    try:
        found = tuple((float(x), float(y)) for x, y in points)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        return None
    fine = len(found) == count and all(0 <= value <= 1e5 for point in found for value in point)
    return found if fine else None


def _change(**values: object) -> None:
    draft = st.session_state.get("paper_draft")
    if draft is not None:
        st.session_state["paper_draft"] = replace(draft, **values)


def _numbers(opened: OpenPhoto, draft: Draft) -> None:
    height, width = opened.photo.picture.shape[:2]
    state = st.session_state
    for place, (name, point) in enumerate(zip(corner_names(), draft.corners, strict=True)):
        for axis, value, last, box in zip("xy", point, (width, height), st.columns(2), strict=True):
            key = f"paper_{axis}{place}"
            state[key] = value
            box.number_input(
                f"{place + 1}, {name}: {axis} (px)",
                0.0,
                float(last - 1),
                step=1.0,
                format="%.1f",
                key=key,
                on_change=_numbers_given,
            )


def _numbers_given() -> None:
    state = st.session_state
    corners = tuple((state[f"paper_x{place}"], state[f"paper_y{place}"]) for place in range(4))
    _renew(corners=corners)


def _renew(**values: object) -> None:
    """Change the draft so that the component takes it anew."""
    state = st.session_state
    state["paper_draft_number"] += 1
    _change(number=state["paper_draft_number"], **values)


def _scale_given() -> None:
    _change(px_per_mm=st.session_state["paper_px_per_mm"])


def _distance_given() -> None:
    _change(distance=st.session_state["paper_distance"])
    _measure()


def _mark_or_not() -> None:
    state = st.session_state
    draft: Draft | None = state.get("paper_draft")
    if draft is None:
        return
    if not state["paper_marking"]:
        _change(marks=None)
        return
    _change(marks=marks_across(draft.corners, draft.distance, draft.px_per_mm))


def _measure() -> None:
    state = st.session_state
    draft: Draft | None = state.get("paper_draft")
    if draft is not None and draft.marks is not None:
        _change(px_per_mm=resolution(draft.marks, draft.distance))
        key = next((k for k in state if str(k).startswith("paper_use_scale_")), None)
        if key is not None:
            state[key] = True
