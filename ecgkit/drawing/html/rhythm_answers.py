"""What the rhythm networks answer: side by side, in words, and second by second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from ecgkit.drawing.percent import percent
from ecgkit.drawing.style import variable
from ecgkit.processing.beats import Beats
from ecgkit.rhythm.classes import RHYTHMS
from ecgkit.rhythm.report import NETWORKS, UNCERTAIN, RhythmReport

Answers = Mapping[str, "RhythmReport | str"]
"""Network key -> its report, or why there is none yet (or at all), as a sentence."""


def chip(label: str) -> str:
    """Return a class's name on its colour."""
    dashed = " unsure" if label == UNCERTAIN else ""
    return (
        f'<span class="chip{dashed}" style="background:{variable(label)};'
        f'color:{variable("chip")}">{escape(label)}</span>'
    )


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
    cards = []
    for model, answer in answers.items():
        title = f"<h4>{escape(NETWORKS[model])}</h4>"
        if isinstance(answer, str):
            cards.append(f'<article class="answer">{title}<p class="waiting">{escape(answer)}</p>')
        else:
            cards.append(f'<article class="answer" data-model="{model}">{title}{_card(answer)}')
    return f'<div class="answers">{"</article>".join(cards)}</article></div>'


def _card(report: RhythmReport) -> str:
    share = dict(zip(RHYTHMS, report.probabilities, strict=True))
    first, second = report.ranked[:2]
    if report.label == UNCERTAIN:
        words = (
            f"No class reaches {percent(report.threshold)}. First choice {first}, "
            f"{percent(share[first])}; runner-up {second}, {percent(share[second])}."
        )
        head = chip(UNCERTAIN)
    else:
        words = f"{RHYTHMS[first].capitalize()}. Runner-up {second}, {percent(share[second])}."
        head = f"{chip(first)}<b>{percent(share[first])}</b>"
    bar = "".join(
        f'<i style="width:{100 * share[name]:.1f}%;background:{variable(name)}"></i>'
        for name in RHYTHMS
    )
    said = "".join(f"<span><b>{name}</b> {percent(share[name])}</span>" for name in RHYTHMS)
    return (
        f'<p class="head">{head}</p><p>{escape(words)}</p>'
        f'<div class="bar" aria-hidden="true">{bar}</div><div class="shares">{said}</div>'
    )


def seconds_tables(reports: Sequence[RhythmReport], seconds: int) -> str:
    """Return a table of the classes' probabilities for each second; a page shows one of them."""
    heads = "".join(f'<th scope="col">{chip(name)}</th>' for name in RHYTHMS)
    tables = []
    for second in range(seconds):
        rows = []
        for report in reports:
            if second >= len(report.per_second):
                continue
            values = report.per_second[second]
            cells = "".join(
                f"<td>{'<b>' if value == values.max() else ''}{percent(float(value))}"
                f"{'</b>' if value == values.max() else ''}</td>"
                for value in values
            )
            rows.append(f'<tr><th scope="row">{escape(NETWORKS[report.model])}</th>{cells}</tr>')
        tables.append(
            f'<table class="of-second" data-second="{second}"{" hidden" if second else ""}>'
            f'<thead><tr><th scope="col">This second</th>{heads}</tr></thead>'
            f"<tbody>{''.join(rows)}</tbody></table>"
        )
    return "".join(tables) if reports else ""


def second_labels(report: RhythmReport) -> list[str]:
    """Return each second's class, ``"uncertain"`` where none has more than half.

    The report's threshold is the recording's: a second alone is rarely that sure of itself.
    """
    names = list(RHYTHMS)
    return [names[int(row.argmax())] if row.max() > 0.5 else UNCERTAIN for row in report.per_second]
