"""Drawing on a PDF in mm: lines, traces, pictures and ECG paper, as a flowable of platypus.

What is drawn here is vector and true to scale: a flowable has its size in mm and is never shrunk.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from ecgkit.drawing.pdf.fonts import BOLD, PLAIN, font_runs, printable, width_of
from ecgkit.drawing.style import PAPER

rl_config.useA85 = False  # pictures as bytes, not as letters: a fifth smaller, many times faster

PX_PER_MM = 12.0
"""Of pictures: 300 dpi."""


class Drawing(Flowable):  # type: ignore[misc]
    """A drawing of ``width`` by ``height`` mm that stands in a story as a paragraph does."""

    def __init__(self, width: float, height: float, draw: Callable[[PdfPen], None]) -> None:
        super().__init__()
        self.width, self.height = width * mm, height * mm
        self._draw = draw

    def draw(self) -> None:
        """Draw it where platypus has put the canvas's origin."""
        self._draw(PdfPen(self.canv, self.height / mm))


class PdfPen:
    """Draws from the upper left corner of a drawing: lengths in mm, y downwards, sizes in points.

    Parameters
    ----------
    canvas
        Its origin at the drawing's lower left corner.
    height
        Of the drawing.
    """

    def __init__(self, canvas: Canvas, height: float) -> None:
        self._canvas, self.height = canvas, height

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float = 7.5,
        *,
        bold: bool = False,
        align: str = "left",
        colour: str = PAPER["ink"][0],
    ) -> float:
        """Write one line with its baseline at y and return where it ends."""
        font = BOLD if bold else PLAIN
        line = printable(words)
        place = x * mm - {"left": 0, "centre": 0.5, "right": 1}[align] * width_of(line, size, font)
        self._canvas.setFillColor(HexColor(colour))
        for name, letters in font_runs(line, font):
            self._canvas.setFont(name, size)
            self._canvas.drawString(place, (self.height - y) * mm, letters)
            place += self._canvas.stringWidth(letters, name, size)
        return float(place / mm)

    def line(
        self,
        points: Iterable[tuple[float, float]],
        width: float,
        colour: str,
        *,
        closed: bool = False,
        dash: Sequence[float] = (),
    ) -> None:
        """Draw one line through points; closed, fill what it encloses instead.

        ``dash``: lengths in mm of dashes and gaps in turn; a solid line where empty.
        """
        path = self._canvas.beginPath()
        for place, (x, y) in enumerate(points):
            move = path.lineTo if place else path.moveTo
            move(x * mm, (self.height - y) * mm)
        self._canvas.setStrokeColor(HexColor(colour))
        self._canvas.setFillColor(HexColor(colour))
        self._canvas.setLineWidth(width * mm)
        self._canvas.setLineJoin(1)
        self._canvas.setDash([length * mm for length in dash])
        if closed:
            path.close()
        self._canvas.drawPath(path, stroke=not closed, fill=closed)

    def trace(
        self,
        lines: Iterable[tuple[NDArray[np.floating], NDArray[np.floating]]],
        width: float,
        colour: str = PAPER["ink"][0],
        *,
        dash: Sequence[float] = (),
    ) -> None:
        """Draw lines, each as an array of x and one of y."""
        for x, y in lines:
            points = list(zip(x.tolist(), y.tolist(), strict=True))
            self.line(points if len(points) > 1 else [*points, *points], width, colour, dash=dash)

    def picture(
        self, x: float, y: float, width: float, height: float, picture: NDArray[np.uint8]
    ) -> None:
        """Draw an RGB picture, not finer than print shows it, and nothing but its pixels."""
        from PIL import Image

        image = Image.fromarray(picture, "RGB")
        longest = max(1, round(max(width, height) * PX_PER_MM))
        image.thumbnail((longest, longest), Image.Resampling.BOX, reducing_gap=3.0)
        content = io.BytesIO()
        image.save(content, "JPEG", quality=88)
        place = (x * mm, (self.height - y - height) * mm)
        self._canvas.drawImage(ImageReader(content), *place, width * mm, height * mm)

    def paper(self, x: float, y: float, width: float, height: float) -> None:
        """Draw ECG paper: small boxes of 1 mm, large ones of 5 mm; whole large boxes."""
        self.line(
            [(x, y), (x + width, y), (x + width, y + height), (x, y + height)],
            0,
            PAPER["paper"][0],
            closed=True,
        )
        for kind, stroke in (("minor", 0.1), ("major", 0.25)):
            step = 5 if kind == "major" else 1
            ends = [(x + at, y, x + at, y + height) for at in range(0, round(width) + 1, step)] + [
                (x, y + at, x + width, y + at) for at in range(0, round(height) + 1, step)
            ]
            self._canvas.setStrokeColor(HexColor(PAPER[kind][0]))
            self._canvas.setLineWidth(stroke * mm)
            self._canvas.lines(
                [
                    (a * mm, (self.height - b) * mm, c * mm, (self.height - d) * mm)
                    for a, b, c, d in ends
                ]
            )

    def clip(self, x: float, y: float, width: float, height: float) -> None:
        """Keep what is drawn from here on within a rectangle, until :meth:`unclip`."""
        self._canvas.saveState()
        path = self._canvas.beginPath()
        path.rect(x * mm, (self.height - y - height) * mm, width * mm, height * mm)
        self._canvas.clipPath(path, stroke=0, fill=0)

    def unclip(self) -> None:
        """End what :meth:`clip` began."""
        self._canvas.restoreState()
