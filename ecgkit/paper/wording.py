"""What is said of the eleven labels, the same in every file and on every page."""

from __future__ import annotations

from ecgkit.models import Card
from ecgkit.paper.diagnoses import RULES, SAID, UNSAID, WHOLE, Diagnoses, Finding

BASES = {
    SAID: "pages whose speed and voltage scale were given",
    UNSAID: "pages of which nothing was said",
    WHOLE: "digital recordings",
}
"""What a card's figures were measured on -> in words."""


def fine_percent(share: float) -> str:
    """Return a probability in percent; what is rounded is not said to be sure.

    Two decimals below ten percent: the thresholds of rare labels are of one or two percent, and
    fewer would hide on which side of them a probability lies.
    """
    if 0.9995 <= share < 1:
        return ">99.9 %"
    if 0 < share < 0.00005:
        return "<0.01 %"
    return f"{100 * share:.{1 if share >= 0.1 else 2}f} %"


def title_of(card: Card) -> str:
    """Return what a network is called where it is clear that it is one for the labels."""
    return card.title.removeprefix("Diagnoses: ")


def verdict(finding: Finding) -> str:
    """Return in one word on which side of its threshold a label is."""
    return "above" if finding.positive else "below"


def rule_of(diagnoses: Diagnoses) -> str | None:
    """Return which of :data:`RULES` all thresholds follow; None where one was set by hand."""
    return next(
        (
            rule
            for rule in RULES
            if all(one.threshold == one.rules[rule] for one in diagnoses.findings)
        ),
        None,
    )


def about_thresholds(diagnoses: Diagnoses) -> str:
    """Return where thresholds, sensitivities and specificities come from."""
    rule = rule_of(diagnoses)
    chosen = "set by hand" if rule is None else f"by {rule}"
    return f"{chosen}; measured on validation folds of {BASES[diagnoses.basis]}"
