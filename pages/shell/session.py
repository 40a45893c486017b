"""What the pages share: the open recording of this session, its results, and the networks.

A person's recording lives in ``st.session_state`` alone, never in a cache, which all sessions
share. Networks hold nothing of anyone: they are the one thing that is cached for all.
"""

from __future__ import annotations

import os
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import streamlit as st

from ecgkit.denoise import METHODS, NETWORKS, Method, make_method
from ecgkit.processing.noise import GeneratedNoise, NoiseSource
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import Recording, RecordingError

T = TypeVar("T")
REMEMBERED = 48
_lock = Lock()


def recording() -> Recording | None:
    """Return the open recording, if there is one."""
    return st.session_state.get("recording")


def set_recording(opened: Recording | None) -> None:
    """Open a recording in place of the one before, and forget all that belonged to that."""
    state = st.session_state
    state["recording"] = opened
    state["recording_number"] = state.get("recording_number", 0) + 1
    state["results"] = OrderedDict()
    for key in ("reference", "whole", "sweep", "start", "leads"):
        state.pop(key, None)


def remember(key: Hashable, make: Callable[[], T]) -> T:
    """Return what was made under this key for the open recording, or make it now.

    Only the latest results are kept, so that a session's memory is bounded.
    """
    results: OrderedDict[Hashable, Any] = st.session_state["results"]
    if key not in results:
        results[key] = make()
        while len(results) > REMEMBERED:
            results.popitem(last=False)
    results.move_to_end(key)
    return results[key]  # type: ignore[no-any-return]


def attempt(make: Callable[[], T]) -> T | RecordingError:
    """Return what ``make`` returns, or one clear error whatever happens in it.

    The bytes of an upload are anyone's. What no reader foresaw must not take the page down, nor
    show a person a traceback.
    """
    try:
        return make()
    except RecordingError as error:
        return error
    except Exception as error:
        return RecordingError(
            f"could not be read ({type(error).__name__})",
            where="The file",
            remedy="Check that it is a complete recording in a supported format.",
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


def method_or_reason(key: str) -> Method | str | None:
    """Return a network's method, why it could not be loaded, or None while it is not there yet."""
    loading = _networks().get(key)
    if loading is None or not loading.done():
        return None
    if isinstance(error := loading.exception(), RecordingError):
        return str(error)
    if error is not None:
        return f"{METHODS[key]} could not be loaded ({type(error).__name__})."
    return loading.result()


def start_loading(key: str) -> None:
    """Load a network in the background, once for all sessions: no page waits for it."""
    with _lock:
        if key not in _networks():
            executor = ThreadPoolExecutor(1, thread_name_prefix=f"load-{key}")
            _networks()[key] = executor.submit(_load, key)
            executor.shutdown(wait=False)


@st.cache_resource(show_spinner=False)
def _networks() -> dict[str, Future[Method]]:
    return {}


def _load(key: str) -> Method:
    method = make_method(key)
    method.denoise(generate_ecg(10.0))  # the first call is slow: torch plans its work
    return method


def is_network(key: str) -> bool:
    """Return whether a method runs a network."""
    return key in NETWORKS


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
