"""Which methods run on view 1, with their settings, and how far the networks' loading is."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import streamlit as st

from ecgkit.denoising import METHODS, NETWORKS, Method, make_method
from ecgkit.denoising.wavelet import default_level, max_level
from ecgkit.recording import Recording
from pages.shell.loading import loaded_or_reason

RULES = {"universal": "One threshold for all levels", "level": "One threshold a level"}


@dataclass(frozen=True)
class ChosenMethods:
    """The methods that run.

    Attributes
    ----------
    methods
        Signal key -> method; ``"dwt_baseline"`` is DWT behind its baseline step.
    keys
        Signal key -> what tells its settings apart.
    waiting, failed
        Labels of networks that are loading; why others could not be loaded.
    rule
        The DWT's threshold rule.
    """

    methods: dict[str, Method]
    keys: dict[str, Hashable]
    waiting: tuple[str, ...]
    failed: tuple[str, ...]
    rule: str


def choose_methods(opened: Recording) -> ChosenMethods:
    """Show the methods as toggles, and the DWT's settings."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.pills(
            "Methods",
            list(METHODS),
            selection_mode="multi",
            default=["aprcnn", "dwt"],
            format_func=METHODS.__getitem__,
            key="methods",
            wrap=True,
        )
        with st.popover("DWT settings", icon=":material/tune:"):
            level, rule, plain_row, baseline_row = _dwt(opened)
    methods: dict[str, Method] = {}
    keys: dict[str, Hashable] = {}
    waiting, failed = [], []
    for key in wanted:
        if key in NETWORKS:
            found = loaded_or_reason(key)
            if found is None:
                waiting.append(METHODS[key])
            elif isinstance(found, str):
                failed.append(found)
            else:
                methods[key], keys[key] = found, key
        elif key == "dwt":
            for name, baseline, shown in (
                ("dwt", False, plain_row),
                ("dwt_baseline", True, baseline_row),
            ):
                if shown:
                    methods[name] = make_method("dwt", level=level, rule=rule, baseline=baseline)
                    keys[name] = (name, level, rule)
        else:
            methods[key], keys[key] = make_method(key), key
    return ChosenMethods(methods, keys, tuple(waiting), tuple(failed), rule)


def _dwt(opened: Recording) -> tuple[int, str, bool, bool]:
    deepest = max(1, min(10, max_level(opened.n_samples)))
    usual = min(default_level(opened.fs), deepest)
    if deepest > 1:
        level = st.slider(
            "Decomposition level",
            1,
            deepest,
            usual,
            key="level",
            help=f"At {opened.fs:g} Hz, {usual} levels reach down to about 10 Hz; deeper ones also "
            "threshold P and T waves.",
        )
    else:
        level = 1
    rule = st.radio("Threshold rule", list(RULES), format_func=RULES.__getitem__, key="rule")
    st.write("Rows")
    plain_row = st.checkbox("DWT as it is", value=True, key="dwt_row")
    baseline_row = st.checkbox(
        "DWT behind a baseline step (0.5 Hz high-pass)",
        value=True,
        key="dwt_baseline_row",
        help="DWT thresholding leaves baseline wander alone at every level.",
    )
    return level, rule, plain_row, baseline_row
