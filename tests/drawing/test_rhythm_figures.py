"""What view 2 draws and says: tracings, stacked scalograms, answers, files."""

import base64
import csv
import io
import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from ecgkit.drawing.html.player import player
from ecgkit.drawing.html.rhythm_answers import (
    agreement,
    answer_cards,
    percent,
    seconds_tables,
    vitals,
)
from ecgkit.drawing.images import SHADOW, coloured_png, compressed, shadow_png, viridis
from ecgkit.drawing.style import NOT_A_DEVICE
from ecgkit.drawing.svg.ecg_paper import PaperScale
from ecgkit.drawing.svg.overview_strip import envelope
from ecgkit.drawing.svg.rhythm_overview import draw_overview, summary
from ecgkit.drawing.svg.ribbon import COLUMNS, cone_columns, make_ribbon, with_heat
from ecgkit.drawing.svg.scalogram import draw_stack, draw_thumbnails, stack_file
from ecgkit.drawing.svg.timeline import draw_timeline
from ecgkit.drawing.svg.tracing import draw_tracing, layouts_for, left_out, ordered_leads
from ecgkit.processing.beats import Beats, detect_beats
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import STANDARD_LEADS, Recording, RecordingError
from ecgkit.rhythm.export import answers_csv, answers_json
from ecgkit.rhythm.report import RhythmOverview, RhythmReport
from ecgkit.rhythm.scalogram import SETTINGS, log_frequencies

HOSTILE = '"><script>alert(1)</script><img src=x onerror="x">'
SURE, SURE_AFIB = (0.02, 0.03, 0.05, 0.9), (0.02, 0.93, 0.03, 0.02)
UNSURE = (0.3, 0.2, 0.1, 0.4)


@pytest.fixture(scope="module")
def ecg() -> Recording:
    return generate_ecg(10.0, 500.0)


def named(leads: tuple[str, ...]) -> Recording:
    """Return a recording with leads of these names."""
    made = generate_ecg(10.0, 250.0, leads=("II", "V5")[: len(leads)])
    return Recording(made.signal, made.fs, leads)


def report(model: str, probabilities, seconds: int = 10, warnings=()) -> RhythmReport:
    each = np.tile(np.asarray(probabilities, float), (seconds, 1))
    return RhythmReport(model, 20.0, each[0], each, 0.6, 71.5, tuple(warnings))


def boxes(drawing: str, kind: str) -> list[dict]:
    return [dict(e.attrib) for e in ET.fromstring(drawing).iter() if e.get("class") == kind]


def labels(drawing: str) -> list[str]:
    return [
        element.text for element in ET.fromstring(drawing).iter() if element.tag.endswith("text")
    ]


# Tracings


@pytest.mark.parametrize(("layout", "rows"), [("3x4", 4), ("6x2", 7), ("12x1", 12)])
def test_a_layout_has_its_rows_each_with_a_pulse(ecg: Recording, layout: str, rows: int) -> None:
    paper = draw_tracing(ecg, detect_beats(ecg), layout=layout)
    assert paper.gutter.count("Calibration pulse: 1 mV for 0.2 s") == rows
    assert set(STANDARD_LEADS) <= set(labels(paper.sheet))
    assert paper.width - 20 == pytest.approx(250)
    assert "h5v10" in re.search(r'class="pulse" d="[^"]+"', paper.gutter)[0].replace(" ", "")


def test_time_runs_on_from_column_to_column() -> None:
    fs = 100.0
    signal = np.zeros((12, 1000), np.float32)
    signal[:, 300] = 1.0  # 3 s: in the second column of 3 × 4
    recording = Recording(signal, fs, STANDARD_LEADS)
    paper = draw_tracing(recording, Beats(np.empty(0, int), fs, ""))
    peaks = []
    for path in ET.fromstring(paper.sheet).iter():
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
    (marks,) = boxes(paper.sheet, "beats")
    x = [float(place) for place in re.findall(r"M([\d.]+) ", marks["d"])]
    assert x == pytest.approx(list(25 * beats.times), abs=0.01)
    assert f"{1000 * beats.rr[0]:.0f}" in labels(paper.sheet)


def test_the_chosen_second_is_highlighted(ecg: Recording) -> None:
    beats = detect_beats(ecg)
    paper = draw_tracing(ecg, beats, second=3, scale=PaperScale(50.0, 10.0))
    (now,) = boxes(paper.sheet, "now")
    assert (float(now["x"]), float(now["width"])) == (150.0, 50.0)
    assert boxes(draw_tracing(ecg, beats).sheet, "now")[0]["visibility"] == "hidden"


def test_evidence_tints_the_second_of_its_lead(ecg: Recording) -> None:
    weights = np.zeros((12, 10))
    weights[0, 1], weights[6, 5] = 0.8, -0.4
    weights[1] = np.nan
    sheet = draw_tracing(ecg, detect_beats(ecg), layout="12x1", weights=weights).sheet
    group = next(e for e in ET.fromstring(sheet).iter() if e.get("class") == "tints")
    strong = [r for r in group if r.get("fill-opacity") and float(r.get("fill-opacity")) > 0.01]
    assert [(float(r.get("x")), "for" in r.get("fill")) for r in strong] == [
        (25, True),
        (125, False),
    ]
    assert float(strong[0].get("fill-opacity")) == 2 * float(strong[1].get("fill-opacity"))
    assert {t.text for t in group if t.text} == {"+0.80", "−0.40"}  # the sign, not colour alone


def test_faint_evidence_leaves_the_paper_white(ecg: Recording) -> None:
    sheet = draw_tracing(ecg, detect_beats(ecg), weights=np.full((12, 10), 1e-4)).sheet
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
    said = labels(draw_tracing(recording, detect_beats(recording)).sheet)
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
    ribbon = make_ribbon(recording.select([HOSTILE]), 0, 5)
    stack = draw_stack(ribbon, (HOSTILE, recording.lead(HOSTILE)), title=HOSTILE)
    for drawing in (paper.html(), stack, draw_thumbnails(ribbon, [])):
        assert "<script" not in drawing
        assert "<img" not in drawing


# Stacked scalograms


def tone(frequency: float, amplitude: float = 1.0, seconds: float = 10.0) -> Recording:
    time = np.arange(round(500 * seconds)) / 500
    signal = np.zeros((2, time.size))
    signal[0] = amplitude * np.sin(2 * np.pi * frequency * time)
    return Recording(signal, 500.0, ("V1", "V2"))


def test_a_tone_lies_at_its_frequency_in_its_band() -> None:
    ribbon = make_ribbon(tone(20.0), 0, 10)
    assert ribbon.leads == ("V1", "V2")
    assert ribbon.flat == ("V2",)
    assert ribbon.values.shape == (2 * SETTINGS.count, 10 * COLUMNS)
    middle = ribbon.values[: SETTINGS.count, 5 * COLUMNS][::-1]
    assert log_frequencies()[middle.argmax()] == pytest.approx(20, rel=0.05)
    assert middle.max() == pytest.approx(1.0, rel=0.1)
    assert not ribbon.values[SETTINGS.count :].any()
    assert ribbon.top == 1.0


def test_a_window_is_a_cut_of_the_whole() -> None:
    long = generate_ecg(40.0, 250.0, leads=("II",))
    whole = make_ribbon(long, 0, 40)
    part = make_ribbon(long, 15.0, 25.0)
    cut = whole.values[:, 15 * COLUMNS : 25 * COLUMNS]
    np.testing.assert_allclose(part.values, cut, atol=0.01 * cut.max())
    alone = make_ribbon(long, 15.0, 25.0, "per_second").values
    assert np.abs(alone - cut).max() > 0.05 * cut.max()


def test_the_cone_covers_low_frequencies_at_the_recordings_ends_only() -> None:
    long = generate_ecg(40.0, 250.0, leads=("II",))
    left, right = cone_columns(make_ribbon(long, 0, 10))
    assert left[0] / COLUMNS == pytest.approx(np.sqrt(2) * 6 / (2 * np.pi * 0.5), rel=1e-6)
    assert not right.any()
    assert not any(part.any() for part in cone_columns(make_ribbon(long, 15, 25)))
    left, right = cone_columns(make_ribbon(long, 15, 25, "per_second"))
    low = log_frequencies() < 2.7
    assert (left + right)[low] == pytest.approx(COLUMNS)  # one second alone is all edge there
    assert ((left + right)[~low] < COLUMNS).all()


def test_leads_are_derived_said_and_absent_ones_left_out() -> None:
    two = generate_ecg(10.0, 250.0).select(["I", "II", "V1"])
    ribbon = make_ribbon(two, 0, 10)
    assert ribbon.leads == (*STANDARD_LEADS[:6], "V1")
    assert ribbon.derived == ("III", "aVR", "aVL", "aVF")
    holter = make_ribbon(named(("MLII",)), 0, 10)
    assert holter.leads == ("MLII",)
    other = Recording(two.signal, 250.0, ("ecg a", "ecg b", "ecg c"))
    assert make_ribbon(other, 0, 10).leads == ("ecg a", "ecg b", "ecg c")


def test_less_than_a_second_is_refused() -> None:
    with pytest.raises(RecordingError, match="whole second"):
        make_ribbon(generate_ecg(0.8, 250.0), 0, 0.8)


def test_one_second_of_a_ribbon() -> None:
    ribbon = make_ribbon(generate_ecg(10.0, 250.0), 0, 10)
    one = ribbon.only(3)
    np.testing.assert_array_equal(one.values, ribbon.values[:, 3 * COLUMNS : 4 * COLUMNS])
    assert (one.seconds, one.start) == (1, 3.0)
    assert np.array(cone_columns(one)).max() < COLUMNS / 2 + 1e-9 or one.before == 3.0


def test_heat_lies_on_the_networks_frequencies() -> None:
    ribbon = make_ribbon(generate_ecg(10.0, 250.0), 0, 10)
    heat = np.zeros((10, 96, 64))
    heat[2, 8 * 1 : 8 * 2, :32] = 1.0  # lead II, first half of the third second
    lit = with_heat(ribbon, heat, {"low": 1.0, "high": 40.0, "frequencies": 8}).heat
    bands = lit.reshape(12, SETTINGS.count, 10, COLUMNS)
    assert not np.delete(bands, 1, axis=0).any()
    assert not np.delete(bands[1], 2, axis=1).any()
    rows = log_frequencies()[::-1][bands[1, :, 2, 0] > 0]
    assert (rows.min(), rows.max()) == pytest.approx((0.8, 50), rel=0.15)
    assert bands[1, :, 2, : COLUMNS // 2].any(axis=0).all()
    assert not bands[1, :, 2, COLUMNS // 2 :].any()


def test_the_picture_is_the_values_in_an_even_colour_map() -> None:
    share = np.linspace(0, 1, 256)[np.newaxis].repeat(4, 0)
    content = base64.b64decode(coloured_png(share).partition(",")[2])
    pixels = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    np.testing.assert_array_equal(pixels[0], viridis())
    lightness = viridis() @ [0.3, 0.59, 0.11]
    assert (np.diff(lightness) > -0.5).all()
    assert compressed(np.array([0.0, 0.25, 1.0, 4.0]), 1.0).tolist() == [0.0, 0.5, 1.0, 1.0]
    shadow = base64.b64decode(shadow_png(share).partition(",")[2])
    alpha = np.asarray(Image.open(io.BytesIO(shadow)))[0, :, 1]
    assert (alpha[0], alpha[-1]) == (round(255 * SHADOW), 0)


def test_a_stack_has_labels_axes_units_and_a_cone() -> None:
    recording = generate_ecg(10.0, 250.0)
    ribbon = make_ribbon(recording, 0, 10)
    drawing = draw_stack(ribbon, ("II", recording.lead("II")), second=4)
    said = labels(drawing)
    assert set(STANDARD_LEADS) <= set(said)
    assert {"1", "10", "100", "Time within the second (s)", "Frequency (Hz), log axis"} <= set(said)
    assert "Magnitude (mV), square-root scale" in said
    cuts = boxes(drawing, "cut")
    assert len(cuts) == 13
    assert {cut["viewBox"].split()[0] for cut in cuts} == {str(4 * COLUMNS)}
    assert 'id="cone"' in drawing
    file = stack_file(drawing, "what <it> is")
    assert NOT_A_DEVICE in " ".join(filter(None, labels(file.decode())))


def test_thumbnails_bear_class_and_colour() -> None:
    ribbon = make_ribbon(generate_ecg(3.0, 250.0), 0, 3)
    html = draw_thumbnails(ribbon, ["SR", "uncertain"])
    buttons = re.findall(r"<button.*?</button>", html)
    assert len(buttons) == 3
    assert ">SR</span>" in buttons[0]
    assert "--ecg-SR" in buttons[0]
    assert ">uncertain</span>" in buttons[1]
    assert "no answer" in buttons[2]


# Answers


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


def test_percentages_do_not_say_sure() -> None:
    assert [percent(p) for p in (0.0, 0.001, 0.5, 0.994, 0.999, 1.0)] == [
        *("0 %", "<1 %", "50 %", "99 %", ">99 %", "100 %")
    ]


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


def test_the_player_names_every_second() -> None:
    times = json.loads(ET.fromstring(player(120.0, 10)).get("data-times"))
    assert times[0] == "second 1 of 10: 2:00 to 2:01"
    assert len(times) == 10


def test_files_hold_every_probability() -> None:
    reports = [report("cnn2d", SURE, warnings=["Lead V3 is flat."]), report("cnn1d", UNSURE)]
    content = json.loads(answers_json("=mine", reports))
    assert content["networks"][0]["label"] == "SR"
    assert content["networks"][1]["label"] == "uncertain"
    assert content["networks"][0]["probabilities"] == dict(
        zip(("SB", "AFIB", "GSVT", "SR"), SURE, strict=True)
    )
    assert len(content["networks"][0]["per_second"]) == 10
    assert content["networks"][0]["warnings"] == ["Lead V3 is flat."]
    assert content["note"] == NOT_A_DEVICE
    lines = answers_csv("=mine", reports).decode().splitlines()
    assert NOT_A_DEVICE in lines[1]
    rows = list(csv.DictReader(lines[2:]))
    assert len(rows) == 2 * 11
    assert rows[0]["answer"] == "SR"
    assert (rows[3]["from (s)"], rows[3]["to (s)"]) == ("22", "23")
    assert float(rows[11]["SR"]) == 0.4


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
