"""What is as dark as the traces in a page's picture: they, names, text, pulses, separators."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.scale import Mask, Picture

_SURE = 0.6
_USUAL, _LEAST = 80.0, 24.0
"""How much darker than the paper traces are, where none is seen, and at least."""
_SHARE = 0.5


def find_ink(picture: Picture, mask: Mask) -> NDArray[np.uint8]:
    """Return where a page is about as dark as its traces: uint8, 0 or 1, shape (height, width).

    Parameters
    ----------
    picture
        uint8, shape (height, width, 3), RGB, at 5 px/mm.
    mask
        float32, shape (height, width): probability of trace.
    """
    light = picture.max(axis=2)
    ground = cv2.medianBlur(
        cv2.resize(light, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), 21
    )
    ground = cv2.resize(ground, light.shape[::-1], interpolation=cv2.INTER_LINEAR)
    dark = ground.astype(np.float32) - light
    traces = mask >= _SURE
    usual = float(np.median(dark[traces])) if traces.any() else _USUAL
    return np.asarray(dark > _SHARE * max(usual, _LEAST), np.uint8)
