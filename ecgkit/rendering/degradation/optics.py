"""What camera, scanner and file format do to a picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.scale import Picture


@dataclass(frozen=True)
class Optics:
    """From light to file, in this order.

    Attributes
    ----------
    exposure
        Grey level that the picture's middle is brought to, as cameras do by themselves; 0 leaves
        it as it is lit.
    saturation
        How much of its colour a picture keeps, 0 to 1 or a little more.
    defocus
        Spread of the blur in px.
    motion
        Length in px and direction in degrees of a shake.
    noise, colour_noise
        Spread of sensor noise in grey levels, of brightness and of colour.
    sharpen
        Strength of the sharpening that cameras do.
    black, white, gamma
        Grey levels that black and white become, and the curve between.
    grey
        Colours are lost.
    fax
        Black and white alone.
    jpeg
        Quality of each JPEG that it was saved as, one after the other.
    """

    exposure: float = 0.0
    saturation: float = 1.0
    defocus: float = 0.0
    motion: tuple[float, float] = (0.0, 0.0)
    noise: float = 0.0
    colour_noise: float = 0.0
    sharpen: float = 0.0
    black: float = 0.0
    white: float = 255.0
    gamma: float = 1.0
    grey: bool = False
    fax: bool = False
    jpeg: tuple[int, ...] = ()

    def take(self, image: Picture, rng: np.random.Generator) -> Picture:
        """Return the picture as the file shows it: uint8, shape (height, width, 3)."""
        if self.exposure:
            middle = max(float(np.median(image[::9, ::9])), 1.0)
            image = _u8(cv2.convertScaleAbs(image, alpha=self.exposure / middle))
        if self.saturation != 1:
            plain = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
            share = self.saturation
            image = _u8(cv2.addWeighted(image, share, plain, 1 - share, 0))
        if self.defocus > 0.2:
            image = _u8(cv2.GaussianBlur(image, (0, 0), self.defocus))
        if self.motion[0] > 1:
            image = _u8(cv2.filter2D(image, -1, _shake(*self.motion)))
        if self.noise or self.colour_noise:
            image = self._noisy(image, rng)
        if self.sharpen:
            soft = cv2.GaussianBlur(image, (0, 0), 1.2)
            image = _u8(cv2.addWeighted(image, 1 + self.sharpen, soft, -self.sharpen, 0))
        if (self.black, self.white, self.gamma) != (0.0, 255.0, 1.0):
            levels = (np.arange(256) / 255) ** self.gamma
            curve = np.clip(self.black + levels * (self.white - self.black), 0, 255)
            image = _u8(cv2.LUT(image, np.rint(curve).astype(np.uint8)))
        if self.grey or self.fax:
            single = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
            if self.fax:
                kind = cv2.ADAPTIVE_THRESH_MEAN_C
                single = cv2.adaptiveThreshold(single, 255, kind, cv2.THRESH_BINARY, 31, 18)
            image = _u8(cv2.cvtColor(single, cv2.COLOR_GRAY2RGB))
        for quality in self.jpeg:
            done, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
            back = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB)
            assert done
            assert back is not None
            image = _u8(back)
        return image

    def _noisy(self, image: Picture, rng: np.random.Generator) -> Picture:
        height, width, _ = image.shape
        # Two dice make noise that is near enough to normal, ten times as fast.
        dice = rng.integers(0, 256, (2, height, width), np.uint8).astype(np.int16)
        grain = (dice[0] - dice[1]).astype(np.float32) * np.float32(self.noise / 104)
        size = (height // 3 + 1, width // 3 + 1, 3)
        cells = rng.standard_normal(size, np.float32) * np.float32(self.colour_noise)
        colour = cv2.resize(cells, (width, height), interpolation=cv2.INTER_LINEAR)
        both = cv2.add(colour, cv2.merge([grain] * 3))
        return _u8(cv2.add(image, both, dtype=cv2.CV_8U))


def _shake(length: float, angle: float) -> NDArray[np.float32]:
    size = 2 * int(np.ceil(length / 2)) + 1
    kernel = np.zeros((size, size), np.float32)
    middle = (size - 1) / 2
    half = length / 2 * np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
    ends = np.rint((np.array([middle - half, middle + half])) * 16).astype(int)
    cv2.line(kernel, tuple(ends[0].tolist()), tuple(ends[1].tolist()), 1.0, 1, cv2.LINE_8, 4)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _u8(image: cv2.typing.MatLike) -> Picture:
    return np.asarray(image, dtype=np.uint8)
