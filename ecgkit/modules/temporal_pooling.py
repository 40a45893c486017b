"""From what each second shows to what the recording is: pooling, and the beats' autocorrelation.

Networks call the first ``join`` and the second ``pulse``, as the weights that ship name them.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

CLASSES = 4
LONGEST_LAG = 2.0
"""Seconds: the longest RR interval that the beat train is compared with itself over."""


class RhythmOutput(NamedTuple):
    """What every rhythm network answers, as logits.

    Attributes
    ----------
    recording
        Shape (recordings, 4), classes in the order of ``RHYTHMS``.
    seconds
        Shape (recordings, seconds, 4).
    beats
        Shape (recordings, frames): where the network sees an R peak; learnt beside the classes.
    log_rate
        Shape (recordings,): natural logarithm of the heart rate over 80 per minute, likewise.
    """

    recording: Tensor
    seconds: Tensor
    beats: Tensor
    log_rate: Tensor


class BeatAutocorrelation(nn.Module):
    """Finds the beats in a sequence of features, and lays their train over itself.

    The autocorrelation of the beat train over lags up to two seconds holds the rate and its
    irregularity: peaks at the RR interval and its multiples in a regular rhythm, none in atrial
    fibrillation.

    Parameters
    ----------
    channels, rate
        Of the features, and how many frames a second they have.
    width
        Values that :meth:`forward` gives for a recording.
    """

    def __init__(self, channels: int, rate: int, width: int) -> None:
        super().__init__()
        self.lags = int(LONGEST_LAG * rate)
        self.beats = nn.Sequential(
            nn.Conv1d(channels, 16, 9, padding=4), nn.ReLU(), nn.Conv1d(16, 1, 9, padding=4)
        )
        self.rate = rate
        self.read = nn.Sequential(nn.Linear(self.lags + 1, 64), nn.ReLU(), nn.Linear(64, width))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits of the beats (recordings, frames) and (recordings, width)."""
        logits = self.beats(features).squeeze(1)
        with torch.autocast("cpu", enabled=False):
            train = torch.sigmoid(logits.float())
            frames = train.shape[-1]
            spectrum = torch.fft.rfft(train, 2 * frames)
            overlap = torch.fft.irfft(spectrum.abs().square(), 2 * frames)[:, 1 : self.lags + 1]
            pairs = (frames - torch.arange(1, self.lags + 1, device=train.device)).clamp(min=1)
            overlap = overlap / pairs * frames / train.sum(-1, keepdim=True).clamp(min=0.5)
            count = train.mean(-1, keepdim=True) * self.rate
            read: Tensor = self.read(torch.cat([overlap * 4, count], dim=-1))
        return logits, read


class TemporalPooling(nn.Module):
    """Pools the seconds' features: ``mean`` of logits, ``attention``, or ``recurrent``.

    Parameters
    ----------
    channels
        Features of a frame.
    kind
        ``"mean"``: the recording's logits are the mean of its seconds'. ``"attention"``: a weight
        for each second, learnt. ``"recurrent"``: a bidirectional LSTM over the frames carries the
        rhythm across seconds, attention then joins them.
    extra
        Values that describe the recording as a whole (from :class:`BeatAutocorrelation`), 0 for
        none. They count for the recording only.
    hidden
        Width of the LSTM and of the last layer.
    """

    def __init__(self, channels: int, kind: str, extra: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.kind = kind
        if kind == "recurrent":
            self.lstm = nn.LSTM(channels, hidden, batch_first=True, bidirectional=True)
            channels = 2 * hidden
        self.second = nn.Linear(2 * channels, CLASSES)
        self.weight = nn.Linear(2 * channels, 1)
        self.dropout = nn.Dropout(dropout)
        self.body = nn.Sequential(nn.Linear(2 * channels + extra, hidden), nn.ReLU())
        self.recording = nn.Linear(hidden, CLASSES)
        self.rate = nn.Linear(hidden, 1)

    def forward(
        self, frames: Tensor, seconds: int, extra: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits of the recording, of its seconds, and the logarithm of the rate.

        Parameters
        ----------
        frames
            Shape (recordings, channels, seconds × frames a second).
        """
        sequence = frames.transpose(1, 2)
        if self.kind == "recurrent":
            sequence, _ = self.lstm(sequence)
        parts = sequence.reshape(sequence.shape[0], seconds, -1, sequence.shape[-1])
        features = self.dropout(torch.cat([parts.mean(2), parts.amax(2)], dim=-1))
        each = self.second(features)
        share = torch.softmax(self.weight(features), dim=1)
        if self.kind == "mean":
            share = torch.full_like(share, 1 / seconds)
        joined = (share * features).sum(1)
        if extra is not None:
            joined = torch.cat([joined, extra.to(joined.dtype)], dim=-1)
        body = self.dropout(self.body(joined))
        whole = self.recording(body)
        if self.kind == "mean":
            whole = each.mean(1) + (whole if extra is not None else 0)
        return whole, each, self.rate(body).squeeze(-1)
