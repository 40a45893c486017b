"""What the networks say of the eleven labels, each against its own threshold.

Three classifiers can be asked about a page: the study's network on the mask's image, one on the
twelve leads, and the blend of several. A digital recording is answered by the one on the leads.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ecgkit import models
from ecgkit.diagnosis.labels import LABELS
from ecgkit.digitization.tracing.rows import find_rows
from ecgkit.recording import STANDARD_LEADS, Recording, RecordingError

if TYPE_CHECKING:
    from torch import nn

    from ecgkit.digitization.extraction import Traces

CLASSIFIERS = {
    "image": "ResNet-18 on the mask (the study's)",
    "signal": "1D CNN on the twelve leads",
    "blend": "Blend of image and signal",
}
"""What can be asked, in words."""
DEFAULT = "blend"
"""The best in cross-validation (docs/results/diagnosis.md)."""
IMAGE, SIGNAL = "diagnosis-resnet18", "diagnosis-signal"
"""The catalogue's names of the study's network and of the one on leads read off a page; the second
one's card says what the blend is made of."""
DIGITAL = "diagnosis-signal-digital"
"""That of the network on leads that learnt from no page that was really read: the best in
cross-validation on digital recordings."""
RULES = ("greatest F1", "Youden's J")
"""How thresholds were chosen on validation folds: the usual way, of the greatest F1 that finds at
least half of the recordings with the label; and the study's."""
SAID, UNSAID, WHOLE = "scale said", "nothing said", "whole"
"""What the figures of a card are for: pages whose speed and voltage scale a person has said, pages
of which nothing was said, and digital recordings."""
SECONDS = 10.0
LEAST_LEADS = 8
"""Leads below which the figures of twelve-lead recordings say little."""

Mask = NDArray[np.floating[Any]] | NDArray[np.uint8]
Logits = NDArray[np.float64]


@dataclass(frozen=True)
class Finding:
    """One label's answer.

    Attributes
    ----------
    label
        A key of :data:`ecgkit.diagnosis.labels.LABELS`.
    probability
        Calibrated, 0 to 1.
    threshold
        At or above it, the label is found.
    rules
        Rule of :data:`RULES` -> its threshold.
    curve
        Threshold, sensitivity and specificity on validation folds, by ascending threshold.
    """

    label: str
    probability: float
    threshold: float
    rules: Mapping[str, float]
    curve: tuple[tuple[float, float, float], ...]

    @property
    def positive(self) -> bool:
        """Whether the probability reaches the threshold."""
        return self.probability >= self.threshold

    @property
    def margin(self) -> float:
        """How far the probability lies above the threshold, as a difference of log odds."""
        return _log_odds(self.probability) - _log_odds(self.threshold)

    @property
    def sensitivity(self) -> float:
        """Share of recordings with the label that were found at the threshold."""
        return self._at_threshold(1)

    @property
    def specificity(self) -> float:
        """Share of recordings without the label that were left alone at the threshold."""
        return self._at_threshold(2)

    def at(self, threshold: float) -> Finding:
        """Return the same answer against another threshold."""
        return replace(self, threshold=threshold)

    def _at_threshold(self, place: int) -> float:
        known = [point[0] for point in self.curve]
        return float(np.interp(self.threshold, known, [point[place] for point in self.curve]))


@dataclass(frozen=True, eq=False)
class Diagnoses:
    """One classifier's answers.

    Attributes
    ----------
    classifier
        A key of :data:`CLASSIFIERS`.
    networks
        The catalogue's name of each network that answered -> its share.
    basis
        What thresholds, sensitivities and specificities were measured on: :data:`SAID`,
        :data:`UNSAID` or :data:`WHOLE`.
    findings
        One for each label, in the order of :data:`ecgkit.diagnosis.labels.LABELS`.
    warnings
        What a person should know of this answer, one sentence each.
    """

    classifier: str
    networks: Mapping[str, float]
    basis: str
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...] = ()

    @property
    def ranked(self) -> list[Finding]:
        """The findings, the one farthest above its threshold first."""
        return sorted(self.findings, key=lambda finding: -finding.margin)

    def by_rule(self, rule: str) -> Diagnoses:
        """Return the same answers against the thresholds of a rule of :data:`RULES`."""
        return self.at({finding.label: finding.rules[rule] for finding in self.findings})

    def at(self, thresholds: Mapping[str, float]) -> Diagnoses:
        """Return the same answers against other thresholds, label -> threshold, where given."""
        changed = tuple(
            finding.at(thresholds.get(finding.label, finding.threshold))
            for finding in self.findings
        )
        return replace(self, findings=changed)


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
        Where a network is missing or damaged.
    """
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
                classifier, own, basis, _findings(logits, decision), notes
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
        Where it has no lead that the network knows, or nothing in it varies.
    """
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
        "signal", {DIGITAL: 1.0}, WHOLE, _findings(logits, decision), _doubts(recording, there)
    )


def evidence(
    mask: Mask,
    label: str,
    *,
    mm_per_s: float | None = None,
    mm_per_mv: float | None = None,
) -> NDArray[np.float32]:
    """Return where on a page the study's network sees a label, by Grad-CAM: an aid, no proof.

    Parameters
    ----------
    mask, mm_per_s, mm_per_mv
        As in :func:`diagnose_page`.
    label
        A key of :data:`ecgkit.diagnosis.labels.LABELS`.

    Returns
    -------
    NDArray[np.float32]
        Of the mask's shape, 0 to 1; 0 throughout where the mask shows no row of traces.
    """
    import torch

    from ecgkit.diagnosis.image_network import PageClassifier, on_mask, page_image, window_of

    network = models.load(IMAGE)
    assert isinstance(network, PageClassifier)
    height, width = mask.shape
    window = window_of(mask, network.config, mm_per_s=mm_per_s, mm_per_mv=mm_per_mv)
    if window is None or find_rows(np.asarray(mask, np.float32)) is None:
        return np.zeros((height, width), np.float32)
    image = page_image(mask, network.config, mm_per_s=mm_per_s, mm_per_mv=mm_per_mv)
    heat = network.grad_cam(torch.from_numpy(image), list(LABELS).index(label))
    return np.clip(on_mask(heat.numpy(), window, (height, width)), 0, 1)


def network_names(classifiers: Collection[str] = tuple(CLASSIFIERS)) -> tuple[str, ...]:
    """Return the catalogue's names of the networks that classifiers ask about a page."""
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


def _findings(logits: Logits, decision: Mapping[str, Any]) -> tuple[Finding, ...]:
    found = []
    for logit, label in zip(logits, LABELS, strict=True):
        own = decision[label]
        score = own["slope"] * float(logit) + own["offset"]
        rules = {rule: float(own["thresholds"][rule]) for rule in RULES}
        curve = tuple((float(t), float(a), float(b)) for t, a, b in own["curve"])
        probability = 1 / (1 + math.exp(-max(-60.0, min(60.0, score))))
        found.append(Finding(label, probability, rules[RULES[0]], rules, curve))
    return tuple(found)


def _doubts(recording: Recording, leads: Collection[str]) -> tuple[str, ...]:
    notes = []
    if len(leads) < LEAST_LEADS:
        notes.append(
            f"It has {len(leads)} of twelve leads; the figures are for twelve-lead recordings."
        )
    if not recording.calibrated:
        notes.append(
            "The recording is not calibrated: what follows from amplitudes, as hypertrophy, is "
            "not to be trusted."
        )
    if recording.duration < 0.75 * SECONDS:
        notes.append(
            f"The recording lasts {recording.duration:.1f} s; the figures are for ten seconds."
        )
    return tuple(notes)


def _log_odds(value: float) -> float:
    inside = min(max(value, 1e-6), 1 - 1e-6)
    return math.log(inside / (1 - inside))
