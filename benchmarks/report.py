"""Runs every benchmark and writes docs/results/timings.md: ``python benchmarks/report.py``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = {
    "startup.py": "Processor time until a command has answered, beside Python and torch alone.",
    "memory.py": "Memory over many pages and many sessions.",
    "denoising.py": "Denoising methods, beside what a user would pick instead; medians.",
    "scalogram.py": "The Morlet transform, beside what a user would pick instead.",
    "rhythm.py": "The rhythm networks: from a recording to the answer and what drove it.",
    "opening.py": "Opening and checking a recording, beside the bare library.",
    "rendering.py": "Pages of paper ECGs, drawn and degraded.",
    "paper.py": "From a photo of a paper ECG to its leads, and the UNet in other engines.",
    "diagnoses.py": "The eleven labels: from mask and leads to the answer, and the study's size.",
    "application.py": "The application in Chromium.",
}


def main() -> None:
    """Run the benchmarks one after the other and write their output."""
    text = f"# Timings\n\nWritten by `python benchmarks/report.py` on {os.cpu_count()} cores.\n"
    for script, title in PARTS.items():
        print(f"{script} …", flush=True)
        done = subprocess.run(
            [sys.executable, str(ROOT / "benchmarks" / script)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        text += f"\n## {title}\n\n`python benchmarks/{script}`\n\n{done.stdout.strip()}\n"
    (ROOT / "docs" / "results" / "timings.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
