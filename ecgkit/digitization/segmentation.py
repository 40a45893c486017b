"""The UNet at work: the mask of a rectified page's traces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from ecgkit import models
from ecgkit.digitization.unet import UNet

Picture = NDArray[np.uint8]
Mask = NDArray[np.float32]

NETWORK = "paper-unet"
"""The network's name in the catalogue."""


@dataclass(frozen=True)
class SegmentationSettings:
    """How a page is cut for the network, so that memory stays bounded.

    Attributes
    ----------
    band_px
        Height of what the network sees at once. Pages up to 205 mm are one band.
    band_overlap_px
        What two bands both see; each keeps its half.
    tile_px
        Width of what the network sees at once: 307 mm, wider than most pages.
    tile_overlap_px
        What two tiles of a band both see. Half of it is more than the 107 px that the network
        looks to either side (double convolutions on five levels, 92 px, and up to 15 px to the
        next whole cell of the deepest), so that tiles change nothing.
    canvas_px
        Sides of what the convolutions work at are multiples of it: pages of all sizes then come
        in at most 4 x 6 shapes. oneDNN keeps some 2 MB for each shape that it has seen, and the
        heap holes of each size: unbounded, 200 pages left more than a gigabyte.
    """

    band_px: int = 1024
    band_overlap_px: int = 96
    tile_px: int = 1536
    tile_overlap_px: int = 224
    canvas_px: int = 256


SETTINGS = SegmentationSettings()


def find_mask(
    picture: Picture,
    network: UNet | None = None,
    progress: Callable[[float], None] | None = None,
) -> Mask:
    """Return where the traces of a page lie.

    Parameters
    ----------
    picture
        uint8, shape (height, width, 3), RGB: a page at the network's resolution (5 px/mm).
    network
        The catalogue's where None.
    progress
        Told the share that is done, 0 to 1.

    Returns
    -------
    NDArray[np.float32]
        Shape (height, width): probability that a pixel shows a trace, 0 to 1.
    """
    network = network or load_network()
    height, width = picture.shape[:2]
    result = np.empty((height, width), np.float32)
    for start, first, stop in _cuts(height, SETTINGS.band_px, SETTINGS.band_overlap_px):
        for left, kept, right in _cuts(width, SETTINGS.tile_px, SETTINGS.tile_overlap_px):
            part = _forward(network, picture[start:stop, left:right])
            result[first:stop, kept:right] = part[first - start :, kept - left :]
        if progress is not None:
            progress(stop / height)
    return result


def _cuts(length: int, size: int, overlap: int) -> Iterator[tuple[int, int, int]]:
    """Yield where each piece of a side starts, from where on it is kept, and where it stops.

    Half of what is seen twice is kept from each side: a border sees too little around it.
    """
    for start in range(0, max(1, length - overlap), size - overlap):
        yield start, start + overlap // 2 if start else 0, min(start + size, length)


def load_network() -> UNet:
    """Return the catalogue's network, laid out for convolutions on a processor."""
    network = models.load(NETWORK)
    assert isinstance(network, UNet)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


def _canvas(side: int) -> int:
    return -(-side // SETTINGS.canvas_px) * SETTINGS.canvas_px


def _forward(network: UNet, picture: Picture) -> Mask:
    height, width = picture.shape[:2]
    tensor = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None]
    scaled = tensor.to(torch.float32).div_(255).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=_bfloat16()):
        logits = network(scaled, canvas=(_canvas(height), _canvas(width)))
    return np.asarray(torch.sigmoid(logits.float())[0, 0].numpy(), np.float32)


@cache
def _bfloat16() -> bool:
    """Whether this processor multiplies bfloat16: then it takes half the time, to the same Dice."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
