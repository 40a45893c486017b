"""Where view 3 gets a page from: a file, the camera, demo pages, and the open recording printed."""

from __future__ import annotations

import streamlit as st

from ecgkit.demos import open_demo
from ecgkit.io.photo import MAX_PIXELS, MIN_SIDE, Photo
from ecgkit.paper.layouts import layouts_for
from ecgkit.recording import Recording
from ecgkit.rendering.degradation.degrade import random_page
from ecgkit.rendering.degradation.levels import LEVELS
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import usual_style
from pages.paper.photo import OpenPhoto, close_photo, opened_photo, set_photo, set_photo_from_file
from pages.shell.session import plain, recording

SOURCES = {
    "file": "File",
    "camera": "Camera",
    "demo": "Demo pages",
    "print": "Print the open recording",
}
UNTOUCHED = "none"
PRINTS = {UNTOUCHED: "as drawn, without any damage"} | LEVELS
HARD_SEED = 8


def show_sources() -> None:
    """Let a source be chosen; on a session's first visit, open the clean demo page."""
    state = st.session_state
    if "paper_number" not in state:
        close_photo()
        set_photo(clean_demo)
    source = st.segmented_control(
        "Where the page comes from",
        list(SOURCES),
        format_func=SOURCES.__getitem__,
        default="file",
        required=True,
        key="paper_source",
    )
    before = opened_photo()
    {"file": _file, "camera": _camera, "demo": _demos, "print": _print}[source]()
    if opened_photo() is not before:
        st.rerun()
    if "paper_problem" in state:
        st.error(plain(state["paper_problem"]))
    _show_open_photo(before)


def clean_demo() -> Photo:
    """Return the 12-lead demo as an electrocardiograph prints it."""
    return printed(open_demo("12-lead"), UNTOUCHED, "Demo page, clean")


def hard_demo() -> Photo:
    """Return the 12-lead demo as a bad photo of a worn page."""
    page = random_page(open_demo("12-lead"), "hard", HARD_SEED, layout="3x4+1")
    return Photo(page.image, "Demo page, hard", "drawn")


def printed(opened: Recording, level: str, name: str, start: float = 0.0, seed: int = 0) -> Photo:
    """Return a recording as a page, with random damage of a level of :data:`PRINTS`."""
    layout = next((name for name in ("3x4+1", "limb") if name in layouts_for(opened.leads)), None)
    if level == UNTOUCHED:
        page = render_page(opened, usual_style(opened.leads, layout), start=start)
    else:
        page = random_page(opened, level, seed, start=start, layout=layout)
    return Photo(page.image, name, "drawn")


def _file() -> None:
    key = f"paper_file_{st.session_state['paper_number']}"
    file = st.file_uploader(
        "Photo, scan or PDF of a paper ECG",
        key=key,
        help=f"JPEG, PNG, BMP, TIFF, WebP, HEIC or PDF, from {MIN_SIDE} px a side to "
        f"{MAX_PIXELS / 1e6:.0f} megapixels. It stays in this session's memory and is never "
        "stored.",
    )
    if file is not None:
        _open_upload(file.getvalue(), file.name)


def _camera() -> None:
    key = f"paper_camera_{st.session_state['paper_number']}"
    st.caption(
        "Lay the page flat in even light, hold the camera straight above it, and fill the frame "
        "with the whole page. A phone's own camera gives more pixels: its photos come in by «File»."
    )
    shot = st.camera_input("Photograph the page", key=key, resolution="1080p")
    if shot is not None:
        _open_upload(shot.getvalue(), "Photo")


def _open_upload(content: bytes, name: str) -> None:
    """Open an upload; its widget is empty afterwards in any case, so that its bytes are let go."""
    state = st.session_state
    with st.spinner("Opening the picture …"):
        set_photo_from_file(content, name)
    if "paper_problem" in state:
        state["paper_number"] += 1
        st.rerun()


def _demos() -> None:
    with st.container(horizontal=True):
        if st.button("Clean page", key="paper_clean", icon=":material/article:"):
            set_photo(clean_demo)
        if st.button("Hard photo", key="paper_hard", icon=":material/broken_image:"):
            with st.spinner("Drawing the page …"):
                set_photo(hard_demo)
    st.caption(
        "The 12-lead demo record, drawn on ECG paper: as an electrocardiograph prints it, and as a "
        "bad photo of a worn page."
    )


def _print() -> None:
    current = recording()
    if current is None:
        st.info("No recording is open. Open a demo record or your own from the sidebar.")
        return
    state = st.session_state
    with st.container(horizontal=True, vertical_alignment="bottom"):
        level = st.selectbox(
            "State of the page", list(PRINTS), format_func=PRINTS.__getitem__, key="paper_level"
        )
        seed = st.number_input("Seed", 0, 9999, 0, key="paper_seed", disabled=level == UNTOUCHED)
        pressed = st.button("Print it", key="paper_print", icon=":material/print:", type="primary")
    start = min(state.get("rhythm_start", 0.0), max(0.0, current.duration - 10.0))
    st.caption(
        plain(
            f"{current.name}, from {start:g} s on. Grid, layout details and damage are random; "
            "the seed repeats them."
        )
    )
    if pressed:
        with st.spinner("Drawing the page …"):
            set_photo(lambda: printed(current, level, f"{current.name}, printed", start, int(seed)))


def _show_open_photo(current: OpenPhoto | None) -> None:
    """Say which photo is open; let another page of it be chosen, or let it go."""
    if current is None:
        return
    photo = current.photo
    height, width = photo.picture.shape[:2]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if current.document is not None:
            st.number_input(
                f"Page, of {photo.pages}",
                1,
                photo.pages,
                photo.page + 1,
                key=f"paper_page_{current.number}",
                on_change=lambda: _turn_to(current),
            )
        st.markdown(f"**{plain(photo.name)}**  \n{photo.kind} · {width} × {height} px")
        st.button("Close", on_click=close_photo, icon=":material/close:", key="paper_close")


def _turn_to(current: OpenPhoto) -> None:
    page = int(st.session_state[f"paper_page_{current.number}"]) - 1
    set_photo_from_file(current.document or b"", current.photo.name, page)
