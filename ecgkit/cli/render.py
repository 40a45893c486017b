"""``render``: a recording as a page of ECG paper, clean or as people photograph it."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from ecgkit.cli.arguments import add_record, open_record
from ecgkit.paper.layouts import LAYOUTS
from ecgkit.recording import RecordingError
from ecgkit.rendering.degradation.degrade import degrade_page, random_page
from ecgkit.rendering.degradation.levels import LEVELS
from ecgkit.rendering.ground_truth import ENDINGS, write_picture, write_truth
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import usual_style


def add(command: argparse.ArgumentParser) -> None:
    """Say which arguments the command takes."""
    command.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="PAGE",
        help=f"picture to write; {', '.join(ENDINGS)}",
    )
    command.add_argument("--layout", choices=LAYOUTS, help="where the leads stand")
    command.add_argument(
        "--degrade",
        choices=LEVELS,
        metavar="LEVEL",
        help="; ".join(f"{level}: {words}" for level, words in LEVELS.items()),
    )
    command.add_argument(
        "--seed",
        type=int,
        help="draw grid, fonts and all else at random (the usual page by default)",
    )
    command.add_argument(
        "--start", type=float, default=0.0, help="where the page begins, in s (0 by default)"
    )
    command.add_argument(
        "--truth", type=Path, metavar="DIR", help="folder for masks, boxes, scale and signals"
    )
    add_record(command)


def run(chosen: argparse.Namespace) -> None:
    """Draw one recording and write the picture, and its truth where that is asked for."""
    if chosen.seed is not None and chosen.seed < 0:
        raise RecordingError(f"--seed {chosen.seed} is below zero")
    recording = open_record(chosen, chosen.record)
    if chosen.seed is not None:
        page = random_page(
            recording, chosen.degrade, chosen.seed, start=chosen.start, layout=chosen.layout
        )
    else:
        style = usual_style(recording.leads, chosen.layout)
        page = render_page(recording, style, start=chosen.start)
        if chosen.degrade:
            page = degrade_page(page, chosen.degrade, np.random.default_rng(0))
    write_picture(chosen.output, page.image)
    written = [chosen.output, *(write_truth(page, chosen.truth) if chosen.truth else ())]
    height, width = page.shape
    print(
        f"{page.style.layout}, {page.style.speed:g} mm/s, {page.style.gain:g} mm/mV, "
        f"{width} x {height} px, written to {', '.join(map(str, written))}."
    )
