import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from ecgkit.drawing.html.rhythm_answers import (
    agreement,
    answer_cards,
    seconds_tables,
    vitals,
)
from ecgkit.drawing.svg.timeline import draw_timeline
from ecgkit.processing.beats import Beats
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import Recording
from ecgkit.rhythm.report import RhythmReport

SURE, SURE_AFIB = (0.02, 0.03, 0.05, 0.9), (0.02, 0.93, 0.03, 0.02)

UNSURE = (0.3, 0.2, 0.1, 0.4)


@pytest.fixture(scope="module")
def ecg() -> Recording:
    return generate_ecg(10.0, 500.0)


def report(model: str, probabilities, seconds: int = 10, warnings=()) -> RhythmReport:
    each = np.tile(np.asarray(probabilities, float), (seconds, 1))
    return RhythmReport(model, 20.0, each[0], each, 0.6, 71.5, tuple(warnings))


def boxes(drawing: str, kind: str) -> list[dict]:
    return [dict(e.attrib) for e in ET.fromstring(drawing).iter() if e.get("class") == kind]


def labels(drawing: str) -> list[str]:
    return [
        element.text for element in ET.fromstring(drawing).iter() if element.tag.endswith("text")
    ]


def test_agreement_in_words() -> None:
    sr = [report(model, SURE) for model in ("cnn2d", "cnn1d", "cnn_lstm")]
    assert agreement(sr) == "All three networks say SR (sinus rhythm)."
    split = agreement([sr[0], report("cnn1d", SURE_AFIB)])
    assert split.startswith("The networks disagree: ")
    assert "says SR (90 %)" in split
    assert "says AFIB (93 %)" in split
    unsure = agreement([sr[0], report("cnn1d", UNSURE)])
    assert "not equally sure" in unsure
    assert "is uncertain (first choice SR, 40 %)" in unsure
    assert agreement([report(m, UNSURE) for m in ("cnn2d", "cnn1d")]) == (
        "Both networks are uncertain."
    )
    assert agreement(sr[:1]) == ""


def test_cards_give_answer_runner_up_and_uncertainty() -> None:
    html = answer_cards(
        {
            "cnn2d": report("cnn2d", SURE),
            "cnn1d": report("cnn1d", UNSURE),
            "cnn_lstm": "loading <b>",
        }
    )
    first, second, third = re.findall(r"<article.*?</article>", html)
    assert "<b>90 %</b>" in first
    assert "Sinus rhythm. Runner-up GSVT, 5 %." in first
    assert ">uncertain</span>" in second
    assert "No class reaches 60 %. First choice SR, 40 %; runner-up SB, 30 %." in second
    assert "loading &lt;b&gt;" in third


def test_vitals(ecg: Recording) -> None:
    beats = Beats(np.array([0, 400, 900]), 500.0, "II")
    assert vitals(beats) == "Heart rate 67/min; RR 900 ms (800 to 1000 ms), 3 R peaks in lead II."
    assert "unknown" in vitals(Beats(np.array([5]), 500.0, "II"))


def test_each_second_has_its_table_and_its_cells() -> None:
    reports = [report("cnn2d", SURE, 6), report("cnn1d", SURE_AFIB, 6)]
    tables = re.findall(r"<table.*?</table>", seconds_tables(reports, 6))
    assert len(tables) == 6
    assert ["hidden" in table for table in tables] == [False, True, True, True, True, True]
    assert "<b>90 %</b>" in tables[3]
    assert "<b>93 %</b>" in tables[3]
    drawing = draw_timeline(reports, 20.0, second=2)
    assert labels(drawing).count("90") == 6
    assert "20" in labels(drawing)
    assert len(boxes(drawing, "now")) == 2
    assert report("cnn2d", UNSURE, 2).second_labels == ["uncertain", "uncertain"]
