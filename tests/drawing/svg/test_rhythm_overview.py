import re

import numpy as np

from ecgkit.drawing.svg.overview_strip import envelope
from ecgkit.drawing.svg.rhythm_overview import draw_overview, summary
from ecgkit.rhythm.report import RhythmOverview

SURE, SURE_AFIB = (0.02, 0.03, 0.05, 0.9), (0.02, 0.93, 0.03, 0.02)

UNSURE = (0.3, 0.2, 0.1, 0.4)


def test_the_overview_has_a_lane_for_each_class() -> None:
    probabilities = np.array([SURE, SURE_AFIB, UNSURE, [np.nan] * 4])
    overview = RhythmOverview(np.array([0.0, 10, 20, 30]), probabilities, 0.6)
    shape = envelope(np.sin(np.arange(4000) / 50).astype(np.float32))
    html = draw_overview(shape, 40.0, 10.0, 20.0, "II", overview)
    assert re.findall(r"<b>(.*?)</b>", html) == [
        *("SB", "AFIB", "GSVT", "SR", "uncertain", "not readable")
    ]
    assert html.count('data-duration="40"') == 2
    assert summary(overview) == (
        "Of 4 windows: AFIB 25 % (first at 10 s), SR 25 % (first at 0 s), "
        "uncertain 25 % (first at 20 s), not readable 25 % (first at 30 s)."
    )
    assert "lanes" not in draw_overview(shape, 40.0, 10.0, 20.0, "II")
