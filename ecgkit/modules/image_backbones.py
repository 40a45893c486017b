"""Image networks without their heads: ResNet-18 and MobileNetV2, and the blocks they are of."""

from __future__ import annotations

import torch
from torch import Tensor, nn

MOBILENETV2_STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""Expansion, channels, blocks and stride of MobileNetV2's stages (Sandler et al., table 2)."""


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


def conv_norm_relu(
    inputs: int, outputs: int, kernel: int, stride: int, groups: int
) -> nn.Sequential:
    """Return a convolution without bias, batch norm and ReLU6, as MobileNetV2 has them."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(),
    )


class InvertedResidual(nn.Module):
    """MobileNetV2's block: expand, filter by channel, project; modules named as in its weights."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inputs * expansion
        layers: list[nn.Module] = [] if expansion == 1 else [conv_norm_relu(inputs, inner, 1, 1, 1)]
        layers += [
            conv_norm_relu(inner, inner, 3, stride, inner),
            nn.Conv2d(inner, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        ]
        self.conv = nn.Sequential(*layers)
        self.plain = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, outputs, rows / stride, columns / stride)."""
        y: Tensor = self.conv(x)
        return x + y if self.plain else y


def inverted_residuals(stages: int, channels: int = 32) -> tuple[list[nn.Module], int]:
    """Return the blocks of MobileNetV2's first stages, and the channels that the last one gives."""
    blocks: list[nn.Module] = []
    for expansion, outputs, count, stride in MOBILENETV2_STAGES[:stages]:
        for place in range(count):
            step = stride if place == 0 else 1
            blocks.append(InvertedResidual(channels, outputs, step, expansion))
            channels = outputs
    return blocks, channels


def mobilenetv2() -> tuple[nn.Module, int]:
    """Return MobileNetV2's layers [1]_ for one channel, without its head, and their channels.

    They are named as in the official weights.

    .. [1] M. Sandler et al., "MobileNetV2: Inverted residuals and linear bottlenecks", CVPR 2018,
       table 2.
    """
    first = conv_norm_relu(1, 32, 3, 2, 1)
    blocks, channels = inverted_residuals(len(MOBILENETV2_STAGES))
    return nn.Sequential(first, *blocks, conv_norm_relu(channels, 1280, 1, 1, 1)), 1280


BACKBONES = {
    "resnet18": resnet18,
    "mobilenetv2": mobilenetv2,
}
"""Name -> what returns the layers and how many channels they give."""


def early_layers(features: nn.Module, blocks: int) -> list[nn.Module]:
    """Return a backbone's stem and its first blocks; none where ``blocks`` is 0."""
    return list(features.children())[: blocks + 1] if blocks else []
