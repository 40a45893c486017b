"""One PDF page to draw on in mm from its upper left corner: text that fits, and ECG paper.

The fonts are those that every PDF reader has. Characters that they lack are written out by their
number (u5fc3 after a backslash): two names stay two, which question marks would make one.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from ecgkit.drawing.style import PAPER

rl_config.useA85 = False  # pictures as bytes, not as letters: a fifth smaller, many times faster

PLAIN, BOLD = "Helvetica", "Helvetica-Bold"
ELLIPSIS = "…"
PX_PER_MM = 12.0
"""Of pictures: 300 dpi."""
MOST = 2000
"""More letters than have room on a page: of a name of a million, no more are looked at."""
_LOOK_ALIKES = str.maketrans({"−": "-", "≤": "<=", "≥": ">=", "→": "->", "\u00a0": " "})


class PdfPage:
    """A page of ``width`` by ``height`` mm; lengths in mm, y downwards, font sizes in points."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self.width, self.height = width, height
        self._file = io.BytesIO()
        self._canvas = Canvas(self._file, pagesize=(width * mm, height * mm), pageCompression=1)
        self._canvas.setTitle(title)
        self._canvas.setAuthor("ecgkit")
        self._canvas.setCreator("ecgkit")
        self._canvas.setSubject("")

    def finish(self) -> bytes:
        """Return the file."""
        self._canvas.showPage()
        self._canvas.save()
        return self._file.getvalue()

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float = 7.5,
        *,
        bold: bool = False,
        width: float | None = None,
        align: str = "left",
        colour: str = PAPER["ink"][0],
    ) -> None:
        """Write one line with its baseline at y; what is wider than ``width`` is cut short."""
        font = BOLD if bold else PLAIN
        line = writable(words)
        if width is not None:
            line = fitted(line, width, size, font)
        self._canvas.setFillColor(HexColor(colour))
        self._canvas.setFont(font, size)
        place = (x * mm, (self.height - y) * mm)
        match align:
            case "right":
                self._canvas.drawRightString(*place, line)
            case "centre":
                self._canvas.drawCentredString(*place, line)
            case _:
                self._canvas.drawString(*place, line)

    def paragraph(
        self,
        x: float,
        y: float,
        words: str,
        width: float,
        lines: int,
        size: float = 6.5,
        *,
        bold: bool = False,
    ) -> float:
        """Write at most so many lines and return the next one's y; the last one is cut short."""
        font, step = (BOLD if bold else PLAIN), 0.42 * size
        for line in wrapped(writable(words), width, lines, size, font):
            self.text(x, y, line, size, bold=bold)
            y += step
        return y

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


def writable(words: str) -> str:
    """Return a text in characters that the fonts have, on one line; others as escapes."""
    text = words if len(words) <= MOST else words[:MOST] + ELLIPSIS
    text = text.translate(_LOOK_ALIKES)
    text = text.encode("cp1252", "backslashreplace").decode("cp1252")
    return re.sub(
        r"[\x00-\x1f\x7f-\x9f\xad]",
        lambda found: f"\\x{ord(found[0]):02x}",
        re.sub(r"\s+", " ", text),
    )


def fitted(line: str, width: float, size: float, font: str = PLAIN) -> str:
    """Return a line that is at most so many mm wide, its middle left out where it is longer."""
    if stringWidth(line, font, size) <= width * mm:
        return line
    kept = len(line)
    while kept > 2:
        kept = min(kept - 1, int(kept * 0.95))
        head = (kept * 2) // 3
        short = f"{line[:head]}{ELLIPSIS}{line[len(line) - (kept - head) :]}"
        if stringWidth(short, font, size) <= width * mm:
            return short
    return ELLIPSIS


def wrapped(words: str, width: float, lines: int, size: float, font: str = PLAIN) -> list[str]:
    """Return a text as at most so many lines of so many mm; an ellipsis ends one cut short."""
    result, rest = [""], words.split()
    while rest:
        word = fitted(rest[0], width, size, font)
        longer = f"{result[-1]} {word}".strip()
        if stringWidth(longer, font, size) <= width * mm:
            result[-1] = longer
        elif len(result) < lines:
            result.append(word)
        else:
            last = result[-1]
            while last and stringWidth(last + ELLIPSIS, font, size) > width * mm:
                last = last[:-1]
            return [*result[:-1], last + ELLIPSIS]
        rest.pop(0)
    return result
