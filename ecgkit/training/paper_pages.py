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

from ecgkit.formats import open_recording
from ecgkit.paper.degrade import random_page
from ecgkit.paper.geometry import transform
from ecgkit.paper.page import Page
from ecgkit.recording import RecordingError
from ecgkit.training.data import ptbxl_part

LEVELS, LEVEL_SHARES = ("clean", "scan", "photo", "hard"), (0.1, 0.25, 0.45, 0.2)
TURN, SCALE, SHEAR = 2.0, 0.08, 0.02
"""What rectification leaves: degrees, share of the resolution, share of skew."""


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


def training_page(paths: list[Path], seed: int) -> Page:
    """Return a page by lot of a record by lot; the same seed gives the same page."""
    rng = np.random.default_rng(seed)
    while True:
        recording = open_recording(paths[rng.integers(len(paths))], name="record")
        level = str(rng.choice(LEVELS, p=LEVEL_SHARES))
        try:
            return random_page(recording, level, int(rng.integers(2**31)))
        except RecordingError:
            continue  # a record with leads that fill no layout


def patches(page: Page, px_per_mm: float, size: int, count: int, seed: int) -> list[Patch]:
    """Return patches as a rectified page would show them, with what rectification leaves.

    The paper's bends stay: only the plane is straightened, as only that can be measured.
    """
    rng = np.random.default_rng(seed)
    left, top, right, bottom = page.sheet.field
    found = []
    for _ in range(count):
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
        grid = np.stack(np.meshgrid(np.arange(size), np.arange(size)), axis=-1) - (size - 1) / 2
        pixels = transform(page.geometry.matrix, (grid * grow) @ turn.T + np.array(centre))
        x, y = (np.ascontiguousarray(pixels[..., axis], np.float32) for axis in (0, 1))
        picture = cv2.remap(page.image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        mask = cv2.remap(page.mask, x, y, cv2.INTER_LINEAR)
        found.append(Patch(np.asarray(picture, np.uint8), np.asarray(mask, np.uint8)))
    return found


def as_tensors(found: list[Patch]) -> tuple[Tensor, Tensor]:
    """Return pictures (n, 3, size, size) and masks (n, 1, size, size), from 0 to 1."""
    pictures = np.stack([patch.picture for patch in found]).transpose(0, 3, 1, 2)
    masks = np.stack([patch.mask for patch in found])[:, np.newaxis]
    return torch.from_numpy(pictures / np.float32(255)), torch.from_numpy(masks / np.float32(255))
