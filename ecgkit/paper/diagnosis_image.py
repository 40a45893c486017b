"""The eleven labels from the mask of a page: the study's classifier, and two beside it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ecgkit.paper.labels import LABELS
from ecgkit.rhythm.network_2d import InvertedResidual

Image = NDArray[np.float32]

MASK_PX_PER_MM = 5.0
USUAL_SPEED, USUAL_GAIN = 25.0, 10.0
MEAN, DEVIATION = 0.05, 0.15
"""Of the pixels of a training image, rounded: what networks are given has mean 0 and deviation 1."""
_EDGE = 0.002
"""Share of the ink at each side of a page that may be specks: it does not set the page's frame."""


@dataclass(frozen=True)
class PageImageConfig:
    """Which image a network sees, and which network it is.

    Attributes
    ----------
    backbone
        ``"resnet18"``, ``"mobilenetv2"`` or ``"efficientnet_lite0"``.
    height, width
        Of the image in px. The study's is 896 x 1152.
    px_per_mm
        Its resolution; a page with more on it is shrunk until it fits.
    dropout
        Share of the last layer's inputs that is dropped in training.
    """

    backbone: str = "resnet18"
    height: int = 160
    width: int = 288
    px_per_mm: float = 1.1
    dropout: float = 0.3

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a card."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> PageImageConfig:
        """Return the configuration that a card holds."""
        return cls(**values)


def page_image(
    mask: NDArray[np.floating] | NDArray[np.uint8],
    config: PageImageConfig,
    *,
    px_per_mm: float = MASK_PX_PER_MM,
    mm_per_s: float | None = None,
    mm_per_mv: float | None = None,
) -> Image:
    """Return a page as the network sees it: small, its traces in the middle, at one scale.

    Parameters
    ----------
    mask
        Shape (height, width): how much of a pixel is trace, 0 to 1, or 0 to 255 where of integers.
    px_per_mm
        Of the mask.
    mm_per_s, mm_per_mv
        The paper's scale where it is known to be other than 25 mm/s and 10 mm/mV: the page is
        stretched to these.

    Returns
    -------
    NDArray[np.float32]
        Shape (config.height, config.width), 0 to 1: how much of each pixel is trace.
    """
    ink = mask if mask.dtype == np.uint8 else mask.astype(np.float32)
    factor = np.float32(1 / 255 if ink.dtype == np.uint8 else 1)
    result = np.zeros((config.height, config.width), np.float32)
    top, bottom = _frame(ink.sum(axis=1, dtype=np.float64))
    left, right = _frame(ink.sum(axis=0, dtype=np.float64))
    if bottom <= top or right <= left:
        return result
    x = config.px_per_mm / px_per_mm * USUAL_SPEED / (mm_per_s or USUAL_SPEED)
    y = config.px_per_mm / px_per_mm * USUAL_GAIN / (mm_per_mv or USUAL_GAIN)
    shrink = min(1.0, config.width / ((right - left) * x), config.height / ((bottom - top) * y))
    x, y = x * shrink, y * shrink
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    # The part of the mask that the image shows, beyond its edges where the page is small.
    reach_x, reach_y = config.width / x / 2, config.height / y / 2
    first_x, first_y = round(middle_x - reach_x), round(middle_y - reach_y)
    size_x, size_y = max(1, round(2 * reach_x)), max(1, round(2 * reach_y))
    window = np.zeros((size_y, size_x), ink.dtype)
    rows = slice(max(first_y, 0), min(first_y + size_y, ink.shape[0]))
    columns = slice(max(first_x, 0), min(first_x + size_x, ink.shape[1]))
    target_rows = slice(rows.start - first_y, rows.stop - first_y)
    target_columns = slice(columns.start - first_x, columns.stop - first_x)
    window[target_rows, target_columns] = ink[rows, columns]
    small = cv2.resize(window, (config.width, config.height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) * factor


def _frame(ink: NDArray[np.float64]) -> tuple[int, int]:
    """Return from where to where nearly all of the ink lies."""
    total = np.cumsum(ink)
    if total[-1] <= 0:
        return 0, 0
    share = total / total[-1]
    return int(np.searchsorted(share, _EDGE)), int(np.searchsorted(share, 1 - _EDGE)) + 1


class PageClassifier(nn.Module):
    """A backbone on one-channel images, and eleven logits.

    A first layer that was learnt on RGB is averaged over its three channels, as in the study.
    """

    def __init__(self, config: PageImageConfig) -> None:
        super().__init__()
        self.config = config
        self.features, channels = _BACKBONES[config.backbone]()
        self.dropout = nn.Dropout(config.dropout)
        self.labels = nn.Linear(channels, len(LABELS))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, images: Tensor) -> Tensor:
        """Return logits, shape (pages, 11), in the order of :data:`ecgkit.paper.labels.LABELS`.

        Parameters
        ----------
        images
            Shape (pages, height, width), as :func:`page_image` gives them.
        """
        return self.conclude(self.see(images))

    def see(self, images: Tensor) -> Tensor:
        """Return the backbone's last features, shape (pages, channels, rows, columns)."""
        x = (images.unsqueeze(1) - MEAN) / DEVIATION
        features: Tensor = self.features(x.contiguous(memory_format=torch.channels_last))
        return features

    def conclude(self, features: Tensor) -> Tensor:
        """Return logits for what :meth:`see` gave."""
        logits: Tensor = self.labels(self.dropout(features.mean((-2, -1))))
        return logits


class BasicBlock(nn.Module):
    """ResNet's block for 18 and 34 layers: two 3 x 3 convolutions beside a shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, outputs, rows / stride, columns / stride)."""
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet18() -> tuple[nn.Module, int]:
    """Return ResNet-18's layers [1]_ for one channel, without its head, and their channels.

    .. [1] K. He et al., "Deep residual learning for image recognition", CVPR 2016, table 1.
    """
    layers: list[nn.Module] = [
        nn.Conv2d(1, 64, 7, 2, 3, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
    ]
    channels = 64
    for outputs, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        layers += [BasicBlock(channels, outputs, stride), BasicBlock(outputs, outputs, 1)]
        channels = outputs
    for module in nn.Sequential(*layers).modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return nn.Sequential(*layers), channels


def _normed(inputs: int, outputs: int, kernel: int, stride: int, groups: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(),
    )


def mobilenetv2() -> tuple[nn.Module, int]:
    """Return MobileNetV2's layers [1]_ for one channel, without its head, and their channels.

    They are named as in the official weights.

    .. [1] M. Sandler et al., "MobileNetV2: Inverted residuals and linear bottlenecks", CVPR 2018,
       table 2.
    """
    stages = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1))
    stages += ((6, 160, 3, 2), (6, 320, 1, 1))
    blocks: list[nn.Module] = [_normed(1, 32, 3, 2, 1)]
    channels = 32
    for expansion, outputs, count, stride in stages:
        for place in range(count):
            step = stride if place == 0 else 1
            blocks.append(InvertedResidual(channels, outputs, step, expansion))
            channels = outputs
    blocks.append(_normed(channels, 1280, 1, 1, 1))
    return nn.Sequential(*blocks), 1280


class MobileBlock(nn.Module):
    """EfficientNet-Lite's block: expand, filter by channel, project; no squeeze and excitation.

    Named as in its weights. TensorFlow's «same» padding of strided layers is kept: it adds the odd
    pixel below and to the right.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inputs * expansion
        if expansion > 1:
            self._expand_conv = nn.Conv2d(inputs, inner, 1, bias=False)
            self._bn0 = _norm(inner)
        self._depthwise_conv = SameConv2d(inner, inner, kernel, stride, inner)
        self._bn1 = _norm(inner)
        self._project_conv = nn.Conv2d(inner, outputs, 1, bias=False)
        self._bn2 = _norm(outputs)
        self.expands = expansion > 1
        self.plain = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, outputs, rows / stride, columns / stride)."""
        y = nn.functional.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = nn.functional.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.plain else y


class SameConv2d(nn.Conv2d):
    """A convolution whose output has the input's size over its stride, as TensorFlow pads it."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, groups: int) -> None:
        super().__init__(inputs, outputs, kernel, stride, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, outputs, rows / stride, columns / stride), rounded up."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        rows, columns = (
            max((-(-size // stride) - 1) * stride + kernel - size, 0) for size in x.shape[-2:]
        )
        pads = (columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)
        return super().forward(nn.functional.pad(x, pads))


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class EfficientNetLite0(nn.Module):
    """EfficientNet-Lite0's layers [1]_ for one channel, without its head.

    .. [1] M. Tan & Q. V. Le, "EfficientNet: rethinking model scaling for convolutional neural
       networks", ICML 2019; the Lite variants: R. Liu, TensorFlow blog, March 2020.
    """

    STAGES = (
        (1, 3, 1, 1, 16),
        (2, 3, 2, 6, 24),
        (2, 5, 2, 6, 40),
        (3, 3, 2, 6, 80),
        (3, 5, 1, 6, 112),
        (4, 5, 2, 6, 192),
        (1, 3, 1, 6, 320),
    )
    """Blocks, kernel, stride, expansion and channels."""
    CHANNELS = 1280

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = SameConv2d(1, 32, 3, 2, 1)
        self._bn0 = _norm(32)
        channels, blocks = 32, []
        for count, kernel, stride, expansion, outputs in self.STAGES:
            for place in range(count):
                step = stride if place == 0 else 1
                blocks.append(MobileBlock(channels, outputs, kernel, step, expansion))
                channels = outputs
        self._blocks = nn.ModuleList(blocks)
        self._conv_head = nn.Conv2d(channels, self.CHANNELS, 1, bias=False)
        self._bn1 = _norm(self.CHANNELS)

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, 1280, rows / 32, columns / 32)."""
        x = nn.functional.relu6(self._bn0(self._conv_stem(x)))
        for block in self._blocks:
            x = block(x)
        return nn.functional.relu6(self._bn1(self._conv_head(x)))


def efficientnet_lite0() -> tuple[nn.Module, int]:
    """Return EfficientNet-Lite0's layers for one channel, without its head, and their channels."""
    return EfficientNetLite0(), EfficientNetLite0.CHANNELS


_BACKBONES = {
    "resnet18": resnet18,
    "mobilenetv2": mobilenetv2,
    "efficientnet_lite0": efficientnet_lite0,
}
