"""Long recordings: where the ten seconds lie, and the rhythm along the whole record."""

from __future__ import annotations

from collections.abc import Hashable

import streamlit as st

from ecgkit.drawing.svg.overview_strip import envelope
from ecgkit.drawing.svg.rhythm_overview import draw_overview, summary
from ecgkit.drawing.svg.tracing import rhythm_lead
from ecgkit.recording import STANDARD_LEADS
from ecgkit.rhythm.report import LONGEST, NETWORKS, RhythmOverview, card_name, rhythm_overview
from pages.rhythm.signals import Stretch, last_start
from pages.rhythm.view import show_parts
from pages.shell.loading import loaded_or_reason
from pages.shell.session import attempt, describe, plain, recall, remember

AT_ONCE = 120.0
"""Seconds: up to here the whole record is asked about without being told to."""


def show_overview(shown: Stretch, model: str, readable: bool) -> None:
    """Show the whole record, the window's slider, and the rhythm once it has been asked for."""
    last = last_start(shown.recording)
    if not last:
        return
    state = st.session_state
    lead = rhythm_lead(shown.recording, shown.beats)
    shape = remember(("envelope", shown.key, lead), lambda: envelope(shown.recording.lead(lead)))
    mark = ("overview", shown.key, model)
    found = recall(mark)
    drawn = draw_overview(shape, shown.recording.duration, shown.start, shown.stop, lead, found)
    show_parts({"overview": drawn}, "rhythm_overview", on_seek=_seek)
    if found is not None:
        st.caption(
            f"{NETWORKS[model]}, windows of {LONGEST} s. {plain(summary(found))} In each lane the "
            "height is the probability; in full colour where it is the answer."
        )
    state["rhythm_start"] = shown.start
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.slider(
            f"The {LONGEST} s in sight start at (s)",
            0.0,
            last,
            step=0.1,
            format="%.1f",
            key="rhythm_start",
        )
        named = any(lead in shown.recording for lead in (*STANDARD_LEADS, "MLII"))
        if found is None and named and loaded_or_reason(card_name(model)) is True:
            _ask(shown, model, mark, readable)


def _ask(shown: Stretch, model: str, mark: Hashable, readable: bool) -> None:
    """Ask about the whole recording: a short one at once, a long one when told to."""
    length = describe(shown.recording).rpartition(" · ")[2]
    short = readable and shown.recording.duration <= AT_ONCE
    label = f"Rhythm along all {length}"
    if not short and not st.button(
        label, type="primary", icon=":material/timeline:", key="whole_rhythm"
    ):
        return
    words = f"{NETWORKS[model]}: {length} …"
    bar = st.progress(0.0, words)
    result = attempt(
        lambda: rhythm_overview(
            shown.recording,
            model,
            progress=lambda share: bar.progress(share, f"{words} {share:.0%}"),
        )
    )
    bar.empty()
    if isinstance(result, RhythmOverview):
        remember(mark, lambda: result)
        st.rerun()
    st.warning(plain(str(result)))


def _seek() -> None:
    state = st.session_state
    middle = state["rhythm_overview"].get("seek")
    if middle is not None:
        state["rhythm_start"] = max(0.0, float(round(middle - LONGEST / 2)))
