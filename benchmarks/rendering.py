"""Times pages to learn from: drawn and degraded, in pages a second of one core's own time.

``python benchmarks/rendering.py [--pages N]``. Prints a Markdown table. Every page has another
style, as in training; the pictures are 600 to 1200 px on their longer side, clean ones about 1400.
"""

from __future__ import annotations

import argparse
import platform
import time

import cv2
import numpy as np

from ecgkit.processing.synthetic import generate_ecg
from ecgkit.rendering.degradation.degrade import degrade_page
from ecgkit.rendering.degradation.levels import LEVELS
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import random_style

WARM_UP = 3


def times(level: str, pages: int) -> tuple[list[float], list[float], list[int]]:
    """Return the seconds for drawing and for degrading each page, and the pictures' pixels."""
    recording = generate_ecg(10.0, 500.0)
    drawn, degraded, pixels = [], [], []
    for seed in range(pages + WARM_UP):
        rng = np.random.default_rng(seed)
        started = time.process_time()
        page = render_page(recording, random_style(rng, recording.leads))
        between = time.process_time()
        photo = degrade_page(page, level, rng)
        degraded.append(time.process_time() - between)
        drawn.append(between - started)
        pixels.append(photo.mask.size)
    return drawn[WARM_UP:], degraded[WARM_UP:], pixels[WARM_UP:]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=100, help="pages a level")
    pages = parser.parse_args().pages
    cv2.setNumThreads(1)
    print(f"One core of {platform.machine()}, OpenCV {cv2.__version__}, {pages} pages a level.\n")
    print("| level | megapixels | draw, ms | degrade, ms | slowest, ms | pages/s |")
    print("|---|---|---|---|---|---|")
    for level in LEVELS:
        drawn, degraded, pixels = times(level, pages)
        both = np.add(drawn, degraded)
        print(
            f"| {level} | {np.mean(pixels) / 1e6:.2f} | {1e3 * np.mean(drawn):.0f} "
            f"| {1e3 * np.mean(degraded):.0f} | {1e3 * both.max():.0f} | {1 / both.mean():.1f} |"
        )


if __name__ == "__main__":
    main()
