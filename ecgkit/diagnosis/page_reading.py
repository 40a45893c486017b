"""A photo of a paper ECG read whole: its leads, and what the classifiers say of it."""

from __future__ import annotations

import base64
import html
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from ecgkit.digitization import pipeline
from ecgkit.digitization.pipeline import NO_CHOICES, Choices, DigitizedPage, Picture, digitize_page
from ecgkit.errors import PageError
from ecgkit.processing.heap import release_free_memory
from ecgkit.recording import RecordingError

if TYPE_CHECKING:
    from ecgkit.diagnosis.predict import Diagnoses

STAGES = {**pipeline.STAGES, "labels": "Diagnoses"}
"""What is done to a photo, in this order, in words; the last one only where it is asked for."""
_SHOWN_PX = 700
_TRACE_COLOUR = (200, 30, 30)


@dataclass(frozen=True, eq=False, repr=False)
class PageReading(DigitizedPage):
    """What was read of a photo and what was found in it, as far as it could be.

    Attributes
    ----------
    diagnoses
        Classifier -> what it says of the eleven labels; see
        :func:`ecgkit.diagnosis.predict.diagnose_page`. The image's classifier answers even where
        the leads could not be read.
    """

    diagnoses: Mapping[str, Diagnoses] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; see :func:`ecgkit.diagnosis.export.report_values`."""
        from ecgkit.diagnosis.export import report_values

        return report_values(self)

    def _in_words(self) -> list[str]:
        words = super()._in_words()
        for classifier, answer in self.diagnoses.items():
            found = [finding.label for finding in answer.ranked if finding.positive]
            words.append(f"{classifier}: {', '.join(found) or 'no label reaches its threshold'}")
        return words

    def _repr_html_(self) -> str:
        """Return the straightened page, its traces in red, and what was found, in words."""
        said = "".join(f"<li>{html.escape(words)}</li>" for words in self._in_words())
        picture = ""
        if self.rectified is not None:
            shown = self.rectified.picture.copy()
            if self.mask is not None:
                shown[self.mask >= 0.5] = _TRACE_COLOUR
            factor = min(1.0, _SHOWN_PX / max(shown.shape[:2]))
            small = cv2.resize(shown, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
            _, data = cv2.imencode(".png", np.ascontiguousarray(small[..., ::-1]))
            address = base64.b64encode(data.tobytes()).decode()
            picture = (
                '<img alt="The straightened page, its traces in red" '
                f'src="data:image/png;base64,{address}">'
            )
        return f"<div><p>{html.escape(self.name)}</p>{picture}<ul>{said}</ul></div>"


def read_page(
    photo: Picture,
    choices: Choices = NO_CHOICES,
    *,
    classifiers: Collection[str] = (),
    name: str = "page",
    earlier: DigitizedPage | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> PageReading:
    """Read a photo of a paper ECG, and ask classifiers about it.

    Parameters
    ----------
    photo, choices, name, earlier
        As in :func:`ecgkit.digitization.pipeline.digitize_page`.
    classifiers
        Who is asked for diagnoses, keys of :data:`ecgkit.diagnosis.predict.CLASSIFIERS`.
    progress
        Told the stage (a key of :data:`STAGES`) and its share that is done, 0 to 1.

    Returns
    -------
    PageReading
        Never raises :class:`RecordingError`: how far it went, and why no further, stands in it.
    """
    page = digitize_page(photo, choices, name=name, earlier=earlier, progress=progress)
    reading = PageReading(**{one.name: getattr(page, one.name) for one in fields(page)})
    if not classifiers or page.mask is None:
        return reading
    reading = _diagnosed(reading, classifiers, progress or (lambda stage, share: None))
    release_free_memory()
    return reading


def _diagnosed(
    page: PageReading, classifiers: Collection[str], tell: Callable[[str, float], None]
) -> PageReading:
    from ecgkit.diagnosis.predict import diagnose_page

    tell("labels", 0.0)
    started = time.perf_counter()
    try:
        found = diagnose_page(
            page.mask,
            page.traces,
            mm_per_s=page.choices.mm_per_s,
            mm_per_mv=page.choices.mm_per_mv,
            classifiers=classifiers,
            progress=lambda share: tell("labels", share),
        )
    except RecordingError as error:
        why = PageError(error.problem, stage="labels", where=error.where, remedy=error.remedy)
        # What went wrong before says more.
        return replace(page, error=page.error or why)
    seconds = {**page.seconds, "labels": time.perf_counter() - started}
    return replace(page, diagnoses=found, seconds=seconds)
