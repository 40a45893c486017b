"""What takes long to load, the networks and the transform: in the background, for all sessions.

Networks hold nothing of anyone: they are the one thing that is cached for all.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any

import streamlit as st

from ecgkit import models
from ecgkit.denoising import METHODS, make_method
from ecgkit.diagnosis.predict import network_names
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import RecordingError
from ecgkit.rhythm.report import NETWORKS as RHYTHM_NETWORKS
from ecgkit.rhythm.report import card_name, rhythm_report

TRANSFORM = "scalogram"
MASK = "paper-unet"
"""The name of :data:`ecgkit.digitization.segmentation.NETWORK`, which would bring torch along."""
DIAGNOSES = "diagnoses"
"""All of :func:`ecgkit.diagnosis.predict.network_names` together."""
RHYTHM = {card_name(model): model for model in RHYTHM_NETWORKS}
LABELS = {
    **METHODS,
    **{name: RHYTHM_NETWORKS[model] for name, model in RHYTHM.items()},
    TRANSFORM: "The scalogram",
    MASK: "The network that finds the traces",
    DIAGNOSES: "The networks of the diagnoses",
}
_lock = Lock()


def loaded_or_reason(key: str) -> Any:
    """Return what was loaded, why it could not be (a sentence), or None while it is not there yet.

    A denoising network comes as its :class:`ecgkit.denoising.Method`; of the others, which
    :mod:`ecgkit.models` holds, it is enough to know that they are there.
    """
    loading = _loaded().get(key)
    if loading is None or not loading.done():
        return None
    if isinstance(error := loading.exception(), RecordingError):
        return str(error)
    if error is not None:
        return f"{LABELS[key]} could not be loaded ({type(error).__name__})."
    return loading.result()


def start_loading(key: str) -> None:
    """Load something in the background, once for all sessions: no page waits for it."""
    with _lock:
        if key not in _loaded():
            executor = ThreadPoolExecutor(1, thread_name_prefix=f"load-{key}")
            _loaded()[key] = executor.submit(_load, key)
            executor.shutdown(wait=False)


@st.cache_resource(show_spinner=False)
def _loaded() -> dict[str, Future[Any]]:
    return {}


def _load(key: str) -> Any:
    """Load, and make a first call, which is slow: torch plans its work."""
    if key == TRANSFORM:
        from ecgkit.drawing.svg.stacked_scalograms import stack_scalograms

        stack_scalograms(generate_ecg(10.0), 0.0, 10.0)
        return True
    if key == MASK:
        from ecgkit.digitization.segmentation import load_network

        load_network()
        return True
    if key == DIAGNOSES:
        for name in network_names():
            models.load(name)
        return True
    if key in RHYTHM:
        rhythm_report(generate_ecg(10.0), RHYTHM[key])
        return True
    method = make_method(key)
    method.denoise(generate_ecg(10.0))
    return method


@st.fragment(run_every=0.4)
def wait_for(keys: tuple[str, ...]) -> None:
    """Load, one after another, and draw the page anew once one is there.

    This runs after the page's first paint, which loading would otherwise hold up.
    """
    state = st.session_state
    if not state.get("painted"):
        state["painted"] = True
        return
    for key in keys:
        start_loading(key)
    if any(loaded_or_reason(key) is not None for key in keys):
        st.rerun()
