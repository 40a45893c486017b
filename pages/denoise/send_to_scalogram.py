"""From view 1 to view 2: the denoised or the noisy recording is sent to be looked at there."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.denoise.methods import ChosenMethods
from pages.denoise.signals import Signals
from pages.shell.session import send

NOISY = "Noisy input"


def send_to_scalogram(signals: Signals, chosen: ChosenMethods) -> None:
    """Show what can be sent; the whole recording is denoised once the button is pressed."""
    labels = {key: method.label for key, method in chosen.methods.items()}
    with st.popover("Open in Scalogram", icon=":material/graphic_eq:"):
        key = st.selectbox(
            "Signal to name the rhythm of",
            [*labels, ""],
            format_func=lambda key: labels.get(key, NOISY),
            key="scalogram_signal",
        )
        if not st.button("Open it there", type="primary", key="send"):
            return
        label = labels.get(key, NOISY)
        bar = st.progress(0.0, f"{label}: the whole recording …")
        made = signals.whole()
        if key:
            made = chosen.methods[key].denoise(made, bar.progress)
        bar.empty()
        send(label, replace(made, name=f"{made.name}, {label}"))
    st.switch_page("pages/rhythm/page.py")
