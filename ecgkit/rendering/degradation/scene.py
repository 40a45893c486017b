"""What lies under a page and on it: desks, fingers and slips of paper."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.scale import Picture

DESKS = ("wood", "cloth", "plain", "dark", "scanner")
_WOODS = ((150, 104, 66), (96, 62, 40), (196, 160, 118), (122, 92, 74))
_CLOTHS = ((62, 92, 140), (190, 190, 186), (60, 110, 96), (120, 50, 56), (205, 225, 235))
_SKINS = ((236, 188, 160), (214, 160, 128), (176, 120, 86), (120, 78, 56), (84, 54, 40))


def desk(kind: str, shape: tuple[int, int], rng: np.random.Generator) -> Picture:
    """Return a desk: uint8, shape (height, width, 3)."""
    height, width = shape
    small = (height // 2 + 1, width // 2 + 1)
    if kind == "scanner":
        return np.full((height, width, 3), 250 if rng.random() < 0.7 else 18, np.uint8)
    if kind == "wood":
        base = np.array(_WOODS[int(rng.integers(len(_WOODS)))], np.float32)
        grain = _noise(small, (int(rng.integers(30, 90)), 3), rng)
        fine = _noise(small, (small[0], 12), rng)
        level = 1 + 0.16 * grain + 0.06 * fine
    elif kind == "cloth":
        base = np.array(_CLOTHS[int(rng.integers(len(_CLOTHS)))], np.float32)
        y, x = np.mgrid[0 : small[0], 0 : small[1]]
        weave = ((x // 2 + y // 2) % 2).astype(np.float32) - 0.5
        level = 1 + 0.08 * weave + 0.1 * _noise(small, (6, 8), rng)
    else:
        tone = rng.uniform(18, 60) if kind == "dark" else rng.uniform(110, 235)
        base = np.float32(tone) * rng.uniform(0.9, 1.1, 3).astype(np.float32)
        level = 1 + 0.05 * _noise(small, (5, 6), rng) + 0.03 * _noise(small, small, rng)
    if rng.random() < 0.5:
        level = np.rot90(level)
    picture = np.clip(level[..., None] * base, 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(picture, (width, height)), np.uint8)


def _noise(
    shape: tuple[int, int], cells: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return smooth noise of about unit spread with so many cells down and across."""
    coarse = rng.uniform(-1.7, 1.7, cells).astype(np.float32)
    full = cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, np.float32)


def lay_on(table: Picture, page: Picture, share: Picture, rng: np.random.Generator) -> Picture:
    """Return the page on the table, with the shadow that it throws.

    Parameters
    ----------
    table, page
        uint8, shape (height, width, 3).
    share
        uint8, shape (height, width): how much of each pixel the page fills.
    """
    dx, dy = (float(value) for value in rng.uniform(-6, 6, 2))
    moved = cv2.warpAffine(share, np.array([[1, 0, dx], [0, 1, dy]]), share.shape[::-1])
    shade = cv2.blur(moved, (15, 15))
    factor = (255 - (rng.uniform(0.2, 0.6) * shade)).astype(np.uint8)
    shaded = cv2.multiply(table, cv2.merge([factor] * 3), scale=1 / 255)
    front = cv2.multiply(page, cv2.merge([share] * 3), scale=1 / 255)
    back = cv2.multiply(shaded, cv2.merge([cv2.bitwise_not(share)] * 3), scale=1 / 255)
    return np.asarray(cv2.add(front, back), np.uint8)


def finger(image: Picture, covered: Picture, px_per_mm: float, rng: np.random.Generator) -> None:
    """Hold the page with a fingertip at an edge of the picture, in place."""
    height, width, _ = image.shape
    radius = px_per_mm * float(rng.uniform(6.5, 10))
    side = int(rng.integers(4))
    along = float(rng.uniform(0.1, 0.9))
    edge = np.array(
        [(along * width, 0), (width, along * height), (along * width, height), (0, along * height)]
    )[side]
    inward = np.array([(0, 1), (-1, 0), (0, -1), (1, 0)])[side] + rng.normal(0, 0.25, 2)
    inward = inward / np.hypot(*inward)
    tip = edge + inward * radius * float(rng.uniform(0.2, 2.2))
    tail = edge - inward * radius * 3
    low = np.maximum(np.minimum(tip, tail) - 1.6 * radius, 0).astype(int)
    high = np.minimum(np.maximum(tip, tail) + 1.6 * radius, (width, height)).astype(int)
    if (high <= low).any():
        return
    y, x = np.mgrid[low[1] : high[1], low[0] : high[0]].astype(np.float32)
    span = tail - tip
    share = np.clip(((x - tip[0]) * span[0] + (y - tip[1]) * span[1]) / (span @ span), 0, 1)
    across_x, across_y = x - tip[0] - share * span[0], y - tip[1] - share * span[1]
    away = np.hypot(across_x, across_y) / radius
    solid = np.clip((1 - away) * radius + 0.5, 0, 1)[..., None]
    round_off = np.sqrt(np.clip(1 - away**2, 0, 1))
    lean = np.clip((across_x - across_y) / radius, -1, 1)
    tone = np.array(_SKINS[int(rng.integers(len(_SKINS)))], np.float32)
    skin = tone * (0.55 + 0.45 * round_off + 0.1 * lean)[..., None]
    centre = tip - inward * radius * 0.15
    a = (x - centre[0]) * inward[0] + (y - centre[1]) * inward[1]
    b = (y - centre[1]) * inward[0] - (x - centre[0]) * inward[1]
    nail = np.clip((1 - np.hypot(a / 0.75, b / 0.58) / radius) * radius / 2, 0, 1)[..., None]
    skin = skin * (1 - 0.45 * nail) + 0.45 * nail * np.minimum(tone * 1.15 + 10, 255)
    dark = 1 - 0.45 * np.clip(1.5 - away, 0, 1)[..., None]
    where = (slice(low[1], high[1]), slice(low[0], high[0]))
    image[where] = np.clip(image[where] * dark * (1 - solid) + skin * solid, 0, 255)
    covered[where] = np.maximum(covered[where], (255 * solid[..., 0]).astype(np.uint8))


def slip(image: Picture, covered: Picture, rng: np.random.Generator) -> None:
    """Paint a patch over the picture, as people hide a name with, in place."""
    height, width = covered.shape
    centre = rng.uniform((0, 0), (width, height))
    if rng.random() < 0.75:  # names stand near the edges
        axis = int(rng.integers(2))
        centre[axis] = rng.choice((0.02, 0.98)) * (width, height)[axis]
    half = rng.uniform((0.02, 0.02), (0.14, 0.07)) * (width, height)
    box = (
        (float(centre[0]), float(centre[1])),
        (float(2 * half[0]), float(2 * half[1])),
        float(rng.normal(0, 4)),
    )
    corners = cv2.boxPoints(box).astype(np.int32)
    shade = int(rng.choice((255, 250, 0, 20)))
    cv2.fillConvexPoly(image, corners, (shade, shade, shade), cv2.LINE_AA)
    cv2.fillConvexPoly(covered, corners, 255)
