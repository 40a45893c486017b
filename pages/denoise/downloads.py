"""The downloads of view 1: the denoised recording, the figure, the report, the metrics."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ecgkit.denoising import Method
from ecgkit.denoising.comparison import Comparison
from ecgkit.drawing.html.metrics_table import metrics_csv, metrics_table
from ecgkit.drawing.html.report import html_report
from ecgkit.recording import Recording
from pages.denoise.methods import ChosenMethods
from pages.denoise.signals import Signals
from pages.denoise.tracings import Figure
from pages.shell.files import file_stem, wfdb_zip

AT_ONCE = 60.0
"""Seconds: a longer recording is denoised first, with a progress bar, and downloaded then."""


def downloads(
    comparison: Comparison, signals: Signals, chosen: ChosenMethods, figures: list[Figure]
) -> None:
    """Show the downloads; a file is made when its button is pressed."""
    name = file_stem(signals.opened.name)
    window, scores = comparison.window, comparison.scores
    if chosen.methods:
        _recording(signals, chosen, name)
    settings = [*signals.settings, f"Window: {window.start:.1f} to {window.stop:.1f} s."]
    st.markdown("**Figure and metrics**, of the visible window and leads")
    with st.container(horizontal=True):
        paper, caption = figures[0]
        _button("Figure (SVG)", lambda: paper.svg(caption).encode(), f"{name}.svg", "image/svg+xml")
        table = metrics_table(scores) if scores else ""
        _button(
            "Report (HTML)",
            lambda: html_report(f"Denoising {signals.opened.name}", settings, table, figures),
            f"{name}_report.html",
            "text/html",
        )
        if scores:
            _button(
                "Metrics (CSV)",
                lambda: metrics_csv(scores, comparison.leads, settings),
                f"{name}_metrics.csv",
                "text/csv",
            )
    st.caption(
        "The SVG has the paper's true size: printed at 100 %, a small box is 1 mm. The report "
        "opens in any browser without a connection."
    )


def _recording(signals: Signals, chosen: ChosenMethods, name: str) -> None:
    state = st.session_state
    st.markdown("**Denoised recording**, all leads, whole length")
    key = st.selectbox(
        "Method",
        list(chosen.methods),
        format_func=lambda key: chosen.methods[key].label,
        key="download_method",
    )
    method = chosen.methods[key]
    mark = (signals.key, chosen.keys[key])
    length = signals.opened.duration
    make = _once(method, signals)
    if length > AT_ONCE and state.get("whole", (None,))[0] != mark:
        if not st.button("Denoise the whole recording", type="primary"):
            return
        bar = st.progress(0.0, f"{method.label}: denoising {length / 60:.0f} min …")
        state["whole"] = (mark, method.denoise(signals.whole(), bar.progress))
        bar.empty()
    if length > AT_ONCE:
        done = state["whole"][1]
        make = lambda: done  # noqa: E731
    stem = f"{name}_{key}"
    with st.container(horizontal=True):
        _button("WFDB (zip)", lambda: wfdb_zip(make(), stem), f"{stem}.zip", "application/zip")
        _button("CSV", lambda: _csv(make()), f"{stem}.csv", "text/csv")
        _button("EDF", lambda: _edf(make()), f"{stem}.edf", "application/octet-stream")


def _once(method: Method, signals: Signals) -> Callable[[], Recording]:
    return lambda: method.denoise(signals.whole())


def _button(label: str, make: Callable[[], bytes], file_name: str, mime: str) -> None:
    st.download_button(
        label, make, file_name, mime, on_click="ignore", icon=":material/download:", key=label
    )


def _csv(recording: Recording) -> bytes:
    from ecgkit.io import write_csv

    return write_csv(recording)


def _edf(recording: Recording) -> bytes:
    from ecgkit.io import write_edf

    return write_edf(recording)
