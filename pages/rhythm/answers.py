"""What the three networks say about the ten seconds in sight."""

from __future__ import annotations

import streamlit as st

from ecgkit.drawing.html.rhythm_answers import agreement, answer_cards, vitals
from ecgkit.recording import Recording, RecordingError
from ecgkit.rhythm.report import NETWORKS, RhythmReport, card_name, rhythm_report, rhythm_window
from pages.rhythm.signals import Stretch
from pages.rhythm.view import show_parts
from pages.shell.loading import loaded_or_reason
from pages.shell.session import attempt, plain, remember

LOADING = "loading the network …"


def ask_networks(shown: Stretch) -> tuple[dict[str, RhythmReport | str], RecordingError | None]:
    """Return each network's report, or why there is none; and why none can answer, if so."""
    readable = remember(
        ("readable", shown.mark),
        lambda: attempt(lambda: rhythm_window(shown.recording, shown.start)),
    )
    if not isinstance(readable, Recording):
        return {}, readable
    answers: dict[str, RhythmReport | str] = {}
    for model in NETWORKS:
        there = loaded_or_reason(card_name(model))
        if isinstance(there, str):
            answers[model] = there
        elif there is None:
            answers[model] = LOADING
        else:
            report = remember(
                ("report", shown.mark, model),
                lambda m=model: attempt(lambda: rhythm_report(shown.recording, m, shown.start)),
            )
            answers[model] = report if isinstance(report, RhythmReport) else str(report)
    return answers, None


def show_answers(
    shown: Stretch, answers: dict[str, RhythmReport | str], refusal: RecordingError | None
) -> None:
    """Show the networks side by side, in words whether they agree, and what to beware of."""
    st.markdown(f"**{plain(vitals(shown.beats))}**")
    if refusal is not None:
        st.warning(f"No rhythm is named: {plain(str(refusal))}", icon=":material/block:")
        return
    reports = [answer for answer in answers.values() if isinstance(answer, RhythmReport)]
    said = agreement(reports)
    if said:
        agree = len({report.label for report in reports}) == 1
        icon = ":material/check_circle:" if agree else ":material/call_split:"
        (st.info if agree else st.warning)(plain(said), icon=icon)
    show_parts({"answers": answer_cards(answers)}, "rhythm_answers")
    warnings = list(dict.fromkeys(line for report in reports for line in report.warnings))
    for line in warnings:
        st.caption(f":material/warning: {plain(line)}")
