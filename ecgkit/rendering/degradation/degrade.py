"""From a clean page to the picture that a person sends, its truth brought along."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.geometry import Geometry
from ecgkit.paper.scale import Picture
from ecgkit.recording import Recording
from ecgkit.rendering.degradation.levels import Degradation, random_degradation
from ecgkit.rendering.degradation.marks import crease, handwriting, redaction, stain, stamp
from ecgkit.rendering.degradation.scene import desk, finger, place_on_desk, slip
from ecgkit.rendering.page import Page, render_page
from ecgkit.rendering.page_style import random_style
from ecgkit.rendering.settings import DegradationSettings

SETTINGS = DegradationSettings()


def random_page(
    recording: Recording,
    level: str | None,
    seed: int,
    *,
    start: float = 0.0,
    layout: str | None = None,
) -> Page:
    """Return a random page: the same seed gives the same bytes.

    Parameters
    ----------
    recording
        In mV.
    level
        A key of :data:`ecgkit.rendering.degradation.levels.LEVELS`; None leaves the page as it is
        drawn.
    seed
        Of all that is left to chance.
    start
        Where in the recording the page begins, in s.
    layout
        A key of :data:`ecgkit.paper.layouts.LAYOUTS`; at random among those that the
        recording's leads fill where None.

    Raises
    ------
    RecordingError
        As :func:`ecgkit.rendering.page.render_page` and :func:`degrade_page`.
    """
    rng = np.random.default_rng(seed)
    page = render_page(recording, random_style(rng, recording.leads, layout=layout), start=start)
    return page if level is None else degrade_page(page, level, rng)


def degrade_page(page: Page, how: str | Degradation, rng: np.random.Generator) -> Page:
    """Return a page as it comes in: worn, bent, lit, looked at and saved.

    All geometry is one map, applied once, to the picture and to its truth alike.

    Parameters
    ----------
    page
        As :func:`ecgkit.rendering.page.render_page` makes it.
    how
        A key of :data:`ecgkit.rendering.degradation.levels.LEVELS`, or the degradation itself.

    Raises
    ------
    RecordingError
        Where there is no such level.
    """
    if page.geometry is not page.source:
        raise ValueError("the page has been degraded before")
    degradation = random_degradation(how, page.sheet, rng) if isinstance(how, str) else how
    level = how if isinstance(how, str) else "custom"
    matrix, shape = (
        degradation.camera.view() if degradation.camera else (page.geometry.matrix, page.shape)
    )
    image, mask, source = _source_near(page, matrix, shape)
    image = image.copy()
    covered = np.zeros(mask.shape, np.uint8)
    _add_marks(image, covered, page, source, degradation, rng)
    geometry = source
    if degradation.camera or degradation.waves:
        geometry = Geometry(
            matrix if degradation.camera else source.matrix, degradation.waves, degradation.slant
        )
        shape = shape if degradation.camera else mask.shape
        image, mask, covered = _warp(
            image, mask, covered, shape, geometry, source, degradation, rng
        )
    image = degradation.light.apply(image, geometry, rng)
    px = float(np.sqrt(abs(np.linalg.det(geometry.matrix[:2, :2]))))
    for _ in range(degradation.fingers):
        finger(image, covered, px, rng)
    for _ in range(degradation.slips):
        slip(image, covered, rng)
    image = degradation.optics.apply(image, rng)
    hidden = covered > 127
    if degradation.light.glare:
        dimmest = cv2.erode(
            image.min(axis=2), np.ones((SETTINGS.glare_patch, SETTINGS.glare_patch), np.uint8)
        )
        hidden |= dimmest >= SETTINGS.glare_level
    mask = np.where(hidden, np.uint8(0), mask)
    return Page(image, mask, hidden, page.sheet, geometry, source, level)


def _source_near(
    page: Page, matrix: NDArray[np.float64], shape: tuple[int, int]
) -> tuple[Picture, Picture, Geometry]:
    """Return the page's picture and mask at a resolution near that of the picture to make."""
    target = Geometry(matrix)
    height, width = shape
    pixels = np.array([[width / 2, height / 2], [width / 2 + 1, height / 2]])
    mm = target.to_paper(pixels)
    ratio = 1 / (float(np.hypot(*(mm[1] - mm[0]))) * page.source.scale[0])
    if ratio >= SETTINGS.least_reduction:
        return page.image, page.mask, page.source
    old_height, old_width = page.shape
    size = (max(1, round(old_width * ratio)), max(1, round(old_height * ratio)))
    image = cv2.resize(page.image, size, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(page.mask, size, interpolation=cv2.INTER_AREA)
    x, y = page.source.scale
    source = Geometry.flat((x * size[0] / old_width, y * size[1] / old_height))
    return np.asarray(image, np.uint8), np.asarray(mask, np.uint8), source


def _add_marks(
    image: Picture,
    covered: Picture,
    page: Page,
    source: Geometry,
    degradation: Degradation,
    rng: np.random.Generator,
) -> None:
    scale = source.scale[0]
    for _ in range(degradation.stains):
        stain(image, scale, rng)
    for wave in degradation.waves:
        if wave.kind == "fold":
            crease(image, wave, scale, rng)
    for _ in range(degradation.stamps):
        stamp(image, scale, rng)
    for _ in range(degradation.handwriting):
        handwriting(image, scale, rng)
    for _ in range(degradation.redactions):
        redaction(image, covered, page.sheet, scale, rng)


def _warp(
    image: Picture,
    mask: Picture,
    covered: Picture,
    shape: tuple[int, int],
    geometry: Geometry,
    source: Geometry,
    degradation: Degradation,
    rng: np.random.Generator,
) -> tuple[Picture, Picture, Picture]:
    x, y = geometry.maps(shape, source)
    height, width = mask.shape
    seen = np.asarray(
        cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
    inside = x.min() >= 0 and y.min() >= 0 and x.max() <= width - 1 and y.max() <= height - 1
    if not inside:
        share = np.asarray(
            cv2.remap(np.full(mask.shape, 255, np.uint8), x, y, cv2.INTER_LINEAR), np.uint8
        )
        seen = place_on_desk(desk(degradation.desk, shape, rng), seen, share, rng)
    traces, cover = (
        np.asarray(cv2.remap(layer, x, y, cv2.INTER_LINEAR), np.uint8) for layer in (mask, covered)
    )
    return seen, traces, cover
