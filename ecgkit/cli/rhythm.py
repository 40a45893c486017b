"""``rhythm``: which of the four rhythms a recording, or each of many, shows."""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from ecgkit import models
from ecgkit.cli import DISCLAIMER
from ecgkit.cli.arguments import add_json, add_record, open_record, seconds, show_progress
from ecgkit.drawing.percent import percent
from ecgkit.io.folders import recordings_in
from ecgkit.recording import Recording, RecordingError
from ecgkit.rhythm.classes import RHYTHMS
from ecgkit.rhythm.export import by_class, report_values
from ecgkit.rhythm.report import (
    DEFAULT,
    LONGEST,
    NETWORKS,
    UNCERTAIN,
    RhythmReport,
    card_name,
    rhythm_report,
)

COLUMNS = ("record", "model", "label", *RHYTHMS, "heart_rate", "warnings", "error")
ENDINGS = {".csv": "csv", ".json": "json", ".jsonl": "json", ".pdf": "pdf"}

Values = dict[str, Any]


def add(command: argparse.ArgumentParser) -> None:
    """Say which arguments the command takes."""
    command.description = (
        "Ask a network which of four rhythms ten seconds of a recording show. One "
        "record is answered in words or as a JSON object; several, or a folder, as CSV or as one "
        f"JSON object a line. {DISCLAIMER}"
    )
    command.add_argument("--model", choices=NETWORKS, default=DEFAULT)
    command.add_argument(
        "--start",
        type=seconds,
        default=0.0,
        metavar="S",
        help="where the ten seconds begin, in s from the recording's start (0)",
    )
    command.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="OUT",
        help="file to write: .csv, .json or .jsonl; for one record also .pdf, with its tracing",
    )
    add_record(command, several=True)
    add_json(command, "JSON; for several records one object a line")


def run(chosen: argparse.Namespace) -> None:
    """Answer for one record or for many.

    Raises
    ------
    RecordingError
        Where the record, or any of many, cannot be read; of many, the others are answered first.
    """
    kind = _kind(chosen)
    single = len(chosen.records) == 1 and not chosen.records[0].is_dir()
    models.load(card_name(chosen.model))  # what is wrong with it is wrong for every record
    if single:
        _run_one(chosen, kind)
    elif kind == "pdf":
        raise RecordingError("a PDF is for one record", remedy="Choose .csv or .jsonl for several.")
    else:
        _run_many(chosen, "json" if kind == "json" else "csv")


def _kind(chosen: argparse.Namespace) -> str:
    """Return how to answer: ``"csv"``, ``"json"``, ``"pdf"``, or ``""`` for the usual way."""
    out: Path | None = chosen.output
    if out is None:
        return "json" if chosen.json else ""
    if out.exists() and any(path.exists() and out.samefile(path) for path in chosen.records):
        raise RecordingError(
            "is the record itself", where=out.name, remedy="Give another file to write."
        )
    kind = ENDINGS.get(out.suffix.lower())
    if kind is None or (chosen.json and kind != "json"):
        fit = [end for end, written in ENDINGS.items() if written == "json" or not chosen.json]
        raise RecordingError(
            f"ends in {out.suffix!r}", where=out.name, remedy=f"Choose one of {', '.join(fit)}."
        )
    return kind


def _run_one(chosen: argparse.Namespace, kind: str) -> None:
    recording, report = _answer(chosen, chosen.records[0])
    if kind == "pdf":
        from ecgkit.drawing.pdf.rhythm_report import rhythm_pdf

        chosen.output.write_bytes(rhythm_pdf(recording, [report], chosen.start))
        return
    with _stream(chosen.output) as stream:
        if kind == "json":
            print(json.dumps(report_values(report), indent=2, ensure_ascii=False), file=stream)
        elif kind == "csv":
            _write_rows(stream, [_row(chosen.model, chosen.records[0], report)])
        else:
            print(in_words(recording.name, report), file=stream)


def _run_many(chosen: argparse.Namespace, kind: str) -> None:
    paths = []
    for path in chosen.records:
        paths += (recordings_in(path) if path.is_dir() else []) or [path]
    if chosen.output is not None and chosen.output.exists():  # an earlier run's, in the same folder
        paths = [path for path in paths if not (path.exists() and chosen.output.samefile(path))]
    failed = []

    def rows() -> Iterator[Values]:
        for place, path in enumerate(paths):
            show_progress(place, len(paths), "records")
            try:
                _, report = _answer(chosen, path)
                yield _row(chosen.model, path, report)
            except RecordingError as error:
                failed.append(path)
                yield _row(chosen.model, path, error=" ".join(str(error).split()))
        show_progress(len(paths), len(paths), "records")

    with _stream(chosen.output) as stream:
        if kind == "csv":
            _write_rows(stream, rows())
        else:
            for row in rows():
                print(json.dumps(row, ensure_ascii=False), file=stream, flush=True)
    if failed:
        raise RecordingError(
            f"{len(failed)} of {len(paths)} records could not be answered for",
            remedy="Their rows say why.",
        )


def _answer(chosen: argparse.Namespace, path: Path) -> tuple[Recording, RhythmReport]:
    """Return a record, and the network's answer with what the command line leaves out of it."""
    recording = open_record(chosen, path)
    report = rhythm_report(recording, chosen.model, chosen.start)
    if recording.duration > LONGEST + 1 / recording.fs:
        said = (
            f"Only {chosen.start:g} to {min(chosen.start + LONGEST, recording.duration):g} s of "
            f"{recording.duration:.6g} s were read; --start chooses another part."
        )
        report = replace(report, warnings=(said, *report.warnings))
    return recording, report


def in_words(name: str, report: RhythmReport) -> str:
    """Return an answer as lines for a person."""
    first, second = report.ranked[:2]
    shares = by_class(report.probabilities)
    answer = f"{RHYTHMS[first]} ({first}), probability {percent(shares[first])}"
    if report.label == UNCERTAIN:
        answer = f"uncertain: no class reaches {percent(report.threshold)}; most probable {answer}"
    rate = report.heart_rate
    lines = [
        name,
        f"  rhythm      {answer}",
        f"  runner-up   {RHYTHMS[second]} ({second}), probability {percent(shares[second])}",
        f"  heart rate  {'unknown' if math.isnan(rate) else f'{rate:.0f} per minute'}",
        f"  network     {NETWORKS[report.model]}",
        *(f"  warning     {warning}" for warning in report.warnings),
        f"  {DISCLAIMER}",
    ]
    return "\n".join(lines)


def _row(model: str, path: Path, report: RhythmReport | None = None, error: str = "") -> Values:
    """Return one record's line of many: what :func:`values` says, of which record, or an error."""
    empty = {"label": None, "probabilities": None, "per_second": None, "heart_rate": None}
    answer = {**empty, "warnings": []} if report is None else report_values(report)
    shown = "".join(letter if letter.isprintable() else "?" for letter in str(path))
    return {"model": model, **answer, "record": shown, "error": error or None}


def _write_rows(stream: IO[str], rows: Iterable[Values]) -> None:
    table = csv.DictWriter(stream, COLUMNS, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    for row in rows:
        shares = row["probabilities"] or {}
        table.writerow({**row, **shares, "warnings": " ".join(row["warnings"])})
        stream.flush()


def _stream(output: Path | None) -> AbstractContextManager[IO[str]]:
    """Return the file asked for, or standard output."""
    if output is None:
        return nullcontext(sys.stdout)
    return output.open("w", encoding="utf-8", newline="")
