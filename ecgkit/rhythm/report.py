"""What the rhythm networks say about ten seconds of a recording, or about all of a long one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ecgkit import models
from ecgkit.processing.beats import Beats, detect_beats
from ecgkit.processing.faults import find_faults
from ecgkit.recording import STANDARD_LEADS, Recording, RecordingError
from ecgkit.rhythm.classes import RHYTHMS
from ecgkit.rhythm.preprocessing import FS, Prepared, prepare

if TYPE_CHECKING:
    from torch import Tensor, nn

NETWORKS: dict[str, str] = {
    "cnn2d": "2D CNN on stacked scalograms",
    "cnn1d": "1D CNN",
    "cnn_lstm": "1D CNN-LSTM",
}
"""Key -> what to call it; weights and card are ``rhythm-KEY`` with dashes."""
DEFAULT = "cnn1d"
"""The most accurate in cross-validation (docs/results/rhythm.md), and the fastest."""
UNCERTAIN = "uncertain"
SHORTEST, LONGEST = 5, 10
"""Whole seconds that the networks were trained on, and answer for at once."""
MOST_MISSING = 0.5
"""Share of missing samples in a window above which there is nothing to read."""
BATCH = 16

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


def card_name(model: str) -> str:
    """Return the catalogue's name of a network.

    Raises
    ------
    RecordingError
        Where there is no such network.
    """
    if model not in NETWORKS:
        raise RecordingError(
            f"there is no rhythm network {model!r}", remedy=f"Choose one of {', '.join(NETWORKS)}."
        )
    return f"rhythm-{model.replace('_', '-')}"


def rhythm_window(recording: Recording, start: float = 0.0) -> Recording:
    """Return the ten seconds from ``start`` on (less where the recording ends), checked.

    Raises
    ------
    RecordingError
        Where the networks have nothing to go by: none of the twelve standard leads, under 5 s, half
        of it missing, or no heartbeats in any lead.
    """
    return _window_and_beats(recording, start)[0]


def _window_and_beats(recording: Recording, start: float) -> tuple[Recording, Beats]:
    if not start >= 0:  # NaN too
        raise RecordingError(
            f"cannot be read from {start:g} s on",
            where=recording.name,
            remedy=f"Give a start between 0 and {recording.duration:g} s.",
        )
    window = recording.window(start, start + LONGEST)
    known = [lead for lead in (*STANDARD_LEADS, "MLII") if lead in window]
    if not known:
        raise RecordingError(
            f"has none of the twelve standard leads (it has {', '.join(recording.leads)})",
            where=recording.name,
            remedy="The rhythm networks know leads by name: rename one, for instance to II.",
        )
    if round(window.duration * FS) // FS < SHORTEST:
        raise RecordingError(
            f"holds {window.duration:.3g} s from {start:g} s on",
            where=recording.name,
            remedy=f"A rhythm needs at least {SHORTEST} s.",
        )
    # A page shows most leads for 2.5 s and one for 10: the rhythm is in that one.
    seen = [lead for lead in known if np.isnan(window.lead(lead)).mean() <= MOST_MISSING]
    window = window.select(seen or known)
    if np.isnan(window.signal).mean() > MOST_MISSING:
        raise RecordingError(
            f"is mostly missing between {start:g} and {start + window.duration:g} s",
            where=recording.name,
            remedy="Choose a part in which the leads were recorded.",
        )
    beats = detect_beats(window)
    if len(beats) < 2:
        raise RecordingError(
            "shows no heartbeats that stand out of its noise "
            f"between {start:g} and {start + window.duration:g} s",
            where=recording.name,
            remedy="Choose a readable part; denoising it first may help.",
        )
    return window, beats


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
    card = models.catalogue().get(card_name(model))
    network = models.load(card_name(model))
    assert card is not None  # load has refused a name that the catalogue lacks
    window, beats = _window_and_beats(recording, start)
    prepared = prepare(window)
    whole, seconds = _answer(network, [prepared])
    return RhythmReport(
        model=model,
        start=start,
        probabilities=softmax(whole[0] / card.decision["temperature"]),
        per_second=softmax(seconds[0] / card.decision["temperature_seconds"]),
        threshold=float(card.decision["uncertain_below"]),
        heart_rate=float(beats.heart_rate),
        warnings=_warnings(recording, window, prepared, card),
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
    """
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


def _cost_of_leads(card: models.Card) -> str:
    """Return what fewer leads cost, as the card's figures have it."""
    measured = card.figures.get("fewer leads", {})
    if not measured:
        return ""
    whole, alone = (measured[leads]["accuracy"] for leads in ("all twelve", "II"))
    return (
        f"On test recordings, lead II alone gave {alone:.1%} right answers, all twelve {whole:.1%}."
    )


def softmax(logits: Probabilities) -> Probabilities:
    """Return probabilities along the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Probabilities = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def _warnings(
    recording: Recording, window: Recording, prepared: Prepared, card: models.Card
) -> tuple[str, ...]:
    said = []
    absent = [lead for lead, here in zip(STANDARD_LEADS, prepared.present, strict=True) if not here]
    if absent:
        said.append(f"Without {', '.join(absent)}. {_cost_of_leads(card)}".strip())
    if not recording.calibrated:
        said.append("The recording has no voltage scale; each lead is brought to a usual size.")
    for lead, faults in zip(window.leads, find_faults(window.signal, window.fs), strict=True):
        said += [fault.describe(lead) for fault in faults if fault.kind != "missing"]
    missing = float(np.isnan(window.signal).mean())
    if missing:
        said.append(f"{missing:.0%} of the window's samples are missing and were bridged.")
    if prepared.seconds < LONGEST:
        said.append(f"Only {prepared.seconds} s: irregular rhythms need time to show.")
    return tuple(said)
