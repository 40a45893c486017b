"""Which font writes which letter of a PDF: an embedded DejaVu Sans, and what takes over beyond it.

DejaVu has Latin, Greek, Cyrillic, Hebrew and Arabic. Chinese, Japanese and Korean letters come from
Adobe's standard fonts for them, which are not embedded: the reader's machine provides them.
Characters that no font has are written out by their number (u0007 after a backslash): two names
stay two, which question marks would make one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from html import escape
from importlib import resources
from itertools import groupby

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

PLAIN, BOLD = "DejaVuSans", "DejaVuSans-Bold"
CHINESE, JAPANESE, KOREAN = "STSong-Light", "HeiseiMin-W3", "HYSMyeongJo-Medium"
ELLIPSIS = "…"
LONGEST = 2000
"""More letters than have room on a page: of a name of a million, no more are looked at."""
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_KANA = re.compile("[\u3041-\u30ff\uff66-\uff9d]")
_EAST_ASIAN = re.compile("[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


@cache
def register_fonts() -> frozenset[int]:
    """Make the fonts known to reportlab, once, and return the code points that DejaVu draws.

    Points beyond U+FFFF are left out: reportlab writes them so that no one can copy them out.
    """
    for name in (PLAIN, BOLD):
        content = resources.files("ecgkit.paper").joinpath("fonts", f"{name}.ttf")
        with resources.as_file(content) as path:
            pdfmetrics.registerFont(TTFont(name, str(path)))
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)
    for name in (CHINESE, JAPANESE, KOREAN):
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    shapes = [set(pdfmetrics.getFont(name).face.charToGlyph) for name in (PLAIN, BOLD)]
    return frozenset(point for point in shapes[0] & shapes[1] if point <= 0xFFFF)


def printable(words: str, longest: int | None = LONGEST) -> str:
    """Return a text on one line, in characters that some font has; others as escapes.

    Arabic letters are joined, and what runs from right to left is put in the order of printing.
    """
    known = register_fonts()
    text = words if longest is None or len(words) <= longest else words[:longest] + ELLIPSIS
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text))
    text = "".join(letter if _has_font(letter, known) else _escaped(letter) for letter in text)
    if not _RIGHT_TO_LEFT.search(text):
        return text
    from arabic_reshaper import reshape
    from bidi import get_display

    joined = "".join(
        letter if _has_font(letter, known) else unicodedata.normalize("NFKC", letter)
        for letter in reshape(text)
    )
    return str(get_display(joined, base_dir="L"))


def font_runs(line: str, font: str = PLAIN) -> list[tuple[str, str]]:
    """Return a printable line as pieces, each with the font that has its letters."""
    japanese = bool(_KANA.search(line))

    def font_of(letter: str) -> str:
        if ord(letter) in register_fonts() and not _KANA.match(letter):
            return font
        if _HANGUL.match(letter):
            return KOREAN
        return JAPANESE if japanese else CHINESE

    return [(name, "".join(letters)) for name, letters in groupby(line, font_of)]


def width_of(line: str, size: float, font: str = PLAIN) -> float:
    """Return how wide a printable line is, in points."""
    return sum(
        float(pdfmetrics.stringWidth(letters, name, size))
        for name, letters in font_runs(line, font)
    )


def fitted(line: str, width: float, size: float, font: str = PLAIN) -> str:
    """Return a line at most so many points wide, its middle left out where it is longer."""
    if width_of(line, size, font) <= width:
        return line
    kept = len(line)
    while kept > 2:
        kept = min(kept - 1, int(kept * 0.95))
        head = (kept * 2) // 3
        short = f"{line[:head]}{ELLIPSIS}{line[len(line) - (kept - head) :]}"
        if width_of(short, size, font) <= width:
            return short
    return ELLIPSIS


def markup(line: str, font: str = PLAIN) -> str:
    """Return a printable line as a reportlab Paragraph's markup, each letter in its font."""
    return "".join(
        escape(letters) if name == font else f'<font face="{name}">{escape(letters)}</font>'
        for name, letters in font_runs(line, font)
    )


def _has_font(letter: str, known: frozenset[int]) -> bool:
    if unicodedata.category(letter)[0] == "C":  # control and format characters, lone surrogates
        return False
    return ord(letter) in known or bool(_EAST_ASIAN.match(letter))


def _escaped(letter: str) -> str:
    if ord(letter) < 128:
        return f"\\x{ord(letter):02x}"
    return letter.encode("ascii", "backslashreplace").decode("ascii")
