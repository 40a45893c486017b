"""``info``: leads, sampling frequency, duration, gaps and heart rate of a recording."""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np

from ecgkit.cli import DISCLAIMER
from ecgkit.cli.arguments import add_json, add_record, open_record
from ecgkit.processing.runs import true_runs
from ecgkit.recording import Recording


def add(command: argparse.ArgumentParser) -> None:
    """Say which arguments the command takes."""
    add_record(command)
    add_json(command)


def run(chosen: argparse.Namespace) -> None:
    """Print the facts about one recording."""
    recording = open_record(chosen, chosen.record)
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
        for start, stop in true_runs(row)
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
