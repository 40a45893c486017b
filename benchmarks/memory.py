"""Shows that memory does not grow: pages of all sizes read, and sessions opened and closed.

``python benchmarks/memory.py [--pages 300] [--sessions 100]`` (sessions need Chromium and
``pip install -e .[test]``). Prints the resident memory after the first tenth and at the end. The
aim: the end is within 15 % of the first tenth. How many shapes the network saw stands beside it, as
oneDNN keeps what it planned for each.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from ecgkit.diagnosis.page_reading import read_page
from ecgkit.digitization import segmentation
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.rendering.degradation.degrade import random_page
from ecgkit.rendering.degradation.levels import LEVELS

ROOT = Path(__file__).resolve().parents[1]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def resident_mb(process: int | str = "self") -> float:
    """Return how much memory a process holds, in MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def grown(
    title: str, count: int, step: Callable[[int], None], measure: Callable[[], float]
) -> None:
    """Do a step so many times and print memory after the first tenth and at the end."""
    first = 0.0
    for number in range(count):
        step(number)
        if number + 1 == max(1, count // 10):
            first = measure()
    last = measure()
    print(f"| {title} | {count} | {first:.0f} | {last:.0f} | {last / first - 1:+.1%} |", flush=True)


def page_of(seed: int) -> np.ndarray:
    """Return a page of a size of its own: level, layout and aspect are drawn by the seed."""
    rng = np.random.default_rng(seed)
    recording = generate_ecg(10.0, 500.0, seed=seed % 7, heart_rate=float(rng.uniform(50, 110)))
    image = random_page(recording, list(LEVELS)[seed % len(LEVELS)], seed).image
    height, width = image.shape[:2]
    image = image[: round(height * rng.uniform(0.75, 1))]
    size = rng.uniform(0.7, 1.3)
    return cv2.resize(image[:, : round(width * rng.uniform(0.75, 1))], None, fx=size, fy=size)


def read_pages(count: int) -> None:
    """Read pages in this process."""
    shapes: set[tuple[int, int]] = set()
    network = segmentation.load_network()
    network.last.register_forward_hook(lambda _, inputs, __: shapes.add(inputs[0].shape[-2:]))
    grown(
        "pages read",
        count,
        lambda number: void(read_page(page_of(number), classifiers=["blend"])),
        resident_mb,
    )
    print(f"\nThe network saw {len(shapes)} shapes.\n")


def void(_: object) -> None:
    """Keep nothing."""


def open_sessions(count: int) -> None:
    """Open and close sessions of the application in a browser; memory is the server's."""
    from playwright.sync_api import sync_playwright

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [f"--server.port={port}", "--server.headless=true"]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", *options],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        with sync_playwright() as playwright:
            chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)

            def session(_: int) -> None:
                context = browser.new_context(viewport={"width": 1280, "height": 900})
                page = context.new_page()
                page.goto(f"http://127.0.0.1:{port}")
                page.wait_for_selector(".sheet", timeout=120_000)
                page.wait_for_selector("tr.waiting", state="detached", timeout=120_000)
                context.close()

            while True:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            grown("sessions opened and closed", count, session, lambda: resident_mb(server.pid))
            browser.close()
    finally:
        server.terminate()
        server.wait(10)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--sessions", type=int, default=100)
    chosen = parser.parse_args()
    print("| what | how often | MB after the first tenth | MB at the end | growth |")
    print("|---|---|---|---|---|", flush=True)
    if chosen.pages:
        read_pages(chosen.pages)
    if chosen.sessions:
        open_sessions(chosen.sessions)


if __name__ == "__main__":
    main()
