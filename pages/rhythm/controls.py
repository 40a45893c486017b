"""The controls of view 2: paper, transform, network, and what drove its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from ecgkit.drawing.svg.overlay import GAINS, SPEEDS
from ecgkit.drawing.svg.tracing import LAYOUTS, layouts_for
from ecgkit.recording import RecordingError
from ecgkit.rhythm.classes import RHYTHMS
from ecgkit.rhythm.report import DEFAULT, NETWORKS, RhythmReport
from pages.rhythm.signals import Stretch, show_way_to_denoise
from pages.shell.session import attempt, plain, remember

MODES = {"whole": "Whole recording", "per_second": "Each second alone"}
"""Words for :data:`ecgkit.rhythm.scalogram.MODES`, which would bring torch along."""
SHORT = {"cnn2d": "2D CNN", "cnn1d": "1D CNN", "cnn_lstm": "CNN-LSTM"}
WHY_WHOLE = (
    "«Whole recording» transforms the signal at once and cuts the seconds out of it; it is the "
    "default, because a second transformed alone is all edge below 2.7 Hz: the wavelet is longer "
    "there than the second, and its cone of influence (√2 standard deviations) covers everything. "
    "«Each second alone» is what the study of stacked scalograms does."
)


@dataclass(frozen=True)
class Choice:
    """What the person wants to see."""

    layout: str
    speed: float
    gain: float
    mode: str
    model: str


@dataclass(frozen=True)
class Evidence:
    """What drove the chosen network's answer, as far as it was asked for.

    Attributes
    ----------
    rhythm
        The class asked about; empty where nothing was asked.
    weights
        As :func:`ecgkit.rhythm.explanation.occlusion` gives them.
    heat
        As :func:`ecgkit.rhythm.explanation.grad_cam` gives it.
    """

    rhythm: str = ""
    weights: Any = None
    heat: Any = None


def choose(shown: Stretch, answers: dict[str, RhythmReport | str]) -> tuple[Choice, Evidence]:
    """Show the controls above the tracing."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model = st.segmented_control(
            "Network of seconds, overview and evidence",
            list(NETWORKS),
            format_func=SHORT.__getitem__,
            default=DEFAULT,
            required=True,
            key="rhythm_model",
        )
        mode = st.segmented_control(
            "Transform",
            list(MODES),
            format_func=MODES.__getitem__,
            default="whole",
            required=True,
            key="rhythm_mode",
            help=WHY_WHOLE,
        )
        with st.popover("Paper", icon=":material/straighten:"):
            layout, speed, gain = _paper(shown)
        with st.popover("What drove it", icon=":material/quiz:"):
            evidence = _evidence(shown, model, answers.get(model))
        show_way_to_denoise(shown)
    return Choice(layout, speed, gain, mode, model), evidence


def _paper(shown: Stretch) -> tuple[str, float, float]:
    layouts = layouts_for(shown.window, shown.window.duration)
    state = st.session_state
    if state.get("rhythm_layout") not in layouts:
        state["rhythm_layout"] = layouts[0]
    layout = st.segmented_control(
        "Layout",
        layouts,
        format_func=LAYOUTS.__getitem__,
        required=True,
        key="rhythm_layout",
    )
    speed = st.segmented_control(
        "Speed (mm/s)",
        SPEEDS,
        format_func="{:g}".format,
        default=25.0,
        required=True,
        key="rhythm_speed",
    )
    gain = st.segmented_control(
        "Gain (mm/mV)",
        GAINS,
        format_func="{:g}".format,
        default=10.0,
        required=True,
        key="rhythm_gain",
    )
    return layout, speed, gain


def _evidence(shown: Stretch, model: str, report: RhythmReport | str | None) -> Evidence:
    st.write("An aid to looking, and no proof: what the network reacts to, not why.")
    if not isinstance(report, RhythmReport):
        st.caption("There is no answer of this network to explain.")
        return Evidence()
    rhythm = st.selectbox(
        "What speaks for",
        report.ranked,
        format_func=lambda name: f"{name}: {RHYTHMS[name]}",
        key="rhythm_class",
    )
    occluded = st.toggle("Seconds and leads (occlusion), on the tracing", key="rhythm_occlusion")
    seen = st.toggle(
        "Places in the images (Grad-CAM), on the scalogram",
        key="rhythm_cam",
        help="Of the 2D CNN alone, whichever network is chosen.",
    )
    from ecgkit.rhythm.explanation import grad_cam, occlusion

    weights = heat = None
    if occluded:
        with st.spinner(f"{NETWORKS[model]}: hiding one second of one lead after another …"):
            weights = remember(
                ("occlusion", shown.mark, model, rhythm),
                lambda: attempt(lambda: occlusion(shown.recording, model, rhythm, shown.start)),
            )
    if seen:
        with st.spinner("Grad-CAM …"):
            heat = remember(
                ("cam", shown.mark, rhythm),
                lambda: attempt(lambda: grad_cam(shown.recording, rhythm, shown.start)),
            )
    for result in (weights, heat):
        if isinstance(result, RecordingError):
            st.warning(plain(str(result)))
    return Evidence(
        rhythm if occluded or seen else "",
        None if isinstance(weights, RecordingError) else weights,
        None if isinstance(heat, RecordingError) else heat,
    )
