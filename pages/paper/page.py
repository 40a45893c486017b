"""View 3: a photo of a paper ECG becomes its leads, stage by stage."""

from __future__ import annotations

import streamlit as st

from ecgkit.diagnosis.page_reading import PageReading
from pages.paper.diagnoses import show_diagnoses
from pages.paper.downloads import downloads
from pages.paper.leads import draw_leads, show_leads, show_next_steps
from pages.paper.photo import OpenPhoto, chosen_choices, opened_photo, report_of
from pages.paper.reading import read, read_soon, same_page
from pages.paper.sources import show_sources
from pages.paper.stages import heading, show_mask, show_photo, show_photo_and_page, show_steps
from pages.shell.loading import DIAGNOSES, MASK, loaded_or_reason, wait_for
from pages.shell.session import keep_choices, plain


@st.fragment
def workbench() -> None:
    """Show the whole view; a change of any control runs this and nothing else."""
    keep_choices()  # while a page is read, its controls are not there
    show_sources()
    opened = opened_photo()
    if opened is None:
        st.info("No photo is open. Choose a file, the camera or a demo page above.")
        return
    choices = chosen_choices()
    report = report_of(choices)
    if report is None:
        report = _read(opened)
    if report is not None:
        _show(opened, report)


def _read(opened: OpenPhoto) -> PageReading | None:
    """Read the page; until then, the photo alone is shown. None while it cannot be read yet."""
    choices = chosen_choices()
    earlier = st.session_state.get("paper_report")
    if same_page(earlier, choices):
        return read(opened, choices, earlier)
    there = loaded_or_reason(MASK)
    waiting = tuple(key for key in (MASK, DIAGNOSES) if loaded_or_reason(key) is None)
    show_steps(opened, None, "loading the networks …" if waiting else "")
    place = st.container()
    with st.container(key="paper_stage_photo"):
        heading("photo")
        show_photo(opened, None, "paper_photo_waiting")
    if isinstance(there, str):
        place.error(plain(there), icon=":material/block:")
    elif waiting:
        wait_for(waiting)
    else:
        with place:
            read_soon(opened, choices, earlier)
    return None


def _show(opened: OpenPhoto, report: PageReading) -> None:
    show_steps(opened, report)
    show_photo_and_page(opened, report)
    if report.rectified is not None:
        with st.container(key="paper_stage_mask"):
            heading("mask")
            show_mask(report)
    if report.mask is not None:
        with st.container(key="paper_stage_signals"):
            heading("signals")
            show_leads(report)
            show_next_steps(report)
    _show_last()


@st.fragment
def _show_last() -> None:
    """Show diagnoses and downloads: a moved threshold sends none of the pictures above again.

    It is given nothing, so that Streamlit, which keeps what a fragment is given, keeps no photo.
    """
    opened, report = opened_photo(), report_of(chosen_choices())
    if opened is None or report is None:
        return
    shown = None
    if report.mask is not None:
        with st.container(key="paper_stage_labels"):
            heading("labels")
            shown = show_diagnoses(report)
    downloads(opened, report, draw_leads(report), shown)


st.title("Paper", anchor=False)
workbench()
