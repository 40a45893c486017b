"""View 1: denoise a recording with several methods side by side."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from ecgkit.denoising import METHODS
from ecgkit.denoising.comparison import Outcome, Score, Window, denoise_window, residual
from ecgkit.drawing.html.metrics_table import indicators_table, legend_table, metrics_table
from ecgkit.drawing.style import CAUTION
from ecgkit.drawing.svg.ecg_paper import Paper, PaperScale
from ecgkit.drawing.svg.overlay import GAINS, SPEEDS, Row, Trace, draw_paper, natural_scale
from ecgkit.drawing.svg.overview_strip import draw_overview_strip, envelope
from ecgkit.recording import Recording
from pages.denoise.closer import look_closer
from pages.denoise.handover import hand_over
from pages.denoise.methods import Chosen, choose_methods
from pages.denoise.signals import choose_signals
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
    window = _window(opened)
    wide = window.widened(opened.duration)
    inner = window.inside(wide, opened.fs)
    piece = signals.piece(wide).select(leads)
    clean = None if signals.clean is None else window.cut(signals.clean).select(leads)
    shown = [Outcome("input", "Noisy input", inner.cut(piece))]
    for key, method in chosen.methods.items():
        mark = (signals.key, chosen.keys[key], window, tuple(leads))
        shown.append(remember(mark, lambda k=key, m=method: denoise_window(k, m, piece, inner)))
    scores = [] if clean is None else [Score(outcome, clean) for outcome in shown]
    _table(shown, scores, chosen, opened, leads, window)

    base = shown[0].recording if clean is None else clean
    scale = natural_scale(choice.speed, choice.gain, opened.calibrated, base.signal)
    truth = [Outcome("reference", "Clean reference", clean)] if clean is not None else []
    drawn = [*truth[: choice.with_reference], *shown[not choice.with_input :]] or shown
    figures = [_traces(drawn, base, choice.layout, scale, window)]
    with st.container(key="paper"):
        show(figures[0][0].html(), "paper_view")
        st.caption(figures[0][1])
    _scrub(opened, leads[0], window)
    if choice.with_residual and len(shown) > 1:
        figures.append(_residuals(shown, clean, base, scale, window))
        with st.container(key="residual"):
            st.markdown("**Residual**")
            show(figures[1][0].html(), "residual_view")
            st.caption(figures[1][1])
    st.warning(CAUTION, icon=":material/warning:")
    hand_over(signals, chosen)
    look_closer(opened, signals, chosen, shown, scores, leads, window, figures)
    if chosen.waiting:
        wait_for(tuple(key for key in METHODS if METHODS[key] in chosen.waiting))


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


def _scrub(opened: Recording, lead: str, window: Window) -> None:
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


def _table(
    shown: list[Outcome],
    scores: list[Score],
    chosen: Chosen,
    opened: Recording,
    leads: list[str],
    window: Window,
) -> None:
    unit = "mV" if opened.calibrated else "a.u."
    where = f"Leads {', '.join(leads)}, {window.start:.1f} to {window.stop:.1f} s"
    if scores:
        show(metrics_table(scores, chosen.waiting, unit), "metrics")
        st.caption(f"{where}, against the clean reference. Gain: SNR less the input's.")
    else:
        from ecgkit.processing.quality import noise_indicators

        show(legend_table(shown, chosen.waiting), "metrics")
        overall = [
            remember(
                ("indicators", chosen.keys.get(outcome.key), window, tuple(leads)),
                lambda of=outcome.recording: noise_indicators(of).overall,
            )
            for outcome in shown
        ]
        show(indicators_table(shown, overall), "indicators")
        st.caption(f"{where}; the median of the leads. Hints, not measurements of SNR.")


def _traces(
    outcomes: list[Outcome], base: Recording, layout: str, scale: PaperScale, window: Window
) -> tuple[Paper, str]:
    if layout == "over":
        rows = [
            Row(
                lead,
                [Trace(o.key, o.recording.lead(lead)) for o in _layers(outcomes)],
                base.lead(lead),
            )
            for lead in base.leads
        ]
    else:
        truth = [outcome for outcome in outcomes if outcome.key == "reference"]
        rows = [
            Row(
                lead,
                [Trace(o.key, o.recording.lead(lead)) for o in (*truth, outcome)],
                base.lead(lead),
                note=outcome.label,
            )
            for lead in base.leads
            for outcome in outcomes
            if outcome not in truth or len(outcomes) == 1
        ]
    return _drawn("Traces", outcomes, rows, base, scale, window)


def _layers(outcomes: list[Outcome]) -> list[Outcome]:
    """Return the order of drawing: what is first in the table comes last and lies on top."""
    beneath = ("reference", "input")
    methods = [outcome for outcome in reversed(outcomes) if outcome.key not in beneath]
    return [outcome for outcome in outcomes if outcome.key in beneath] + methods


def _residuals(
    shown: list[Outcome],
    clean: Recording | None,
    base: Recording,
    scale: PaperScale,
    window: Window,
) -> tuple[Paper, str]:
    what, outcomes = "Output minus clean reference", shown
    if clean is None:
        what, outcomes = "Output minus input, that is what each method took away", shown[1:]
    against = shown[0].recording if clean is None else clean
    parts = [(o.key, against.with_signal(residual(o, against))) for o in outcomes]
    rows = [
        Row(lead, [Trace(key, part.lead(lead)) for key, part in reversed(parts)])
        for lead in base.leads
    ]
    return _drawn(what, outcomes, rows, base, scale, window, compact=True)


def _drawn(
    what: str,
    outcomes: list[Outcome],
    rows: list[Row],
    base: Recording,
    scale: PaperScale,
    window: Window,
    *,
    compact: bool = False,
) -> tuple[Paper, str]:
    names = ", ".join(outcome.label for outcome in outcomes)
    unit = "" if scale.unit == "mV" else " in arbitrary units"
    caption = (
        f"{what}{unit}: {names}. Leads {', '.join(base.leads)}, {window.start:.1f} to "
        f"{window.stop:.1f} s. {scale.text}; a small box is {1000 / scale.speed:g} ms"
        + (f" by {1 / scale.gain:g} mV." if scale.unit == "mV" else ".")
    )
    title = f"ECG paper. {caption}"
    paper = draw_paper(rows, base.fs, start=window.start, scale=scale, title=title, compact=compact)
    return paper, caption


current = recording()
st.title("Denoise", anchor=False)
if current is None:
    st.info("No recording is open. Open a demo record or your own from the sidebar.")
else:
    workbench(current)
