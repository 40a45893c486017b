"""View 1: denoise a recording with several methods side by side."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from ecgkit.denoising import METHODS, Method
from ecgkit.denoising.comparison import (
    Comparison,
    Outcome,
    Window,
    compare_methods,
    denoise_window,
)
from ecgkit.drawing.html.metrics_table import indicators_table, legend_table, metrics_table
from ecgkit.drawing.style import CAUTION
from ecgkit.drawing.svg.overlay import GAINS, SPEEDS, natural_scale
from ecgkit.drawing.svg.overview_strip import draw_overview_strip, envelope
from ecgkit.recording import Recording
from pages.denoise.details import show_details
from pages.denoise.methods import ChosenMethods, choose_methods
from pages.denoise.send_to_scalogram import send_to_scalogram
from pages.denoise.signals import Signals, choose_signals
from pages.denoise.tracings import draw_residuals, draw_traces
from pages.shell.component import show
from pages.shell.loading import wait_for
from pages.shell.session import plain, recording, remember

LENGTHS = (2.5, 5.0, 10.0, 20.0, 30.0)
FIRST_LEADS = ("II", "V2", "V5")
LAYOUTS = {"over": "Overlaid", "under": "One below another"}


@dataclass(frozen=True)
class PaperChoice:
    """What the person wants to see on the paper."""

    layout: str
    speed: float
    gain: float
    with_input: bool
    with_reference: bool
    with_residual: bool


@st.fragment
def workbench(opened: Recording) -> None:
    """Show the whole view; a change of any control runs this and nothing else."""
    signals = choose_signals(opened)
    if signals is None:
        return
    chosen = choose_methods(opened)
    for reason in chosen.failed:
        st.warning(plain(reason))
    leads, choice = _choose_leads_and_paper(opened)
    comparison = _compare(signals, chosen, leads, _window(opened))
    _table(comparison, signals, chosen)
    scale = natural_scale(choice.speed, choice.gain, opened.calibrated, comparison.base.signal)
    figures = [draw_traces(comparison, _visible(comparison, choice), choice.layout, scale)]
    with st.container(key="paper"):
        show(figures[0][0].html(), "paper_view")
        st.caption(figures[0][1])
    _time_controls(opened, leads[0], comparison.window)
    if choice.with_residual and comparison.outcomes:
        figures.append(draw_residuals(comparison, scale))
        with st.container(key="residual"):
            st.markdown("**Residual**")
            show(figures[1][0].html(), "residual_view")
            st.caption(figures[1][1])
    st.warning(CAUTION, icon=":material/warning:")
    send_to_scalogram(signals, chosen)
    show_details(comparison, signals, chosen, figures)
    if chosen.waiting:
        wait_for(tuple(key for key in METHODS if METHODS[key] in chosen.waiting))


def _compare(
    signals: Signals, chosen: ChosenMethods, leads: list[str], window: Window
) -> Comparison:
    """Denoise the window; what a method made of it before is remembered."""
    wide = window.widened(signals.opened.duration)

    def run(key: str, method: Method, piece: Recording, inner: Window) -> Outcome:
        mark = (signals.key, chosen.keys[key], window, tuple(leads))
        return remember(mark, lambda: denoise_window(key, method, piece, inner))

    return compare_methods(
        signals.piece(wide).select(leads),
        signals.clean,
        chosen.methods,
        window,
        start=wide.start,
        run=run,
    )


def _visible(comparison: Comparison, choice: PaperChoice) -> list[Outcome]:
    """Return the signals on the paper, the clean reference first; never none."""
    signals = list(comparison.signals)
    reference = [comparison.reference] if comparison.reference and choice.with_reference else []
    return [*reference, *signals[not choice.with_input :]] or signals


def _choose_leads_and_paper(opened: Recording) -> tuple[list[str], PaperChoice]:
    first = [lead for lead in FIRST_LEADS if lead in opened] or list(opened.leads[:2])
    st.session_state.setdefault("leads", first)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.pills("Leads", opened.leads, selection_mode="multi", key="leads", wrap=True)
        if len(opened.leads) > 1:
            st.button(
                "All leads", on_click=lambda: st.session_state.update(leads=list(opened.leads))
            )
        with st.popover("Paper", icon=":material/straighten:"):
            choice = _choose_paper()
    return [lead for lead in opened.leads if lead in picked] or first, choice


def _choose_paper() -> PaperChoice:
    layout = st.segmented_control(
        "Traces",
        list(LAYOUTS),
        format_func=LAYOUTS.__getitem__,
        default="over",
        required=True,
        key="layout",
    )
    speed = st.segmented_control(
        "Speed (mm/s)", SPEEDS, format_func="{:g}".format, default=25.0, required=True, key="speed"
    )
    gain = st.segmented_control(
        "Gain (mm/mV)", GAINS, format_func="{:g}".format, default=10.0, required=True, key="gain"
    )
    return PaperChoice(
        layout,
        speed,
        gain,
        st.checkbox("Noisy input", value=True, key="with_input"),
        st.checkbox("Clean reference, where there is one", value=True, key="with_reference"),
        st.checkbox("Residual panel", value=True, key="with_residual"),
    )


def _window(opened: Recording) -> Window:
    """Return the visible window; its controls stand below the paper."""
    state = st.session_state
    length = min(state.get("length", 10.0), opened.duration)
    start = max(0.0, min(state.get("start", 0.0), opened.duration - length))
    return Window(start, start + length)


def _time_controls(opened: Recording, lead: str, window: Window) -> None:
    lengths = [length for length in LENGTHS if length < opened.duration]
    if not lengths:
        return
    if opened.duration <= LENGTHS[-1]:
        lengths.append(opened.duration)
    last = opened.duration - (window.stop - window.start)
    state = st.session_state
    if last > 0:
        shape = remember(("envelope", lead), lambda: envelope(opened.lead(lead)))
        label = f"Overview of lead {lead}: click to go there"
        strip = draw_overview_strip(shape, opened.duration, window.start, window.stop, label)
        show(strip, "strip", on_seek=_seek)
        state["start"] = min(state.get("start", 0.0), last)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if last > 0:
            st.slider("Window starts at (s)", 0.0, last, step=0.1, format="%.1f", key="start")
        st.segmented_control(
            "Window (s)",
            lengths,
            format_func="{:g}".format,
            default=min(10.0, lengths[-1]),
            required=True,
            key="length",
        )


def _seek() -> None:
    state = st.session_state
    middle = state["strip"].get("seek")
    if middle is not None:
        state["start"] = max(0.0, round(middle - state.get("length", 10.0) / 2, 1))


def _table(comparison: Comparison, signals: Signals, chosen: ChosenMethods) -> None:
    window, leads = comparison.window, comparison.leads
    where = f"Leads {', '.join(leads)}, {window.start:.1f} to {window.stop:.1f} s"
    if comparison.scores:
        unit = "mV" if comparison.base.calibrated else "a.u."
        show(metrics_table(comparison.scores, chosen.waiting, unit), "metrics")
        st.caption(f"{where}, against the clean reference. Gain: SNR less the input's.")
    else:
        from ecgkit.processing.quality import noise_indicators

        show(legend_table(comparison.signals, chosen.waiting), "metrics")
        overall = [
            remember(
                ("indicators", signals.key, chosen.keys.get(outcome.key), window, leads),
                lambda of=outcome.recording: noise_indicators(of).overall,
            )
            for outcome in comparison.signals
        ]
        show(indicators_table(comparison.signals, overall), "indicators")
        st.caption(f"{where}; the median of the leads. Hints, not measurements of SNR.")


current = recording()
st.title("Denoise", anchor=False)
if current is None:
    st.info("No recording is open. Open a demo record or your own from the sidebar.")
else:
    workbench(current)
