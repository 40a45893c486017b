"""From a photo of a paper ECG to its leads, stage by stage: photo, page, mask, traces.

What the leads and the mask say of a heart stands above, in :mod:`ecgkit.diagnosis.page_reading`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgkit.digitization.extraction import Traces, read_traces
from ecgkit.digitization.rectification.rectify import PX_PER_MM, Rectified, rectify
from ecgkit.errors import PageError
from ecgkit.processing.heap import release_free_memory
from ecgkit.recording import Recording, RecordingError

Picture = NDArray[np.uint8]
Mask = NDArray[np.float32]
Corners = tuple[tuple[float, float], ...]

STAGES = {
    "rectify": "Rectified page",
    "mask": "Mask of the traces",
    "signals": "Leads",
}
"""What is done to a photo, in this order, in words."""


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


NO_CHOICES = Choices()
"""Nothing said: all is to be found."""


@dataclass(frozen=True, eq=False, repr=False)
class DigitizedPage:
    """What was read of a photo, as far as it could be.

    Attributes
    ----------
    name
        What the photo is called.
    choices
        What a person said of it.
    rectified, mask, traces
        What each stage found; None from the first stage on that could not go on.
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
    error: PageError | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know, one sentence each."""
        notes = self.rectified.notes if self.rectified else ()
        return notes + (self.traces.warnings if self.traces else ())

    @property
    def recording(self) -> Recording:
        """The leads that were read.

        Raises
        ------
        PageError
            Where none were: the reason.
        """
        if self.traces is None:
            raise self.error or PageError("has not been read yet", stage="signals", where=self.name)
        return self.traces.recording

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; see :func:`ecgkit.digitization.export.page_values`."""
        from ecgkit.digitization.export import page_values

        return page_values(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}: {'; '.join(self._in_words())}>"

    def _in_words(self) -> list[str]:
        """Return what was found, a few words each, for one line."""
        words = []
        if self.rectified is not None:
            height, width = self.rectified.picture.shape[:2]
            words.append(f"page of {width / PX_PER_MM:.0f} x {height / PX_PER_MM:.0f} mm")
        if self.traces is not None:
            read = self.traces.recording
            words.append(f"{self.traces.layout}, {len(read.leads)} leads, {read.duration:.1f} s")
        if self.error is not None:
            words.append(f"not read further: {' '.join(str(self.error).split())}")
        return words or ["nothing read yet"]


def digitize_page(
    photo: Picture,
    choices: Choices = NO_CHOICES,
    *,
    name: str = "page",
    earlier: DigitizedPage | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> DigitizedPage:
    """Read the leads off a photo of a paper ECG.

    Parameters
    ----------
    photo
        uint8, shape (height, width, 3), RGB, as :func:`ecgkit.io.photo.open_photo` gives it.
    choices
        What a person says of the page.
    name
        What to call it.
    earlier
        What was read of the same photo before, with other choices: stages that these leave as
        they are need not be done again.
    progress
        Told the stage (a key of :data:`STAGES`) and its share that is done, 0 to 1.

    Returns
    -------
    DigitizedPage
        Never raises :class:`RecordingError`: how far it went, and why no further, stands in it.
    """
    tell = progress or (lambda stage, share: None)
    page, mask, traces, error = None, None, None, None
    seconds: dict[str, float] = {}
    if earlier is not None and _same_page(earlier.choices, choices):
        page, mask = earlier.rectified, earlier.mask
        seconds = {k: earlier.seconds[k] for k in ("rectify", "mask") if k in earlier.seconds}
    try:
        if page is None:
            with _stage("rectify", tell, seconds) as share:
                page = _rectify(photo, choices, share)
        if mask is None:
            with _stage("mask", tell, seconds) as share:
                mask = _segment(page, share)
        with _stage("signals", tell, seconds) as share:
            traces = _extract(mask, page, choices, name)
            share(1.0)
    except PageError as why:
        error = why
    except RecordingError as why:  # what was read makes no recording
        error = _of_signals(why)
    release_free_memory()
    return DigitizedPage(name, choices, page, mask, traces, error, seconds)


def _rectify(photo: Picture, choices: Choices, tell: Callable[[float], None]) -> Rectified:
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


def _segment(page: Rectified, tell: Callable[[float], None]) -> Mask:
    from ecgkit.digitization.segmentation import find_mask  # loads torch; a refusal needs none

    return find_mask(page.picture, progress=tell)


def _extract(mask: Mask, page: Rectified, choices: Choices, name: str) -> Traces:
    traces = read_traces(
        mask,
        page.picture,
        layout=choices.layout,
        mm_per_s=choices.mm_per_s,
        mm_per_mv=choices.mm_per_mv,
    )
    return replace(traces, recording=replace(traces.recording, name=name))


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
def _stage(
    stage: str, tell: Callable[[str, float], None], seconds: dict[str, float]
) -> Iterator[Callable[[float], None]]:
    """Say that a stage begins, give what tells its share, and note how long it took if it ends."""
    tell(stage, 0.0)
    started = time.perf_counter()
    yield lambda share: tell(stage, share)
    seconds[stage] = time.perf_counter() - started
