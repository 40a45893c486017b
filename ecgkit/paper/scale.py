"""The scale of pages that are read, and the types of what holds them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PX_PER_MM = 5.0
"""Resolution of a rectified page and of its mask of traces."""
USUAL_SPEED = 25.0
"""In mm/s: what nearly all ECG paper runs at."""
USUAL_GAIN = 10.0
"""In mm/mV: what nearly all ECG paper shows."""

Picture = NDArray[np.uint8]
"""Shape (height, width, 3), RGB, or (height, width): grey, or how much of a pixel is covered."""
Mask = NDArray[np.float32]
"""Shape (height, width): probability that a pixel belongs to a trace, 0 to 1."""
Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""
Box = tuple[float, float, float, float]
"""Left, top, right, bottom; in px of a picture or in mm of paper, as the place says."""
Points = NDArray[np.float64]
"""Shape (…, 2): x and y."""
Array = NDArray[np.float64]
"""A signal, or heights along a page."""
