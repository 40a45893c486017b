"""``cnn1d`` and ``cnn_lstm``: networks on the twelve-lead signal, second by second."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from ecgkit.modules.input_shape import check_shape
from ecgkit.modules.residual_stages import residual_stages
from ecgkit.modules.temporal_pooling import BeatAutocorrelation, RhythmOutput, TemporalPooling
from ecgkit.rhythm.preprocessing import FS

AUTOCORRELATION_WIDTH = 32


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
    pooling
        ``"mean"``, ``"attention"`` or ``"recurrent"``; with the last it is a CNN-LSTM.
    autocorrelation
        Whether the beat train's autocorrelation counts for the recording.
    hidden, dropout
        Width of the pooling, and share of its inputs dropped in training.
    """

    channels: tuple[int, int, int, int] = (32, 48, 64, 96)
    kernel: int = 7
    context: int = 3
    pooling: str = "attention"
    autocorrelation: bool = True
    hidden: int = 64
    dropout: float = 0.3

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a card."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Cnn1dConfig:
        """Return the configuration that a card holds."""
        return cls(**{**values, "channels": tuple(values["channels"])})


class Cnn1d(nn.Module):
    """A residual network on the signal; with recurrent pooling, a CNN-LSTM.

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
        self.pulse = BeatAutocorrelation(a, 64, AUTOCORRELATION_WIDTH)
        extra = AUTOCORRELATION_WIDTH if config.autocorrelation else 0
        self.join = TemporalPooling(d, config.pooling, extra, config.hidden, config.dropout)

    @classmethod
    def from_config(cls, values: dict[str, Any]) -> Cnn1d:
        """Return an untrained network of the configuration that a card holds."""
        return cls(Cnn1dConfig.from_dict(values))

    def forward(self, signal: Tensor) -> RhythmOutput:
        """Answer for recordings of the same length.

        Parameters
        ----------
        signal
            Shape (recordings, 12, 256 × seconds) in mV, as ``prepare`` gives it.
        """
        check_shape(signal, recordings=None, leads=12, samples=None)
        seconds = signal.shape[-1] // FS
        halved = functional.avg_pool1d(signal[..., : seconds * FS], 2)
        fine = self.fine(self.stem(halved))
        beats, read = self.pulse(fine)
        frames = self.context(self.stages(fine))
        whole, each, rate = self.join(
            frames, seconds, read if self.config.autocorrelation else None
        )
        return RhythmOutput(whole, each, beats, rate)
