import re

import pytest

from ecgkit.drawing.style import STYLES
from ecgkit.drawing.svg.ecg_paper import clock, signal_lines
from ecgkit.drawing.svg.paths import UNITS


@pytest.mark.parametrize(
    ("seconds", "label"),
    [(0, "0 s"), (2.5, "2.5 s"), (727, "12:07"), (61.5, "1:01.5"), (11527, "3:12:07")],
)
def test_clock(seconds: float, label: str) -> None:
    assert clock(seconds) == label


@pytest.mark.parametrize("key", list(STYLES))
def test_a_signal_has_its_own_colour_width_and_dash(key: str) -> None:
    drawn, style = signal_lines(key, ["M0 0l50 50"], "clip"), STYLES[key]
    dash = re.search(r'stroke-dasharray="([^"]*)"', drawn)[1]
    assert [float(length) / UNITS for length in dash.split()] == pytest.approx(style.dash)
    assert float(re.search(r'stroke-width="([^"]*)"', drawn)[1]) / UNITS == style.width
    assert f'stroke="var(--ecg-{key},{style.light})"' in drawn
