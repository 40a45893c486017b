import numpy as np

from ecgkit.denoising.comparison import Outcome, Score
from ecgkit.drawing.html.metrics_table import (
    indicators_table,
    lead_table,
    legend_table,
    metrics_table,
)
from ecgkit.drawing.html.report import html_report
from ecgkit.drawing.svg.overlay import Row, Trace, draw_paper
from ecgkit.drawing.svg.overview_strip import draw_overview_strip, envelope
from ecgkit.processing.quality import noise_indicators
from ecgkit.recording import Recording

HOSTILE = '"><script>alert(1)</script><img src=x onerror="x">'


def test_names_from_files_are_never_markup() -> None:
    wave = np.zeros(500)
    paper = draw_paper([Row(HOSTILE, [Trace("input", wave)], wave, HOSTILE)], 250.0, title=HOSTILE)
    outcome = Outcome("input", HOSTILE, Recording(wave[None], 250.0, ("I",)))
    score = Score(outcome, outcome.recording)
    drawn = [
        paper.html(),
        paper.svg(HOSTILE),
        draw_overview_strip(envelope(wave), 2.0, 0.0, 1.0, HOSTILE),
        metrics_table([score], [HOSTILE]),
        lead_table([score], [HOSTILE], "snr_db"),
        legend_table([outcome]),
        indicators_table([outcome], [noise_indicators(outcome.recording).overall]),
        html_report(HOSTILE, [HOSTILE], "", [(paper, HOSTILE)]).decode(),
    ]
    for text in drawn:
        assert "<script>" not in text
        assert "<img" not in text
        assert HOSTILE not in text
