"""View 2: the rhythm, second by second, with stacked scalograms and three networks."""

from __future__ import annotations

import streamlit as st

from ecgkit.drawing.style import RHYTHM_CAUTION
from ecgkit.recording import Recording
from ecgkit.rhythm.report import RhythmReport, card_name
from pages.rhythm.answers import LOADING, ask_networks, show_answers
from pages.rhythm.controls import choose
from pages.rhythm.downloads import downloads
from pages.rhythm.overview import show_overview
from pages.rhythm.seconds import show_seconds
from pages.rhythm.signals import choose_signal, visible_stretch
from pages.shell.loading import TRANSFORM, loaded_or_reason, wait_for
from pages.shell.session import recording


@st.fragment
def workbench(opened: Recording) -> None:
    """Show the whole view; a change of any control runs this and nothing else."""
    signal, key = choose_signal(opened)
    shown = visible_stretch(signal, key)
    answers, refusal = ask_networks(shown)
    reports = [answer for answer in answers.values() if isinstance(answer, RhythmReport)]
    show_answers(shown, answers, refusal)
    choice, evidence = choose(shown, answers)
    show_overview(shown, choice.model, refusal is None)
    drawn = show_seconds(shown, choice, evidence, reports)
    st.caption(RHYTHM_CAUTION)
    downloads(shown, reports, drawn)
    waiting = [card_name(name) for name, answer in answers.items() if answer == LOADING]
    if loaded_or_reason(TRANSFORM) is None:
        waiting.insert(0, TRANSFORM)
    if waiting:
        wait_for(tuple(waiting))


current = recording()
st.title("Scalogram", anchor=False)
if current is None:
    st.info("No recording is open. Open a demo record or your own from the sidebar.")
else:
    workbench(current)
