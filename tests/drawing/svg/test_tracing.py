import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from ecgkit.drawing.svg.ecg_paper import PaperScale
from ecgkit.drawing.svg.scalogram import draw_stacked_scalogram, draw_thumbnails
from ecgkit.drawing.svg.stacked_scalograms import stack_scalograms
from ecgkit.drawing.svg.tracing import draw_tracing, layouts_for, left_out, ordered_leads
from ecgkit.processing.beats import Beats, detect_beats
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import STANDARD_LEADS, Recording

HOSTILE = '"><script>alert(1)</script><img src=x onerror="x">'


@pytest.fixture(scope="module")
def ecg() -> Recording:
    return generate_ecg(10.0, 500.0)


def named(leads: tuple[str, ...]) -> Recording:
    """Return a recording with leads of these names."""
    made = generate_ecg(10.0, 250.0, leads=("II", "V5")[: len(leads)])
    return Recording(made.signal, made.fs, leads)


def boxes(drawing: str, kind: str) -> list[dict]:
    return [dict(e.attrib) for e in ET.fromstring(drawing).iter() if e.get("class") == kind]


def labels(drawing: str) -> list[str]:
    return [
        element.text for element in ET.fromstring(drawing).iter() if element.tag.endswith("text")
    ]


@pytest.mark.parametrize(("layout", "rows"), [("3x4", 4), ("6x2", 7), ("12x1", 12)])
def test_a_layout_has_its_rows_each_with_a_pulse(ecg: Recording, layout: str, rows: int) -> None:
    paper = draw_tracing(ecg, detect_beats(ecg), layout=layout)
    assert paper.gutter.count("Calibration pulse: 1 mV for 0.2 s") == rows
    assert set(STANDARD_LEADS) <= set(labels(paper.body))
    assert paper.width - 20 == pytest.approx(250)
    assert "h5v10" in re.search(r'class="pulse" d="[^"]+"', paper.gutter)[0].replace(" ", "")


def test_time_runs_on_from_column_to_column() -> None:
    fs = 100.0
    signal = np.zeros((12, 1000), np.float32)
    signal[:, 300] = 1.0  # 3 s: in the second column of 3 × 4
    recording = Recording(signal, fs, STANDARD_LEADS)
    paper = draw_tracing(recording, Beats(np.empty(0, int), fs, ""))
    peaks = []
    for path in ET.fromstring(paper.body).iter():
        steps = re.fullmatch(r"M(\d+) (\d+)l(.*)", path.get("d", ""))
        if not steps:
            continue
        moves = np.array(steps[3].split(), float).reshape(-1, 2)
        points = np.vstack([[float(steps[1]), float(steps[2])], moves]).cumsum(0) / 50
        if np.ptp(points[:, 1]) > 5:
            peaks.append(points[points[:, 1].argmin(), 0])
            assert np.ptp(points[:, 1]) == pytest.approx(10, abs=0.1)  # 1 mV
    assert peaks == pytest.approx([75.0] * 4, abs=0.3)  # aVR, aVL, aVF and the strip; 25 mm/s


def test_beats_and_rr_intervals_are_marked(ecg: Recording) -> None:
    beats = detect_beats(ecg)
    paper = draw_tracing(ecg, beats)
    (marks,) = boxes(paper.body, "beats")
    x = [float(place) for place in re.findall(r"M([\d.]+) ", marks["d"])]
    assert x == pytest.approx(list(25 * beats.times), abs=0.01)
    assert f"{1000 * beats.rr[0]:.0f}" in labels(paper.body)


def test_the_chosen_second_is_highlighted(ecg: Recording) -> None:
    beats = detect_beats(ecg)
    paper = draw_tracing(ecg, beats, second=3, scale=PaperScale(50.0, 10.0))
    (now,) = boxes(paper.body, "now")
    assert (float(now["x"]), float(now["width"])) == (150.0, 50.0)
    assert boxes(draw_tracing(ecg, beats).body, "now")[0]["visibility"] == "hidden"


def test_evidence_tints_the_second_of_its_lead(ecg: Recording) -> None:
    weights = np.zeros((12, 10))
    weights[0, 1], weights[6, 5] = 0.8, -0.4
    weights[1] = np.nan
    sheet = draw_tracing(ecg, detect_beats(ecg), layout="12x1", weights=weights).body
    group = next(e for e in ET.fromstring(sheet).iter() if e.get("class") == "tints")
    strong = [r for r in group if r.get("fill-opacity") and float(r.get("fill-opacity")) > 0.01]
    assert [(float(r.get("x")), "for" in r.get("fill")) for r in strong] == [
        (25, True),
        (125, False),
    ]
    assert float(strong[0].get("fill-opacity")) == 2 * float(strong[1].get("fill-opacity"))
    assert {t.text for t in group if t.text} == {"+0.80", "−0.40"}  # the sign, not colour alone


def test_faint_evidence_leaves_the_paper_white(ecg: Recording) -> None:
    sheet = draw_tracing(ecg, detect_beats(ecg), weights=np.full((12, 10), 1e-4)).body
    group = next(e for e in ET.fromstring(sheet).iter() if e.get("class") == "tints")
    assert max(float(r.get("fill-opacity")) for r in group) < 0.01


def test_few_leads_stand_one_below_another() -> None:
    holter = named(("V5", "MLII"))
    assert layouts_for(holter, 10.0) == ["12x1"]
    assert ordered_leads(holter) == ("MLII", "V5")
    paper = draw_tracing(holter, detect_beats(holter), layout="12x1")
    assert paper.gutter.count("Calibration pulse") == 2
    assert "V6" in left_out(holter, "12x1")
    assert "II" not in re.findall(r"\w+", left_out(holter, "12x1"))


def test_absent_and_flat_leads_are_said_on_the_paper(ecg: Recording) -> None:
    signal = ecg.signal.copy()
    signal[STANDARD_LEADS.index("V2")] = 0.3
    signal[STANDARD_LEADS.index("V3")] = np.nan
    recording = ecg.with_signal(signal).select([lead for lead in STANDARD_LEADS if lead != "aVF"])
    said = labels(draw_tracing(recording, detect_beats(recording)).body)
    for lead, note in (("aVF", "not recorded"), ("V2", "flat"), ("V3", "no signal")):
        assert said[said.index(lead) + 1] == note
    assert left_out(recording, "3x4") == "Not recorded: aVF."


def test_short_stretches_get_no_narrow_columns(ecg: Recording) -> None:
    assert layouts_for(ecg, 10.0) == ["3x4", "6x2", "12x1"]
    assert layouts_for(ecg, 5.0) == ["6x2", "12x1"]
    assert layouts_for(ecg, 2.0) == ["12x1"]


def test_names_of_leads_stay_text() -> None:
    recording = Recording(generate_ecg(5.0, 250.0).signal[:2], 250.0, ("I", HOSTILE))
    paper = draw_tracing(recording, detect_beats(recording), layout="12x1", title=HOSTILE)
    scalograms = stack_scalograms(recording.select([HOSTILE]), 0, 5)
    stack = draw_stacked_scalogram(scalograms, (HOSTILE, recording.lead(HOSTILE)), title=HOSTILE)
    for drawing in (paper.html(), stack, draw_thumbnails(scalograms, [])):
        assert "<script" not in drawing
        assert "<img" not in drawing
