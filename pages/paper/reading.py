"""Reading the open photo, stage by stage, with what was read before kept where it still holds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import streamlit as st

from ecgkit.diagnosis.page_reading import STAGES, PageReading, read_page
from ecgkit.diagnosis.predict import CLASSIFIERS
from ecgkit.digitization.pipeline import Choices
from ecgkit.errors import PageError
from ecgkit.recording import RecordingError
from pages.paper.correction import should_offer_correction
from pages.paper.photo import OpenPhoto, keep_report
from pages.shell.session import attempt

REMEDY = "Correct the page by hand, or try another photo of it."


def read(opened: OpenPhoto, choices: Choices, earlier: PageReading | None) -> PageReading:
    """Read the page, telling how far it is; what was read is kept."""
    bar = st.progress(0.0, "Reading the page …")
    stages = list(STAGES)

    def tell(stage: str, share: float) -> None:
        place = stages.index(stage)
        done = "".join(f"✓ {STAGES[name]} · " for name in stages[:place])
        bar.progress((place + share) / len(stages), f"{done}{STAGES[stage]} …")

    def tried(classifiers: Collection[str]) -> PageReading | RecordingError:
        return attempt(
            lambda: read_page(
                opened.photo.picture,
                choices,
                classifiers=classifiers,
                name=opened.photo.name,
                earlier=earlier,
                progress=tell,
            ),
            "The page",
            REMEDY,
        )

    result = tried(CLASSIFIERS)
    if isinstance(result, RecordingError):  # the last stage must not take the others with it
        result = tried(())
    bar.empty()
    if isinstance(result, RecordingError):
        result = _unforeseen(result, opened, choices, earlier)
    keep_report(result)
    if choices == Choices() and should_offer_correction(result):
        st.session_state["paper_correct"] = True
    return result


@st.fragment(run_every=0.1)
def read_soon(opened: OpenPhoto, choices: Choices, earlier: PageReading | None) -> None:
    """Read the page once what is on the screen is of this photo, then draw everything anew.

    Until a run has ended, Streamlit leaves what the one before has drawn: another photo's leads
    would stand below this one while it is read.
    """
    state = st.session_state
    mark = (opened.number, choices)
    if state.get("paper_next") != mark:
        state["paper_next"] = mark
        return
    del state["paper_next"]
    read(opened, choices, earlier)
    st.rerun()


def same_page(earlier: PageReading | None, choices: Choices) -> bool:
    """Say whether only the leads, and what follows from them, have to be read anew."""
    return (
        earlier is not None
        and earlier.mask is not None
        and (earlier.choices.corners, earlier.choices.px_per_mm)
        == (choices.corners, choices.px_per_mm)
    )


def _unforeseen(
    error: RecordingError, opened: OpenPhoto, choices: Choices, earlier: PageReading | None
) -> PageReading:
    """Return a report of what nobody foresaw, with the stages that were done before."""
    if earlier is not None and same_page(earlier, choices):
        why = PageError(error.problem, stage="signals", where=error.where, remedy=error.remedy)
        return replace(earlier, choices=choices, traces=None, error=why)
    why = PageError(error.problem, stage="rectify", where=error.where, remedy=error.remedy)
    return PageReading(opened.photo.name, choices, error=why)
