"""How well pages are read, measured on random ones.

Pages are drawn at random of recordings that no network has seen, degraded at four levels, and read
with :func:`ecgkit.digitization.pipeline.read_page`, the whole way that a person's photo takes.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from ecgkit import models
from ecgkit.digitization.export import THRESHOLD
from ecgkit.digitization.pipeline import Choices, PaperReport, read_page
from ecgkit.digitization.segmentation import NETWORK, find_mask
from ecgkit.errors import PageError
from ecgkit.io import open_recording
from ecgkit.io.folders import recordings_in
from ecgkit.paper.layouts import LAYOUTS
from ecgkit.paper.scale import PX_PER_MM
from ecgkit.recording import RecordingError
from ecgkit.rendering.degradation.degrade import random_page
from ecgkit.rendering.degradation.levels import LEVELS
from ecgkit.rendering.page import Page
from ecgkit.rendering.page_style import PageStyle
from ecgkit.training.common.readme import put
from ecgkit.training.digitization.document import document, readme_part
from ecgkit.training.digitization.scores import (
    dice,
    near_dice,
    page_errors,
    signal_scores,
    true_mask,
)
from ecgkit.training.digitization.summary import SOURCES, summary
from ecgkit.training.segmentation.patches import patches, record_paths

PATCH, PATCHES = 256, 4
COMMAND = "python -m ecgkit.training.digitization"
RESULTS = Path("docs/results")
ROWS = Path("runs/paper/results.jsonl")

Row = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """One page to measure: of which source, at which level, and its number there."""

    folder: Path
    source: str
    level: str
    number: int
    seed: int

    def done(self, rows: list[Row]) -> Row | None:
        """Return its row where a broken run left one."""
        mine = (self.source, self.level, self.number)
        found = (r for r in rows if (r["source"], r["level"], r["number"]) == mine)
        return next(found, None)


@cache
def source_paths(folder: Path, source: str) -> list[Path]:
    """Return the recordings of a source that pages are drawn of."""
    if source == "PTB-XL":
        return record_paths(folder, "test")
    return recordings_in(folder / {"LUDB": "ludb", "CinC 2021": "cinc2021"}[source])


def result_page(paths: list[Path], level: str, seed: tuple[int, ...]) -> tuple[Page, Path]:
    """Return a random page of a random recording, and which; the same seed gives the same page."""
    rng = np.random.default_rng(seed)
    while True:
        path = paths[rng.integers(len(paths))]
        try:
            recording = open_recording(path, name="record")
            return random_page(recording, level, int(rng.integers(2**31))), path
        except RecordingError:
            continue  # leads that fill no layout, or a header that its database left broken


def measure(page: Page, seed: int) -> Row:
    """Read a page and compare it with the truth.

    Speed and voltage scale are given, as the person who has the page in front of them does. A page
    without any grid is read once more with its resolution given too.
    """
    style = page.style
    scale = Choices(mm_per_s=style.speed, mm_per_mv=style.gain)
    started = time.process_time()
    report = _read(page, scale)
    spent = time.process_time() - started
    row: Row = {
        "layout": style.layout,
        "columns": _columns(style),
        "speed": style.speed,
        "gain": style.gain,
        "fs": page.sheet.fs,
        "grid": style.grid.kind,
        "refused": report.error.stage if report.error else None,
        "reason": report.error.problem if report.error else None,
        "scale source": report.rectified.scale_source if report.rectified else None,
        "cpu": round(spent, 4),
        **_scores(page, report),
        "dice of patches": patch_dice(page, seed),
    }
    if style.grid.kind == "none":
        choices = Choices(px_per_mm=page.px_per_mm(), mm_per_s=style.speed, mm_per_mv=style.gain)
        told = _read(page, choices)
        refused = told.error.stage if told.error else None
        row["with its scale"] = {"refused": refused, **_scores(page, told)}
    return row


def _read(page: Page, choices: Choices) -> PaperReport:
    """Read a page; an error that is none of a page's own is told among the refusals, too."""
    try:
        return read_page(page.image, choices)
    except RecordingError as error:
        return PaperReport("page", choices, error=PageError(error.problem, stage="layout"))


def _columns(style: PageStyle) -> str:
    if LAYOUTS[style.layout].columns == 1:
        return "one"
    return "one after the other" if style.sequential else "all of the same time"


def _scores(page: Page, report: PaperReport) -> Row:
    row: Row = {"seconds": {stage: round(s, 4) for stage, s in report.seconds.items()}}
    if report.rectified is not None:
        errors = page_errors(page, report.rectified)
        row["scale error"] = max(map(abs, errors.scale))
        row["displacement"] = errors.displacement
        row["upright"] = errors.turns == 0
        row["megapixels"] = report.rectified.picture.shape[0] * report.rectified.picture.shape[1]
        row["megapixels"] /= 1e6
        if report.mask is not None:
            true = true_mask(page, report.rectified)
            row["dice"] = dice(report.mask >= THRESHOLD, true > 127)
            row["near dice"] = near_dice(report.mask >= THRESHOLD, true > 127)
    if report.traces is not None:
        scores = signal_scores(page, report.traces)
        row["snr"] = [round(value, 3) for value in scores.aligned]
        row["plain snr"] = [round(value, 3) for value in scores.plain]
        row["layout right"] = scores.layout_right
        row["leads found"] = scores.leads_found
        row["rate error"] = scores.rate_error if np.isfinite(scores.rate_error) else None
        row["rate known"] = not np.isnan(scores.rate_error)
    else:
        row["leads shown"] = len(page.sheet.shown().leads)
    return row


def patch_dice(page: Page, seed: int) -> float:
    """Return the UNet's Dice on patches that were straightened by the truth, as in training."""
    found = patches(page, PX_PER_MM, PATCH, PATCHES, seed)
    masks = np.stack([find_mask(patch.picture) for patch in found])
    return dice(masks >= THRESHOLD, np.stack([patch.mask for patch in found]) > 127)


def measure_one(task: Task) -> Row:
    """Return what came of one page."""
    place = SOURCES.index(task.source)
    seed = (task.seed, place, list(LEVELS).index(task.level), task.number)
    page, path = result_page(source_paths(task.folder, task.source), task.level, seed)
    key = {"source": task.source, "level": task.level, "number": task.number, "record": path.stem}
    return key | measure(page, task.seed)


def tasks(folder: Path, counts: dict[str, int], seed: int) -> list[Task]:
    """Return all pages to measure."""
    return [
        Task(folder, source, level, number, seed)
        for source, count in counts.items()
        for number in range(count)
        for level in LEVELS
    ]


def prepare(threads: int) -> None:
    """Make a process ready, so that no page's time holds the loading of the network."""
    torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
    find_mask(np.full((PATCH, PATCH, 3), 255, np.uint8))


def measured(
    every: list[Task], rows: Path, *, threads: int = 1, jobs: int = 1, resume: bool = False
) -> list[Row]:
    """Return what came of every page.

    Parameters
    ----------
    rows
        A file that gets a line for each page as soon as it is measured.
    threads, jobs
        Threads of each process, and processes, whose times disturb each other.
    resume
        Keep the pages that the file has from a broken run.
    """
    kept: list[Row] = []
    if resume and rows.exists():
        kept = [json.loads(line) for line in rows.read_text("utf-8").splitlines()]
    found = [row for task in every if (row := task.done(kept)) is not None]
    left = [task for task in every if task.done(kept) is None]
    rows.parent.mkdir(parents=True, exist_ok=True)
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), prepare, (threads,))
    with pool, rows.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in found)
        for row in pool.map(measure_one, left):
            found.append(row)
            print(json.dumps(row), file=file, flush=True)
            print(f"\r{len(found)} of {len(every)} pages", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return found


def evaluate(
    folder: Path,
    *,
    drawn: int,
    others: int,
    seed: int = 0,
    threads: int = 1,
    jobs: int = 1,
    out: Path = RESULTS,
    rows: Path = ROWS,
    resume: bool = False,
) -> None:
    """Draw and measure pages; write ``digitization.json`` and ``.md``, and the README's table.

    Parameters
    ----------
    folder
        Of the databases.
    drawn, others
        Pages at each level: of PTB-XL, and of each other source.
    out
        Where the results go. The README is written where it is :data:`RESULTS` alone.
    """
    counts = dict.fromkeys(SOURCES, others) | {SOURCES[0]: drawn}
    every = tasks(folder, counts, seed)
    found = measured(every, rows, threads=threads, jobs=jobs, resume=resume)
    results = {
        "command": f"{COMMAND} evaluate --drawn {drawn} --others {others} --seed {seed}",
        "network": {"name": NETWORK, "sha256": models.catalogue()[NETWORK].sha256},
        "threads": threads,
        **summary(found),
    }
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(results, indent=1, ensure_ascii=False, allow_nan=False)
    (out / "digitization.json").write_text(text + "\n", encoding="utf-8")
    (out / "digitization.md").write_text(document(results), encoding="utf-8")
    if out == RESULTS:
        put("paper figures", readme_part(results))
