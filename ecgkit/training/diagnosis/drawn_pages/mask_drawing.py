"""Masks of pages for training, drawn fast: what the UNet makes of a page, without the page."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.diagnosis.image_network import Image, PageImageConfig, page_image
from ecgkit.diagnosis.region_network import Regions, cut_regions
from ecgkit.diagnosis.signal_network import Signal
from ecgkit.paper.pen import unbroken_parts
from ecgkit.paper.scale import Box
from ecgkit.recording import STANDARD_LEADS, Recording
from ecgkit.rendering.composition import Sheet, compose
from ecgkit.rendering.page_style import PageStyle, random_style
from ecgkit.rhythm.preprocessing import FS

PX_PER_MM = 4.0
"""Masks are drawn at this, and averaged down."""
_SHIFT = 4
PAGE = "3x4+1"
LAYOUT_SHARES = {PAGE: 0.5, "any": 0.5}
"""Half of the pages as the study's, half random as pages in use are."""
TOLD = 0.7
"""Share of pages whose scale someone has said."""
TURN, SCALE, SHEAR = 2.0, 0.06, 0.02
"""What rectification leaves: degrees, share of the size, share of skew."""
BEND = 1.5
"""In mm: how far a page's bends, which rectification leaves, move a trace at most."""


def recording_of(signal: Signal) -> Recording:
    """Return cached leads (12, samples at 256 Hz, NaN where absent) as a recording."""
    there = np.flatnonzero(np.isfinite(signal).any(axis=1))
    leads = tuple(STANDARD_LEADS[place] for place in there)
    return Recording(signal=signal[there], fs=float(FS), leads=leads, name="record")


def plain_sheet(recording: Recording, layout: str = PAGE) -> Sheet:
    """Return the page that most people know, as :data:`PAGE`, of a recording with all leads."""
    return compose(recording, PageStyle(layout=layout))


def random_sheet(recording: Recording, rng: np.random.Generator) -> Sheet:
    """Return a random page: half the study's layout, half any that the leads fill."""
    style = random_style(rng, recording.leads)
    if rng.random() < LAYOUT_SHARES[PAGE] and set(STANDARD_LEADS) <= set(recording.leads):
        rhythm = "II" if rng.random() < 0.85 else "V1"
        height = float(rng.uniform(24, 42))
        style = replace(style, layout=PAGE, rhythm=(rhythm,), row_height=height, cabrera=False)
    return compose(recording, replace(style, header=(), footer="", source_fs=None))


def draw_mask(
    lines: list[NDArray[np.float64]], size: tuple[float, float], pen: float, px_per_mm: float
) -> NDArray[np.uint8]:
    """Return a mask of lines given in mm on a page of a size (width, height) in mm, 0 to 255."""
    shape = (max(1, round(size[1] * px_per_mm)), max(1, round(size[0] * px_per_mm)))
    mask = np.zeros(shape, np.uint8)
    unit = px_per_mm * (1 << _SHIFT)
    fixed = [
        np.round(np.clip(run, -1e3, 1e3) * unit).astype(np.int32)
        for line in lines
        for run in unbroken_parts(line)
        if len(run)
    ]
    width = max(1, round(pen * px_per_mm))
    cv2.polylines(mask, fixed, False, 255, width, cv2.LINE_AA, _SHIFT)
    return mask


@dataclass(frozen=True, eq=False)
class Drawn:
    """A mask and what is known of it.

    Attributes
    ----------
    mask
        uint8, shape (height, width), at :data:`PX_PER_MM`.
    boxes
        Lead -> left, top, right, bottom in px: of a lead that stands there twice, the longer.
    speed, gain
        In mm/s and mm/mV.
    """

    mask: NDArray[np.uint8]
    boxes: dict[str, Box]
    speed: float
    gain: float


def plain_page(signal: Signal, layout: str = PAGE) -> Drawn:
    """Return a clean page of a recording, without chance."""
    sheet = plain_sheet(recording_of(signal), layout)
    lines = [strip.points for strip in sheet.strips]
    mask = draw_mask(lines, sheet.size, 0.35, PX_PER_MM)
    return Drawn(mask, _boxes(sheet, lines), sheet.style.speed, sheet.style.gain)


def random_drawn(signal: Signal, rng: np.random.Generator) -> Drawn:
    """Return a random page, its mask as flawed as the UNet's on a photo."""
    sheet = random_sheet(recording_of(signal), rng)
    lines = _warped([strip.points for strip in sheet.strips], sheet.size, rng)
    boxes = _boxes(sheet, lines)
    pen = float(rng.uniform(0.25, 0.65))
    mask = draw_mask(_faded(lines, rng), sheet.size, pen, PX_PER_MM)
    _flaw(mask, rng)
    return Drawn(mask, boxes, sheet.style.speed, sheet.style.gain)


def plain_image(signal: Signal, config: PageImageConfig, layout: str = PAGE) -> Image:
    """Return the image of a clean page of a recording, without chance."""
    return page_image(plain_page(signal, layout).mask, config, px_per_mm=PX_PER_MM)


def random_image(signal: Signal, config: PageImageConfig, rng: np.random.Generator) -> Image:
    """Return the image of a random page."""
    return shifted(image_of(random_drawn(signal, rng), config, rng), rng)


def image_of(page: Drawn, config: PageImageConfig, rng: np.random.Generator) -> Image:
    """Return the image of a drawn page, whose scale is mostly, not always, said."""
    known = rng.random() < TOLD
    return page_image(
        page.mask,
        config,
        px_per_mm=PX_PER_MM,
        mm_per_s=page.speed if known else None,
        mm_per_mv=page.gain if known else None,
    )


def plain_regions(signal: Signal, layout: str = PAGE) -> Regions:
    """Return the regions of a clean page of a recording, without chance."""
    page = plain_page(signal, layout)
    return cut_regions(page.mask, page.boxes, px_per_mm=PX_PER_MM)


def random_regions(signal: Signal, rng: np.random.Generator) -> Regions:
    """Return the regions of a random page."""
    return regions_of(random_drawn(signal, rng), rng)


def regions_of(page: Drawn, rng: np.random.Generator) -> Regions:
    """Return the regions of a drawn page, their edges found inexactly, some leads not at all."""
    lost = rng.uniform(0, 0.3) if rng.random() < 0.2 else 0.0
    boxes = {}
    for lead, box in page.boxes.items():
        left, top, right, bottom = np.array(box) + rng.normal(0, 0.8 * PX_PER_MM, 4)
        if rng.random() >= lost and right > left and bottom > top:
            boxes[lead] = (float(left), float(top), float(right), float(bottom))
    known = rng.random() < TOLD
    return cut_regions(
        page.mask,
        boxes or page.boxes,
        px_per_mm=PX_PER_MM,
        mm_per_s=page.speed if known else None,
        mm_per_mv=page.gain if known else None,
    )


def _boxes(sheet: Sheet, lines: list[NDArray[np.float64]]) -> dict[str, Box]:
    boxes: dict[str, Box] = {}
    for strip, points in zip(sheet.strips, lines, strict=True):
        there = points[np.isfinite(points).all(axis=1)] * PX_PER_MM
        if not len(there):
            continue
        (left, top), (right, bottom) = there.min(axis=0), there.max(axis=0)
        old = boxes.get(strip.place.lead)
        if old is None or right - left > old[2] - old[0] + PX_PER_MM:
            boxes[strip.place.lead] = (float(left), float(top), float(right), float(bottom))
    return boxes


def _warped(
    lines: list[NDArray[np.float64]], size: tuple[float, float], rng: np.random.Generator
) -> list[NDArray[np.float64]]:
    """Return lines turned, stretched, sheared and bent about the page's middle."""
    angle = np.deg2rad(rng.normal(0, TURN / 2))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn[0, 1] += rng.uniform(-SHEAR, SHEAR)
    matrix = turn * np.exp(rng.uniform(-SCALE, SCALE, 2))
    middle = np.array(size) / 2
    amount, length, phase = rng.uniform(0, BEND), rng.uniform(80, 300), rng.uniform(0, 6.3)
    if rng.random() < 0.5:
        amount = 0.0
    result = []
    for points in lines:
        moved = (points - middle) @ matrix.T + middle
        moved[:, 1] += amount * np.sin(2 * np.pi * moved[:, 0] / length + phase)
        result.append(moved)
    return result


def _faded(lines: list[NDArray[np.float64]], rng: np.random.Generator) -> list[NDArray[np.float64]]:
    """Return lines with the pen lifted: in steep strokes, as thin ink is missed, and by chance."""
    steep = rng.uniform(0, 0.5) if rng.random() < 0.3 else 0.0
    breaks = int(rng.integers(0, 4)) if rng.random() < 0.5 else 0
    result = []
    for points in lines:
        kept = points.copy()
        if steep and len(kept) > 1:
            rise = np.abs(np.diff(kept[:, 1], prepend=kept[0, 1]))
            kept[(rise > 1.0) & (rng.random(len(kept)) < steep)] = np.nan
        for _ in range(breaks):
            start = int(rng.integers(max(1, len(kept))))
            kept[start : start + int(rng.integers(2, 60))] = np.nan
        result.append(kept)
    return result


def _flaw(mask: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """Hide patches of a mask and put specks, letters and grid remains on it, in place."""
    height, width = mask.shape
    if rng.random() < 0.3:  # a thing on the page, a fold, glare
        for _ in range(rng.integers(1, 4)):
            x, y = int(rng.integers(width)), int(rng.integers(height))
            mask[y : y + int(rng.integers(8, 140)), x : x + int(rng.integers(8, 140))] = 0
    if rng.random() < 0.15:  # cut off at a side
        cut = int(rng.integers(4, 60))
        side = int(rng.integers(4))
        if side < 2:
            mask[slice(None, cut) if side else slice(-cut, None)] = 0
        else:
            mask[:, slice(None, cut) if side == 2 else slice(-cut, None)] = 0
    if rng.random() < 0.5:
        for _ in range(rng.integers(1, 25)):
            x, y = int(rng.integers(width)), int(rng.integers(height))
            step = rng.integers(-10, 11, 2)
            end = (x + int(step[0]), y + int(step[1]))
            cv2.line(mask, (x, y), end, int(rng.integers(60, 256)), 1, cv2.LINE_AA)
    if rng.random() < 0.1:
        y = int(rng.integers(height))
        cv2.line(mask, (0, y), (width, y), int(rng.integers(60, 200)), 1)
    if rng.random() < 0.3:
        strength = rng.uniform(0.4, 1.0)
        mask[:] = (mask * strength).astype(np.uint8)


def shifted(image: Image, rng: np.random.Generator) -> Image:
    """Return an image moved by a few px: the frame of the ink is not always found the same."""
    dy, dx = (int(v) for v in rng.integers(-6, 7, 2))
    result = np.zeros_like(image)
    height, width = image.shape
    result[max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)] = image[
        max(-dy, 0) : height + min(-dy, 0), max(-dx, 0) : width + min(-dx, 0)
    ]
    return result
