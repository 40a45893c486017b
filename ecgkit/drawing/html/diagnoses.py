"""What the networks say of the eleven labels: bars against thresholds, side by side, in words.

Rare labels have thresholds of a few percent, so that the bars have an axis of log odds: there, 1 %
and 2 % lie as far from each other as 98 % and 99 %.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from ecgkit.diagnosis.labels import LABELS, SUPERCLASSES
from ecgkit.diagnosis.predict import CLASSIFIERS, SAID, UNSAID, WHOLE, Diagnoses, Finding
from ecgkit.drawing.html.templating import render
from ecgkit.drawing.percent import distinct_percents, fine_percent

SHORT = {"image": "Image (the study's)", "signal": "Signal", "blend": "Blend"}
"""Classifier -> what a narrow place calls it."""
BASES = {
    SAID: "pages whose speed and voltage scale were said",
    UNSAID: "pages of which neither speed nor voltage scale was said",
    WHOLE: "digital recordings",
}
"""What a card's figures were measured on, in words."""
TICKS = (0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99)
LEAST, MOST = 0.001, 0.999
"""Ends of the bars' axis."""
STEPS = (
    *(0.001, 0.002, 0.003, 0.005, 0.007, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.06, 0.07),
    *(0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.22, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6),
    *(0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995, 0.999),
)
"""Thresholds that a person can set, about as far from each other on the bars' axis."""
AXIS_WORDS = (
    "The bar is the probability, the upright line the label's own threshold. The axis is one of "
    "log odds, so that thresholds of a few percent can be read: the way from 1 to 5 % is as long "
    "as that from 95 to 99 %. Farthest above its threshold first."
)


def axis_place(probability: float) -> float:
    """Return where a probability lies on the bars' axis, in percent of its length."""
    low, high, here = (_log_odds(value) for value in (LEAST, MOST, probability))
    return 100 * min(1.0, max(0.0, (here - low) / (high - low)))


def verdict(finding: Finding) -> str:
    """Return in a word on which side of its threshold a label's probability lies."""
    return "above" if finding.positive else "below"


def summary(diagnoses: Diagnoses) -> str:
    """Return in a sentence which labels reach their thresholds."""
    found = [finding.label for finding in diagnoses.ranked if finding.positive]
    if not found:
        return "No label reaches its threshold."
    named = [f"{label} ({_lower(LABELS[label])})" for label in found]
    one = len(found) == 1
    rest = len(diagnoses.findings) - len(found)
    said = f"Above {'its' if one else 'their'} threshold{'' if one else 's'}: {_and(named)}."
    return f"{said} The other {rest} are below." if rest > 1 else said


def contradiction(diagnoses: Diagnoses) -> str:
    """Return what to say where a normal ECG is found beside what excludes it; else nothing."""
    found = {finding.label for finding in diagnoses.findings if finding.positive}
    against = [label for label in LABELS if label in found & {*SUPERCLASSES, "Acute MI", "Old MI"}]
    if "NORM" not in found or len(against) < 2:
        return ""
    return (
        f"NORM and {_and(against[1:])} exclude each other, and all reach their thresholds: each "
        "label is asked alone. Compare how far above they are."
    )


def basis_words(diagnoses: Diagnoses) -> str:
    """Return what thresholds and figures were measured on, and what would change that."""
    said = f"Thresholds and figures are those of {BASES[diagnoses.basis]}."
    if diagnoses.basis == UNSAID:
        said += " Choose speed and gain at the leads, and those of such pages take their place."
    return said


def networks_words(diagnoses: Diagnoses, titles: Mapping[str, str]) -> str:
    """Return who answered, with shares; ``titles``: the catalogue's name -> what to call it."""
    said = [
        f"«{titles.get(name, name)}»" + (f" {100 * share:.0f} %" if share < 1 else "")
        for name, share in sorted(diagnoses.networks.items(), key=lambda item: -item[1])
    ]
    return f"{CLASSIFIERS[diagnoses.classifier]}: answered by {_and(said)}."


def findings_list(diagnoses: Diagnoses, own: Collection[str] = ()) -> str:
    """Return the labels with bars, thresholds and figures, by margin, as HTML.

    Parameters
    ----------
    own
        Labels whose thresholds a person has set.
    """
    ranked = diagnoses.ranked
    groups = []
    for positive, words in ((True, "Above the threshold"), (False, "Below the threshold")):
        rows = [_row(one, one.label in own) for one in ranked if one.positive is positive]
        if rows:
            groups.append((words, rows))
    ticks = [(f"{axis_place(value):.2f}", f"{100 * value:g}") for value in TICKS]
    return render("findings", ticks=ticks, groups=groups, count=len(ranked))


def side_by_side(answers: Mapping[str, Diagnoses], order: Sequence[str], chosen: str = "") -> str:
    """Return every classifier's probabilities in a table, as HTML.

    Parameters
    ----------
    answers
        Classifier -> its answers, each against its own thresholds.
    order
        The labels from top to bottom.
    chosen
        The classifier that is marked as the one in the bars.
    """
    by_label = {
        name: {finding.label: finding for finding in one.findings} for name, one in answers.items()
    }
    heads = [(SHORT[name], name == chosen) for name in CLASSIFIERS]
    rows = [
        (
            label,
            [_cell(by_label[name][label]) if name in by_label else None for name in CLASSIFIERS],
        )
        for label in order
    ]
    return render("side_by_side", heads=heads, rows=rows)


def _row(finding: Finding, own: bool) -> dict[str, object]:
    probability, threshold = distinct_percents(finding.probability, finding.threshold)
    return {
        "side": verdict(finding),
        "sign": _sign(finding),
        "label": finding.label,
        "words": LABELS[finding.label],
        "fill": f"{axis_place(finding.probability):.2f}",
        "mark": f"{axis_place(finding.threshold):.2f}",
        "own": own,
        "figures": {
            "probability": probability,
            "threshold": threshold,
            "sensitivity": fine_percent(finding.sensitivity),
            "specificity": fine_percent(finding.specificity),
        },
    }


def _cell(finding: Finding) -> dict[str, str]:
    said = fine_percent(finding.probability)
    return {"side": verdict(finding), "sign": _sign(finding), "said": said}


def _sign(finding: Finding) -> str:
    return "▲" if finding.positive else "▽"


def _and(words: Sequence[str]) -> str:
    head, last = ", ".join(words[:-1]), words[-1]
    return f"{head} and {last}" if head else last


def _lower(words: str) -> str:
    """Return words as they stand within a sentence: «ST-T change» keeps its letters."""
    return words if words[1:2].isupper() else words[0].lower() + words[1:]


def _log_odds(value: float) -> float:
    inside = min(max(value, 1e-9), 1 - 1e-9)
    return math.log(inside / (1 - inside))
