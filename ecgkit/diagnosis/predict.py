"""Asks the networks about the eleven labels.

Three classifiers can be asked about a page: the study's network on the mask's image, one on the
twelve leads, and the blend of several. A digital recording is answered by the one on the leads.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ecgkit import models
from ecgkit.arguments import checked_choices, checked_recording
from ecgkit.diagnosis.findings import (
    CLASSIFIERS,
    RULES,
    SAID,
    UNSAID,
    WHOLE,
    Diagnoses,
    Finding,
    findings_of,
)
from ecgkit.diagnosis.page_arguments import Mask, checked_mask, checked_scale
from ecgkit.digitization.tracing.rows import find_rows
from ecgkit.recording import STANDARD_LEADS, Recording, RecordingError

if TYPE_CHECKING:
    from torch import nn

    from ecgkit.digitization.extraction import Traces

__all__ = [
    "CLASSIFIERS",
    "DEFAULT",
    "DIGITAL",
    "IMAGE",
    "LIMITS",
    "RULES",
    "SAID",
    "SIGNAL",
    "UNSAID",
    "WHOLE",
    "Diagnoses",
    "Finding",
    "blended",
    "diagnose_page",
    "diagnose_recording",
    "network_names",
]

DEFAULT = "blend"
"""The best in cross-validation (docs/results/diagnosis.md)."""
IMAGE, SIGNAL = "diagnosis-resnet18", "diagnosis-signal"
"""The catalogue's names of the study's network and of the one on leads read off a page; the second
one's card says what the blend is made of."""
DIGITAL = "diagnosis-signal-digital"
"""That of the network on leads that learnt from no page that was really read: the best in
cross-validation on digital recordings."""


@dataclass(frozen=True)
class RecordingLimits:
    """What a recording must have for the figures of the cards to be of recordings like it.

    Attributes
    ----------
    seconds
        Length of the recordings that the figures are of.
    least_seconds
        Shorter ones are warned of: a slow heart then shows fewer than six beats.
    least_leads
        Leads below which figures of twelve-lead recordings say little.
    """

    seconds: float = 10.0
    least_seconds: float = 7.5
    least_leads: int = 8


LIMITS = RecordingLimits()

Logits = NDArray[np.float64]


def diagnose_page(
    mask: Mask | None,
    traces: Traces | None,
    *,
    mm_per_s: float | None = None,
    mm_per_mv: float | None = None,
    classifiers: Collection[str] = tuple(CLASSIFIERS),
    progress: Callable[[float], None] | None = None,
) -> dict[str, Diagnoses]:
    """Return the answers of classifiers about a page, as far as it was read.

    Parameters
    ----------
    mask
        Shape (height, width) at 5 px/mm: probability of a trace, 0 to 1; None where none was found.
        One that shows no row of traces counts as none.
    traces
        The leads that were read; None where none were.
    mm_per_s, mm_per_mv
        The paper's scale where a person has said it.
    classifiers
        Keys of :data:`CLASSIFIERS`.
    progress
        Told the share that is done, 0 to 1.

    Returns
    -------
    dict[str, Diagnoses]
        Classifier -> answers against the thresholds of the first rule. One whose input is not
        there is left out; the blend makes do with what is.

    Raises
    ------
    RecordingError
        Where a classifier is unknown or none is asked, the mask is no picture, a scale no number
        above 0, or a network missing or damaged.
    """
    checked_choices(classifiers, "classifier", CLASSIFIERS)
    checked_scale(mm_per_s, mm_per_mv)
    if mask is not None:
        checked_mask(mask)
    if mask is not None and find_rows(np.asarray(mask, np.float32)) is None:
        mask = None  # empty paper: a network would call something all the same
    basis = SAID if mm_per_s and mm_per_mv else UNSAID
    cards = models.catalogue()
    blend = _decisions(cards, SIGNAL)["blend"]
    wanted = _members(classifiers, blend["weights"])
    found: dict[str, Logits] = {}
    for place, name in enumerate(wanted):
        if progress is not None:
            progress(place / len(wanted))
        logits = _page_logits(name, mask, traces, mm_per_s, mm_per_mv)
        if logits is not None:
            found[name] = logits
    if progress is not None:
        progress(1.0)
    result = {}
    for classifier in CLASSIFIERS:
        if classifier not in classifiers:
            continue
        shares, decision = _parts(classifier, cards, blend, basis)
        answer = blended({name: found[name] for name in shares if name in found}, shares)
        if answer is not None:
            logits, own = answer
            missing = [name for name in shares if name not in found]
            notes = tuple(
                f"«{cards[name].title}» could not be asked: too little of the page was read."
                for name in missing
            )
            result[classifier] = Diagnoses(
                classifier, own, basis, findings_of(logits, decision), notes
            )
    return result


def diagnose_recording(recording: Recording) -> Diagnoses:
    """Return the answers of the network on the leads about a digital recording.

    Parameters
    ----------
    recording
        Of any length; ten seconds and twelve leads are what the figures are for. Windows of ten
        seconds are answered each, and their logits averaged.

    Raises
    ------
    RecordingError
        Where it is no recording, has no lead that the network knows, or nothing in it varies.
    """
    checked_recording(recording)
    there = [lead for lead in recording.leads if lead in (*STANDARD_LEADS, "MLII")]
    if not there:
        raise RecordingError(
            f"has no standard lead, but {', '.join(recording.leads)}",
            where=recording.name,
            remedy=f"Name its leads as {', '.join(STANDARD_LEADS)}.",
        )
    logits = _signal_logits(DIGITAL, recording)
    if logits is None:
        raise RecordingError("is flat or missing throughout", where=recording.name)
    decision = _decisions(models.catalogue(), DIGITAL)[WHOLE]
    return Diagnoses(
        "signal", {DIGITAL: 1.0}, WHOLE, findings_of(logits, decision), _doubts(recording, there)
    )


def network_names(classifiers: Collection[str] = tuple(CLASSIFIERS)) -> tuple[str, ...]:
    """Return the catalogue's names of the networks that classifiers ask about a page."""
    checked_choices(classifiers, "classifier", CLASSIFIERS)
    blend = _decisions(models.catalogue(), SIGNAL)["blend"]
    return tuple(_members(classifiers, blend["weights"]))


def blended(
    found: Mapping[str, Logits], shares: Mapping[str, float]
) -> tuple[Logits, dict[str, float]] | None:
    """Return the weighted mean of networks' logits, and each one's share among those that answered.

    None where none has answered.
    """
    total = sum(shares[name] for name in found)
    if not found or total <= 0:
        return None
    own = {name: shares[name] / total for name in found}
    return np.sum([own[name] * logits for name, logits in found.items()], axis=0), own


def _members(classifiers: Collection[str], weights: Mapping[str, float]) -> list[str]:
    """Return the networks that classifiers need, each once."""
    names = [IMAGE] if "image" in classifiers else []
    names += [SIGNAL] if "signal" in classifiers else []
    names += [name for name, share in weights.items() if "blend" in classifiers and share > 0]
    return list(dict.fromkeys(names))


def _parts(
    classifier: str, cards: Mapping[str, models.Card], blend: Mapping[str, Any], basis: str
) -> tuple[dict[str, float], Mapping[str, Any]]:
    """Return the networks of a classifier with their shares, and what decides for it."""
    if classifier == "blend":
        return {name: share for name, share in blend["weights"].items() if share > 0}, blend[basis]
    name = IMAGE if classifier == "image" else SIGNAL
    return {name: 1.0}, _decisions(cards, name)[basis]


def _decisions(cards: Mapping[str, models.Card], name: str) -> dict[str, Any]:
    if name not in cards:
        raise RecordingError(
            f"the network {name!r} is not in the catalogue",
            remedy=f"It has {', '.join(cards) or 'none'}.",
        )
    return cards[name].decision


def _page_logits(
    name: str,
    mask: Mask | None,
    traces: Traces | None,
    speed: float | None,
    gain: float | None,
) -> Logits | None:
    """Return one network's logits about a page; None where its input is not there."""
    import torch

    from ecgkit.diagnosis.image_network import PageClassifier, page_image
    from ecgkit.diagnosis.region_network import RegionClassifier, cut_regions, stacked

    if name in (SIGNAL, DIGITAL):
        return None if traces is None else _signal_logits(name, traces.recording)
    network = models.load(name)
    if mask is None:
        return None
    if isinstance(network, RegionClassifier):
        if traces is None or not traces.boxes:
            return None
        regions = cut_regions(mask, traces.boxes, mm_per_s=speed, mm_per_mv=gain)
        return _ask(network, stacked([regions]))
    assert isinstance(network, PageClassifier)
    image = page_image(mask, network.config, mm_per_s=speed, mm_per_mv=gain)
    return _ask(network, torch.from_numpy(image)[None])


def _signal_logits(name: str, recording: Recording) -> Logits | None:
    import torch

    from ecgkit.diagnosis.signal_network import prepare

    windows = prepare(recording)
    windows = windows[np.isfinite(windows).any(axis=(1, 2))]
    if not len(windows):
        return None
    return np.asarray(
        np.mean([_ask(models.load(name), torch.from_numpy(one)[None]) for one in windows], axis=0)
    )


def _ask(network: nn.Module, inputs: Any) -> Logits:
    import torch

    with torch.inference_mode():
        answer = network(inputs)
    logits = getattr(answer, "labels", answer)
    return np.asarray(logits.float()[0].numpy(), np.float64)


def _doubts(recording: Recording, leads: Collection[str]) -> tuple[str, ...]:
    notes = []
    if len(leads) < LIMITS.least_leads:
        notes.append(
            f"It has {len(leads)} of twelve leads; the figures are for twelve-lead recordings."
        )
    if not recording.calibrated:
        notes.append(
            "The recording is not calibrated: what follows from amplitudes, as hypertrophy, is "
            "not to be trusted."
        )
    if recording.duration < LIMITS.least_seconds:
        notes.append(
            f"The recording lasts {recording.duration:.1f} s; the figures are for ten seconds."
        )
    return tuple(notes)
