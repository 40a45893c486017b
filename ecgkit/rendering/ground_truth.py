"""The truth of a page as files: masks, scale, boxes and signals."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.io.table.writer import write_csv
from ecgkit.recording import RecordingError
from ecgkit.rendering.page import Page

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")


def describe(page: Page) -> dict[str, Any]:
    """Return what is known of a page, as plain values for JSON.

    Lengths are px of the picture, pixel centres at whole numbers; points are [x, y]; boxes are
    their four corners clockwise from the upper left one of the page. The scale is that of the
    field's centre; ``to_px`` is the homography from mm of flat paper to px; ``waves`` and
    ``slant`` say how the paper is bent before it (see :class:`ecgkit.paper.geometry.Geometry`).
    """
    style, sheet = page.style, page.sheet
    x, y = page.px_per_mm()
    strips = [
        {
            "index": index,
            "lead": strip.place.lead,
            "label": strip.place.label,
            "inverted": strip.place.inverted,
            "rhythm": strip.place.rhythm,
            "row": strip.place.row,
            "column": strip.place.column,
            "start_s": round(strip.start, 4),
            "stop_s": round(strip.stop, 4),
            "box": _plain(page.quad(strip.box)),
            "label_box": _plain(page.quad(strip.label)),
        }
        for index, strip in enumerate(sheet.strips, start=1)
    ]
    return {
        "name": sheet.name,
        "level": page.level,
        "height": page.shape[0],
        "width": page.shape[1],
        "layout": style.layout,
        "cabrera": style.cabrera,
        "fs": sheet.fs,
        "scale": {
            "px_per_mm_x": round(x, 4),
            "px_per_mm_y": round(y, 4),
            "mm_per_s": style.speed,
            "mm_per_mv": style.gain,
        },
        "grid": style.grid.kind,
        "page_mm": [round(length, 3) for length in sheet.size],
        "corners": _plain(page.corners),
        "to_px": page.geometry.matrix.tolist(),
        "waves": [asdict(wave) for wave in page.geometry.waves],
        "slant": list(page.geometry.slant),
        "strips": strips,
        "pulses": [_plain(page.geometry.to_picture(pulse)) for pulse in sheet.pulses],
    }


def write_picture(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write a picture, RGB or grey; the ending chooses the format.

    Raises
    ------
    RecordingError
        Where the ending is none of :data:`ENDINGS`, or the file cannot be written.
    """
    if path.suffix.lower() not in ENDINGS:
        raise RecordingError(
            f"has no known ending {path.suffix!r}",
            where=path.name,
            remedy=f"Pictures are written as {', '.join(ENDINGS)}.",
        )
    done, data = cv2.imencode(path.suffix, picture[..., ::-1] if picture.ndim == 3 else picture)
    assert done
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise RecordingError(
            f"cannot be written ({error.strerror})",
            where=path.name,
            remedy="Choose a folder that exists and can be written to.",
        ) from error


def write_truth(page: Page, folder: Path) -> list[Path]:
    """Write a page's truth into a folder, which is made where it is missing.

    ``mask.png``: the traces, white on black; ``strips.png``: which strip a pixel shows, by the
    ``index`` in ``page.json``; ``page.json``: see :func:`describe`; ``signals.csv``: what the page
    shows, in mV.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {"mask.png": page.mask, "strips.png": page.strip_index}
    for name, picture in pictures.items():
        write_picture(folder / name, picture)
    text = json.dumps(describe(page), indent=2, ensure_ascii=False) + "\n"
    (folder / "page.json").write_text(text, encoding="utf-8")
    (folder / "signals.csv").write_bytes(write_csv(page.sheet.shown()))
    return [folder / name for name in (*pictures, "page.json", "signals.csv")]


def _plain(points: NDArray[np.float64]) -> list[list[float]]:
    rounded: list[list[float]] = np.round(points, 2).tolist()
    return rounded
