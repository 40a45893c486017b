"""Arrays as small PNG images inside a drawing, in a perceptually uniform colour map."""

from __future__ import annotations

import base64
import io
from functools import cache

import numpy as np
from numpy.typing import NDArray

SHADOW = 0.66
"""How dark what is not looked at becomes."""
DISPLAYED = 1600
"""Longer side in px of a photo's copy for the browser."""


@cache
def viridis() -> NDArray[np.uint8]:
    """Return the colour map, shape (256, 3): even in lightness, also for the colour-blind."""
    import cv2

    ramp = np.arange(256, dtype=np.uint8)[:, np.newaxis]
    blue_first = cv2.applyColorMap(ramp, cv2.COLORMAP_VIRIDIS)[:, 0]
    return blue_first[:, ::-1].astype(np.uint8)


def compressed(values: NDArray[np.floating], top: float) -> NDArray[np.float64]:
    """Return magnitudes as places on the colour scale, 0 to 1, by their square root.

    The root lifts P and T waves, a tenth as large as the QRS complex, out of the dark.
    """
    share: NDArray[np.float64] = np.sqrt(np.clip(np.asarray(values, np.float64) / top, 0, 1))
    return share


def coloured_png(share: NDArray[np.floating]) -> str:
    """Return values from 0 to 1 as a data address of a PNG in :func:`viridis`."""
    from PIL import Image

    image = Image.fromarray(np.rint(255 * share).astype(np.uint8), "L").convert("P")
    image.putpalette(viridis().tobytes())
    return _address(image)


def shadow_png(light: NDArray[np.floating]) -> str:
    """Return a shadow that lets through where ``light`` is 1, as a data address of a PNG."""
    from PIL import Image

    alpha = Image.fromarray(np.rint(255 * SHADOW * (1 - light)).astype(np.uint8), "L")
    return _address(Image.merge("LA", (Image.new("L", alpha.size, 0), alpha)))


def photo_jpeg(picture: NDArray[np.uint8], longest: int = DISPLAYED) -> str:
    """Return a picture, made smaller where it is large, as a data address of a JPEG."""
    from PIL import Image

    image = Image.fromarray(picture, "RGB")
    if max(image.size) > longest:
        image.thumbnail((longest, longest), Image.Resampling.BOX, reducing_gap=2.0)
    return _address(image, "JPEG", quality=82)


def ink_png(density: NDArray[np.floating], steps: int = 16) -> str:
    """Return values from 0 to 1 as the opacity of a PNG without colour, as a data address.

    Sixteen steps are enough for an edge, and make the picture small; what is smooth wants more.
    """
    from PIL import Image

    rounded = np.rint((steps - 1) * np.clip(density, 0, 1)) * (255 / (steps - 1))
    alpha = Image.fromarray(np.rint(rounded).astype(np.uint8), "L")
    return _address(Image.merge("LA", (Image.new("L", alpha.size, 0), alpha)))


def picture_png(picture: NDArray[np.uint8]) -> bytes:
    """Return a picture, RGB or grey, as a PNG file."""
    from PIL import Image

    content = io.BytesIO()
    Image.fromarray(picture).save(content, "PNG", compress_level=4)
    return content.getvalue()


def _address(image: object, kind: str = "PNG", **settings: int) -> str:
    from PIL.Image import Image

    assert isinstance(image, Image)
    content = io.BytesIO()
    image.save(content, kind, **(settings or {"compress_level": 4}))
    return f"data:image/{kind.lower()};base64,{base64.b64encode(content.getvalue()).decode()}"
