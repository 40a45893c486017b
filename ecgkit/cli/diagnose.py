"""``diagnose``: the eleven labels of a digital recording."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from typing import Any

from ecgkit import Recording, models
from ecgkit.cli import DISCLAIMER, add_json, add_record, open_record, seconds
from ecgkit.cli.diagnosis_text import RULE_KEYS, add_rule, table
from ecgkit.diagnosis.export import classification_values, label_values
from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.predict import DIGITAL, SECONDS, Diagnoses, diagnose_recording


def add(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command."""
    command = commands.add_parser(
        "diagnose",
        help="eleven labels of a recording, each against its own threshold",
        description="Ask the network on the twelve leads which of eleven labels ten seconds of a "
        f"recording show: {', '.join(LABELS)}. Of a shorter recording, all of it is read; leads "
        f"are found by name, and what lacks is left out. {DISCLAIMER}",
    )
    command.set_defaults(run=run)
    command.add_argument(
        "--start",
        type=seconds,
        default=0.0,
        metavar="S",
        help="where the ten seconds begin, in s from the recording's start (0)",
    )
    add_rule(command)
    add_record(command)
    add_json(command)


def run(chosen: argparse.Namespace) -> None:
    """Answer for one record.

    Raises
    ------
    RecordingError
        Where the network is missing or damaged, or the record cannot be read.
    """
    models.load(DIGITAL)  # what is wrong with it is no record's fault
    recording = open_record(chosen, chosen.record)
    stop = min(chosen.start + SECONDS, recording.duration)
    diagnoses = _answer(recording, chosen.start, stop).by_rule(RULE_KEYS[chosen.rule])
    if chosen.json:
        values = _values(recording, diagnoses, chosen.start, stop)
        print(json.dumps(values, indent=2, ensure_ascii=False))
    else:
        print(in_words(recording, diagnoses, chosen.start, stop))


def _answer(recording: Recording, start: float, stop: float) -> Diagnoses:
    """Return the network's answer, with what the command line leaves out of the recording."""
    found = diagnose_recording(recording.window(start, start + SECONDS))
    if recording.duration > SECONDS + 1 / recording.fs:
        said = (
            f"Only {start:g} to {stop:g} s of {recording.duration:.6g} s were read; "
            "--start chooses another part."
        )
        found = replace(found, warnings=(said, *found.warnings))
    return found


def _values(
    recording: Recording, diagnoses: Diagnoses, start: float, stop: float
) -> dict[str, Any]:
    return {
        "name": recording.name,
        "start_s": round(start, 4),
        "stop_s": round(stop, 4),
        "labels": label_values(diagnoses),
        "classification": classification_values(diagnoses),
        "warnings": list(diagnoses.warnings),
    }


def in_words(recording: Recording, diagnoses: Diagnoses, start: float, stop: float) -> str:
    """Return an answer as lines for a person."""
    lines = [
        recording.name,
        f"  read        {start:g} to {stop:g} s of {recording.duration:.6g} s",
        *table(diagnoses),
        *(f"  warning     {warning}" for warning in diagnoses.warnings),
        f"  {DISCLAIMER}",
    ]
    return "\n".join(lines)
