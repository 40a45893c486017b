"""The last stage of view 3: the leads on ECG paper, with what speaks for and against them."""

from __future__ import annotations

import streamlit as st

from ecgkit.diagnosis.page_reading import PageReading
from ecgkit.digitization.extraction import Traces
from ecgkit.drawing.html.page_tables import checks_table, leads_table, scale_words
from ecgkit.drawing.html.rhythm_answers import vitals
from ecgkit.drawing.style import PAPER_CAUTION
from ecgkit.drawing.svg.digitized import draw_digitized, show_same_time
from ecgkit.drawing.svg.ecg_paper import Paper
from ecgkit.drawing.svg.overlay import GAINS, SPEEDS
from ecgkit.paper.layouts import LAYOUTS
from ecgkit.paper.scale import USUAL_GAIN, USUAL_SPEED
from ecgkit.processing.beats import detect_beats
from pages.paper.correction import back_button
from pages.paper.stages import PAGE_RESULTS, show_failure, show_warnings
from pages.paper.view import show_picture
from pages.shell.component import show
from pages.shell.session import plain, remember, set_recording


def draw_leads(report: PageReading) -> tuple[Paper, str] | None:
    """Return the drawing of the leads and its caption, where there is one."""
    if report.traces is None:
        return None
    traces = report.traces
    caption = _caption(traces)
    paper = remember(
        ("digitized", report.choices),
        lambda: draw_digitized(traces, title=f"Digitized leads. {caption}"),
        PAGE_RESULTS,
    )
    return paper, caption


def show_leads(report: PageReading) -> None:
    """Show the leads."""
    _controls(report)
    drawn = draw_leads(report)
    if show_failure("signals", report) or report.traces is None or drawn is None:
        return
    paper, caption = drawn
    traces = report.traces
    beats = remember(
        ("beats", report.choices), lambda: detect_beats(traces.recording), PAGE_RESULTS
    )
    st.markdown(f"**{plain(scale_words(report))}**  \n{plain(vitals(beats))}")
    show_warnings(traces.warnings)
    show(paper.html(), "paper_leads_view")
    st.caption(plain(caption))
    left, right = st.columns([3, 2])
    with left:
        show_picture(leads_table(traces), "paper_leads_table")
    with right:
        if traces.checks:
            show_picture(checks_table(traces), "paper_checks")
            st.caption(
                "Einthoven's and Goldberger's laws, over the moments that their leads share: what "
                "is left over, as a share of the leads themselves. They tell swapped and misread "
                "limb leads, not a wrong scale."
            )
        else:
            st.caption("The limb leads share no second: their laws cannot be checked here.")


def show_next_steps(report: PageReading) -> None:
    """Show the caution, and the ways on to views 1 and 2."""
    st.warning(PAPER_CAUTION, icon=":material/warning:")
    if report.traces is None:
        return
    recording = report.traces.recording
    with st.container(horizontal=True):
        for label, key, icon, target in (
            ("Open in Denoise", "paper_to_denoise", "ecg_heart", "denoise"),
            ("Open in Scalogram", "paper_to_scalogram", "graphic_eq", "rhythm"),
        ):
            if st.button(label, key=key, icon=f":material/{icon}:", type="primary"):
                set_recording(recording)
                st.session_state["mode"] = "alone"  # view 1: there is no clean reference
                st.switch_page(f"pages/{target}/page.py")
    st.caption("The digitized leads take the place of the open recording; this page keeps them.")


def _controls(report: PageReading) -> None:
    """Show what can be said of the paper; the leads follow at once."""
    found = LAYOUTS[report.traces.layout].title if report.traces is not None else "none"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Layout",
            ["", *LAYOUTS],
            format_func=lambda name: (
                LAYOUTS[name].title
                if name
                else f"As found ({found})"
                if not report.choices.layout
                else "As found"
            ),
            key="paper_layout",
        )
        st.segmented_control(
            "Speed (mm/s)",
            SPEEDS,
            format_func="{:g}".format,
            key="paper_speed",
            help=f"As printed on the page; {USUAL_SPEED:g} where nothing is chosen.",
        )
        st.segmented_control(
            "Gain (mm/mV)",
            GAINS,
            format_func="{:g}".format,
            key="paper_gain",
            help=f"As printed on the page; {USUAL_GAIN:g} where nothing is chosen.",
        )
        back_button("paper_back_too")


def _caption(traces: Traces) -> str:
    said = (
        f"{traces.recording.name}, digitized. 25 mm/s · 10 mm/mV whatever the page has; a small "
        "box is 40 ms by 0.1 mV. Dotted: doubtful. Under each row, the band's height is the "
        "confidence, whose mean stands beside the lead's name."
    )
    if show_same_time(traces):
        said += " All columns show the same time: each begins at 0 s."
    return said
