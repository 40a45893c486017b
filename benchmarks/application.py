"""Times the application as a person meets it: first paint, and slider to redrawn figure.

``python benchmarks/application.py`` (needs Chromium and ``pip install -e .[test]``). The second
figure is the median from pressing a key on the SNR slider to the frame with the new drawing.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
STEPS = 15
WATCH = """() => {
  const views = [];
  const walk = (root) => root.querySelectorAll("*").forEach((part) => {
    if (part.classList?.contains("view")) views.push(part);
    if (part.shadowRoot) walk(part.shadowRoot);
  });
  walk(document);
  const paper = views.find((view) => view.querySelector(".sheet"));
  const before = paper.dataset.redrawn, start = performance.now();
  window.redrawnAfter = null;
  const poll = () => paper.dataset.redrawn === before ? setTimeout(poll, 2)
    : requestAnimationFrame(() => setTimeout(() => {
        window.redrawnAfter = performance.now() - start;
      }));
  poll();
}"""


def slider_times(page: Page) -> list[float]:
    """Return the milliseconds from each step of the SNR slider to the redrawn paper."""
    slider = page.locator("[data-testid=stMain] [data-testid=stSlider] input[type=range]").first
    times = []
    for _ in range(STEPS):
        page.evaluate(WATCH)
        slider.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("window.redrawnAfter !== null", timeout=30_000)
        times.append(page.evaluate("window.redrawnAfter"))
        time.sleep(0.7)
    return times


def main() -> None:
    """Start the application, drive it, and print the two figures."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        begin = time.perf_counter()
        options = [f"--server.port={port}", "--server.headless=true"]
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", *options],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        try:
            while True:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.02)
            page.goto(f"http://127.0.0.1:{port}")
            page.wait_for_selector(".sheet", timeout=60_000)
            print(f"first paint with the demo record: {time.perf_counter() - begin:.1f} s")
            page.wait_for_selector("tr.waiting", state="detached", timeout=60_000)
            page.get_by_role("button", name="All leads").click()
            time.sleep(3)
            times = slider_times(page)
            print(
                f"slider to redrawn figure, 10 s × 12 leads, with residual: median "
                f"{statistics.median(times):.0f} ms, worst {max(times):.0f} ms of {STEPS}"
            )
        finally:
            server.terminate()
            server.wait(10)
            browser.close()


if __name__ == "__main__":
    main()
