"""Residual stages on a signal: what the networks on twelve leads begin with."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class ResidualBlock(nn.Module):
    """Two convolutions with batch norm beside a shortcut."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, dilation: int = 1):
        super().__init__()
        pad = kernel // 2 * dilation
        self.body = nn.Sequential(
            nn.Conv1d(inputs, outputs, kernel, stride, pad, dilation, bias=False),
            nn.BatchNorm1d(outputs),
            nn.ReLU(),
            nn.Conv1d(outputs, outputs, kernel, 1, pad, dilation, bias=False),
            nn.BatchNorm1d(outputs),
        )
        self.shortcut = nn.Conv1d(inputs, outputs, 1, bias=False) if inputs != outputs else None
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, outputs, samples / stride) for (batch, inputs, samples)."""
        kept = functional.avg_pool1d(x, self.stride) if self.stride > 1 else x
        if self.shortcut is not None:
            kept = self.shortcut(kept)
        return functional.relu(self.body(x) + kept)


def residual_stages(
    inputs: int, channels: tuple[int, int, int, int], kernel: int, context: int
) -> tuple[nn.Sequential, ResidualBlock, nn.Sequential, nn.Sequential]:
    """Return stem, fine block, stages and dilated context of a network on the signal.

    The stem halves the rate, each of the first three stages halves it again.
    """
    a, b, c, d = channels
    k = kernel
    stem = nn.Sequential(nn.Conv1d(inputs, a, 15, 2, 7, bias=False), nn.BatchNorm1d(a), nn.ReLU())
    fine = ResidualBlock(a, a, k, 1)
    stages = nn.Sequential(
        ResidualBlock(a, b, k, 2),
        ResidualBlock(b, c, k, 2),
        ResidualBlock(c, d, k, 2),
        ResidualBlock(d, d, k, 1),
    )
    return (
        stem,
        fine,
        stages,
        nn.Sequential(*[ResidualBlock(d, d, 3, 1, 2**n) for n in range(context)]),
    )
