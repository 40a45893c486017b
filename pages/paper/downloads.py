"""The downloads of view 3: mask, rectified page, signals, and all values as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable

import streamlit as st

from ecgkit.diagnosis.export import report_values
from ecgkit.diagnosis.page_reading import PageReading
from ecgkit.diagnosis.predict import Diagnoses
from ecgkit.digitization.export import mask_picture
from ecgkit.drawing.images import picture_png
from ecgkit.drawing.svg.ecg_paper import Paper
from ecgkit.recording import Recording
from pages.paper.photo import OpenPhoto
from pages.shell.files import file_stem, wfdb_zip


def downloads(
    opened: OpenPhoto,
    report: PageReading,
    drawn: tuple[Paper, str] | None,
    shown: Diagnoses | None,
) -> None:
    """Show the downloads of what was read; a file is made when its button is pressed.

    ``shown``: the diagnoses against the thresholds in sight, which the report takes over.
    """
    page, mask, traces = report.rectified, report.mask, report.traces
    stem = file_stem(report.name)
    st.markdown("**Downloads**")
    with st.container(horizontal=True):
        if page is not None:
            _button(
                "Report (PDF)",
                lambda: _pdf(report, shown, opened),
                f"{stem}.pdf",
                "application/pdf",
            )
        if traces is not None:
            recording = traces.recording
            _button("Signals (CSV)", lambda: _csv(recording), f"{stem}.csv", "text/csv")
            _button(
                "Signals (WFDB, zip)",
                lambda: wfdb_zip(recording, stem),
                f"{stem}.zip",
                "application/zip",
            )
        if drawn is not None:
            paper, caption = drawn
            _button(
                "Tracing (SVG)",
                lambda: paper.svg(caption).encode(),
                f"{stem}_tracing.svg",
                "image/svg+xml",
            )
        if mask is not None:
            _button(
                "Mask (PNG)",
                lambda: picture_png(mask_picture(mask)),
                f"{stem}_mask.png",
                "image/png",
            )
        if page is not None:
            _button(
                "Rectified page (PNG)",
                lambda: picture_png(page.picture),
                f"{stem}_page.png",
                "image/png",
            )
        _button("Values (JSON)", lambda: _json(report), f"{stem}.json", "application/json")
    st.caption(
        "Mask and rectified page have 5 px/mm. The JSON holds what the command line's «paper» "
        "prints: scale, layout, confidence of each lead, checks, labels, warnings and times. The "
        "report takes over classifier and thresholds as they are shown."
    )


def _button(label: str, make: Callable[[], bytes], file_name: str, mime: str) -> None:
    st.download_button(
        label,
        make,
        file_name,
        mime,
        on_click="ignore",
        icon=":material/download:",
        key=f"paper {label}",
    )


def _csv(recording: Recording) -> bytes:
    from ecgkit.io import write_csv

    return write_csv(recording)


def _pdf(report: PageReading, shown: Diagnoses | None, opened: OpenPhoto) -> bytes:
    from ecgkit.drawing.pdf.page_report import paper_pdf

    return paper_pdf(report, shown, opened.photo.picture)


def _json(report: PageReading) -> bytes:
    return json.dumps(report_values(report), indent=2, ensure_ascii=False).encode()
