"""The eleven labels from the twelve-lead signal, digital or read off a page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ecgkit.diagnosis.labels import LABELS
from ecgkit.leads import STANDARD_LEADS, complete_limb_leads, with_upright_leads
from ecgkit.modules.input_shape import check_shape
from ecgkit.modules.residual_stages import residual_stages
from ecgkit.modules.temporal_pooling import BeatAutocorrelation
from ecgkit.processing.gaps import fill_gaps
from ecgkit.processing.resampling import resample
from ecgkit.recording import Recording
from ecgkit.rhythm.preprocessing import FS, TYPICAL_RMS

SECONDS = 10
"""What the network sees at once."""
HIGHEST = 8.0
"""In mV: beyond, a value is held to be a fault and limited."""
AUTOCORRELATION_WIDTH = 32

Signal = NDArray[np.float32]


@dataclass(frozen=True)
class SignalConfig:
    """Size of the network.

    Attributes
    ----------
    channels
        Of the stages at 64, 32, 16 and 8 frames a second.
    kernel
        Samples of the residual blocks' convolutions, odd.
    context
        Dilated blocks at 8 frames a second.
    heads
        Parts of the features, each with its own weights over time.
    hidden, dropout
        Width of the last layer, and share of its inputs dropped in training.
    """

    channels: tuple[int, int, int, int] = (48, 64, 96, 128)
    kernel: int = 7
    context: int = 2
    heads: int = 8
    hidden: int = 128
    dropout: float = 0.4

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a card."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> SignalConfig:
        """Return the configuration that a card holds."""
        return cls(**{**values, "channels": tuple(values["channels"])})


class SignalOutput(NamedTuple):
    """What the network answers.

    Attributes
    ----------
    labels
        Logits, shape (recordings, 11), in the order of :data:`ecgkit.diagnosis.labels.LABELS`.
    beats
        Logits, shape (recordings, frames at 64 Hz): where it sees an R peak; learnt beside.
    log_rate
        Shape (recordings,): natural logarithm of the heart rate over 80 per minute, likewise.
    """

    labels: Tensor
    beats: Tensor
    log_rate: Tensor


class SignalClassifier(nn.Module):
    """A residual network on twelve leads, each with what is seen of it.

    Twelve channels hold the signal at 128 Hz, twelve more say where it is seen: on a page of
    columns most leads are there for a quarter of the time. What is found over time is joined as
    mean, maximum and weighted mean; the beat train's autocorrelation tells rate and irregularity.
    """

    def __init__(self, config: SignalConfig) -> None:
        super().__init__()
        self.config = config
        a, *_, d = config.channels
        self.stem, self.fine, self.stages, self.context = residual_stages(
            24, config.channels, config.kernel, config.context
        )
        self.pulse = BeatAutocorrelation(a, FS // 4, AUTOCORRELATION_WIDTH)
        self.weights = nn.Conv1d(d, config.heads, 1)
        self.dropout = nn.Dropout(config.dropout)
        self.body = nn.Sequential(
            nn.Linear(3 * d + AUTOCORRELATION_WIDTH, config.hidden), nn.ReLU()
        )
        self.labels = nn.Linear(config.hidden, len(LABELS))
        self.rate = nn.Linear(config.hidden, 1)

    @classmethod
    def from_config(cls, values: dict[str, Any]) -> SignalClassifier:
        """Return an untrained network of the configuration that a card holds."""
        return cls(SignalConfig.from_dict(values))

    def forward(self, signal: Tensor) -> SignalOutput:
        """Answer for recordings of the same length.

        Parameters
        ----------
        signal
            Shape (recordings, 12, samples at 256 Hz) in mV, NaN where a lead is not seen, as
            :func:`prepare` gives it.
        """
        check_shape(signal, recordings=None, leads=12, samples=None)
        seen = torch.isfinite(signal)
        both = torch.cat([torch.where(seen, signal, 0.0), seen.to(signal.dtype)], dim=1)
        fine = self.fine(self.stem(functional.avg_pool1d(both, 2)))
        beats, read = self.pulse(fine)
        frames = self.context(self.stages(fine))
        weights = torch.softmax(self.weights(frames), dim=-1)
        parts = frames.reshape(frames.shape[0], self.config.heads, -1, frames.shape[-1])
        weighted = (weights.unsqueeze(2) * parts).sum(-1).flatten(1)
        joined = torch.cat([frames.mean(-1), frames.amax(-1), weighted], dim=-1)
        joined = torch.cat([self.dropout(joined), read.to(joined.dtype)], dim=-1)
        body = self.dropout(self.body(joined))
        return SignalOutput(self.labels(body), beats, self.rate(body).squeeze(-1))


def prepare(recording: Recording) -> Signal:
    """Return a recording as the network sees it, in windows of ten seconds.

    Parameters
    ----------
    recording
        Digital, or as :func:`ecgkit.digitization.extraction.read_traces` gives it.

    Returns
    -------
    NDArray[np.float32]
        Shape (windows, 12, 2560), NaN where nothing is seen. The last window ends with the
        recording; a recording of ten seconds or less is one.
    """
    leads = leads_of(recording)
    length, count = SECONDS * FS, leads.shape[1]
    if count <= length:
        leads = np.pad(leads, ((0, 0), (0, length - count)), constant_values=np.nan)
        starts = [0]
    else:
        starts = [*range(0, count - length, length), count - length]
    return np.stack([centred(leads[:, start : start + length]) for start in starts])


def leads_of(recording: Recording) -> Signal:
    """Return the twelve standard leads at 256 Hz in mV; NaN where they are not seen.

    Absent limb leads are worked out (:func:`ecgkit.leads.complete_limb_leads`). Flat leads count as
    not seen. Leads of an uncalibrated recording are scaled to what is typical, each by itself.
    """
    filled, missing = fill_gaps(recording.signal)
    at_rate = resample(filled, recording.fs, FS).copy()
    near = np.round(np.arange(at_rate.shape[1]) * recording.fs / FS).astype(np.int64)
    at_rate[missing[:, np.minimum(near, missing.shape[1] - 1)]] = np.nan
    rows = {
        lead: row
        for lead, row, old in zip(recording.leads, at_rate, filled, strict=True)
        if np.ptp(old) > 0
    }
    rows = with_upright_leads(rows)
    if "II" not in rows and "MLII" in rows:
        rows["II"] = rows["MLII"]
    result = np.full((12, at_rate.shape[1]), np.nan, np.float32)
    for place, lead in enumerate(STANDARD_LEADS):
        if lead in rows:
            result[place] = rows[lead]
    if recording.calibrated:
        return complete_limb_leads(result)
    for row, typical in zip(result, TYPICAL_RMS, strict=True):
        seen = np.isfinite(row)
        if seen.any():
            row *= typical / max(float(np.std(row[seen])), 1e-9)
    return result


def centred(leads: Signal) -> Signal:
    """Return the leads, each less the median of what is seen of it, and within ±8 mV."""
    result = leads.copy()
    for row in result:
        seen = np.isfinite(row)
        if seen.any():
            row -= np.median(row[seen])
    return np.clip(result, -HIGHEST, HIGHEST)
