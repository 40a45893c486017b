"""From a clean page to the picture that a person sends, its truth brought along."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.geometry import Geometry
from ecgkit.paper.scale import Picture
from ecgkit.recording import Recording
from ecgkit.rendering.degradation.levels import Damage, random_damage
from ecgkit.rendering.degradation.marks import crease, handwriting, redaction, stain, stamp
from ecgkit.rendering.degradation.scene import desk, finger, lay_on, slip
from ecgkit.rendering.page import Page, render_page
from ecgkit.rendering.page_style import random_style

_ENOUGH = 0.75
"""A page is averaged down before it is warped if the picture is smaller than this part of it."""


_PATCH, _BURNT = 7, 250
"""Where so many px to each side are no darker than this, glare has burnt the trace out."""


def random_page(
    recording: Recording,
    level: str | None,
    seed: int,
    *,
    start: float = 0.0,
    layout: str | None = None,
) -> Page:
    """Return a page drawn by lot: the same seed gives the same bytes.

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
        A key of :data:`ecgkit.paper.layouts.LAYOUTS`; by lot among those that the recording's
        leads fill where None.

    Raises
    ------
    RecordingError
        As :func:`ecgkit.rendering.page.render_page` and :func:`degrade_page`.
    """
    rng = np.random.default_rng(seed)
    page = render_page(recording, random_style(rng, recording.leads, layout=layout), start=start)
    return page if level is None else degrade_page(page, level, rng)


def degrade_page(page: Page, how: str | Damage, rng: np.random.Generator) -> Page:
    """Return a page as it comes in: worn, bent, lit, looked at and saved.

    All geometry is one map, applied once, to the picture and to its truth alike.

    Parameters
    ----------
    page
        As :func:`ecgkit.rendering.page.render_page` makes it.
    how
        A key of :data:`ecgkit.rendering.degradation.levels.LEVELS`, or the damage itself.

    Raises
    ------
    RecordingError
        Where there is no such level.
    """
    if page.geometry is not page.source:
        raise ValueError("the page has been degraded before")
    damage = random_damage(how, page.sheet, rng) if isinstance(how, str) else how
    level = how if isinstance(how, str) else "custom"
    matrix, shape = damage.camera.look() if damage.camera else (page.geometry.matrix, page.shape)
    image, mask, source = _near(page, matrix, shape)
    image = image.copy()
    covered = np.zeros(mask.shape, np.uint8)
    _wear(image, covered, page, source, damage, rng)
    geometry = source
    if damage.camera or damage.waves:
        geometry = Geometry(matrix if damage.camera else source.matrix, damage.waves, damage.slant)
        shape = shape if damage.camera else mask.shape
        image, mask, covered = _warp(image, mask, covered, shape, geometry, source, damage, rng)
    image = damage.light.shine(image, geometry, rng)
    px = float(np.sqrt(abs(np.linalg.det(geometry.matrix[:2, :2]))))
    for _ in range(damage.fingers):
        finger(image, covered, px, rng)
    for _ in range(damage.slips):
        slip(image, covered, rng)
    image = damage.optics.take(image, rng)
    hidden = covered > 127
    if damage.light.glare:
        dimmest = cv2.erode(image.min(axis=2), np.ones((_PATCH, _PATCH), np.uint8))
        hidden |= dimmest >= _BURNT
    mask = np.where(hidden, np.uint8(0), mask)
    return Page(image, mask, hidden, page.sheet, geometry, source, level)


def _near(
    page: Page, matrix: NDArray[np.float64], shape: tuple[int, int]
) -> tuple[Picture, Picture, Geometry]:
    """Return the page's picture and mask at a resolution near that of the picture to make."""
    target = Geometry(matrix)
    height, width = shape
    pixels = np.array([[width / 2, height / 2], [width / 2 + 1, height / 2]])
    mm = target.to_paper(pixels)
    ratio = 1 / (float(np.hypot(*(mm[1] - mm[0]))) * page.source.scale[0])
    if ratio >= _ENOUGH:
        return page.image, page.mask, page.source
    old_height, old_width = page.shape
    size = (max(1, round(old_width * ratio)), max(1, round(old_height * ratio)))
    image = cv2.resize(page.image, size, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(page.mask, size, interpolation=cv2.INTER_AREA)
    x, y = page.source.scale
    source = Geometry.flat((x * size[0] / old_width, y * size[1] / old_height))
    return np.asarray(image, np.uint8), np.asarray(mask, np.uint8), source


def _wear(
    image: Picture,
    covered: Picture,
    page: Page,
    source: Geometry,
    damage: Damage,
    rng: np.random.Generator,
) -> None:
    scale = source.scale[0]
    for _ in range(damage.stains):
        stain(image, scale, rng)
    for wave in damage.waves:
        if wave.kind == "fold":
            crease(image, wave, scale, rng)
    for _ in range(damage.stamps):
        stamp(image, scale, rng)
    for _ in range(damage.handwriting):
        handwriting(image, scale, rng)
    for _ in range(damage.redactions):
        redaction(image, covered, page.sheet, scale, rng)


def _warp(
    image: Picture,
    mask: Picture,
    covered: Picture,
    shape: tuple[int, int],
    geometry: Geometry,
    source: Geometry,
    damage: Damage,
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
        seen = lay_on(desk(damage.desk, shape, rng), seen, share, rng)
    traces, cover = (
        np.asarray(cv2.remap(layer, x, y, cv2.INTER_LINEAR), np.uint8) for layer in (mask, covered)
    )
    return seen, traces, cover
