"""What people and time leave on paper: handwriting, stamps, stains, creases, redactions.

Everything is drawn on the flat page, in px of its picture, before the page is bent and looked at.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.geometry import Wave
from ecgkit.paper.lettering import draw_text, text_width
from ecgkit.paper.pen import draw_lines, put_ink
from ecgkit.paper.scale import Colour, Picture
from ecgkit.rendering.composition import Sheet

_INKS: tuple[Colour, ...] = ((28, 48, 140), (30, 30, 36), (170, 32, 40), (44, 70, 170))
_STAMPS: tuple[Colour, ...] = ((60, 60, 160), (170, 40, 60), (90, 50, 130), (40, 110, 80))
_STAMP_WORDS = ("COPY", "RECEIVED", "CARDIOLOGY", "REVIEWED", "FILE", "WARD 7", "CONFIRMED")


def handwriting(image: Picture, scale: float, rng: np.random.Generator) -> None:
    """Scribble a word or two, a circle, an arrow or an underline, in place."""
    height, width, _ = image.shape
    at = rng.uniform((0.05, 0.05), (0.8, 0.95)) * (width, height)
    kind = rng.choice(("words", "circle", "arrow", "number"), p=(0.5, 0.2, 0.15, 0.15))
    ink = _INKS[int(rng.integers(len(_INKS)))]
    size = scale * float(rng.uniform(2.0, 5.0))
    if kind == "number":
        text = f"{rng.integers(1, 300)}{rng.choice(('', ' bpm', '/min', ' ?', ' ms'))}"
        draw_text(image, text, (at[0], at[1]), size, ink, "slanted")
        return
    if kind == "words":
        lines, x = [], 0.0
        for _ in range(int(rng.integers(1, 4))):
            word = _scribble(int(rng.integers(3, 9)), rng)
            lines.append(word + np.array([x, 0]))
            x = float(lines[-1][:, 0].max()) + 0.8
    elif kind == "circle":
        turn = np.linspace(0, 2 * np.pi * 1.1, 60) + rng.uniform(0, 6)
        grow = np.linspace(1, rng.uniform(0.9, 1.15), 60)
        lines = [np.stack([2.6 * np.cos(turn) * grow, 1.9 * np.sin(turn) * grow], axis=1)]
    else:
        tip = rng.uniform(-5, 5, 2)
        back = -tip / (np.hypot(*tip) + 1e-6)
        side = np.array([-back[1], back[0]])
        lines = [
            np.array([[0, 0], tip]),
            np.array([tip + back + side * 0.6, tip, tip + back - side * 0.6]),
        ]
    angle = float(rng.normal(0, 0.12))
    turn_by = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    drawn = [line @ turn_by.T * size + at for line in lines]
    ink_map, where = draw_lines((height, width), drawn, max(1.0, scale * rng.uniform(0.3, 0.65)))
    put_ink(image[where], ink_map, ink, float(rng.uniform(0.7, 0.95)))


def _scribble(letters: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a cursive word as a line, made of loops; a small letter is about 0.5 high."""
    steps = 12
    tall = rng.choice((0.35, 0.5, 0.6, 1.1, 1.3, -0.9), letters, p=(0.2, 0.3, 0.2, 0.12, 0.08, 0.1))
    wide = rng.uniform(0.25, 0.9, letters)
    loop = rng.uniform(-0.15, 0.45, letters)
    phase = np.tile(np.linspace(0, 2 * np.pi, steps, endpoint=False), letters)
    each = np.repeat(np.arange(letters), steps)
    y = -tall[each] * (1 - np.cos(phase)) / 2
    along = np.cumsum(wide[each] / steps)
    x = along + loop[each] * np.sin(phase) - rng.uniform(0.1, 0.5) * y
    return np.stack([x, y + 0.15 * np.sin(along)], axis=1)


def stamp(image: Picture, scale: float, rng: np.random.Generator) -> None:
    """Press a stamp on the page, slanted and unevenly inked, in place."""
    size = scale * float(rng.uniform(2.5, 5.0))
    words = [str(word) for word in rng.choice(_STAMP_WORDS, int(rng.integers(1, 3)), replace=False)]
    words.append(f"{rng.integers(1, 29):02d}.{rng.integers(1, 13):02d}.{rng.integers(2001, 2026)}")
    wide = max(text_width(word, "wide", bold=True) for word in words) * size
    half = int(0.6 * wide + 2 * size * len(words))
    canvas = np.zeros((2 * half, 2 * half), np.uint8)
    low = int(len(words) * size * 0.95)
    for line, word in enumerate(words):
        y = half - low + (1.9 * line + 1.4) * size
        x = half - text_width(word, "wide", bold=True) * size / 2
        draw_text(canvas, word, (x, y), size, 255, "wide", bold=True)
    thick = max(1, round(size / 5))
    if rng.random() < 0.6:
        corner = (half - int(wide / 2 + size), half - low - int(size * 0.5))
        other = (2 * half - corner[0], half + low + int(size * 0.5))
        cv2.rectangle(canvas, corner, other, 255, thick, cv2.LINE_AA)
    else:
        axes = (int(wide / 2 + 1.3 * size), int(low + 1.5 * size))
        cv2.ellipse(canvas, (half, half), axes, 0, 0, 360, 255, thick, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((half, half), float(rng.normal(0, 14)), 1)
    turned = cv2.warpAffine(canvas, turn, (2 * half, 2 * half))
    patchy = cv2.resize(rng.uniform(0.3, 1.1, (12, 12)).astype(np.float32), turned.shape[::-1])
    ink = np.clip(turned * patchy, 0, 255).astype(np.uint8)
    x, y = (int(rng.uniform(0, size)) - half for size in image.shape[1::-1])
    _press(image, ink, (x, y), _STAMPS[int(rng.integers(len(_STAMPS)))], 0.75)


def stain(image: Picture, scale: float, rng: np.random.Generator) -> None:
    """Leave a coffee ring or a blot, which darkens what is under it, in place."""
    radius = scale * float(rng.uniform(8, 40))
    half = int(radius * 1.3)
    y, x = np.mgrid[-half:half, -half:half].astype(np.float32)
    turn = np.arctan2(y, x)
    uneven = 1 + sum(
        float(rng.normal(0, 0.05)) * np.cos(k * turn + float(rng.uniform(0, 6)))
        for k in range(2, 6)
    )
    away = np.hypot(x, y) / (radius * uneven)
    rim = np.exp(-(((away - 1) / 0.035) ** 2)) * (0.6 + 0.4 * np.cos(turn + rng.uniform(0, 6)))
    inside = 1 / (1 + np.exp((away - 1) * 40))
    depth = 0.3 * rim + float(rng.uniform(0.0, 0.2)) * inside
    colour: Colour = (120, 84, 44) if rng.random() < 0.75 else (120, 120, 90)
    ink = np.clip(255 * depth, 0, 255).astype(np.uint8)
    at = rng.uniform((0, 0), image.shape[1::-1]).astype(int) - half
    _press(image, ink, (int(at[0]), int(at[1])), colour, 1.0)


def _press(
    image: Picture, ink: Picture, at: tuple[int, int], colour: Colour, strength: float
) -> None:
    """Darken a picture by coloured ink whose upper left corner lies at a place, in place."""
    left, top = max(at[0], 0), max(at[1], 0)
    right = min(at[0] + ink.shape[1], image.shape[1])
    bottom = min(at[1] + ink.shape[0], image.shape[0])
    if right <= left or bottom <= top:
        return
    part = ink[top - at[1] : bottom - at[1], left - at[0] : right - at[0]]
    share = part[..., None].astype(np.float32) * (strength / 255)
    tone = np.array(colour, np.float32) / 255
    region = image[top:bottom, left:right]
    region[:] = np.rint(region * (1 - share * (1 - tone)))


def redaction(
    image: Picture, covered: Picture, sheet: Sheet, scale: float, rng: np.random.Generator
) -> None:
    """Hide text, or a part of the page, under a bar, in place; ``covered`` becomes 255 there."""
    width, height = sheet.size
    if sheet.texts and rng.random() < 0.8:
        text = sheet.texts[int(rng.integers(len(sheet.texts)))]
        long = text.height * max(6.0, 0.7 * len(text.text))
        box = (text.x - 1, text.y - 1.4 * text.height, text.x + long, text.y + 0.6 * text.height)
    else:
        long, tall = rng.uniform(0.05, 0.25) * width, rng.uniform(4, 14)
        left, top = rng.uniform(0, width - long), rng.choice((0.0, height - tall))
        box = (left, top, left + long, top + tall)
    left, top, right, bottom = (int(value * scale) for value in box)
    shades: tuple[Colour, ...] = ((255, 255, 255), (8, 8, 8), (245, 245, 240), (60, 60, 62))
    shade = shades[int(rng.integers(4))]
    for picture, colour in ((image, shade), (covered, (255, 255, 255))):
        cv2.rectangle(picture, (left, top), (right, bottom), colour, cv2.FILLED)


def crease(image: Picture, fold: Wave, scale: float, rng: np.random.Generator) -> None:
    """Wear the print off along a fold's crest, in place."""
    height, width, _ = image.shape
    along = np.array([-np.sin(fold.angle), np.cos(fold.angle)])
    reach = np.linspace(-1, 1, 120)[:, None] * (height + width)
    line = np.array(fold.crest) * scale + reach * along
    line += rng.normal(0, 0.12 * scale, line.shape)
    pale, dark = rng.uniform(0.15, 0.55), rng.uniform(0.1, 0.35)
    for shift, colour, strength in ((0.0, (255, 253, 250), pale), (0.35, (70, 62, 58), dark)):
        moved = line + shift * scale * np.array([np.cos(fold.angle), np.sin(fold.angle)])
        ink, where = draw_lines((height, width), [moved], max(1.0, 0.35 * scale))
        put_ink(image[where], ink, colour, float(strength))
