"""What the rhythm networks answer: side by side, in words, and second by second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ecgkit.drawing.html.templating import render
from ecgkit.drawing.percent import percent
from ecgkit.drawing.style import chip, variable
from ecgkit.processing.beats import Beats
from ecgkit.rhythm.classes import RHYTHMS
from ecgkit.rhythm.report import NETWORKS, UNCERTAIN, RhythmReport

Answers = Mapping[str, "RhythmReport | str"]
"""Network key -> its report, or why there is none yet (or at all), as a sentence."""


def vitals(beats: Beats) -> str:
    """Return heart rate and RR intervals in a sentence."""
    if len(beats) < 2:
        return "No two heartbeats were found: heart rate and RR intervals are unknown."
    rr = 1000 * beats.rr
    return (
        f"Heart rate {beats.heart_rate:.0f}/min; RR {np.median(rr):.0f} ms "
        f"({rr.min():.0f} to {rr.max():.0f} ms), {len(beats)} R peaks in lead {beats.lead}."
    )


def agreement(reports: Sequence[RhythmReport]) -> str:
    """Return in words whether the networks agree; with fewer than two there is nothing to say."""
    if len(reports) < 2:
        return ""
    labels = [report.label for report in reports]
    if len(set(labels)) == 1:
        count = {2: "Both", 3: "All three"}.get(len(labels), f"All {len(labels)}")
        if labels[0] == UNCERTAIN:
            return f"{count} networks are uncertain."
        return f"{count} networks say {labels[0]} ({RHYTHMS[labels[0]]})."
    said = "; ".join(
        f"the {NETWORKS[report.model]} "
        + (
            f"is uncertain (first choice {report.ranked[0]}, {percent(report.probabilities.max())})"
            if report.label == UNCERTAIN
            else f"says {report.label} ({percent(report.probabilities.max())})"
        )
        for report in reports
    )
    firm = set(labels) - {UNCERTAIN}
    head = "The networks disagree" if len(firm) > 1 else "The networks are not equally sure"
    return f"{head}: {said}. Look at the tracing itself."


def answer_cards(answers: Answers) -> str:
    """Return the networks' answers side by side, as HTML."""
    cards = [
        {"title": NETWORKS[model], "waiting": answer, "model": ""}
        if isinstance(answer, str)
        else {"title": NETWORKS[model], "waiting": "", "model": model, **_card(answer)}
        for model, answer in answers.items()
    ]
    return render("answer_cards", cards=cards, chip=chip, variable=variable)


def _card(report: RhythmReport) -> dict[str, object]:
    share = dict(zip(RHYTHMS, map(float, report.probabilities), strict=True))
    first, second = report.ranked[:2]
    if report.label == UNCERTAIN:
        words = (
            f"No class reaches {percent(report.threshold)}. First choice {first}, "
            f"{percent(share[first])}; runner-up {second}, {percent(share[second])}."
        )
        label, probability = UNCERTAIN, ""
    else:
        words = f"{RHYTHMS[first].capitalize()}. Runner-up {second}, {percent(share[second])}."
        label, probability = first, percent(share[first])
    shares = [(name, value, percent(value)) for name, value in share.items()]
    return {"words": words, "label": label, "probability": probability, "shares": shares}


def seconds_tables(reports: Sequence[RhythmReport], seconds: int) -> str:
    """Return a table of the classes' probabilities for each second; a page shows one of them."""
    tables = [
        [
            (
                NETWORKS[report.model],
                [
                    (percent(float(value)), value == report.per_second[second].max())
                    for value in report.per_second[second]
                ],
            )
            for report in reports
            if second < len(report.per_second)
        ]
        for second in range(seconds if reports else 0)
    ]
    return render("seconds_tables", tables=tables, classes=list(RHYTHMS), chip=chip)
