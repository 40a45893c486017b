"""Below the paper of view 1: lead by lead, the DWT's levels, SNR out against SNR in, downloads."""

from __future__ import annotations

import streamlit as st

from ecgkit.denoising import Method, make_method
from ecgkit.denoising.comparison import (
    Comparison,
    Outcome,
    Window,
    compare_methods,
    denoise_window,
)
from ecgkit.denoising.noise_bench import NoiseBench, sweep
from ecgkit.denoising.wavelet import detail_band, max_level
from ecgkit.drawing.charts import level_chart, snr_curves
from ecgkit.drawing.html.metrics_table import METRICS, lead_table
from ecgkit.drawing.svg.overlay import Row, Trace, draw_paper, natural_scale
from ecgkit.recording import Recording
from pages.denoise.downloads import downloads
from pages.denoise.methods import ChosenMethods
from pages.denoise.signals import Signals
from pages.denoise.tracings import Figure
from pages.shell.component import show
from pages.shell.session import recall, remember

SECTIONS = ("Lead by lead", "DWT levels", "SNR out against SNR in", "Downloads")
NEEDS_TRUTH = "This needs a clean reference: use the noise bench or bring one."


def show_details(
    comparison: Comparison, signals: Signals, chosen: ChosenMethods, figures: list[Figure]
) -> None:
    """Show one of the sections; the others are not computed."""
    section = st.segmented_control(
        "Look closer", SECTIONS, default=SECTIONS[0], required=True, key="section"
    )
    if section == "Downloads":
        downloads(comparison, signals, chosen, figures)
    elif not comparison.scores:
        st.info(NEEDS_TRUTH)
    elif section == "DWT levels":
        _levels(comparison, signals, chosen)
    elif section == "Lead by lead":
        column = st.segmented_control(
            "Metric",
            list(METRICS),
            format_func=lambda key: METRICS[key][0],
            default="snr_db",
            required=True,
            key="lead_metric",
        )
        show(lead_table(comparison.scores, comparison.leads, column), "lead_table")
        unit = METRICS[column][1]
        st.caption(f"{METRICS[column][0]} in {unit}, each lead on its own, in the visible window.")
    elif signals.bench is None:
        st.info("This needs noise at every SNR: use the noise bench.")
    else:
        _curves(comparison, signals.bench, chosen, signals.key[:-1])  # at whatever SNR


def _dark() -> bool:
    return st.context.theme.type == "dark"


def _levels(comparison: Comparison, signals: Signals, chosen: ChosenMethods) -> None:
    lead = st.selectbox("Lead", comparison.leads, key="level_lead")
    window, fs = comparison.window, comparison.noisy.fs
    wide = window.widened(signals.opened.duration)
    piece = signals.piece(wide).select([lead])
    levels = range(1, max(1, min(10, max_level(piece.n_samples))) + 1)

    def run(key: str, method: Method, piece: Recording, inner: Window) -> Outcome:
        mark = ("level", signals.key, chosen.rule, window, lead, key)
        return remember(mark, lambda: denoise_window("dwt", method, piece, inner))

    by_level = compare_methods(
        piece,
        signals.clean,
        {f"level {n}": make_method("dwt", level=n, rule=chosen.rule) for n in levels},
        window,
        start=wide.start,
        run=run,
    )
    noisy, *outcomes = by_level.signals
    snr = [score.overall.snr_db for score in by_level.scores[1:]]
    bands = [detail_band(fs, level) for level in levels]
    st.plotly_chart(
        level_chart(levels, bands, snr, dark=_dark()),
        key="level_chart",
        config={"displaylogo": False},
        alt=f"SNR out of DWT thresholding by level: {', '.join(f'{x:.1f}' for x in snr)} dB.",
    )
    st.caption(
        f"DWT db8 without the baseline step, lead {lead}, visible window. Each level halves the "
        "band below the one before; its details are thresholded, what lies below the last is kept "
        "as it is. Too few levels leave noise; too many take the waves themselves."
    )
    extent = by_level.base.lead(lead)
    rows = [
        Row(
            f"L{n}",
            [Trace("input", noisy.recording.lead(lead)), Trace("dwt", o.recording.lead(lead))],
            extent,
            note=f"Level {n}: {band} Hz, SNR {value:.1f} dB",
        )
        for n, band, o, value in zip(levels, bands, outcomes, snr, strict=True)
    ]
    scale = natural_scale(
        st.session_state["speed"], st.session_state["gain"], by_level.base.calibrated, extent
    )
    paper = draw_paper(rows, fs, start=window.start, scale=scale, title="DWT level by level")
    show(paper.html(), "level_paper")


@st.fragment
def _curves(comparison: Comparison, bench: NoiseBench, chosen: ChosenMethods, key: tuple) -> None:
    window, leads = comparison.window, comparison.leads
    mark = ("sweep", key, tuple(chosen.keys.values()), window, leads)
    curves = recall(mark)
    if curves is None:
        with (place := st.empty()).container():
            st.write("Every method that is switched on, at eleven SNRs, on the visible window.")
            if not st.button("Compute the curves", type="primary"):
                return
        bar = place.progress(0.0)
        curves = remember(
            mark,
            lambda: sweep(bench, leads, chosen.methods, window, bar.progress),
        )
        place.empty()
    text = "; ".join(
        f"{curves.labels[key]}: " + ", ".join(f"{value:.1f}" for value in values)
        for key, values in curves.snr_out.items()
    )
    st.plotly_chart(
        snr_curves(curves, dark=_dark()),
        key="snr_curves",
        config={"displaylogo": False, "toImageButtonOptions": {"format": "svg"}},
        alt=f"SNR out in dB for SNR in from {curves.snr_in[0]:.1f} to {curves.snr_in[-1]:.1f} dB. "
        + text,
    )
    st.caption(
        f"SNR of the output against SNR of the input, leads {', '.join(leads)}, visible window, "
        "this noise and seed. Above the grey line a method helps; below it, it harms."
    )
