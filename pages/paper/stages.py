"""The stages of view 3 on the page: photo, rectified page, mask; each with what went wrong."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ecgkit.diagnosis.page_reading import STAGES, PageReading
from ecgkit.digitization.rectification.rectify import SCALE_SOURCES
from ecgkit.drawing.html.page_stages import Step, draw_mask, draw_page, draw_photo, draw_steps
from ecgkit.drawing.images import ink_png, photo_jpeg
from pages.paper.correction import (
    VIEW,
    corners_moved,
    draft_of,
    editor_of,
    marks_moved,
    show_fields,
)
from pages.paper.photo import OpenPhoto
from pages.paper.view import show_picture
from pages.shell.session import plain, remember

PAGE_RESULTS = "paper_results"
TITLES = {"photo": "Photo"} | STAGES
STAGE_OF_ERROR = {
    **{stage: stage for stage in STAGES},
    "layout": "signals",
}
"""Where a page's error stands -> the stage that it is shown at."""
LARGEST = 3000
"""Longer side in px that a rectified page is shown at."""


def show_steps(opened: OpenPhoto, report: PageReading | None, note: str = "") -> None:
    """Show how far the photo has come; ``note`` says what is waited for."""
    steps = [Step("paper_stage_photo", TITLES["photo"], "done", _seconds(opened.seconds))]
    failed = failed_stage(report)
    state = "done" if report is not None else "waiting"
    for stage in STAGES:
        if stage == failed:
            state = "failed"
        elif stage == "labels" and report is not None:  # the mask can do without the leads
            state = "done" if report.diagnoses else "ahead"
        taken = report.seconds.get(stage) if report is not None else None
        words = note if state == "waiting" else ""
        if state == "done" and taken is not None:
            words = _seconds(taken)
        elif state == "failed" and report is not None and report.error is not None:
            words = report.error.problem
        steps.append(Step(f"paper_stage_{stage}", TITLES[stage], state, words))
        state = "ahead" if state in ("failed", "waiting") else state
    show_picture(draw_steps(steps), "paper_steps")


def failed_stage(report: PageReading | None) -> str:
    """Return the stage that could not be done; empty where all were."""
    if report is None or report.error is None:
        return ""
    return STAGE_OF_ERROR.get(report.error.stage, "rectify")


def heading(stage: str) -> None:
    """Show a stage's name with its number."""
    number = list(TITLES).index(stage) + 1
    st.subheader(f"{number} · {TITLES[stage]}", anchor=False)


def show_failure(stage: str, report: PageReading) -> bool:
    """Show why a stage could not be done, where this one could not."""
    if failed_stage(report) != stage:
        return False
    st.error(plain(str(report.error)), icon=":material/block:")
    return True


def show_warnings(lines: Sequence[str]) -> None:
    """Show what a person should know, a line each."""
    if lines:
        st.caption("  \n".join(f":material/warning: {plain(line)}" for line in lines))


def show_photo(opened: OpenPhoto, report: PageReading | None, key: str = VIEW) -> None:
    """Show the photo, with the page that was found or with what can be corrected."""
    shape = opened.photo.picture.shape
    address = photo_address(opened)
    page = report.rectified if report is not None else None
    correcting = report is not None and bool(st.session_state.get("paper_correct"))
    drawn = draw_photo(address, shape, page, opened.photo.name, edited=correcting)
    if not correcting:
        show_picture(drawn, key)
    else:
        edit = editor_of(opened, draft_of(opened, report))
        show_picture(drawn, key, edit=edit, on_corners=corners_moved, on_marks=marks_moved)


def photo_address(opened: OpenPhoto) -> str:
    """Return the photo's copy for the browser."""
    return remember("photo", lambda: photo_jpeg(opened.photo.picture), PAGE_RESULTS)


def show_photo_and_page(opened: OpenPhoto, report: PageReading) -> None:
    """Show the photo and the rectified page: side by side, where there is room."""
    left, right = st.columns(2)
    with left, st.container(key="paper_stage_photo"):
        heading("photo")
        show_photo(opened, report)
        if report.rectified is not None and not st.session_state.get("paper_correct"):
            st.caption("The frame lies straight on the paper, with a tick every 5 mm of it.")
        st.toggle("Correct by hand", key="paper_correct")
        if st.session_state["paper_correct"]:
            show_fields(opened, report)
    with right, st.container(key="paper_stage_rectify"):
        heading("rectify")
        page = report.rectified
        if show_failure("rectify", report) or page is None:
            return
        show_picture(
            remember(
                ("page", report.choices),
                lambda: draw_page(page_address(report), page),
                PAGE_RESULTS,
            ),
            "paper_page_view",
        )
        x, y = page.photo_px_per_mm
        st.caption(
            f"The photo has {x:.2f} px/mm across and {y:.2f} px/mm down, "
            f"{SCALE_SOURCES[page.scale_source]}."
        )
        st.caption(
            f"Confidence {100 * page.confidence:.0f} %. Ticks are 5 mm apart, as far as the "
            "paper's large boxes: where they part, correct the page by hand."
        )
        show_warnings(page.notes)


def page_address(report: PageReading) -> str:
    """Return the rectified page's copy for the browser."""
    page = report.rectified
    assert page is not None
    key = ("page picture", report.choices.corners, report.choices.px_per_mm)
    return remember(key, lambda: photo_jpeg(page.picture, LARGEST), PAGE_RESULTS)


def show_mask(report: PageReading) -> None:
    """Show the mask over the rectified page."""
    page, mask = report.rectified, report.mask
    if show_failure("mask", report) or page is None or mask is None:
        return
    key = ("mask", report.choices.corners, report.choices.px_per_mm)
    drawn = remember(
        key,
        lambda: draw_mask(
            page_address(report), ink_png(mask), page, coverage=float((mask >= 0.5).mean())
        ),
        PAGE_RESULTS,
    )
    show_picture(drawn, "paper_mask_view")
    st.caption(
        "The network's mask in blue over the photo: a trace without blue was not seen, blue "
        "without a trace was imagined. Left of the divider lies the photo alone."
    )


def _seconds(taken: float) -> str:
    return f"{taken:.2f} s"
