"""Measures how well pages are made straight, against the truth of drawn pages.

``python benchmarks/rectification.py [--pages N] [--levels clean scan photo hard]``. Prints a
Markdown table, one row a level. «Displacement» is the mean distance, over a lattice on the part of
the traces' field that the photo shows, of where a point lies on the rectified page from where it
should, after the best shift: rotation, perspective, scale and bends of the paper are all in it.
Pages without a grid are meant to be refused and counted apart.
"""

from __future__ import annotations

import argparse
import platform
import time

import cv2
import numpy as np

from ecgkit.digitization.rectification.rectify import rectify
from ecgkit.errors import PageError
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.rendering.degradation.degrade import random_page
from ecgkit.rendering.degradation.levels import LEVELS
from ecgkit.training.digitization.scores import page_errors


def evaluate(level: str, pages: int, first_seed: int = 0) -> dict[str, float | str]:
    """Return figures of a level; see the table's head for what they are."""
    recording = generate_ecg(12.0, 500.0, seed=5)
    errors, seconds, refused, bare, bare_refused = [], [], 0, 0, 0
    for seed in range(first_seed, first_seed + pages):
        page = random_page(recording, level, seed)
        none = page.style.grid.kind == "none"
        bare += none
        started = time.process_time()
        try:
            found = rectify(page.image)
        except PageError:
            refused += not none
            bare_refused += none
            continue
        finally:
            seconds.append(time.process_time() - started)
        if not none:
            errors.append(page_errors(page, found))
    scale = np.abs([error.scale for error in errors]).max(axis=1)
    displacement = np.array([error.displacement for error in errors])
    return {
        "pages with a grid": pages - bare,
        "refused": refused,
        "scale, median error, %": 100 * float(np.median(scale)),
        "scale within 2 %, % of read": 100 * float(np.mean(scale < 0.02)),
        "displacement, median, mm": float(np.median(displacement)),
        "displacement, 90th percentile, mm": float(np.quantile(displacement, 0.9)),
        "right way up, % of read": 100 * float(np.mean([error.turns == 0 for error in errors])),
        "without a grid, refused": f"{bare_refused} of {bare}",
        "CPU, median, ms": 1e3 * float(np.median(seconds)),
        "CPU, slowest, ms": 1e3 * max(seconds),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=25, help="pages a level")
    parser.add_argument("--levels", nargs="+", default=list(LEVELS), choices=list(LEVELS))
    parser.add_argument("--seed", type=int, default=0, help="of the first page")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    print(f"One core of {platform.machine()}, OpenCV {cv2.__version__}.\n")
    for number, level in enumerate(arguments.levels):
        figures = evaluate(level, arguments.pages, arguments.seed)
        if number == 0:
            print("| level | " + " | ".join(figures) + " |")
            print("|---" * (len(figures) + 1) + "|")
        values = (f"{v:.2f}" if isinstance(v, float) else str(v) for v in figures.values())
        print(f"| {level} | " + " | ".join(values) + " |", flush=True)


if __name__ == "__main__":
    main()
