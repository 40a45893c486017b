"""What the rhythm networks say about ten seconds of a recording, or about all of a long one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ecgkit import models
from ecgkit.arguments import checked_choice, checked_number, checked_recording
from ecgkit.recording import Recording, RecordingError
from ecgkit.rhythm.classes import RHYTHMS
from ecgkit.rhythm.preprocessing import FS, Prepared, prepare
from ecgkit.rhythm.window import LIMITS, rhythm_window, window_and_beats, window_warnings

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor, nn

__all__ = [
    "DEFAULT",
    "LONGEST",
    "NETWORKS",
    "SHORTEST",
    "UNCERTAIN",
    "RhythmOverview",
    "RhythmReport",
    "batch_of",
    "card_name",
    "rhythm_overview",
    "rhythm_report",
    "rhythm_window",
    "softmax",
]

NETWORKS: dict[str, str] = {
    "cnn2d": "2D CNN on stacked scalograms",
    "cnn1d": "1D CNN",
    "cnn_lstm": "1D CNN-LSTM",
}
"""Key -> what to call it; weights and card are ``rhythm-KEY`` with dashes."""
DEFAULT = "cnn1d"
"""The most accurate in cross-validation (docs/results/rhythm.md), and the fastest."""
UNCERTAIN = "uncertain"
SHORTEST, LONGEST = LIMITS.shortest, LIMITS.longest
"""Whole seconds of a window."""
BATCH = 16
"""Windows that a network is asked about at once: some 10 MB of signal."""

Probabilities = NDArray[np.float64]
Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class RhythmReport:
    """One network's answer for one window.

    Attributes
    ----------
    model
        One of :data:`NETWORKS`.
    start
        Seconds from the recording's start to the window's.
    probabilities
        Calibrated, shape (4,), in the order of :data:`ecgkit.rhythm.classes.RHYTHMS`.
    per_second
        Likewise for each whole second, shape (seconds, 4).
    threshold
        The answer is «uncertain» where no probability reaches it.
    heart_rate
        Median beats a minute as detected (not by the network), NaN where unknown.
    warnings
        What a person should know about this answer, one sentence each.
    """

    model: str
    start: float
    probabilities: Probabilities
    per_second: Probabilities
    threshold: float
    heart_rate: float
    warnings: tuple[str, ...]

    @property
    def ranked(self) -> list[str]:
        """The classes, the most probable first."""
        names = list(RHYTHMS)
        return [names[place] for place in np.argsort(-self.probabilities, kind="stable")]

    @property
    def label(self) -> str:
        """The most probable class, or ``"uncertain"``."""
        sure = float(self.probabilities.max()) >= self.threshold
        return self.ranked[0] if sure else UNCERTAIN

    @property
    def second_labels(self) -> list[str]:
        """Each second's class, ``"uncertain"`` where none has more than half.

        The threshold is the recording's: a second alone is rarely that sure of itself.
        """
        names = list(RHYTHMS)
        return [
            names[int(row.argmax())] if row.max() > 0.5 else UNCERTAIN for row in self.per_second
        ]

    def __repr__(self) -> str:
        shares = ", ".join(
            f"{name} {share:.1%}" for name, share in zip(RHYTHMS, self.probabilities, strict=True)
        )
        return (
            f"<RhythmReport: {self.label} by {self.model}, {len(self.per_second)} s from "
            f"{self.start:g} s on; {shares}; {self.heart_rate:.0f}/min>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; the heart rate is None where unknown."""
        return {
            "model": self.model,
            "start": self.start,
            "label": self.label,
            "probabilities": _by_class(self.probabilities),
            "per_second": [_by_class(row) for row in self.per_second],
            "threshold": self.threshold,
            "heart_rate": None if math.isnan(self.heart_rate) else self.heart_rate,
            "warnings": list(self.warnings),
        }

    def to_dataframe(self) -> pd.DataFrame:
        """Return a table: the seconds down, from when to when; classes and answer across."""
        import pandas as pd

        table = pd.DataFrame(self.per_second, columns=list(RHYTHMS))
        table.index = pd.Index(self.start + np.arange(len(table)), name="from (s)")
        return table.assign(answer=self.second_labels)

    def _repr_html_(self) -> str:
        table = self.to_dataframe().to_html(float_format="{:.3f}".format)
        return f"<p>{escape(repr(self)[1:-1])}</p>{table}"


@dataclass(frozen=True, eq=False)
class RhythmOverview:
    """One network's answers along a long recording.

    Attributes
    ----------
    starts
        Seconds at which each window begins, ascending.
    probabilities
        Shape (windows, 4); NaN where a window could not be read.
    threshold
        As in :class:`RhythmReport`.
    """

    starts: NDArray[np.float64]
    probabilities: Probabilities
    threshold: float

    @property
    def labels(self) -> list[str]:
        """A class for each window, ``"uncertain"``, or empty where it could not be read."""
        names = list(RHYTHMS)
        return [
            ""
            if np.isnan(row).any()
            else names[int(row.argmax())]
            if row.max() >= self.threshold
            else UNCERTAIN
            for row in self.probabilities
        ]

    def __repr__(self) -> str:
        found = [label for label in self.labels if label]
        counts = ", ".join(f"{found.count(name)} {name}" for name in dict.fromkeys(found))
        return f"<RhythmOverview: {len(self.starts)} windows; {counts or 'none readable'}>"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: for each window its start, answer and probabilities."""
        windows = []
        for start, label, row in zip(self.starts, self.labels, self.probabilities, strict=True):
            shares = _by_class(row) if label else None
            windows.append({"start": float(start), "label": label, "probabilities": shares})
        return {"threshold": self.threshold, "windows": windows}

    def to_dataframe(self) -> pd.DataFrame:
        """Return a table: the windows' starts down; classes and answer across."""
        import pandas as pd

        table = pd.DataFrame(self.probabilities, columns=list(RHYTHMS))
        table.index = pd.Index(self.starts, name="from (s)")
        return table.assign(answer=self.labels)

    def _repr_html_(self) -> str:
        return str(self.to_dataframe().to_html(float_format="{:.3f}".format))


def _by_class(values: Probabilities) -> dict[str, float]:
    return {name: float(value) for name, value in zip(RHYTHMS, values, strict=True)}


def card_name(model: str) -> str:
    """Return the catalogue's name of a network.

    Raises
    ------
    RecordingError
        Where there is no such network.
    """
    checked_choice(model, "the rhythm network", NETWORKS)
    return f"rhythm-{model.replace('_', '-')}"


def rhythm_report(recording: Recording, model: str = DEFAULT, start: float = 0.0) -> RhythmReport:
    """Ask one network for the rhythm of the ten seconds from ``start`` on.

    Parameters
    ----------
    recording
        Any recording with one or more of the twelve standard leads, 5 s or longer.
    model
        One of :data:`NETWORKS`.

    Raises
    ------
    RecordingError
        As :func:`rhythm_window`, and where the model is unknown.
    """
    start = checked_number(start, "the start of the window", low=0.0, unit="s")
    card = models.catalogue().get(card_name(model))
    network = models.load(card_name(model))
    assert card is not None  # load has refused a name that the catalogue lacks
    window, beats = window_and_beats(recording, start)
    prepared = prepare(window)
    whole, seconds = _answer(network, [prepared])
    return RhythmReport(
        model=model,
        start=start,
        probabilities=softmax(whole[0] / card.decision["temperature"]),
        per_second=softmax(seconds[0] / card.decision["temperature_seconds"]),
        threshold=float(card.decision["uncertain_below"]),
        heart_rate=float(beats.heart_rate),
        warnings=window_warnings(recording, window, prepared, card),
    )


def rhythm_overview(
    recording: Recording,
    model: str = DEFAULT,
    *,
    step: float = LONGEST,
    progress: Progress | None = None,
) -> RhythmOverview:
    """Ask one network for window after window of a whole recording.

    Parameters
    ----------
    step
        Seconds from one window's start to the next one's.
    progress
        Called with the share done, 0 to 1.

    Raises
    ------
    RecordingError
        Where it is no recording, the model unknown, or the step under a tenth of a second. Windows
        that cannot be read are left open.
    """
    checked_recording(recording)
    step = checked_number(step, "the step", low=0.1, high=86_400.0, unit="s")
    card = models.catalogue().get(card_name(model))
    network = models.load(card_name(model))
    assert card is not None
    last = max(0.0, recording.duration - SHORTEST)
    starts = np.arange(0.0, last + 1e-9, step)
    answers = np.full((starts.size, 4), np.nan)
    for first in range(0, starts.size, BATCH):
        by_length: dict[int, list[tuple[int, Prepared]]] = {}
        for place in range(first, min(first + BATCH, starts.size)):
            try:
                prepared = prepare(rhythm_window(recording, float(starts[place])))
            except RecordingError:
                continue  # stays NaN: the overview shows where nothing can be read
            by_length.setdefault(prepared.seconds, []).append((place, prepared))
        for group in by_length.values():
            whole, _ = _answer(network, [prepared for _, prepared in group])
            places = [place for place, _ in group]
            answers[places] = softmax(whole / card.decision["temperature"])
        if progress is not None:
            progress(min(1.0, (first + BATCH) / starts.size))
    return RhythmOverview(starts, answers, float(card.decision["uncertain_below"]))


def _answer(network: nn.Module, windows: Sequence[Prepared]) -> tuple[Probabilities, Probabilities]:
    """Return logits of windows of one length: (windows, 4) and (windows, seconds, 4)."""
    import torch

    with torch.inference_mode():
        output = network(batch_of(windows))
    return output.recording.double().numpy(), output.seconds.double().numpy()


def batch_of(windows: Sequence[Prepared]) -> Tensor:
    """Return windows of one length as a network's input, shape (windows, 12, 256 × seconds)."""
    import torch

    length = windows[0].seconds * FS
    return torch.from_numpy(np.stack([window.signal[:, :length] for window in windows]))


def softmax(logits: Probabilities) -> Probabilities:
    """Return probabilities along the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Probabilities = raised / raised.sum(axis=-1, keepdims=True)
    return shares
