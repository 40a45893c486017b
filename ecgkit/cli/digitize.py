"""``paper``: the traces of a photographed paper ECG as a mask, as signals, and eleven labels."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ecgkit import RecordingError, models
from ecgkit.cli import DISCLAIMER, add_json, show_progress
from ecgkit.cli.diagnosis_text import RULE_KEYS, add_rule, brief
from ecgkit.diagnosis.export import chosen_diagnoses, report_values
from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.page_reading import STAGES, PageReading, read_page
from ecgkit.diagnosis.predict import CLASSIFIERS, DEFAULT, network_names
from ecgkit.digitization.export import THRESHOLD, mask_picture
from ecgkit.digitization.pipeline import Choices
from ecgkit.digitization.segmentation import NETWORK
from ecgkit.errors import PageError
from ecgkit.io import save_recording
from ecgkit.io.limits import MAX_BYTES, stem
from ecgkit.io.photo import open_photo
from ecgkit.io.photo_folders import pictures_in
from ecgkit.paper.layouts import LAYOUTS
from ecgkit.rendering.ground_truth import write_picture

MASK_ENDING, SIGNALS_ENDING = "-mask.png", "-leads.csv"
"""Of files in a folder, after the picture's name."""
SIGNALS = (".csv", ".hea", ".edf")
OPTIONS = {
    "page": "--page",
    "corners": "--corners",
    "px_per_mm": "--px-per-mm",
    "layout": "--layout",
}
"""What says what a page asks for."""


def add(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command."""
    command = commands.add_parser(
        "paper",
        help="leads and labels of a photo, scan or PDF of a paper ECG",
        description="Straighten a page, find its traces, read its leads, and say which of eleven "
        f"labels it shows: {', '.join(LABELS)}. One picture is answered in words or as a JSON "
        "object; several, or a folder, as one JSON object a line. Exit status 3: a picture was "
        "opened, but the page on it could not be read, and why stands on standard error. Where the "
        "traces were found but no leads, the labels that the traces alone give are still printed; "
        f"--classifier signal has none then. {DISCLAIMER}",
    )
    command.set_defaults(run=run)
    command.add_argument(
        "images",
        type=Path,
        nargs="+",
        metavar="IMAGE",
        help="JPEG, PNG, BMP, TIFF, WebP, HEIC or PDF, or a folder of them",
    )
    command.add_argument(
        "--mask",
        type=Path,
        metavar="OUT",
        help="PNG to write, or a folder for them: of the rectified page's size (5 px/mm), white "
        f"(255) where the probability of a trace is {THRESHOLD:g} or more, else black (0)",
    )
    command.add_argument(
        "--signals",
        type=Path,
        metavar="OUT",
        help=f"leads in mV at 500 Hz: {', '.join(SIGNALS)}, or a folder for .csv files",
    )
    command.add_argument(
        "--classifier",
        choices=CLASSIFIERS,
        default=DEFAULT,
        help="who gives the labels: "
        + "; ".join(f"{key}: {words}" for key, words in CLASSIFIERS.items())
        + f" ({DEFAULT})",
    )
    add_rule(command)
    add_json(command, "JSON; for several pictures one object a line")
    command.add_argument(
        "--page", type=_page, default=1, metavar="N", help="of a PDF or TIFF, from 1 (1)"
    )
    command.add_argument("--layout", choices=LAYOUTS, help="where the leads stand (found)")
    command.add_argument(
        "--px-per-mm",
        type=_resolution,
        metavar="X[,Y]",
        help="resolution of the photo along the page's x and y (measured on the grid, else by the "
        "rows' length)",
    )
    command.add_argument(
        "--mm-per-s", type=_paper_scale, metavar="V", help="the paper's speed (25 mm/s)"
    )
    command.add_argument(
        "--mm-per-mv", type=_paper_scale, metavar="V", help="the voltage scale (10 mm/mV)"
    )
    command.add_argument(
        "--corners",
        type=_corners,
        metavar="X,Y,X,Y,X,Y,X,Y",
        help="the page's corners in px of the photo, its upper left one first, then clockwise; "
        "--corners=… where a number is below zero",
    )


def run(chosen: argparse.Namespace) -> None:
    """Read one picture or many.

    Raises
    ------
    RecordingError
        Where what was asked for is impossible, or a network is missing or damaged.
    PageError
        Where a picture cannot be opened (stage ``"open"``) or its page cannot be read; of many, the
        others are read first.
    """
    several = len(chosen.images) > 1 or chosen.images[0].is_dir()
    _check_outputs(chosen, several)
    # What is wrong with a network is wrong for every page.
    for network in (NETWORK, *network_names((chosen.classifier,))):
        models.load(network)
    if several:
        _run_many(chosen)
        return
    path = chosen.images[0]
    report = _read(chosen, path)
    written = _write(chosen, path, report)
    if report.error is None or report.diagnoses:
        if chosen.json:
            print(json.dumps(report_values(report), indent=2, ensure_ascii=False), flush=True)
        else:
            print(in_words(report, written), flush=True)
    if report.error is not None:
        raise report.error


def _check_outputs(chosen: argparse.Namespace, several: bool) -> None:
    for out, endings in ((chosen.mask, (".png",)), (chosen.signals, SIGNALS)):
        if out is None:
            continue
        folder = out.is_dir() or not out.suffix
        if several and not folder:
            raise RecordingError(
                "is no folder", where=str(out), remedy="Several pictures need one to write to."
            )
        if not folder and out.suffix.lower() not in endings:
            raise RecordingError(
                f"ends in {out.suffix!r}",
                where=out.name,
                remedy=f"Choose {', '.join(endings)} or a folder.",
            )
        if out.is_file() and any(path.exists() and out.samefile(path) for path in chosen.images):
            raise RecordingError(
                "is the picture itself", where=out.name, remedy="Give another file to write."
            )


def _run_many(chosen: argparse.Namespace) -> None:
    paths = list(_pictures(chosen))
    names = _names(paths)
    failed: list[PageError] = []
    for place, (path, name) in enumerate(zip(paths, names, strict=True)):
        show_progress(place, len(paths), "pictures")
        report = _read(chosen, path)
        _write(chosen, Path(name), report)
        if report.error is not None:
            failed.append(report.error)
        shown = "".join(letter if letter.isprintable() else "?" for letter in str(path))
        print(json.dumps({"image": shown, **report_values(report)}, ensure_ascii=False), flush=True)
    show_progress(len(paths), len(paths), "pictures")
    if failed:
        # A page that cannot be read says more of the pictures than a file that is none.
        worst = max(failed, key=lambda error: error.stage != "open")
        raise PageError(
            f"{len(failed)} of {len(paths)} pictures could not be read",
            stage=worst.stage,
            remedy="Their lines say why.",
        )


def _pictures(chosen: argparse.Namespace) -> Iterator[Path]:
    """Yield what to read; masks that an earlier run wrote into a folder are left out of it."""
    for given in chosen.images:
        found = pictures_in(given) if given.is_dir() else [given]
        if not found:
            raise RecordingError("holds no pictures", where=str(given))
        for path in found:
            own = chosen.mask is not None and path.name.endswith(MASK_ENDING)
            if not (own and given.is_dir() and path.parent.samefile(chosen.mask)):
                yield path


def _names(paths: list[Path]) -> list[str]:
    """Return a name for each picture's outputs; those of one name are numbered."""
    names: list[str] = []
    for path in paths:
        name, number = stem(path.name), 1
        while name in names:
            number += 1
            name = f"{stem(path.name)}-{number}"
        names.append(name)
    return names


def _read(chosen: argparse.Namespace, path: Path) -> PageReading:
    choices = Choices(
        corners=chosen.corners,
        px_per_mm=chosen.px_per_mm,
        layout=chosen.layout,
        mm_per_s=chosen.mm_per_s,
        mm_per_mv=chosen.mm_per_mv,
    )
    name = stem(path.name)
    try:
        photo = open_photo(_content(path), path.name, page=chosen.page - 1)
        report = read_page(photo.picture, choices, classifiers=(chosen.classifier,), name=name)
        rule = RULE_KEYS[chosen.rule]
        by_rule = {key: found.by_rule(rule) for key, found in report.diagnoses.items()}
        report = replace(report, diagnoses=by_rule)
    except PageError as error:
        report = PageReading(name, choices, error=error)
    return report if report.error is None else _located(report, path)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PageError("holds more than 200 MB", stage="open", where=path.name)
        return path.read_bytes()
    except OSError as error:
        raise PageError(
            f"cannot be opened ({error.strerror})", stage="open", where=path.name
        ) from error


def _located(report: PageReading, path: Path) -> PageReading:
    """Return a report whose error says of which file it is, and which options help."""
    error = report.error
    assert error is not None
    options = [option for ask, option in OPTIONS.items() if ask in error.asks]
    said = f" ({', '.join(options)})" if options else ""
    located = PageError(
        error.problem,
        stage=error.stage,
        where=path.name,
        remedy=error.remedy + said,
        asks=error.asks,
    )
    return replace(report, error=located)


def _write(chosen: argparse.Namespace, path: Path, report: PageReading) -> list[Path]:
    """Write what was asked for, as far as it was found."""
    written: list[Path] = []
    if chosen.mask is not None and report.mask is not None:
        out = _target(chosen.mask, stem(path.name) + MASK_ENDING)
        write_picture(out, mask_picture(report.mask))
        written.append(out)
    if chosen.signals is not None and report.traces is not None:
        out = _target(chosen.signals, stem(path.name) + SIGNALS_ENDING)
        written += save_recording(report.traces.recording, out)
    return written


def _target(out: Path, name: str) -> Path:
    if out.suffix and not out.is_dir():
        return out
    out.mkdir(parents=True, exist_ok=True)
    return out / name


def in_words(report: PageReading, written: list[Path]) -> str:
    """Return what was read of a page, as far as it was, as lines for a person."""
    values = report_values(report)
    page = values["rectified"]
    leads = [f"{lead} {100 * found['confidence']:.0f} %" for lead, found in values["leads"].items()]
    checks = [f"{law}: missed by {100 * missed:.0f} %" for law, missed in values["checks"].items()]
    times = [f"{STAGES[stage].lower()} {taken:.2f} s" for stage, taken in values["seconds"].items()]
    diagnoses = chosen_diagnoses(report)
    lines = [
        report.name,
        f"  layout      {LAYOUTS[values['layout']].title if leads else 'not found'}",
        f"  scale       {_scale_in_words(values['scale'])}",
        f"  rectified   {page['width']} x {page['height']} px at {page['px_per_mm']:g} px/mm",
        f"  confidence  {', '.join(leads) or 'no lead could be read'}",
        *(f"  check       {check}" for check in checks),
        *(
            brief(diagnoses)
            if diagnoses
            else ["  labels      none: too little was read of the page"]
        ),
        f"  time        {', '.join(times)}",
        *(f"  warning     {warning}" for warning in values["warnings"]),
        *([f"  written     {', '.join(map(str, written))}"] if written else []),
        f"  {DISCLAIMER}",
    ]
    return "\n".join(lines)


def _scale_in_words(scale: dict[str, float | None]) -> str:
    paper = [
        f"{scale[key]:g} {unit}"
        for key, unit in (("mm_per_s", "mm/s"), ("mm_per_mv", "mm/mV"))
        if scale[key] is not None
    ]
    photo = f"photo {scale['px_per_mm_x']:.2f} x {scale['px_per_mm_y']:.2f} px/mm"
    return "; ".join([", ".join(paper), photo] if paper else [photo])


def _numbers(text: str, counts: tuple[int, ...], low: float, high: float) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    good = len(numbers) in counts and all(math.isfinite(n) and low <= n <= high for n in numbers)
    if not good:
        count = " or ".join(map(str, counts))
        raise argparse.ArgumentTypeError(
            f"{text!r} is not {count} number{'' if count == '1' else 's'} from {low:g} to {high:g}"
        )
    return numbers


def _page(text: str) -> int:
    number = _numbers(text, (1,), 1, 1e6)[0]
    if number != int(number):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(number)


def _resolution(text: str) -> tuple[float, float]:
    numbers = _numbers(text, (1, 2), 0.5, 200)
    return numbers[0], numbers[-1]


def _paper_scale(text: str) -> float:
    return _numbers(text, (1,), 1, 200)[0]


def _corners(text: str) -> tuple[tuple[float, float], ...]:
    numbers = _numbers(text, (8,), -1e6, 1e6)
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))
