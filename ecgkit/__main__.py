"""The command line: ``python -m ecgkit info | denoise | models``."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from ecgkit import Recording, RecordingError, models
from ecgkit.denoise import METHODS, make_method
from ecgkit.formats import open_recording, save_recording

BAD_INPUT = 2
DISCLAIMER = "For teaching and review; not a medical device."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status: 0, or 2 with one line on standard error."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        chosen.run(chosen)
    except RecordingError as error:
        print(f"ecgkit: {' '.join(str(error).split())}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:  # whoever reads (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"ecgkit: {error.strerror}: {error.filename}", file=sys.stderr)
        return BAD_INPUT
    return 0


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line, as with any other bad input."""

    def error(self, message: str) -> NoReturn:
        print(f"ecgkit: {message} (see {self.prog} --help)", file=sys.stderr)
        sys.exit(BAD_INPUT)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m ecgkit", description=f"Open, denoise and look at ECGs. {DISCLAIMER}"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    info = commands.add_parser("info", help="leads, sampling frequency, duration, gaps, heart rate")
    info.set_defaults(run=_info)
    denoise = commands.add_parser("denoise", help="denoise a recording")
    denoise.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="OUT",
        help="file to write; .hea, .csv or .edf",
    )
    denoise.add_argument("--method", choices=METHODS, default="aprcnn")
    denoise.add_argument("--level", type=int, help="levels of the DWT (chosen from fs by default)")
    denoise.add_argument(
        "--baseline",
        action="store_true",
        help="remove the baseline before the DWT (high-pass, 0.5 Hz)",
    )
    denoise.set_defaults(run=_denoise)
    for command in (info, denoise):
        command.add_argument(
            "record",
            type=Path,
            metavar="RECORD",
            help="any supported file; the header of a WFDB record",
        )
        command.add_argument(
            "--fs", type=float, help="sampling frequency in Hz, if the file has none"
        )
        command.add_argument("--unit", choices=("uV", "mV", "V"), help="unit, if the file has none")
    catalogue = commands.add_parser("models", help="the networks and their cards")
    catalogue.set_defaults(run=_models)
    for command in (info, denoise, catalogue):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _open(chosen: argparse.Namespace) -> Recording:
    return open_recording(chosen.record, fs=chosen.fs, unit=chosen.unit)


def _info(chosen: argparse.Namespace) -> None:
    recording = _open(chosen)
    facts = describe(recording)
    if chosen.json:
        print(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    rate = facts["heart_rate_bpm"]
    print(f"{recording.name}")
    print(f"  leads               {', '.join(recording.leads)}")
    print(f"  sampling frequency  {recording.fs:g} Hz")
    print(f"  duration            {recording.duration:g} s ({recording.n_samples} samples)")
    print(f"  missing             {facts['missing_seconds']:g} s in {len(facts['gaps'])} gap(s)")
    print(f"  heart rate          {'unknown' if rate is None else f'{rate:.0f} per minute'}")
    for note in recording.notes:
        print(f"  note                {note}")
    print(f"  {DISCLAIMER}")


def describe(recording: Recording) -> dict[str, Any]:
    """Return what ``info --json`` prints: plain values, NaN as None.

    ``gaps`` lists stretches in which a lead's samples are missing: lead, start and stop in s;
    ``missing_seconds`` is the time in which any lead's are.
    """
    from ecgkit.processing.beats import detect_beats

    beats = detect_beats(recording)
    rate = float(beats.heart_rate)
    missing = np.isnan(recording.signal)
    gaps = [
        {
            "lead": lead,
            "start_s": round(start / recording.fs, 4),
            "stop_s": round(stop / recording.fs, 4),
        }
        for lead, row in zip(recording.leads, missing, strict=True)
        for start, stop in _runs(row)
    ]
    return {
        "name": recording.name,
        "leads": list(recording.leads),
        "fs": recording.fs,
        "samples": recording.n_samples,
        "duration_s": recording.duration,
        "unit": "mV" if recording.calibrated else None,
        "missing_seconds": round(float(missing.any(axis=0).sum()) / recording.fs, 4),
        "gaps": gaps,
        "heart_rate_bpm": round(rate, 1) if np.isfinite(rate) else None,
        "beats": len(beats.samples),
        "notes": list(recording.notes),
    }


def _runs(mask: np.ndarray[Any, np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """Return starts and stops of the stretches in which a mask is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def _denoise(chosen: argparse.Namespace) -> None:
    recording = _open(chosen)
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


def _models(chosen: argparse.Namespace) -> None:
    cards = models.catalogue()
    if chosen.json:
        print(
            json.dumps(
                {name: card.raw for name, card in cards.items()}, indent=2, ensure_ascii=False
            )
        )
        return
    for card in cards.values():
        print(
            f"{card.name}\n  {card.title}: {card.description}\n  {card.parameters:,} parameters, "
            f"trained on {card.data}\n  {card.split}\n  sha256 {card.sha256}"
        )


if __name__ == "__main__":
    sys.exit(main())
