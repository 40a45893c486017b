"""Patches of degraded pages at one resolution, with their mask, to learn from."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ecgkit.io import open_recording
from ecgkit.paper.geometry import transform
from ecgkit.paper.pen import draw_lines
from ecgkit.recording import RecordingError
from ecgkit.rendering.degradation.degrade import random_page
from ecgkit.rendering.page import Page
from ecgkit.training.datasets.databases import ptbxl_part

LEVELS, LEVEL_SHARES = ("clean", "scan", "photo", "hard"), (0.1, 0.25, 0.45, 0.2)
TURN, SCALE, SHEAR = 2.0, 0.08, 0.02
"""What rectification leaves: degrees, share of the resolution, share of skew."""
LEAST_PEN = 0.3
"""In mm: thinner traces are masked as if drawn with this pen."""
MOST_HIDDEN = 0.6
"""Share of a patch that may lie beyond the picture or under things, if there are others."""
ATTEMPTS = 20
"""Places tried for each patch: of a small picture, all may lie beyond its edge."""
FINEST = 1.25
"""A finer picture, in times the resolution asked for, is averaged down first, as in use."""


@dataclass(frozen=True)
class Patch:
    """A piece of a page as the network sees it.

    Attributes
    ----------
    picture
        uint8, shape (size, size, 3), RGB.
    mask
        uint8, shape (size, size), 0 to 255.
    """

    picture: NDArray[np.uint8]
    mask: NDArray[np.uint8]


def record_paths(folder: Path, part: str) -> list[Path]:
    """Return headers of PTB-XL's records of a part (``train``, ``validation``, ``test``).

    Parts follow a hash of the record's id, as for the denoising networks.
    """
    index = folder / "ptbxl" / "ptbxl_database.csv"
    with index.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if ptbxl_part(row["ecg_id"]) == part]
    paths = [(folder / "ptbxl" / row["filename_hr"]).with_suffix(".hea") for row in rows]
    return [path for path in paths if path.exists()]


def training_page(paths: list[Path], seed: int, level: str | None = None) -> Page:
    """Return a random page of a random record; the same seed gives the same page.

    The level is random too where None.
    """
    rng = np.random.default_rng(seed)
    while True:
        recording = open_recording(paths[rng.integers(len(paths))], name="record")
        drawn = level or str(rng.choice(LEVELS, p=LEVEL_SHARES))
        try:
            return random_page(recording, drawn, int(rng.integers(2**31)))
        except RecordingError:
            continue  # a record with leads that fill no layout


def patches(page: Page, px_per_mm: float, size: int, count: int, seed: int) -> list[Patch]:
    """Return patches as a rectified page would show them, with what rectification leaves.

    The paper's bends stay: only the plane is straightened, as only that can be measured.
    """
    rng = np.random.default_rng(seed)
    left, top, right, bottom = page.sheet.field
    image, covered, matrix = _near(page, px_per_mm)
    flat = np.asarray(np.linalg.inv(page.geometry.matrix), np.float64)
    plane = [transform(flat, page.points(strip)) for strip in page.sheet.strips]
    paper = [float(value) for value in np.median(image[::16, ::16].reshape(-1, 3), axis=0)]
    found: list[Patch] = []
    for tries in range(ATTEMPTS * count, 0, -1):
        if len(found) == count:
            break
        reach = size / px_per_mm / 2
        # Mostly where traces are, at times over the margins with their text and desk.
        slack = rng.choice([-reach / 2, reach], p=[0.75, 0.25])
        centre = (
            rng.uniform(left - slack, max(left - slack + 1, right + slack)),
            rng.uniform(top - slack, max(top - slack + 1, bottom + slack)),
        )
        grow = np.exp(rng.uniform(-SCALE, SCALE, 2)) / px_per_mm
        angle = np.deg2rad(rng.uniform(-TURN, TURN))
        skew = rng.uniform(-SHEAR, SHEAR)
        turn = np.array([[np.cos(angle), -np.sin(angle) + skew], [np.sin(angle), np.cos(angle)]])
        middle = (size - 1) / 2
        to_mm = np.eye(3)
        to_mm[:2, :2] = turn * grow
        to_mm[:2, 2] = np.array(centre) - to_mm[:2, :2] @ (middle, middle)
        view = matrix @ to_mm
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        hidden = np.asarray(
            cv2.warpPerspective(covered, view, (size, size), flags=flags, borderValue=255)
        )
        if (hidden > 127).mean() > MOST_HIDDEN and tries > count - len(found):
            continue  # beyond the edge of the picture
        picture = cv2.warpPerspective(image, view, (size, size), flags=flags, borderValue=paper)
        from_mm = np.asarray(np.linalg.inv(to_mm), np.float64)
        lines = [transform(from_mm, points) for points in plane]
        # Drawn anew, and never thinner than a mask of this resolution can hold.
        width = max(page.style.pen, LEAST_PEN) / float(np.sqrt(np.prod(grow)))
        ink, where = draw_lines((size, size), lines, width)
        mask = np.zeros((size, size), np.uint8)
        mask[where] = ink
        mask[hidden > 127] = 0
        found.append(Patch(np.asarray(picture, np.uint8), mask))
    return found


def _near(
    page: Page, px_per_mm: float
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float64]]:
    """Return a page's picture, what is covered, and its map from mm, averaged down if too fine."""
    image, matrix = page.image, page.geometry.matrix
    covered = page.covered.astype(np.uint8) * np.uint8(255)
    ratio = FINEST * px_per_mm / float(np.sqrt(np.prod(page.px_per_mm())))
    if ratio >= 1:
        return image, covered, matrix
    size = (round(image.shape[1] * ratio), round(image.shape[0] * ratio))
    x, y = size[0] / image.shape[1], size[1] / image.shape[0]
    shrink = np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1.0]])
    small, less = (cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in (image, covered))
    return np.asarray(small, np.uint8), np.asarray(less, np.uint8), shrink @ matrix


def as_tensors(found: list[Patch]) -> tuple[Tensor, Tensor]:
    """Return pictures (n, 3, size, size) and masks (n, 1, size, size), from 0 to 1."""
    pictures = np.stack([patch.picture for patch in found]).transpose(0, 3, 1, 2)
    masks = np.stack([patch.mask for patch in found])[:, np.newaxis]
    return torch.from_numpy(pictures / np.float32(255)), torch.from_numpy(masks / np.float32(255))
