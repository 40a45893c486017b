import re

import numpy as np
import pytest

from ecgkit.denoising import make_method
from ecgkit.denoising.comparison import Outcome, Score, Window, denoise_window
from ecgkit.denoising.noise_bench import NoiseBench
from ecgkit.drawing.html.metrics_table import (
    metrics_table,
)
from ecgkit.drawing.html.report import html_report
from ecgkit.drawing.style import NOT_A_DEVICE
from ecgkit.drawing.svg.overlay import Row, Trace, draw_paper
from ecgkit.processing.synthetic import generate_ecg


@pytest.fixture(scope="module")
def scores() -> list[Score]:
    clean = generate_ecg(5.0, 250.0)
    window = Window(0.0, 5.0)
    noisy = NoiseBench(clean, "white").noisy(6.0)
    outcomes = [
        Outcome("input", "Noisy input", noisy),
        denoise_window("dwt", make_method("dwt"), noisy, window),
        denoise_window("bandpass", make_method("bandpass"), noisy, window),
    ]
    return [Score(outcome, clean) for outcome in outcomes]


def test_the_report_needs_nothing_else(scores: list[Score]) -> None:
    wave = np.sin(np.arange(1000) / 20)
    paper = draw_paper([Row("I", [Trace("input", wave)], wave)], 250.0)
    report = html_report("A title", ["A setting"], metrics_table(scores), [(paper, "Caption")])
    text = report.decode()
    assert text.count(NOT_A_DEVICE) == 2
    assert "ST segments" in text
    assert not re.search(r'(src|href)="', text)
    assert "@import" not in text
