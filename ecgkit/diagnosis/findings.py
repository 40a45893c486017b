"""The answers about the eleven labels as values: each label's, and one classifier's of all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ecgkit.arguments import checked_choice, checked_number
from ecgkit.diagnosis.labels import LABELS
from ecgkit.recording import RecordingError

if TYPE_CHECKING:
    import pandas as pd

CLASSIFIERS = {
    "image": "ResNet-18 on the mask (the study's)",
    "signal": "1D CNN on the twelve leads",
    "blend": "Blend of image and signal",
}
"""What can be asked, in words."""
RULES = ("greatest F1", "Youden's J")
"""How thresholds were chosen on validation folds: the usual way, of the greatest F1 that finds at
least half of the recordings with the label; and the study's."""
SAID, UNSAID, WHOLE = "scale said", "nothing said", "whole"
"""What the figures of a card are for: pages whose speed and voltage scale a person has said, pages
of which nothing was said, and digital recordings."""


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
        """Return the same answer against another threshold, from 0 to 1.

        Raises
        ------
        RecordingError
            Where it is no number from 0 to 1.
        """
        name = f"the threshold of {self.label}"
        return replace(self, threshold=checked_number(threshold, name, low=0.0, high=1.0))

    def __repr__(self) -> str:
        said = "found" if self.positive else "not found"
        return (
            f"<Finding: {self.label} {said}, probability {self.probability:.3g}, "
            f"threshold {self.threshold:.3g}>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: label, its words, probability, threshold, whether it is found."""
        return {
            "label": self.label,
            "name": LABELS[self.label],
            "probability": self.probability,
            "threshold": self.threshold,
            "found": self.positive,
            "sensitivity": self.sensitivity,
            "specificity": self.specificity,
        }

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
        """Return the same answers against the thresholds of a rule of :data:`RULES`.

        Raises
        ------
        RecordingError
            Where there is no such rule.
        """
        checked_choice(rule, "the rule", RULES)
        return self.at({finding.label: finding.rules[rule] for finding in self.findings})

    def at(self, thresholds: Mapping[str, float]) -> Diagnoses:
        """Return the same answers against other thresholds, label -> threshold, where given.

        Raises
        ------
        RecordingError
            Where a label is unknown or a threshold no number from 0 to 1.
        """
        for label in thresholds:
            checked_choice(label, "the label", LABELS)
        changed = tuple(
            finding.at(thresholds.get(finding.label, finding.threshold))
            for finding in self.findings
        )
        return replace(self, findings=changed)

    def __getitem__(self, label: str) -> Finding:
        """Return the answer for a label."""
        for finding in self.findings:
            if finding.label == label:
                return finding
        raise RecordingError(
            f"the label {label!r} is unknown", remedy=f"Choose one of {', '.join(LABELS)}."
        )

    @property
    def positive(self) -> tuple[str, ...]:
        """The labels that are found, the one farthest above its threshold first."""
        return tuple(finding.label for finding in self.ranked if finding.positive)

    def __repr__(self) -> str:
        return f"<Diagnoses by {self.classifier}: {', '.join(self.positive) or 'none found'}>"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: who answered, what the figures are for, and each finding."""
        return {
            "classifier": self.classifier,
            "networks": dict(self.networks),
            "basis": self.basis,
            "findings": [finding.to_dict() for finding in self.findings],
            "warnings": list(self.warnings),
        }

    def to_dataframe(self) -> pd.DataFrame:
        """Return a table: labels down; words, probability, threshold and figures across."""
        import pandas as pd

        table = pd.DataFrame([finding.to_dict() for finding in self.findings])
        return table.set_index("label")

    def _repr_html_(self) -> str:
        return str(self.to_dataframe().to_html(float_format="{:.3f}".format))


def findings_of(logits: NDArray[np.float64], decision: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return the answers for a classifier's logits, calibrated and judged as its card says."""
    found = []
    for logit, label in zip(logits, LABELS, strict=True):
        own = decision[label]
        score = own["slope"] * float(logit) + own["offset"]
        rules = {rule: float(own["thresholds"][rule]) for rule in RULES}
        curve = tuple((float(t), float(a), float(b)) for t, a, b in own["curve"])
        probability = 1 / (1 + math.exp(-max(-60.0, min(60.0, score))))
        found.append(Finding(label, probability, rules[RULES[0]], rules, curve))
    return tuple(found)


def _log_odds(value: float) -> float:
    inside = min(max(value, 1e-6), 1 - 1e-6)
    return math.log(inside / (1 - inside))
