"""Where view 1's signals come from: the noise bench, a noisy and a clean trace, or one alone."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import streamlit as st

from ecgkit.denoising.comparison import Window, matching_reference
from ecgkit.denoising.noise_bench import NoiseBench
from ecgkit.processing.noise import NOISE_KINDS
from ecgkit.recording import Recording
from pages.shell.session import attempt, noise_source, plain, remember
from pages.shell.sidebar import upload_files

BENCH_VALUES = 25_000_000
"""A day of one lead at 250 Hz: mixing holds the whole noise in memory, in double precision."""
MODES = {
    "bench": "Noise bench",
    "pair": "Noisy trace and clean reference",
    "alone": "Noisy trace alone",
}


@dataclass(frozen=True)
class Signals:
    """What is to be denoised, and what is known of the truth.

    Attributes
    ----------
    clean
        The whole clean recording; None where it is not known.
    noisy
        The whole noisy recording, or None where ``bench`` mixes it.
    snr_db
        What the bench mixes at.
    key
        Tells these signals from others of the same recording.
    settings
        How they came about, in sentences.
    """

    clean: Recording | None
    noisy: Recording | None
    bench: NoiseBench | None
    snr_db: float
    key: Hashable
    settings: tuple[str, ...]

    @property
    def opened(self) -> Recording:
        """The open recording: the noisy one, or what the bench takes for clean."""
        opened = self.clean if self.bench is not None else self.noisy
        assert opened is not None
        return opened

    def piece(self, window: Window) -> Recording:
        """Return a window of the noisy recording."""
        if self.bench is not None:
            return self.bench.noisy(self.snr_db, window)
        assert self.noisy is not None
        return window.cut(self.noisy)

    def whole(self) -> Recording:
        """Return the whole noisy recording."""
        if self.bench is not None:
            return self.bench.noisy(self.snr_db)
        assert self.noisy is not None
        return self.noisy


def choose_signals(opened: Recording) -> Signals | None:
    """Show the mode and its controls; None while a clean reference is still to come."""
    mode = st.segmented_control(
        "What there is",
        list(MODES),
        format_func=MODES.__getitem__,
        default="bench",
        required=True,
        key="mode",
        label_visibility="collapsed",
    )
    if mode == "pair":
        return _pair(opened)
    if mode == "alone":
        st.info(
            "Without a clean reference, SNR and MSE cannot be known; the indicators below only "
            "hint at the noise.",
            icon=":material/info:",
        )
        text = f"Noisy trace alone: {opened.name}."
        return Signals(None, opened, None, 0.0, "alone", (text,))
    return _bench(opened)


def _bench(opened: Recording) -> Signals | None:
    if opened.signal.size > BENCH_VALUES:
        st.info(
            f"The noise bench takes up to {BENCH_VALUES:,} samples over all leads, and this "
            "recording holds more. It can be denoised as a noisy trace alone."
        )
        return None
    kind_box, snr_box, seed_box, mains_box = st.columns([3, 4, 1.3, 1.7])
    kind = kind_box.selectbox(
        "Noise", list(NOISE_KINDS), index=1, format_func=NOISE_KINDS.__getitem__, key="kind"
    )
    snr = snr_box.slider("SNR (dB)", -6, 24, 0, key="snr")
    seed = seed_box.number_input("Seed", 0, 9999, 0, key="seed")
    mains = 50
    if kind == "powerline":
        mains = mains_box.segmented_control(
            "Mains (Hz)", [50, 60], default=50, required=True, key="mains"
        )
    source = noise_source()
    recorded = kind not in ("powerline", "white")
    origin = {
        "NSTDB": "recorded noise of the MIT-BIH Noise Stress Test Database (last third)",
        "generated": "generated noise with the spectra of NSTDB",
    }.get(source.name, source.name)
    origin = origin if recorded else "generated noise"
    key = ("bench", kind, seed, mains)
    with st.spinner("Mixing the noise …", show_time=True):
        bench = remember(
            key,
            lambda: NoiseBench(opened, kind, seed=int(seed), mains=float(mains), source=source),
        )
    settings = (
        f"Recording: {opened.name}, which counts as clean.",
        f"{NOISE_KINDS[kind]} at {snr} dB SNR over the whole recording, seed {seed}"
        + (f", mains {mains} Hz" if kind == "powerline" else "")
        + f": {origin}.",
    )
    st.caption(settings[1])
    return Signals(opened, None, bench, float(snr), (*key, snr), settings)


def _pair(opened: Recording) -> Signals | None:
    state = st.session_state
    st.write(f"The noisy trace is **{plain(opened.name)}**, the open recording.")
    if "reference" not in state:
        st.write("Its clean reference must have the same leads, sampling frequency and length.")
        found = upload_files("Clean reference", "pair")
        if found is not None:
            result = attempt(lambda: matching_reference(opened, found))
            if isinstance(result, Recording):
                state["reference"] = result
                st.rerun()
            state["pair_problem"] = str(result)
            st.rerun()
        if "pair_problem" in state:
            st.error(plain(state.pop("pair_problem")))
        return None
    reference = state["reference"]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.write(f"The clean reference is **{plain(reference.name)}**.")
        st.button("Remove", on_click=lambda: state.pop("reference", None))
    text = f"Noisy trace {opened.name} against the clean reference {reference.name}."
    return Signals(reference, opened, None, 0.0, ("pair", id(reference)), (text,))
