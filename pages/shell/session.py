"""What the pages share: the open recording of this session, its results, and what was chosen.

A person's recording lives in ``st.session_state`` alone, never in a cache, which all sessions
share.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from ecgkit.processing.noise import GeneratedNoise, NoiseSource
from ecgkit.recording import Recording, RecordingError
from pages.shell.results import Results

T = TypeVar("T")
MOST_SENT = 3
OWNED_BY_RECORDING = ("reference", "whole", "sweep", "start", "leads", "sent", "rhythm_start")
"""What belongs to the open recording, and goes with it."""
KEPT_WIDGETS = (
    *("mode", "kind", "snr", "seed", "mains", "methods", "rule", "dwt_row", "dwt_baseline_row"),
    *("leads", "start", "layout", "speed", "gain", "with_input", "with_reference"),
    *("with_residual", "section", "rhythm_start", "rhythm_signal", "rhythm_model", "rhythm_mode"),
    *("rhythm_layout", "rhythm_speed", "rhythm_gain"),
    *("paper_source", "paper_correct", "paper_layout", "paper_speed", "paper_gain"),
    *("paper_classifier", "paper_rule", "paper_label", "paper_evidence"),
)
"""Widgets whose values outlive a visit to another page, with which Streamlit forgets them."""


def recording() -> Recording | None:
    """Return the open recording, if there is one."""
    return st.session_state.get("recording")


def set_recording(opened: Recording | None) -> None:
    """Open a recording in place of the one before, and forget all that belonged to that."""
    state = st.session_state
    state["recording"] = opened
    state["recording_number"] = state.get("recording_number", 0) + 1
    state["results"] = Results()
    for key in OWNED_BY_RECORDING:
        state.pop(key, None)


def send(label: str, made: Recording) -> None:
    """Let view 2 show what view 1 made of the open recording; only the latest few are kept."""
    state = st.session_state
    sent = state.setdefault("sent", {})
    sent.pop(label, None)
    state["sent_number"] = state.get("sent_number", 0) + 1
    sent[label] = (state["sent_number"], made)
    while len(sent) > MOST_SENT:
        sent.pop(next(iter(sent)))
    state["rhythm_signal"] = label


def sent_signals() -> dict[str, tuple[int, Recording]]:
    """Return what view 1 has sent: label -> a number of its own, and the recording."""
    return st.session_state.get("sent", {})


def keep_choices() -> None:
    """Keep what was chosen on the pages that are not in sight; call it before any widget."""
    state = st.session_state
    for key in KEPT_WIDGETS:
        if key in state:
            state[key] = state[key]  # Streamlit forgets what no widget and no script has set


def remember(key: Hashable, make: Callable[[], T], store: str = "results") -> T:
    """Return what was made under this key for the open recording, or make it now.

    Another ``store`` of the session state is for what does not belong to the open recording.
    """
    results: Results = st.session_state[store]
    return results.get_or_make(key, make)


def recall(key: Hashable) -> Any:
    """Return what is remembered of the open recording, or None."""
    return st.session_state["results"].get(key)


def attempt(
    make: Callable[[], T],
    where: str = "The file",
    remedy: str = "Check that it is a complete recording in a supported format.",
) -> T | RecordingError:
    """Return what ``make`` returns, or one clear error whatever happens in it.

    The bytes of an upload are anyone's. What no reader foresaw must not take the page down, nor
    show a person a traceback: ``where`` and ``remedy`` are what is said then.
    """
    try:
        return make()
    except RecordingError as error:
        return error
    except Exception as error:
        return RecordingError(
            f"could not be read ({type(error).__name__})",
            where=where,
            remedy=remedy,
        )


def plain(text: str) -> str:
    """Return a text that Markdown shows as it stands: names in files may hold anything."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])", r"\\\1", " ".join(text.split()))


def describe(opened: Recording) -> str:
    """Return leads, sampling frequency and length in a few words."""
    count = len(opened.leads)
    minutes, seconds = divmod(opened.duration, 60)
    length = f"{minutes:.0f} min {seconds:.0f} s" if minutes else f"{seconds:g} s"
    return f"{count} lead{'s' * (count > 1)} · {opened.fs:g} Hz · {length}"


@st.cache_resource(show_spinner="Reading the noise records …")
def noise_source() -> NoiseSource:
    """Return NSTDB's noise where its folder is present, else the generated one.

    Of NSTDB only the last third, from which no network here has learnt.
    """
    root = Path(__file__).resolve().parents[2]
    data = Path(os.environ.get("ECGKIT_DATA", root.parent / "shared" / "data"))
    if not (data / "nstdb" / "bw.hea").exists():
        return GeneratedNoise()
    from ecgkit.processing.noise import NstdbNoise

    try:
        return NstdbNoise(data / "nstdb", part=(2 / 3, 1.0))
    except RecordingError:
        return GeneratedNoise()
