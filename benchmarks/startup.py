"""Processor time until a command has answered, beside an empty Python and beside torch's import.

    python benchmarks/startup.py [--repeats N]

User and system time of the whole process, threads included; median of several runs, taken in turn,
so that what else the machine does falls on all of them alike.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import ecgkit

ROOT = Path(__file__).resolve().parents[1]


def processor_time(command: list[str], folder: Path) -> float:
    """Return the seconds of user and system time that a process takes."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    errors = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{errors.decode()}")
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    python = [sys.executable, "-c"]
    ours = [sys.executable, "-m", "ecgkit"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        recording = ecgkit.demo("generated")
        for ending in ("hea", "csv", "edf"):
            ecgkit.save(recording, folder / f"ecg.{ending}")
        ecgkit.render_page(recording, "3x4", px_per_mm=5).save(folder / "page.png")
        calls = {
            "python -c pass": [*python, "pass"],
            'python -c "import numpy"': [*python, "import numpy"],
            'python -c "import scipy.signal"': [*python, "import scipy.signal"],
            'python -c "import torch"': [*python, "import torch"],
            'python -c "import ecgkit"': [*python, "import ecgkit"],
            "ecgkit --help": [*ours, "--help"],
            "ecgkit info ecg.hea (WFDB)": [*ours, "info", "ecg.hea"],
            "ecgkit info ecg.edf": [*ours, "info", "ecg.edf"],
            "ecgkit info ecg.csv": [*ours, "info", "ecg.csv"],
            "ecgkit denoise ecg.hea (DWT)": [
                *(*ours, "denoise", "ecg.hea", "-o", "out.hea", "--method", "dwt"),
            ],
            "ecgkit denoise ecg.hea (APR-CNN)": [*ours, "denoise", "ecg.hea", "-o", "out.hea"],
            "ecgkit paper page.png (5 px/mm)": [*ours, "paper", "page.png"],
        }
        times: dict[str, list[float]] = {label: [] for label in calls}
        for _ in range(repeats):
            for label, command in calls.items():
                times[label].append(processor_time(command, folder))
    print("| command | processor time, s |\n| --- | --- |")
    for label, seconds in times.items():
        print(f"| `{label}` | {statistics.median(seconds):.2f} |")


if __name__ == "__main__":
    main()
