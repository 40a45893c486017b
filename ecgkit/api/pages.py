"""Paper ECGs: pages read, and pages drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ecgkit.arguments import (
    checked_choice,
    checked_choices,
    checked_count,
    checked_number,
    checked_recording,
)
from ecgkit.errors import PageError
from ecgkit.recording import Recording, RecordingError

if TYPE_CHECKING:
    from PIL import Image

    from ecgkit.diagnosis.page_reading import PageReading
    from ecgkit.rendering.page import Page


def read_page(
    source: str | Path | bytes | Image.Image | NDArray[Any],
    *,
    page: int = 1,
    classifiers: Sequence[str] = ("blend",),
    layout: str | None = None,
    mm_per_s: float | None = None,
    mm_per_mv: float | None = None,
    px_per_mm: tuple[float, float] | None = None,
    corners: Sequence[Sequence[float]] | None = None,
) -> PageReading:
    """Read a photo, scan or PDF of a paper ECG.

    Parameters
    ----------
    source
        A path, a file's bytes, a PIL image, or an array of shape (height, width), (height, width,
        3) or (height, width, 4): uint8, or float from 0 to 1. Transparency is laid on white.
    page
        Of a PDF or TIFF, from 1.
    classifiers
        Who is asked for diagnoses: any of ``"image"``, ``"signal"`` and ``"blend"``; ``()`` for
        nobody.
    layout
        Where the leads stand, such as ``"3x4"``; found where it is not said.
    mm_per_s, mm_per_mv
        The paper's speed and voltage scale; 25 mm/s and 10 mm/mV where nothing else is found.
    px_per_mm
        The picture's resolution along the page's x and y; measured where it is not said.
    corners
        Four of x and y in px of the picture, the upper left one first, then clockwise.

    Returns
    -------
    PageReading
        With the leads as ``recording`` and ``diagnoses`` by classifier. Where a stage could not go
        on, ``error`` says why, and what came before it is there.

    Raises
    ------
    RecordingError
        Where the picture cannot be opened or an argument is impossible.

    Examples
    --------
    >>> import ecgkit
    >>> drawn = ecgkit.render_page(ecgkit.demo("generated"), px_per_mm=5)
    >>> page = ecgkit.read_page(drawn.image, classifiers=["signal"])
    >>> page.recording.leads[:3]
    ('I', 'II', 'III')
    >>> page.diagnoses["signal"].ranked[0].label
    'NORM'
    """
    from ecgkit.diagnosis.page_reading import read_page as read
    from ecgkit.diagnosis.predict import CLASSIFIERS
    from ecgkit.digitization.pipeline import Choices
    from ecgkit.paper.layouts import LAYOUTS

    number = checked_count(page, "the page", low=1)
    nobody = isinstance(classifiers, list | tuple) and not classifiers
    asked = () if nobody else checked_choices(classifiers, "classifier", CLASSIFIERS)
    choices = Choices(
        corners=None if corners is None else _corners(corners),
        px_per_mm=None if px_per_mm is None else _resolution(px_per_mm),
        layout=None if layout is None else checked_choice(layout, "the layout", LAYOUTS),
        mm_per_s=_scale(mm_per_s, "the paper's speed", "mm/s"),
        mm_per_mv=_scale(mm_per_mv, "the voltage scale", "mm/mV"),
    )
    picture, name = _picture(source, number)
    return read(picture, choices, classifiers=asked, name=name)


def _picture(source: Any, page: int) -> tuple[NDArray[np.uint8], str]:
    """Return a picture as RGB, and what to call it."""
    from ecgkit.io.limits import check_bytes, stem
    from ecgkit.io.photo import as_picture, open_photo

    if isinstance(source, str | Path):
        path = Path(source)
        try:
            check_bytes(path.stat().st_size, path.name)
            content = path.read_bytes()
        except OSError as error:
            raise PageError(
                f"cannot be opened ({error.strerror})", stage="open", where=path.name
            ) from error
        return open_photo(content, path.name, page=page - 1).picture, stem(path.name)
    if isinstance(source, bytes | bytearray | memoryview):
        return open_photo(bytes(source), "page", page=page - 1).picture, "page"
    return as_picture(source), "page"


def _scale(value: float | None, what: str, unit: str) -> float | None:
    return None if value is None else checked_number(value, what, low=1.0, high=200.0, unit=unit)


def _resolution(value: Any) -> tuple[float, float]:
    both = list(value) if isinstance(value, list | tuple | np.ndarray) else [value, value]
    if len(both) != 2:
        raise RecordingError("the resolution is no pair", remedy="Give px/mm along x and y.")
    across, along = (
        checked_number(one, "the resolution", low=0.5, high=200.0, unit="px/mm") for one in both
    )
    return across, along


def _corners(value: Any) -> tuple[tuple[float, float], ...]:
    try:
        points = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        points = np.empty(0)
    if points.shape != (4, 2) or not np.isfinite(points).all():
        raise RecordingError(
            "the corners are not four points", remedy="Give four pairs of x and y in px."
        )
    return tuple((float(x), float(y)) for x, y in points)


def render_page(
    recording: Recording,
    layout: str | None = None,
    *,
    start: float = 0.0,
    px_per_mm: float | None = None,
    degrade: str | None = None,
    seed: int | None = None,
) -> Page:
    """Draw a recording on ECG paper as a picture.

    Parameters
    ----------
    recording
        In mV; it must fill the layout.
    layout
        Where the leads stand, such as ``"3x4+1"``; by default the fullest that the leads fill.
    start
        Where the page begins, in s.
    px_per_mm
        Resolution, 8 by default; not together with a seed, which chooses it.
    degrade
        How the page is damaged and photographed, ``"scan"``, ``"photo"`` or ``"hard"`` among
        others; clean by default.
    seed
        Chooses grid, fonts and all else; by default the page that most people know.

    Raises
    ------
    RecordingError
        Where the recording does not fill the layout, or an argument is impossible.

    Examples
    --------
    >>> import ecgkit
    >>> ecgkit.render_page(ecgkit.demo("generated"), "3x4").save("page.png")
    PosixPath('page.png')
    """
    from ecgkit.paper.layouts import LAYOUTS
    from ecgkit.rendering.degradation.degrade import degrade_page, random_page
    from ecgkit.rendering.degradation.levels import LEVELS
    from ecgkit.rendering.page import render_page as draw
    from ecgkit.rendering.page_style import usual_style

    checked_recording(recording)
    first = checked_number(start, "the start", low=0.0, unit="s")
    chosen = None if layout is None else checked_choice(layout, "the layout", LAYOUTS)
    level = None if degrade is None else checked_choice(degrade, "the level", LEVELS)
    if seed is not None:
        if px_per_mm is not None:
            raise RecordingError(
                "a seed chooses the resolution", remedy="Give either seed or px_per_mm."
            )
        drawn = checked_count(seed, "the seed")
        return random_page(recording, level, drawn, start=first, layout=chosen)
    style = usual_style(recording.leads, chosen)
    if px_per_mm is not None:
        style = replace(style, px_per_mm=_resolution(px_per_mm))
    page = draw(recording, style, start=first)
    if level is not None:
        page = degrade_page(page, level, np.random.default_rng(0))
    return page
