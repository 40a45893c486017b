"""Image networks for one channel, without their heads: ResNet-18 and two mobile ones."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ecgkit.rhythm.network_2d import STAGES, InvertedResidual


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
    stages = (*STAGES, (6, 160, 3, 2), (6, 320, 1, 1))
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
        projected: Tensor = self._bn2(self._project_conv(y))
        return x + projected if self.plain else projected


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
        padded: Tensor = super().forward(nn.functional.pad(x, pads))
        return padded


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
        x = self.begin(x)
        for block in self._blocks:
            x = block(x)
        return self.end(x)

    def begin(self, x: Tensor) -> Tensor:
        """Return what the stem gives."""
        return nn.functional.relu6(self._bn0(self._conv_stem(x)))

    def end(self, x: Tensor) -> Tensor:
        """Return what the last layer gives for the blocks' features."""
        return nn.functional.relu6(self._bn1(self._conv_head(x)))


def efficientnet_lite0() -> tuple[nn.Module, int]:
    """Return EfficientNet-Lite0's layers for one channel, without its head, and their channels."""
    return EfficientNetLite0(), EfficientNetLite0.CHANNELS


BACKBONES = {
    "resnet18": resnet18,
    "mobilenetv2": mobilenetv2,
    "efficientnet_lite0": efficientnet_lite0,
}
"""Name -> what returns the layers and how many channels they give."""


def layers_of(features: nn.Module) -> list[Callable[[Tensor], Tensor]]:
    """Return a backbone's layers, each of which takes what the one before it gives."""
    if isinstance(features, EfficientNetLite0):
        return [features.begin, *features._blocks, features.end]
    return list(features.children())


def early_layers(features: nn.Module, blocks: int) -> list[nn.Module]:
    """Return a backbone's stem and its first blocks; none where ``blocks`` is 0."""
    if not blocks:
        return []
    if isinstance(features, EfficientNetLite0):
        return [features._conv_stem, features._bn0, *features._blocks[:blocks]]
    return list(features.children())[: blocks + 1]
