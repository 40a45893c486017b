"""All photos beside what was read of them, for looking at.

The photos are not the project's, so that the sheet is not to be committed.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

import cv2
import numpy as np

from ecgkit.digitization.export import mask_picture
from ecgkit.digitization.pipeline import Choices, PaperReport, read_page
from ecgkit.errors import PageError
from ecgkit.io.photo import open_photo
from ecgkit.io.photo_folders import pictures_in
from ecgkit.paper.pen import unbroken_parts
from ecgkit.paper.scale import Picture
from ecgkit.recording import Recording

CELL = (640, 480)
"""Width and height in px of each picture."""
TITLE = 44
GREY, INK, GRID = 245, (20, 20, 60), (225, 190, 190)
MM_PER_MV = 10.0


def contact_sheet(photos: Path, out: Path, rows: int = 0) -> None:
    """Read every photo of a folder and write the sheet, or one sheet for each so many rows.

    Parameters
    ----------
    out
        A picture's path; with several sheets, each gets a number behind its name.
    rows
        Photos on a sheet; 0 puts all on one.
    """
    cv2.setNumThreads(1)
    paths = pictures_in(photos)
    size = rows or len(paths)
    for first in range(0, len(paths), size):
        strips = []
        for path in paths[first : first + size]:
            strips.append(contact_row(path))
            print(path.name, flush=True)
        number = f"-{first // size + 1}" if size < len(paths) else ""
        cv2.imwrite(str(out.with_stem(out.stem + number)), np.vstack(strips)[..., ::-1])


def contact_row(path: Path) -> Picture:
    """Return one photo's row: the photo, the page, its mask and its leads, with words above."""
    photo: Picture | None = None
    try:
        photo = open_photo(path.read_bytes(), path.name).picture
        report = read_page(photo, name=path.name)
    except PageError as error:
        report = PaperReport(path.name, Choices(), error=error)
    page = report.rectified
    cells = [
        _fitted(photo),
        _fitted(page.picture if page else None),
        _fitted(None if report.mask is None else _rgb(mask_picture(report.mask))),
        _leads(report.traces.recording) if report.traces else _fitted(None),
    ]
    strip = np.full((TITLE, CELL[0] * len(cells), 3), 225, np.uint8)
    for line, words in enumerate(textwrap.wrap(_words(report), 230)[:2]):
        _write(strip, words, (6, 17 + 18 * line))
    return np.vstack([strip, np.hstack(cells)])


def _words(report: PaperReport) -> str:
    page, traces = report.rectified, report.traces
    said = [report.name]
    if page:
        x, y = page.photo_px_per_mm
        said.append(f"{x:.2f} x {y:.2f} px/mm, confidence {page.confidence:.2f}")
    if traces:
        low = float(np.mean(traces.confidence[np.isfinite(traces.recording.signal)]))
        said.append(f"{traces.layout}, {', '.join(traces.recording.leads)}, confidence {low:.2f}")
        said += [f"{law}: {missed:.2f}" for law, missed in traces.checks.items()]
    if report.error:
        said.append(f"REFUSED ({report.error.stage}): {report.error.problem}")
    return "; ".join([*said, *report.warnings])


def _fitted(picture: Picture | None) -> Picture:
    """Return a picture as large as its cell allows, in its middle."""
    cell = np.full((CELL[1], CELL[0], 3), GREY, np.uint8)
    if picture is None:
        return cell
    ratio = min(CELL[0] / picture.shape[1], CELL[1] / picture.shape[0])
    size = (max(1, int(picture.shape[1] * ratio)), max(1, int(picture.shape[0] * ratio)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    left, top = (CELL[0] - size[0]) // 2, (CELL[1] - size[1]) // 2
    cell[top : top + size[1], left : left + size[0]] = small
    return cell


def _rgb(grey: Picture) -> Picture:
    return np.repeat(grey[..., None], 3, axis=2)


def _leads(recording: Recording) -> Picture:
    """Return the leads one below the other, on lines of half a second."""
    cell = np.full((CELL[1], CELL[0], 3), 255, np.uint8)
    left, height = 40, CELL[1] / len(recording.leads)
    per_second = (CELL[0] - left - 4) / recording.duration
    for half in range(int(recording.duration * 2) + 1):
        at = round(left + half / 2 * per_second)
        cv2.line(cell, (at, 0), (at, CELL[1]), GRID, 1)
    per_mv = min(per_second * MM_PER_MV / 25, height / 2)
    x = left + np.arange(recording.n_samples) / recording.fs * per_second
    for row, (lead, signal) in enumerate(zip(recording.leads, recording.signal, strict=True)):
        zero = (row + 0.5) * height
        _write(cell, lead, (4, round(zero) + 5))
        for run in unbroken_parts(np.stack([x, zero - signal * per_mv], axis=1)):
            points = [np.round(run * 16).astype(np.int32)]
            cv2.polylines(cell, points, False, INK, 1, cv2.LINE_AA, 4)
    return cell


def _write(picture: Picture, words: str, at: tuple[int, int]) -> None:
    plain = words.encode("ascii", "replace").decode()
    cv2.putText(picture, plain, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, INK, 1, cv2.LINE_AA)
