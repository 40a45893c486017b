"""The classes' probabilities along the seconds, for each network, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ecgkit.drawing.style import variable
from ecgkit.drawing.svg.ecg_paper import clock
from ecgkit.rhythm.classes import RHYTHMS
from ecgkit.rhythm.report import NETWORKS, RhythmReport

_CELL, _NAME, _ROW = 44.0, 58.0, 21.0


def draw_timeline(reports: Sequence[RhythmReport], start: float = 0.0, *, second: int = 0) -> str:
    """Draw the classes' probabilities along the seconds, for each network, as SVG.

    A cell's colour deepens with the probability, which also stands in it in percent. One
    ``second`` is framed; a page moves the frame by itself.
    """
    seconds = max(len(report.per_second) for report in reports)
    width, head = _NAME + _CELL * seconds, 24.0
    block = head + _ROW * len(RHYTHMS) + 8
    height = block * len(reports) + 34
    parts = []
    for place, report in enumerate(reports):
        y = place * block + head
        title = escape(NETWORKS[report.model])
        parts.append(f'<text class="name" x="0" y="{y - 7:g}">{title}</text>')
        for row, name in enumerate(RHYTHMS):
            middle = y + _ROW * row + 14.5
            parts.append(
                f'<text class="name" x="{_NAME - 8:g}" y="{middle:g}" '
                f'text-anchor="end">{name}</text>'
            )
            for column, value in enumerate(report.per_second[:, row]):
                kind = "on" if value > 0.55 else "off"
                parts.append(
                    f'<rect x="{_NAME + _CELL * column + 1:g}" y="{y + _ROW * row + 1:g}" '
                    f'width="{_CELL - 2:g}" height="{_ROW - 2:g}" rx="2" fill="{variable(name)}" '
                    f'fill-opacity="{0.06 + 0.94 * float(value):.2f}"/>'
                    f'<text x="{_NAME + _CELL * (column + 0.5):g}" y="{middle:g}" '
                    f'text-anchor="middle" class="{kind}">{100 * value:.0f}</text>'
                )
    times = [clock(round(start + place, 1)).removesuffix(" s") for place in range(seconds + 1)]
    every = 2 if max(map(len, times)) > 5 else 1
    parts.extend(
        f'<text class="name" x="{_NAME + _CELL * place:g}" y="{height - 20:g}" '
        f'text-anchor="middle">{times[place]}</text>'
        for place in range(0, seconds + 1, every)
    )
    parts.append(
        f'<text x="{_NAME + _CELL * seconds / 2:g}" y="{height - 5:g}" text-anchor="middle">'
        "Time (s); probability of each class in percent</text>"
    )
    parts.extend(
        f'<rect class="now" data-step="{_CELL:g}" x="{_NAME + _CELL * second:g}" '
        f'y="{place * block + head - 1:g}" '
        f'width="{_CELL:g}" height="{_ROW * len(RHYTHMS) + 2:g}" rx="3" fill="none" '
        f'stroke="{variable("now")}" stroke-width="2.5"/>'
        for place in range(len(reports))
    )
    said = "; ".join(
        f"{NETWORKS[report.model]}: "
        + ", ".join(list(RHYTHMS)[int(row.argmax())] for row in report.per_second)
        for report in reports
    )
    return (
        f'<svg class="timeline" viewBox="-2 0 {width + 24:g} {height:g}" role="img" '
        f'data-left="{_NAME:g}" data-cell="{_CELL:g}" data-seconds="{seconds}" '
        f'aria-label="{escape(f"Most probable class of each second. {said}")}">'
        f"<style>.timeline text{{fill:{variable('ink')};font:11px sans-serif}}"
        f".timeline .name{{font-weight:600}}.timeline .on{{fill:{variable('chip')}}}</style>"
        f"{''.join(parts)}</svg>"
    )
