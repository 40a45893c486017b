"""The ten seconds that a rhythm network is asked about: what they must hold, and what they lack."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ecgkit.arguments import checked_number, checked_recording
from ecgkit.models import Card
from ecgkit.processing.beats import Beats, detect_beats
from ecgkit.processing.faults import find_faults
from ecgkit.recording import STANDARD_LEADS, Recording, RecordingError
from ecgkit.rhythm.preprocessing import FS, Prepared


@dataclass(frozen=True)
class WindowLimits:
    """What a window must hold for a network to be asked about it.

    Attributes
    ----------
    shortest, longest
        Whole seconds that the networks were trained on, and answer for at once.
    most_missing
        Share of missing samples above which there is nothing to read.
    """

    shortest: int = 5
    longest: int = 10
    most_missing: float = 0.5


LIMITS = WindowLimits()


def rhythm_window(recording: Recording, start: float = 0.0) -> Recording:
    """Return the ten seconds from ``start`` on (less where the recording ends), checked.

    Raises
    ------
    RecordingError
        Where the networks have nothing to go by: none of the twelve standard leads, under 5 s, half
        of it missing, or no heartbeats in any lead.
    """
    return window_and_beats(recording, start)[0]


def window_and_beats(recording: Recording, start: float) -> tuple[Recording, Beats]:
    """Return what :func:`rhythm_window` does, and the beats that were found in it."""
    checked_recording(recording)
    start = checked_number(start, "the start of the window", low=0.0, unit="s")
    window = recording.window(start, start + LIMITS.longest)
    known = [lead for lead in (*STANDARD_LEADS, "MLII") if lead in window]
    if not known:
        raise RecordingError(
            f"has none of the twelve standard leads (it has {', '.join(recording.leads)})",
            where=recording.name,
            remedy="The rhythm networks know leads by name: rename one, for instance to II.",
        )
    if round(window.duration * FS) // FS < LIMITS.shortest:
        raise RecordingError(
            f"holds {window.duration:.3g} s from {start:g} s on",
            where=recording.name,
            remedy=f"A rhythm needs at least {LIMITS.shortest} s.",
        )
    # A page shows most leads for 2.5 s and one for 10: the rhythm is in that one.
    seen = [lead for lead in known if np.isnan(window.lead(lead)).mean() <= LIMITS.most_missing]
    window = window.select(seen or known)
    if np.isnan(window.signal).mean() > LIMITS.most_missing:
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


def window_warnings(
    recording: Recording, window: Recording, prepared: Prepared, card: Card
) -> tuple[str, ...]:
    """Return what a person should know about answers for a window, one sentence each."""
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
    if prepared.seconds < LIMITS.longest:
        said.append(f"Only {prepared.seconds} s: irregular rhythms need time to show.")
    return tuple(said)


def _cost_of_leads(card: Card) -> str:
    """Return what fewer leads cost, as the card's figures have it."""
    measured = card.figures.get("fewer leads", {})
    if not measured:
        return ""
    whole, alone = (measured[leads]["accuracy"] for leads in ("all twelve", "II"))
    return (
        f"On test recordings, lead II alone gave {alone:.1%} right answers, all twelve {whole:.1%}."
    )
