"""From a photo of a paper ECG to its leads and labels, stage by stage: the way of view 3."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from ecgkit.digitization.extraction import Traces, read_traces
from ecgkit.digitization.rectification.rectify import Rectified, rectify
from ecgkit.errors import PageError
from ecgkit.paper.scale import Mask, Picture
from ecgkit.recording import RecordingError

if TYPE_CHECKING:
    from ecgkit.diagnosis.predict import Diagnoses

Corners = tuple[tuple[float, float], ...]

STAGES = {
    "rectify": "Rectified page",
    "mask": "Mask of the traces",
    "signals": "Leads",
    "labels": "Diagnoses",
}
"""What is done to a photo, in this order, in words; the last one only where it is asked for."""


@dataclass(frozen=True)
class Choices:
    """What a person says of a page, where it was not, or not rightly, found.

    Attributes
    ----------
    corners
        Four of x and y in px of the photo; see
        :func:`ecgkit.digitization.rectification.rectify.rectify`.
    px_per_mm
        The photo's resolution along the page's x and y.
    layout
        A key of :data:`ecgkit.paper.layouts.LAYOUTS`.
    mm_per_s, mm_per_mv
        The paper's speed and voltage scale.
    """

    corners: Corners | None = None
    px_per_mm: tuple[float, float] | None = None
    layout: str | None = None
    mm_per_s: float | None = None
    mm_per_mv: float | None = None


@dataclass(frozen=True, eq=False)
class PaperReport:
    """What was read of a photo, as far as it could be.

    Attributes
    ----------
    name
        What the photo is called.
    choices
        What a person said of it.
    rectified, mask, traces
        What each stage found; None from the first stage on that could not go on.
    diagnoses
        Classifier -> what it says of the eleven labels; see
        :func:`ecgkit.diagnosis.predict.diagnose_page`. The image's classifier answers even where
        the leads could not be read.
    error
        Why it could not, and what would help; None where all stages are done.
    seconds
        Stage -> time it took in s.
    """

    name: str
    choices: Choices
    rectified: Rectified | None = None
    mask: Mask | None = None
    traces: Traces | None = None
    diagnoses: Mapping[str, Diagnoses] = field(default_factory=dict)
    error: PageError | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know, one sentence each."""
        notes = self.rectified.notes if self.rectified else ()
        return notes + (self.traces.warnings if self.traces else ())


def read_page(
    photo: Picture,
    choices: Choices = Choices(),
    *,
    classifiers: Collection[str] = (),
    name: str = "page",
    earlier: PaperReport | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> PaperReport:
    """Read a photo of a paper ECG.

    Parameters
    ----------
    photo
        uint8, shape (height, width, 3), RGB, as :func:`ecgkit.io.photo.open_photo` gives it.
    choices
        What a person says of the page.
    classifiers
        Who is asked for diagnoses, keys of :data:`ecgkit.diagnosis.predict.CLASSIFIERS`.
    name
        What to call it.
    earlier
        What was read of the same photo before, with other choices: stages that these leave as
        they are need not be done again.
    progress
        Told the stage (a key of :data:`STAGES`) and its share that is done, 0 to 1.

    Returns
    -------
    PaperReport
        Never raises :class:`RecordingError`: how far it went, and why no further, stands in it.
    """
    tell = progress or (lambda stage, share: None)
    report = PaperReport(name, choices)
    if earlier is not None and _same_page(earlier.choices, choices):
        report = replace(
            report,
            rectified=earlier.rectified,
            mask=earlier.mask,
            seconds={k: earlier.seconds[k] for k in ("rectify", "mask") if k in earlier.seconds},
        )
    spent = dict(report.seconds)
    try:
        page = report.rectified
        if page is None:
            tell("rectify", 0.0)
            with _timed(spent, "rectify"):
                page = _rectified(photo, choices, lambda share: tell("rectify", share))
            report = replace(report, rectified=page)
        mask = report.mask
        if mask is None:
            from ecgkit.digitization.segmentation import (
                find_mask,  # loads torch, which a first look needs not
            )

            tell("mask", 0.0)
            with _timed(spent, "mask"):
                mask = find_mask(page.picture, progress=lambda share: tell("mask", share))
            report = replace(report, mask=mask)
        tell("signals", 0.0)
        with _timed(spent, "signals"):
            traces = read_traces(
                mask,
                page.picture,
                layout=choices.layout,
                mm_per_s=choices.mm_per_s,
                mm_per_mv=choices.mm_per_mv,
            )
        named = replace(traces.recording, name=name)
        report = replace(report, traces=replace(traces, recording=named))
        tell("signals", 1.0)
    except PageError as error:
        report = replace(report, error=error)
    except RecordingError as error:  # what was read makes no recording
        report = replace(report, error=_of_signals(error))
    if classifiers and report.mask is not None:
        report = _diagnosed(report, classifiers, spent, tell)
    return replace(report, seconds=spent)


def _rectified(photo: Picture, choices: Choices, tell: Callable[[float], None]) -> Rectified:
    corners = None if choices.corners is None else np.array(choices.corners, np.float64)
    try:
        return rectify(photo, corners=corners, px_per_mm=choices.px_per_mm)
    except PageError as error:
        if choices.corners is not None or choices.px_per_mm is not None:
            raise  # who says something of the page is to know where it does not fit
        from ecgkit.digitization.rectification.row_length_scale import (
            rectify_by_rows,  # loads torch
        )

        page = rectify_by_rows(photo, tell)
        if page is None:
            raise error
        return page


def _diagnosed(
    report: PaperReport,
    classifiers: Collection[str],
    spent: dict[str, float],
    tell: Callable[[str, float], None],
) -> PaperReport:
    from ecgkit.diagnosis.predict import diagnose_page

    tell("labels", 0.0)
    try:
        with _timed(spent, "labels"):
            found = diagnose_page(
                report.mask,
                report.traces,
                mm_per_s=report.choices.mm_per_s,
                mm_per_mv=report.choices.mm_per_mv,
                classifiers=classifiers,
                progress=lambda share: tell("labels", share),
            )
    except RecordingError as error:
        why = PageError(error.problem, stage="labels", where=error.where, remedy=error.remedy)
        # What went wrong before says more.
        return replace(report, error=report.error or why)
    return replace(report, diagnoses=found)


def _of_signals(error: RecordingError) -> PageError:
    return PageError(
        error.problem,
        stage="signals",
        where=error.where,
        remedy=error.remedy or "Choose the layout.",
        asks={"layout"},
    )


def _same_page(one: Choices, other: Choices) -> bool:
    return (one.corners, one.px_per_mm) == (other.corners, other.px_per_mm)


@contextmanager
def _timed(spent: dict[str, float], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    spent[stage] = time.perf_counter() - started
