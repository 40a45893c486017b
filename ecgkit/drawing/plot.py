"""A recording on ECG paper for a notebook: one call, and a figure that shows and saves itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ecgkit.drawing.svg.ecg_paper import Paper, PaperScale
from ecgkit.drawing.svg.overlay import natural_scale
from ecgkit.drawing.svg.tracing import LAYOUTS, draw_tracing, layouts_for, left_out
from ecgkit.processing.beats import detect_beats
from ecgkit.recording import Recording, RecordingError

SECONDS = 10.0
"""How much is drawn where nothing else is said: what an electrocardiograph prints."""
DPI = 200
MOST_PIXELS = 20_000
"""Longest side of a PNG; a longer drawing has fewer pixels to an inch."""


@dataclass(frozen=True, eq=False, repr=False)
class Figure:
    """A drawing on ECG paper.

    Attributes
    ----------
    paper
        The drawing in SVG, its gutter apart from the rest.
    caption
        What is drawn and at which scale, in words; leads that are not in sight are named.
    """

    paper: Paper
    caption: str
    _pdf: Callable[[], bytes] = field()

    @property
    def svg(self) -> str:
        """The drawing as an SVG file of its true size."""
        return self.paper.svg(self.caption)

    def __repr__(self) -> str:
        return f"<Figure: {self.caption} {self.paper.width:.0f} × {self.paper.height:.0f} mm>"

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str | Path) -> Path:
        """Write the drawing to a file and return its path.

        Parameters
        ----------
        path
            Ends with ``.svg`` or ``.pdf`` (vector, true to scale) or ``.png`` (200 dpi).

        Raises
        ------
        RecordingError
            Where the name ends otherwise, the drawing is too long for a page of a PDF (5 m), or the
            file cannot be written.
        """
        path = Path(path)
        kinds = {".svg": lambda: self.svg.encode(), ".pdf": self._pdf, ".png": self._png}
        if path.suffix.lower() not in kinds:
            raise RecordingError(
                f"names no kind of drawing: «{path.suffix}»",
                where=path.name,
                remedy="Let the name end with .svg, .pdf or .png.",
            )
        content = kinds[path.suffix.lower()]()
        try:
            path.write_bytes(content)
        except OSError as error:
            raise RecordingError(
                f"cannot be written ({error.strerror})", where=str(path), remedy="Choose another."
            ) from error
        return path

    def _png(self) -> bytes:
        import io

        import pypdfium2

        document = pypdfium2.PdfDocument(self._pdf())
        try:
            page = document[0]
            scale = min(DPI / 72, MOST_PIXELS / max(page.get_size()))
            content = io.BytesIO()
            page.render(scale=scale).to_pil().save(content, "PNG")
        finally:
            document.close()
        return content.getvalue()


def plot(
    recording: Recording, *, start: float = 0.0, seconds: float | None = None, layout: str = "3x4"
) -> Figure:
    """Draw a recording on ECG paper at 25 mm/s and 10 mm/mV.

    Parameters
    ----------
    recording
        Any leads, any length. NaN leaves a gap. Without voltages (``calibrated`` false) the waves
        are 10 mm high, and there is no calibration pulse.
    start
        Time in seconds of the first sample that is drawn.
    seconds
        How long a stretch; the whole rest up to 10 s where nothing is said.
    layout
        ``"3x4"`` or ``"6x2"``, each with a rhythm strip, or ``"12x1"``: one lead below another.
        Leads or a stretch that would leave columns empty are drawn as ``"12x1"``.

    Returns
    -------
    Figure
        Shows itself in a notebook; ``figure.save("ecg.pdf")`` writes it.

    Raises
    ------
    RecordingError
        Where the layout is unknown, or the stretch lies outside the recording or is empty.

    Examples
    --------
    >>> from ecgkit.demos import open_demo
    >>> from ecgkit.drawing.plot import plot
    >>> plot(open_demo("12-lead"), seconds=4, layout="6x2")
    <Figure: 12-lead demo, 0 to 4 s, 6 × 2 + rhythm strip, 25 mm/s · 10 mm/mV. 120 × 202 mm>
    """
    if layout not in LAYOUTS:
        raise RecordingError(
            f"has no layout «{layout}»", remedy=f"Choose one of {', '.join(LAYOUTS)}."
        )
    for name, value in (("start", start), ("seconds", SECONDS if seconds is None else seconds)):
        if not np.isfinite(value) or value < 0 or (name == "seconds" and value == 0):
            raise RecordingError(
                f"cannot be drawn with {name} = {value:g}",
                where=recording.name,
                remedy="Give a time in seconds within the recording.",
            )
    stop = min(recording.duration, start + (SECONDS if seconds is None else seconds))
    window = recording.window(start, stop)
    if layout not in layouts_for(window, window.duration):
        layout = "12x1"
    beats = detect_beats(window)
    scale = natural_scale(PaperScale().speed, PaperScale().gain, window.calibrated, window.signal)
    facts = (recording.name, f"{start:g} to {stop:g} s", LAYOUTS[layout], scale.text)
    caption = f"{', '.join(fact for fact in facts if fact)}. {left_out(window, layout)}".strip()
    paper = draw_tracing(window, beats, layout=layout, start=start, scale=scale, title=caption)

    def pdf() -> bytes:
        from ecgkit.drawing.pdf.tracing import tracing_pdf

        return tracing_pdf(
            window, beats, layout=layout, start=start, scale=scale, title=recording.name or "ECG"
        )

    return Figure(paper, caption, pdf)
