"""Arguments and words that several commands share."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

from ecgkit.recording import Recording


def add_record(command: argparse.ArgumentParser, *, several: bool = False) -> None:
    """Add what to open to a command, and what can be said of a file that lacks it."""
    if several:
        command.add_argument(
            "records",
            type=Path,
            nargs="+",
            metavar="RECORD",
            help="any supported file, the header of a WFDB record, or a folder of them",
        )
    else:
        command.add_argument(
            "record",
            type=Path,
            metavar="RECORD",
            help="any supported file; the header of a WFDB record",
        )
    command.add_argument("--fs", type=float, help="sampling frequency in Hz, if the file has none")
    command.add_argument("--unit", choices=("uV", "mV", "V"), help="unit, if the file has none")


def add_json(command: argparse.ArgumentParser, what: str = "print JSON") -> None:
    """Add ``--json`` to a command."""
    command.add_argument("--json", action="store_true", help=what)


def open_record(chosen: argparse.Namespace, path: Path) -> Recording:
    """Open a file with what the command line says of it."""
    from ecgkit.io.open import open_recording

    return open_recording(path, fs=chosen.fs, unit=chosen.unit)


def seconds(text: str) -> float:
    """Return a time in s from 0 on, for an argument."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number >= 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 0 on")
    return number


def show_progress(done: int, of: int, what: str) -> None:
    """Say on a terminal how many of something are done."""
    if sys.stderr.isatty():
        end = "\n" if done == of else ""
        print(f"\r{done} of {of} {what}", end=end, file=sys.stderr, flush=True)
