import base64
import io

import numpy as np
from PIL import Image

from ecgkit.drawing.images import SHADOW, coloured_png, compressed, shadow_png, viridis


def test_the_picture_is_the_values_in_an_even_colour_map() -> None:
    share = np.linspace(0, 1, 256)[np.newaxis].repeat(4, 0)
    content = base64.b64decode(coloured_png(share).partition(",")[2])
    pixels = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    np.testing.assert_array_equal(pixels[0], viridis())
    lightness = viridis() @ [0.3, 0.59, 0.11]
    assert (np.diff(lightness) > -0.5).all()
    assert compressed(np.array([0.0, 0.25, 1.0, 4.0]), 1.0).tolist() == [0.0, 0.5, 1.0, 1.0]
    shadow = base64.b64decode(shadow_png(share).partition(",")[2])
    alpha = np.asarray(Image.open(io.BytesIO(shadow)))[0, :, 1]
    assert (alpha[0], alpha[-1]) == (round(255 * SHADOW), 0)
