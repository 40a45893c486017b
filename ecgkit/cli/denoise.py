"""``denoise``: one recording in, one out."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from ecgkit.cli import DISCLAIMER
from ecgkit.cli.arguments import add_json, add_record, open_record
from ecgkit.denoising import METHODS, make_method
from ecgkit.io import save_recording
from ecgkit.recording import RecordingError


def add(command: argparse.ArgumentParser) -> None:
    """Say which arguments the command takes."""
    command.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="OUT",
        help="file to write; .hea, .csv or .edf",
    )
    command.add_argument("--method", choices=METHODS, default="aprcnn")
    command.add_argument("--level", type=int, help="levels of the DWT (chosen from fs by default)")
    command.add_argument(
        "--baseline",
        action="store_true",
        help="remove the baseline before the DWT (high-pass, 0.5 Hz)",
    )
    add_record(command)
    add_json(command)


def run(chosen: argparse.Namespace) -> None:
    """Denoise one recording and write the output."""
    recording = open_record(chosen, chosen.record)
    settings: dict[str, Any] = {}
    if chosen.method == "dwt":
        settings = {"level": chosen.level, "baseline": chosen.baseline}
    elif chosen.level is not None or chosen.baseline:
        raise RecordingError(
            f"--level and --baseline do not belong to {chosen.method}",
            remedy="They are settings of --method dwt.",
        )
    method = make_method(chosen.method, **settings)
    started = time.perf_counter()
    output = method.denoise(recording, None if chosen.json else _show_progress)
    seconds = time.perf_counter() - started
    written = [str(path) for path in save_recording(output, chosen.output)]
    if chosen.json:
        report = {
            "method": method.key,
            "label": method.label,
            "seconds": round(seconds, 3),
            "leads": list(output.leads),
            "fs": output.fs,
            "samples": output.n_samples,
            "written": written,
            "notes": list(output.notes),
        }
        print(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        print(
            f"{method.label}: {recording.duration:g} s of {len(recording.leads)} lead(s) in "
            f"{seconds:.1f} s, written to {', '.join(written)}. {DISCLAIMER}"
        )


def _show_progress(done: float) -> None:
    if sys.stderr.isatty():
        print(f"\r{done:4.0%}", end="\n" if done >= 1 else "", file=sys.stderr, flush=True)
