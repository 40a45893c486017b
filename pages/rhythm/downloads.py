"""The downloads of view 2: probabilities, figures, and the report on one page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ecgkit.drawing.svg.timeline import draw_timeline
from ecgkit.rhythm.export import answers_csv, answers_json
from ecgkit.rhythm.report import RhythmReport
from pages.rhythm.seconds import Drawn
from pages.rhythm.signals import Stretch
from pages.shell.files import file_stem


def downloads(
    shown: Stretch,
    reports: list[RhythmReport],
    drawn: Drawn,
) -> None:
    """Show the downloads; a file is made when its button is pressed."""
    recording, start = shown.recording, shown.start
    name = file_stem(recording.name)
    name = f"{name}_{start:g}s" if start else name
    svg = "image/svg+xml"
    st.markdown("**Downloads**, of the seconds in sight")
    with st.container(horizontal=True):
        if reports:
            _button(
                "One-page report (PDF)",
                lambda: _pdf(shown, reports),
                f"{name}.pdf",
                "application/pdf",
            )
            _button(
                "Probabilities (CSV)",
                lambda: answers_csv(recording.name, reports),
                f"{name}_rhythm.csv",
                "text/csv",
            )
            _button(
                "Probabilities (JSON)",
                lambda: answers_json(recording.name, reports),
                f"{name}_rhythm.json",
                "application/json",
            )
        _button("Tracing (SVG)", drawn.tracing, f"{name}_tracing.svg", svg)
        if drawn.stack is not None:
            _button(
                f"Scalogram of second {drawn.second + 1} (SVG)",
                drawn.stack,
                f"{name}_stack.svg",
                svg,
            )
        if reports:
            _button(
                "Timeline (SVG)",
                lambda: _timeline(shown, reports, drawn.second),
                f"{name}_timeline.svg",
                svg,
            )
    st.caption("The tracing has the paper's true size: printed at 100 %, a small box is 1 mm.")


def _button(label: str, make: Callable[[], bytes], file_name: str, mime: str) -> None:
    key = f"rhythm_{file_name.rpartition('_')[2]}"
    st.download_button(
        label, make, file_name, mime, on_click="ignore", icon=":material/download:", key=key
    )


def _pdf(shown: Stretch, reports: list[RhythmReport]) -> bytes:
    from ecgkit.drawing.pdf.rhythm_report import rhythm_pdf

    return rhythm_pdf(shown.recording, reports, shown.start)


def _timeline(shown: Stretch, reports: list[RhythmReport], second: int) -> bytes:
    from ecgkit.drawing.svg.scalogram import scalogram_file

    said = f"{shown.recording.name}: probability of each class in each second, in percent."
    return scalogram_file(draw_timeline(reports, shown.start, second=second), said)
