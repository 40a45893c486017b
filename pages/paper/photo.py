"""The photo of this session, and what was read of it.

A photo is the patient's: it lives in ``st.session_state`` alone, one at a time. Its file's bytes
are let go once it is decoded; only a document of several pages keeps them, for the other pages.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from ecgkit.diagnosis.page_reading import PageReading
from ecgkit.digitization.pipeline import Choices
from ecgkit.io.photo import Photo, open_photo
from ecgkit.recording import RecordingError
from pages.shell.results import Results
from pages.shell.session import attempt

Corners = tuple[tuple[float, float], ...]
REMEDY = "Check that it opens elsewhere, or photograph the page again."
OWNED_BY_PHOTO = (
    *("paper_layout", "paper_speed", "paper_gain", "paper_correct", "paper_found", "paper_report"),
    *("paper_draft", "paper_given", "paper_page"),
    *("paper_classifier", "paper_rule", "paper_label", "paper_evidence", "paper_thresholds"),
)
"""What belongs to the open photo, and goes with it."""


@dataclass(frozen=True, eq=False)
class OpenPhoto:
    """An open photo.

    Attributes
    ----------
    photo
        The picture.
    number
        Tells it from other photos of this session.
    seconds
        Time that opening it took.
    document
        The file of several pages that it is from; else None.
    """

    photo: Photo
    number: int
    seconds: float
    document: bytes | None = None


@dataclass(frozen=True)
class Draft:
    """What a person says of a page by hand, not read yet.

    Attributes
    ----------
    corners
        The frame on the photo, in its px, from the page's upper left corner clockwise.
    px_per_mm
        The photo's resolution.
    marks
        Two points of the photo that lie ``distance`` mm apart; None where none are marked.
    number
        Grows when the frame is set by anything else than the frame itself.
    """

    corners: Corners
    px_per_mm: float
    marks: Corners | None = None
    distance: float = 50.0
    number: int = 0


def opened_photo() -> OpenPhoto | None:
    """Return the open photo, if there is one."""
    return st.session_state.get("paper_photo")


def set_photo(make: Callable[[], Photo], document: bytes | None = None) -> None:
    """Open a photo in place of the one before, or take note of why it cannot be opened.

    ``document`` is the file, which is kept where it has several pages.
    """
    state = st.session_state
    state.pop("paper_problem", None)
    started = time.perf_counter()
    result = attempt(make, "The picture", REMEDY)
    if isinstance(result, RecordingError):
        state["paper_problem"] = str(result)
        return
    seconds = time.perf_counter() - started
    kept = document if result.pages > 1 else None
    close_photo()
    state["paper_photo"] = OpenPhoto(result, state["paper_number"], seconds, kept)


def set_photo_from_file(content: bytes, name: str, page: int = 0) -> None:
    """Open a file's picture, or one page of it."""
    set_photo(lambda: open_photo(content, name, page=page), content)


def close_photo() -> None:
    """Let the open photo go, with all that was read of it."""
    state = st.session_state
    state["paper_number"] = state.get("paper_number", 0) + 1
    state["paper_results"] = Results()
    for key in (*OWNED_BY_PHOTO, "paper_photo", "paper_problem"):
        state.pop(key, None)


def chosen_choices() -> Choices:
    """Return what a person says of the open page: of its scale and layout, and of its corners."""
    state = st.session_state
    corners, px_per_mm = state.get("paper_given", (None, None))
    return Choices(
        corners=corners,
        px_per_mm=px_per_mm,
        layout=state.get("paper_layout") or None,
        mm_per_s=state.get("paper_speed"),
        mm_per_mv=state.get("paper_gain"),
    )


def report_of(choices: Choices) -> PageReading | None:
    """Return what was read with these choices, if it is still there."""
    for key in ("paper_report", "paper_found"):
        report: PageReading | None = st.session_state.get(key)
        if report is not None and report.choices == choices:
            return report
    return None


def keep_report(report: PageReading) -> None:
    """Keep what was read last, and what was found without any help: two reports at most."""
    st.session_state["paper_report"] = report
    if report.choices == Choices():
        st.session_state["paper_found"] = report


def forget_choices() -> None:
    """Go back to what was found without help."""
    for key in ("paper_given", "paper_layout", "paper_speed", "paper_gain", "paper_draft"):
        st.session_state.pop(key, None)
