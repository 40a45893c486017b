"""Reads leads off rendered pages and compares them with what the pages show.

``python benchmarks/digitization.py [--pages N] [--masks truth|network-like|unet] [--bends]
[--data FOLDER]``. Prints Markdown tables by level and by layout. Pages are rectified by their known
geometry, with ``--bends`` by their known plane alone, so that this stage is measured alone. Masks
are the truth, or the truth made like a network's answer (blurred, uneven, with gaps, specks and
left-over names and separators), or the answer of the network that ships. The speed and voltage
scale are given, as a person would give them.

SNR by lead, after the best shift within ±50 ms and without the mean; a lead that is not found or
worse counts −10 dB. Pages whose beginning was cut off are first aligned as a whole.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.digitization.extraction import FS, Traces, read_traces
from ecgkit.digitization.segmentation import find_mask
from ecgkit.errors import PageError
from ecgkit.io import open_recording
from ecgkit.paper.scale import PX_PER_MM, Mask
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import RecordingError
from ecgkit.rendering.degradation.degrade import random_page
from ecgkit.rendering.degradation.levels import LEVELS
from ecgkit.rendering.page import Page
from ecgkit.training.digitization.scores import WORST, signal_scores
from ecgkit.training.segmentation.patches import record_paths

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Result:
    """What came of one page."""

    layout: str
    snr: list[float]
    layout_right: bool
    names_right: bool
    rate_error: float
    refused: bool
    ms: float


def rectified(page: Page, bends: bool) -> tuple[Image, Mask]:
    """Return a page's picture and true mask at 5 px/mm, its plane and perhaps its bends undone."""
    width, height = (round(length * PX_PER_MM) for length in page.sheet.size)
    if bends:
        scale = np.array([[PX_PER_MM, 0, -0.5], [0, PX_PER_MM, -0.5], [0, 0, 1]])
        matrix = scale @ np.linalg.inv(page.geometry.matrix)
        picture = cv2.warpPerspective(
            page.image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE
        )
        mask = cv2.warpPerspective(page.mask, matrix, (width, height))
    else:
        x, y = np.meshgrid(np.arange(width), np.arange(height))
        mm = (np.stack([x.ravel(), y.ravel()], axis=1) + 0.5) / PX_PER_MM
        place = page.geometry.to_picture(mm).astype(np.float32).reshape(height, width, 2)
        picture = cv2.remap(
            page.image, place, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        mask = cv2.remap(page.mask, place, None, cv2.INTER_LINEAR)
    return np.asarray(picture, np.uint8), np.asarray(mask, np.float32) / np.float32(255)


def network_like(mask: Mask, picture: Image, page: Page, rng: np.random.Generator) -> Mask:
    """Return a true mask with the faults of a network's."""
    height, width = mask.shape
    soft = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.5, 0.9))
    uneven = cv2.GaussianBlur(rng.normal(0, 1, mask.shape).astype(np.float32), (0, 0), 4)
    soft = soft * np.clip(1.1 + 0.12 * uneven / uneven.std(), 0, 1.35)
    rows, columns = np.nonzero(mask > 0.5)
    for _ in range(int(rng.integers(20, 60)) if rows.size else 0):
        k = int(rng.integers(rows.size))
        cv2.circle(soft, (int(columns[k]), int(rows[k])), int(rng.integers(1, 6)), 0, -1)
    for _ in range(int(rng.integers(30, 90))):
        at = (int(rng.integers(width)), int(rng.integers(height)))
        size = (int(rng.integers(1, 5)), int(rng.integers(1, 5)))
        cv2.ellipse(soft, at, size, 0, 0, 360, float(rng.uniform(0.4, 1)), -1)
    dark = 255 - picture.min(axis=2).astype(np.float32)
    ink = np.clip((dark - cv2.blur(dark, (41, 41)) - 30) / 80, 0, 1)
    boxes = [strip.label for strip in page.sheet.strips]
    boxes += [(x - 0.2, top, x + 0.4, bottom) for x, top, bottom in page.sheet.separators]
    for box in boxes:
        if rng.random() < 0.25:
            left, top, right, bottom = (max(int(edge * PX_PER_MM), 0) for edge in box)
            part = (slice(top, bottom + 2), slice(left, right + 2))
            soft[part] = np.maximum(soft[part], ink[part] * rng.uniform(0.4, 1))
    sharp = 1 / (1 + np.exp(-(np.clip(soft, 0, 1) - 0.36) * 9)) - 0.038
    return np.asarray(np.clip(sharp, 0, 1), np.float32)


def judge(page: Page, mask: Mask, picture: Image) -> Result:
    """Read a page and compare it with what it shows."""
    style, leads = page.style, page.sheet.shown().leads
    started = time.process_time()
    found: Traces | None
    try:
        found = read_traces(mask, picture, mm_per_s=style.speed, mm_per_mv=style.gain)
    except PageError:
        found = None
    ms = 1e3 * (time.process_time() - started)
    if found is None:
        return Result(style.layout, [WORST] * len(leads), False, False, np.inf, True, ms)
    scores = signal_scores(page, found)
    return Result(
        style.layout,
        scores.aligned,
        scores.layout_right,
        found.recording.leads == leads,
        scores.rate_error,
        False,
        ms,
    )


def table(results: dict[str, list[Result]], title: str) -> None:
    """Print what came of groups of pages."""
    print(
        f"\n| {title} | pages | refused | layout right | leads right | median SNR, dB "
        "| lower quartile | heart rate within 2 bpm | ms a page |"
    )
    print("|---" * 9 + "|")
    for name, group in results.items():
        snr = np.concatenate([result.snr for result in group])
        rates = np.array([result.rate_error for result in group])
        rates = rates[~np.isnan(rates)]  # of what is too short for a rate
        print(
            f"| {name} | {len(group)} | {sum(r.refused for r in group)} "
            f"| {np.mean([r.layout_right for r in group]):.0%} "
            f"| {np.mean([r.names_right for r in group]):.0%} "
            f"| {np.median(snr):.1f} | {np.percentile(snr, 25):.1f} "
            f"| {np.mean(rates <= 2):.0%} | {np.mean([r.ms for r in group]):.0f} |"
        )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=15, help="pages a level")
    parser.add_argument("--first", type=int, default=100, help="number of the first page drawn")
    parser.add_argument("--masks", choices=("truth", "network-like", "unet"), default="unet")
    parser.add_argument("--bends", action="store_true", help="leave the paper's bends")
    parser.add_argument("--data", type=Path, help="folder of PTB-XL; generated ECGs without it")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    paths = record_paths(options.data, "test") if options.data else []
    levels: dict[str, list[Result]] = defaultdict(list)
    layouts: dict[str, list[Result]] = defaultdict(list)
    for index, level in enumerate(LEVELS):
        for number in range(options.first, options.first + options.pages):
            seed = 10 * number + index
            rng = np.random.default_rng(seed)
            try:
                recording = (
                    open_recording(paths[rng.integers(len(paths))], name="record")
                    if paths
                    else generate_ecg(10.0, FS, seed=seed, heart_rate=float(rng.uniform(50, 120)))
                )
                page = random_page(recording, level, seed)
            except RecordingError:
                continue  # a record with leads that fill no layout
            picture, mask = rectified(page, options.bends)
            if options.masks == "network-like":
                mask = network_like(mask, picture, page, rng)
            elif options.masks == "unet":
                mask = find_mask(picture)
            result = judge(page, mask, picture)
            levels[level].append(result)
            layouts[result.layout].append(result)
    table(levels, "level")
    table(dict(sorted(layouts.items())), "layout")


if __name__ == "__main__":
    main()
