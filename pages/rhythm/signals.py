"""Which signal view 2 shows, the ten seconds of it, and the way to view 1 and back."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import streamlit as st

from ecgkit.processing.beats import Beats, detect_beats
from ecgkit.recording import Recording
from ecgkit.rhythm.report import LONGEST
from pages.shell.session import recording, remember, sent_signals, set_recording

AS_OPENED = "As opened"


@dataclass(frozen=True)
class Stretch:
    """A stretch of a signal.

    Attributes
    ----------
    recording
        All of it.
    key
        Tells this signal from others of the same recording.
    start, stop
        In seconds from its start.
    window
        The stretch.
    beats
        The stretch's heartbeats.
    """

    recording: Recording
    key: Hashable
    start: float
    stop: float
    window: Recording
    beats: Beats

    @property
    def mark(self) -> tuple[Hashable, float]:
        """What tells this stretch from others."""
        return (self.key, self.start)


def choose_signal(opened: Recording) -> tuple[Recording, Hashable]:
    """Show which signals there are, where view 1 has sent some.

    Returns the signal, and what tells it from others.
    """
    state = st.session_state
    sent = sent_signals()
    key = AS_OPENED
    if sent:
        options = [AS_OPENED, *sent]
        if state.get("rhythm_signal") not in options:
            state["rhythm_signal"] = AS_OPENED
        key = st.segmented_control("Signal", options, required=True, key="rhythm_signal")
    number, signal = sent.get(key, (0, opened))
    return signal, number


def show_way_to_denoise(shown: Stretch) -> None:
    """Show the way to view 1, with the open recording or with the signal in sight."""
    if st.button("To Denoise", icon=":material/ecg_heart:", key="to_denoise"):
        st.switch_page("pages/denoise/page.py")
    if shown.recording is not recording() and st.button(
        "Take this signal to Denoise",
        icon=":material/output:",
        key="send_back",
        help="It takes the place of the open recording.",
    ):
        set_recording(shown.recording)
        st.switch_page("pages/denoise/page.py")


def visible_stretch(signal: Recording, key: Hashable) -> Stretch:
    """Return the stretch in sight; its slider stands further down."""
    last = last_start(signal)
    start = max(0.0, min(st.session_state.get("rhythm_start", 0.0), last))
    stop = min(signal.duration, start + LONGEST)
    window = signal.window(start, stop)
    beats = remember(("beats", key, start), lambda: detect_beats(window))
    return Stretch(signal, key, start, stop, window, beats)


def last_start(signal: Recording) -> float:
    """Return where the last ten seconds begin; 0 for a recording without that many."""
    return max(0.0, signal.duration - LONGEST)
