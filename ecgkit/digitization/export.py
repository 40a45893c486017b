"""What was read of a page, as plain values and as a picture, for files."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgkit.digitization.extraction import Traces
from ecgkit.digitization.pipeline import DigitizedPage, Mask
from ecgkit.digitization.rectification.rectify import PX_PER_MM, Rectified

THRESHOLD = 0.5
"""From this probability on, a pixel counts as trace where a mask is black and white."""


def page_values(page: DigitizedPage) -> dict[str, Any]:
    """Return what was read as plain values for JSON; None stands for what is not known.

    ``scale``: the photo's resolution in px/mm along the page's x and y, in the middle of the page;
    the paper's speed and voltage scale. ``rectified``: size in px of the rectified page and of its
    mask, their resolution, by how many quarters the page was turned counter-clockwise, and how
    sure that is, 0 to 1. ``leads``: mean confidence from 0 to 1, from when until when each can be
    seen, in s from the page's start, how much of that is missing, and its box in the mask, in px:
    left, top, right, bottom. ``checks``: how far each law of the limb leads is missed; see
    :func:`ecgkit.digitization.limb_lead_checks.limb_lead_checks`. ``seconds``: time that each
    stage took.

    Parameters
    ----------
    page
        As :func:`ecgkit.digitization.pipeline.digitize_page` gives it.
    """
    traces, choices = page.traces, page.choices
    return {
        "name": page.name,
        "scale": {
            **_resolution(page.rectified),
            "mm_per_s": traces.mm_per_s if traces else choices.mm_per_s,
            "mm_per_mv": traces.mm_per_mv if traces else choices.mm_per_mv,
        },
        "rectified": _page(page.rectified),
        "layout": traces.layout if traces else choices.layout,
        "leads": _leads(traces),
        "checks": _rounded(traces.checks if traces else {}),
        "warnings": [*page.warnings],
        "seconds": _rounded(page.seconds),
        "error": None if page.error is None else " ".join(str(page.error).split()),
    }


def mask_picture(mask: Mask) -> NDArray[np.uint8]:
    """Return a mask as a grey picture, traces white (255) on black (0)."""
    return np.where(mask >= THRESHOLD, np.uint8(255), np.uint8(0))


def _resolution(page: Rectified | None) -> dict[str, float | None]:
    x, y = (round(v, 4) for v in page.photo_px_per_mm) if page else (None, None)
    return {"px_per_mm_x": x, "px_per_mm_y": y}


def _page(page: Rectified | None) -> dict[str, Any] | None:
    if page is None:
        return None
    return {
        "width": page.picture.shape[1],
        "height": page.picture.shape[0],
        "px_per_mm": PX_PER_MM,
        "quarter_turns": page.quarter_turns,
        "confidence": round(page.confidence, 4),
        "scale_source": page.scale_source,
    }


def _leads(traces: Traces | None) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    if traces is None:
        return found
    recording = traces.recording
    for lead, signal, confidence in zip(
        recording.leads, recording.signal, traces.confidence, strict=True
    ):
        seen = np.flatnonzero(np.isfinite(signal))
        if not seen.size:
            continue
        part = slice(int(seen[0]), int(seen[-1]) + 1)
        found[lead] = {
            "confidence": round(float(confidence[part].mean()), 4),
            "start_s": round(part.start / recording.fs, 4),
            "stop_s": round(part.stop / recording.fs, 4),
            "missing_s": round(float(np.isnan(signal[part]).sum()) / recording.fs, 4),
            "box": [round(float(edge), 1) for edge in traces.boxes[lead]],
        }
    return found


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {key: round(value, 4) for key, value in values.items()}
