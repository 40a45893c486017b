"""``cnn1d`` and ``cnn_lstm``: networks on the twelve-lead signal, second by second."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from ecgkit.modules.temporal_pooling import Join, Pulse, RhythmOutput
from ecgkit.rhythm.preprocessing import FS

PULSE_WIDTH = 32


@dataclass(frozen=True)
class Cnn1dConfig:
    """Size of a network on the signal.

    Attributes
    ----------
    channels
        Of the stages at 64, 32, 16 and 8 frames a second.
    kernel
        Samples of the residual blocks' convolutions, odd.
    context
        Dilated blocks at 8 frames a second, each doubling the last one's reach: how far a second
        sees beyond itself without recurrence.
    join
        ``"mean"``, ``"attention"`` or ``"recurrent"``; with the last it is a CNN-LSTM.
    pulse
        Whether the beat train's autocorrelation counts for the recording.
    hidden, dropout
        Width of the join, and share of its inputs dropped in training.
    """

    channels: tuple[int, int, int, int] = (32, 48, 64, 96)
    kernel: int = 7
    context: int = 3
    join: str = "attention"
    pulse: bool = True
    hidden: int = 64
    dropout: float = 0.3

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a card."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Cnn1dConfig:
        """Return the configuration that a card holds."""
        return cls(**{**values, "channels": tuple(values["channels"])})


class Residual(nn.Module):
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
) -> tuple[nn.Sequential, Residual, nn.Sequential, nn.Sequential]:
    """Return stem, fine block, stages and dilated context of a network on the signal.

    The stem halves the rate, each of the first three stages halves it again.
    """
    a, b, c, d = channels
    k = kernel
    stem = nn.Sequential(nn.Conv1d(inputs, a, 15, 2, 7, bias=False), nn.BatchNorm1d(a), nn.ReLU())
    fine = Residual(a, a, k, 1)
    stages = nn.Sequential(
        Residual(a, b, k, 2), Residual(b, c, k, 2), Residual(c, d, k, 2), Residual(d, d, k, 1)
    )
    return stem, fine, stages, nn.Sequential(*[Residual(d, d, 3, 1, 2**n) for n in range(context)])


class Cnn1d(nn.Module):
    """A residual network on the signal; with a recurrent join, a CNN-LSTM.

    The signal comes at 256 Hz and is halved first: what tells the four rhythms apart lies under
    40 Hz, and a third of the recordings hold nothing above it.
    """

    def __init__(self, config: Cnn1dConfig) -> None:
        super().__init__()
        self.config = config
        a, *_, d = config.channels
        self.stem, self.fine, self.stages, self.context = residual_stages(
            12, config.channels, config.kernel, config.context
        )
        self.pulse = Pulse(a, 64, PULSE_WIDTH)
        extra = PULSE_WIDTH if config.pulse else 0
        self.join = Join(d, config.join, extra, config.hidden, config.dropout)

    def forward(self, signal: Tensor) -> RhythmOutput:
        """Answer for recordings of the same length.

        Parameters
        ----------
        signal
            Shape (recordings, 12, 256 × seconds) in mV, as ``prepare`` gives it.
        """
        seconds = signal.shape[-1] // FS
        halved = functional.avg_pool1d(signal[..., : seconds * FS], 2)
        fine = self.fine(self.stem(halved))
        beats, read = self.pulse(fine)
        frames = self.context(self.stages(fine))
        whole, each, rate = self.join(frames, seconds, read if self.config.pulse else None)
        return RhythmOutput(whole, each, beats, rate)
