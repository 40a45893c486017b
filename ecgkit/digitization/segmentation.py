"""The UNet at work: the mask of a rectified page's traces."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import torch

from ecgkit import models
from ecgkit.digitization.unet import UNet
from ecgkit.paper.scale import Mask, Picture

NETWORK = "paper-unet"
"""The network's name in the catalogue."""
BAND, OVERLAP = 1024, 96
"""Height in px of what the network sees at once, and of what it sees twice: memory is bounded."""


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
    starts = range(0, max(1, height - OVERLAP), BAND - OVERLAP)
    for start in starts:
        stop = min(start + BAND, height)
        band = _forward(network, picture[start:stop])
        # Half of what is seen twice is kept from each side: a border sees too little around it.
        first = start + OVERLAP // 2 if start else 0
        result[first:stop] = band[first - start :]
        if progress is not None:
            progress(stop / height)
    return result


def load_network() -> UNet:
    """Return the catalogue's network, laid out for convolutions on a processor."""
    network = models.load(NETWORK)
    assert isinstance(network, UNet)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


def _forward(network: UNet, picture: Picture) -> Mask:
    tensor = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None]
    scaled = tensor.to(torch.float32).div_(255).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=_bfloat16()):
        logits = network(scaled)
    return np.asarray(torch.sigmoid(logits.float())[0, 0].numpy(), np.float32)


@cache
def _bfloat16() -> bool:
    """Whether this processor multiplies bfloat16: then it takes half the time, to the same Dice."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
