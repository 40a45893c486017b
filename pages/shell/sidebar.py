"""The sidebar: which recording is open, and every way to open another."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from ecgkit.demos import DEMOS, open_demo, open_physionet
from ecgkit.recording import Recording, RecordingError
from pages.shell.session import attempt, describe, plain, recording, set_recording

FIRST_DEMO = next(iter(DEMOS))
UNITS = {"mV": "mV", "uV": "µV", "V": "V", "NU": "unknown"}


def show_sidebar() -> None:
    """Show the sidebar; on a session's first run, open the first demo record."""
    if "recording_number" not in st.session_state:
        set_recording(open_demo(FIRST_DEMO))
    with st.sidebar:
        _open_now()
        st.divider()
        _demos()
        _upload()
        _physionet()


def upload_files(label: str, key: str, help: str | None = None) -> Recording | None:
    """Show an upload, and return the recording in it once, when it has been opened.

    Says what is wrong where none can be, and asks for the sampling frequency and the unit where the
    files state none. The upload is empty again afterwards, so that the files' bytes are let go.
    """
    state = st.session_state
    number = state.setdefault(f"{key}_number", 0)
    files = st.file_uploader(label, accept_multiple_files=True, key=f"{key}_{number}", help=help)
    if not files:
        state.pop(f"{key}_tried", None)
        return None
    marks = tuple(file.file_id for file in files)
    tried, result = state.get(f"{key}_tried", (None, None))
    if tried != marks:
        result = _opened(files, {})
    if isinstance(result, RecordingError) and result.asks:
        st.info(plain(str(result)))
        answers = _ask(result.asks, key)
        if answers is not None:
            answered = _opened(files, answers)
            if isinstance(answered, Recording):
                result = answered
            else:
                st.error(plain(str(answered)))
    elif isinstance(result, RecordingError):
        st.error(plain(str(result)))
    if isinstance(result, Recording):
        state[f"{key}_number"] = number + 1
        state.pop(f"{key}_tried", None)
        return result
    state[f"{key}_tried"] = (marks, result)
    return None


def _opened(
    files: list[UploadedFile], answers: dict[str, float | str]
) -> Recording | RecordingError:
    from ecgkit.io import open_recording

    content = {file.name: file.getvalue() for file in files}
    return attempt(lambda: open_recording(content, **answers))


def _ask(asks: frozenset[str], key: str) -> dict[str, float | str] | None:
    """Ask for what the files do not state; the answers once the button is pressed."""
    with st.form(f"{key}_asks", border=True):
        answers: dict[str, float | str] = {}
        if "fs" in asks:
            answers["fs"] = st.number_input(
                "Sampling frequency (Hz)", 20.0, 50_000.0, 500.0, key=f"{key}_fs"
            )
        if "unit" in asks:
            answers["unit"] = st.selectbox(
                "Unit of the samples", list(UNITS), format_func=UNITS.__getitem__, key=f"{key}_unit"
            )
        return answers if st.form_submit_button("Open with this") else None


def _open_now() -> None:
    opened = recording()
    st.subheader("Open recording", anchor=False)
    if opened is None:
        st.write("None. Choose a demo record or upload your own.")
        return
    st.markdown(f"**{plain(opened.name)}**  \n{describe(opened)}")
    if opened.notes:
        with st.expander(f"Notes from reading it ({len(opened.notes)})"):
            for note in opened.notes:
                st.markdown(f"- {plain(note)}")
    st.button("Close", on_click=_close, icon=":material/close:")


def _close() -> None:
    set_recording(None)


def _demos() -> None:
    key = st.selectbox(
        "Demo records", list(DEMOS), format_func=lambda key: DEMOS[key].title, key="demo"
    )
    st.caption(plain(DEMOS[key].description))
    if st.button("Open demo", key="open_demo"):
        _take(lambda: open_demo(key))


def _upload() -> None:
    opened = upload_files(
        "Your recording",
        "upload",
        help="WFDB (header and signal files together, or one .zip), CSV or TSV, EDF, BDF, DICOM, "
        "MATLAB or NumPy arrays. It stays in this session's memory and is never stored.",
    )
    if opened is not None:
        set_recording(opened)
        st.rerun()


def _physionet() -> None:
    with st.expander("From PhysioNet"), st.form("physionet", border=False):
        database = st.text_input("Database", "mitdb")
        record = st.text_input("Record", "100")
        if st.form_submit_button("Open"):
            _take(lambda: open_physionet(database, record))


def _take(make: Callable[[], Recording]) -> None:
    result = attempt(make)
    if isinstance(result, RecordingError):
        st.error(plain(str(result)))
    else:
        set_recording(result)
        st.rerun()
