"""Degraded pages of the records, read as a user's photo is: what the figures by kind stand on.

Drawing and reading a page takes seconds; each is done once, and kept in a folder of the runs.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.diagnosis.image_network import Image, PageImageConfig, page_image
from ecgkit.diagnosis.page_reading import read_page
from ecgkit.diagnosis.region_network import Regions, cut_regions
from ecgkit.diagnosis.signal_network import Signal, prepare
from ecgkit.digitization.pipeline import Choices
from ecgkit.io import open_recording
from ecgkit.paper.scale import Box
from ecgkit.rendering.degradation.degrade import random_page
from ecgkit.training.datasets.diagnosis import DiagnosisData

LEVELS = ("clean", "scan", "photo", "hard")
LEVEL_SHARES = (0.25, 0.25, 0.3, 0.2)


SAID, UNSAID = "scale said", "nothing said"
"""What the reader was told of a page: its speed and voltage scale, or nothing."""


@dataclass(frozen=True, eq=False)
class ReadPage:
    """What was read of one page.

    Attributes
    ----------
    level, layout
        How it was degraded, and what its layout is.
    speed, gain
        Its scale in mm/s and mm/mV.
    mask
        uint8, shape (height, width), 5 px/mm; None where the page was not found.
    boxes
        Lead -> left, top, right, bottom in px of the mask; empty where not read.
    signals
        :data:`SAID` and :data:`UNSAID` -> float32, shape (windows, 12, 2560), as the signal network
        sees it; empty where not read.
    error
        Why reading stopped; empty where it did not.
    """

    level: str
    layout: str
    speed: float
    gain: float
    mask: NDArray[np.uint8] | None
    boxes: dict[str, Box]
    signals: dict[str, Signal]
    error: str


def page_of(
    data: DiagnosisData, row: int, folder: Path, pages: Path, *, with_mask: bool = True
) -> ReadPage:
    """Return the degraded page of a record of PTB-XL, drawn and read where it is not kept yet.

    Its level and looks follow from the record's id alone. Without its mask, it is there sooner.
    """
    name = str(data.names[row])
    path = pages / f"{name}.npz"
    if not path.exists():
        keep_page(_read(name, folder), path)
    with np.load(path, allow_pickle=False) as stored:
        mask = stored["mask"] if with_mask else np.zeros(0, np.uint8)
        boxes = zip(stored["leads"], stored["boxes"], strict=True)
        return ReadPage(
            str(stored["level"]),
            str(stored["layout"]),
            float(stored["speed"]),
            float(stored["gain"]),
            np.asarray(cv2.imdecode(mask, cv2.IMREAD_GRAYSCALE), np.uint8) if mask.size else None,
            {str(lead): (float(a), float(b), float(c), float(d)) for lead, (a, b, c, d) in boxes},
            {key: stored[key].astype(np.float32) for key in (SAID, UNSAID) if key in stored},
            str(stored["error"]),
        )


class PageStore:
    """Degraded pages that have been read, to train on: what reading really makes of a page.

    One store serves networks of one configuration.

    Parameters
    ----------
    pages
        The folder that :func:`page_of` fills.
    """

    def __init__(self, data: DiagnosisData, pages: Path) -> None:
        self._data, self._pages = data, pages
        self._images: dict[tuple[int, bool], NDArray[np.uint8] | None] = {}
        self._regions: dict[tuple[int, bool], Regions | None] = {}
        there = {path.stem for path in pages.glob("*.npz") if ".part" not in path.name}
        self.rows = np.array([row for row in data.ptbxl if data.names[row] in there], np.int64)

    def page(self, row: int, *, with_mask: bool = True) -> ReadPage:
        """Return the page of a record of :attr:`rows`."""
        return page_of(self._data, row, self._pages, self._pages, with_mask=with_mask)

    def image(self, row: int, config: PageImageConfig, *, told: bool) -> Image | None:
        """Return what a network sees of a page; None where it was not found. Kept in memory."""
        if (row, told) not in self._images:
            page = self.page(row)
            speed, gain = (page.speed, page.gain) if told else (None, None)
            self._images[row, told] = (
                None
                if page.mask is None
                else _bytes(page_image(page.mask, config, mm_per_s=speed, mm_per_mv=gain))
            )
        kept = self._images[row, told]
        return None if kept is None else _floats(kept)

    def regions(self, row: int, *, told: bool) -> Regions | None:
        """Return the regions of a page; None where they were not read. Kept in memory."""
        if (row, told) not in self._regions:
            page = self.page(row)
            speed, gain = (page.speed, page.gain) if told else (None, None)
            found = None
            if page.mask is not None and page.boxes:
                found = cut_regions(page.mask, page.boxes, mm_per_s=speed, mm_per_mv=gain)
                found = found._replace(images=_bytes(found.images))
            self._regions[row, told] = found
        kept = self._regions[row, told]
        return None if kept is None else kept._replace(images=_floats(kept.images))

    def some(
        self, rows: NDArray[np.int64], share: float, rng: np.random.Generator
    ) -> dict[int, int]:
        """Return place in ``rows`` -> row, for a random share of them, where there is a page."""
        chosen = np.flatnonzero(np.isin(rows, self.rows) & (rng.random(rows.size) < share))
        return {int(place): int(rows[place]) for place in chosen}


def _bytes(image: Image) -> NDArray[np.uint8]:
    return np.rint(image * 255).astype(np.uint8)


def _floats(image: NDArray[np.uint8]) -> Image:
    return np.asarray(image.astype(np.float32) / np.float32(255), np.float32)


def _read(name: str, folder: Path) -> ReadPage:
    seed = zlib.crc32(f"page {name}".encode())
    level = str(np.random.default_rng(seed).choice(LEVELS, p=LEVEL_SHARES))
    header = folder / "ptbxl" / "records500" / f"{int(name) // 1000 * 1000:05d}"
    recording = open_recording(header / f"{int(name):05d}_hr.hea", name=name)
    page = random_page(recording, level, seed)
    speed, gain = page.style.speed, page.style.gain
    unsaid = read_page(page.image, name=name)
    said = read_page(page.image, Choices(mm_per_s=speed, mm_per_mv=gain), name=name, earlier=unsaid)
    reports = {SAID: said, UNSAID: unsaid}
    return ReadPage(
        level,
        page.style.layout,
        speed,
        gain,
        None if said.mask is None else np.rint(said.mask * 255).astype(np.uint8),
        {} if said.traces is None else said.traces.boxes,
        {key: prepare(r.traces.recording) for key, r in reports.items() if r.traces is not None},
        "" if said.error is None else str(said.error),
    )


def keep_page(page: ReadPage, path: Path) -> None:
    """Write what was read of a page; :func:`page_of` finds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    empty = np.zeros(0, np.uint8)
    mask = empty if page.mask is None else cv2.imencode(".png", page.mask)[1]
    signals: dict[str, Any] = {
        key: signal.astype(np.float16) for key, signal in page.signals.items()
    }
    partial = path.with_suffix(".part.npz")
    np.savez(
        partial,
        level=page.level,
        layout=page.layout,
        speed=page.speed,
        gain=page.gain,
        mask=mask,
        leads=np.array(list(page.boxes), np.str_),
        boxes=np.array(list(page.boxes.values())).reshape(-1, 4),
        error=page.error,
        **signals,
    )
    partial.replace(path)
