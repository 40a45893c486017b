"""ECG paper true to scale, and everything else that is drawn."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from ecgkit.denoising import make_method
from ecgkit.denoising.comparison import Outcome, Score, Window, denoise_window
from ecgkit.denoising.noise_bench import NoiseBench, Sweep
from ecgkit.drawing.charts import level_chart, reliability_chart, snr_curves
from ecgkit.drawing.html.metrics_table import (
    indicators_table,
    lead_table,
    legend_table,
    metrics_csv,
    metrics_table,
    number,
    safe_cell,
)
from ecgkit.drawing.html.report import html_report
from ecgkit.drawing.style import NOT_A_DEVICE, STYLES
from ecgkit.drawing.svg.ecg_paper import GUTTER, PaperScale, clock
from ecgkit.drawing.svg.overlay import Row, Trace, draw_paper, natural_scale
from ecgkit.drawing.svg.overview_strip import draw_strip, envelope
from ecgkit.drawing.svg.paths import UNITS, paths_of
from ecgkit.processing.quality import noise_indicators
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import Recording

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '"><script>alert(1)</script><img src=x onerror="x">'


def points(path: str) -> np.ndarray:
    """Return a path's points in mm, shape (n, 2)."""
    start, steps = re.fullmatch(r"M(\S+ \S+)l(.*)", path).groups()
    first = np.array(start.split(), float)
    moves = np.array(steps.split(), float).reshape(-1, 2)
    return np.vstack([first, first + np.cumsum(moves, axis=0)]) / UNITS


def traced(paper, key: str) -> np.ndarray:
    """Return the points of a signal on the sheet, its pieces joined."""
    root = ET.fromstring(paper.sheet)
    group = next(g for g in root.iter("g") if g.get("data-signal") == key)
    return np.vstack([points(path.get("d")) for path in group.iter("path")])


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


@pytest.mark.parametrize("speed", [12.5, 25.0, 50.0])
@pytest.mark.parametrize("gain", [5.0, 10.0, 20.0])
def test_a_wave_has_its_true_size_on_paper(speed: float, gain: float) -> None:
    fs = 200.0
    wave = np.zeros(800)
    wave[200:] = 1.0  # a step of 1 mV after 1 s
    scale = PaperScale(speed, gain)
    paper = draw_paper([Row("II", [Trace("input", wave)], wave)], fs, scale=scale)
    found = traced(paper, "input")
    assert np.ptp(found[:, 1]) == pytest.approx(gain, abs=0.03)
    assert found[np.argmin(found[:, 1]), 0] == pytest.approx(speed, abs=speed / fs + 0.2)
    assert paper.width - GUTTER == pytest.approx(4 * speed, abs=0.01)


def test_the_grid_has_small_boxes_of_one_and_large_ones_of_five_mm() -> None:
    wave = np.zeros(500)
    paper = draw_paper([Row("I", [Trace("input", wave)], wave)], 250.0)
    pattern = next(ET.fromstring(paper.sheet).iter("pattern"))
    assert (pattern.get("width"), pattern.get("height")) == ("5", "5")
    minor, major = (path.get("d") for path in pattern.iter("path"))
    assert sorted(re.findall(r"M(\d) 0V5", minor)) == ["1", "2", "3", "4"]
    assert sorted(re.findall(r"M0 (\d)H5", minor)) == ["1", "2", "3", "4"]
    assert major == "M0 0H5M0 0V5"


def test_both_axes_have_the_same_millimetre_in_the_file() -> None:
    wave = np.sin(np.arange(1000) / 20)
    paper = draw_paper([Row("I", [Trace("input", wave)], wave)], 250.0)
    root = ET.fromstring(paper.svg("A caption & more"))
    width, height = (float(root.get(name).removesuffix("mm")) for name in ("width", "height"))
    assert root.get("viewBox") == f"0 0 {width:g} {height:g}"
    for part in root.iter(f"{SVG}svg"):
        box = [float(value) for value in part.get("viewBox").split()]
        size = [float(part.get(name).removesuffix("mm")) for name in ("width", "height")]
        assert size == pytest.approx(box[2:])
    texts = " ".join(text.text for text in root.iter(f"{SVG}text"))
    assert NOT_A_DEVICE in texts
    assert "A caption & more" in texts


def test_the_calibration_pulse_is_one_mv_for_200_ms() -> None:
    wave = np.zeros(500)
    row = Row("I", [Trace("input", wave)], wave)
    pulse = r'class="pulse" d="M\S+ \S+h1v-(\S+?)h(\S+?)v'
    height, width = re.search(pulse, draw_paper([row], 250.0).gutter).groups()
    assert (float(height), float(width)) == (10.0, 5.0)
    uncalibrated = draw_paper([row], 250.0, scale=PaperScale(unit="a.u."))
    assert not re.search(pulse, uncalibrated.gutter)


def test_rows_keep_their_place_while_noise_changes() -> None:
    clean = np.sin(np.arange(1000) / 20)
    quiet = draw_paper([Row("I", [Trace("input", clean)], clean)], 250.0)
    loud = draw_paper([Row("I", [Trace("input", 9 * clean)], clean)], 250.0)
    assert (quiet.width, quiet.height, quiet.gutter) == (loud.width, loud.height, loud.gutter)


def test_an_offset_is_labelled_and_not_lost() -> None:
    wave = 7.0 + 0.1 * np.sin(np.arange(1000) / 20)
    paper = draw_paper([Row("I", [Trace("input", wave)], wave)], 250.0)
    found = traced(paper, "input")[:, 1]
    assert 0 < found.min() < found.max() < paper.height
    assert ">7<" in paper.gutter


def test_missing_samples_are_gaps() -> None:
    x = np.arange(100.0)
    y = np.sin(x)
    y[40:60] = np.nan
    pieces = [points(path) for path in paths_of(x, y)]
    ends = [(piece[0, 0], piece[-1, 0]) for piece in pieces]
    assert ends[0][0] == 0
    assert ends[-1][1] == 99
    assert not any(first < 50 < last for first, last in ends)
    assert paths_of(x, np.full(100, np.nan)) == []


def test_thinning_keeps_every_peak() -> None:
    values = np.zeros(20_000)
    values[[777, 12_345]] = 3.0, -2.0
    row = Row("I", [Trace("input", values)], values)
    found = traced(draw_paper([row], 2000.0), "input")
    assert found.shape[0] < 6000
    assert np.ptp(found[:, 1]) == pytest.approx(50, abs=0.1)


def test_a_recording_without_voltages_fills_its_rows() -> None:
    scale = natural_scale(25.0, 10.0, False, np.array([0.0, 40_000.0] * 500))
    assert scale.unit == "a.u."
    assert 40_000 * scale.gain == pytest.approx(10.0)
    assert "no voltage" in scale.text


def test_flat_and_wild_values_draw() -> None:
    for values in (np.full(500, np.nan), np.zeros(500), np.full(500, 1e30)):
        paper = draw_paper([Row("I", [Trace("input", values)], values)], 250.0)
        ET.fromstring(paper.sheet)
        assert paper.height < 200


def test_names_from_files_are_never_markup() -> None:
    wave = np.zeros(500)
    paper = draw_paper([Row(HOSTILE, [Trace("input", wave)], wave, HOSTILE)], 250.0, title=HOSTILE)
    outcome = Outcome("input", HOSTILE, Recording(wave[None], 250.0, ("I",)))
    score = Score(outcome, outcome.recording)
    drawn = [
        paper.html(),
        paper.svg(HOSTILE),
        draw_strip(envelope(wave), 2.0, 0.0, 1.0, HOSTILE),
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


def test_every_signal_can_be_told_without_colour() -> None:
    together = [style for key, style in STYLES.items() if key != "tracing"]  # which stands alone
    looks = {(style.width > 0.35, style.width > 1, style.dash) for style in together}
    assert len(looks) == len(together)


@pytest.mark.parametrize(
    ("seconds", "label"),
    [(0, "0 s"), (2.5, "2.5 s"), (727, "12:07"), (61.5, "1:01.5"), (11527, "3:12:07")],
)
def test_clock(seconds: float, label: str) -> None:
    assert clock(seconds) == label


def test_envelope_holds_the_extremes() -> None:
    values = np.random.default_rng(0).standard_normal(12_345)
    values[100:5000] = np.nan
    low, high = envelope(values, 100)
    assert np.nanmin(low) == np.float32(np.nanmin(values))
    assert np.nanmax(high) == np.float32(np.nanmax(values))
    assert np.isnan(low[10])
    assert envelope(np.zeros(3)).shape == (2, 3)


def test_the_strip_marks_the_window() -> None:
    strip = draw_strip(envelope(np.sin(np.arange(5000) / 9)), 100.0, 25.0, 50.0, "Overview")
    assert 'x="250.0" width="250.0"' in strip
    assert 'data-duration="100"' in strip


def test_metrics_table_says_what_was_measured(scores: list[Score]) -> None:
    table = metrics_table(scores, waiting=["APR-CNN"])
    assert "6.00" in table
    assert f"{scores[1].overall.snr_db:.2f}" in table
    assert table.count("best SNR") == 1
    assert "loading the network" in table


def test_metrics_csv_has_all_leads_and_the_disclaimer(scores: list[Score]) -> None:
    leads = scores[0].reference.leads
    lines = metrics_csv(scores, leads, ["A setting"]).decode().splitlines()
    assert lines[0] == "# A setting"
    assert NOT_A_DEVICE in lines[1]
    assert lines[2].startswith("signal,lead,SNR (dB),Gain in SNR (dB),MSE (mV²)")
    assert len(lines) == 3 + len(scores) * (1 + len(leads))
    cells = lines[3 + 1 + len(leads)].split(",")
    assert float(cells[2]) == pytest.approx(scores[1].overall.snr_db, rel=1e-5)


def test_cells_are_no_formulas() -> None:
    assert safe_cell("=1+1") == "'=1+1"
    assert safe_cell("aVR") == "aVR"


def test_numbers_without_a_value() -> None:
    assert number(float("nan"), "{:.1f}") == "–"
    assert number(float("inf"), "{:.1f}") == "∞"
    assert number(-1.0, "{:+.1f}") == "−1.0"
    assert number(-0.001, "{:+.1f}") == "0.0"


def test_the_report_needs_nothing_else(scores: list[Score]) -> None:
    wave = np.sin(np.arange(1000) / 20)
    paper = draw_paper([Row("I", [Trace("input", wave)], wave)], 250.0)
    report = html_report("A title", ["A setting"], metrics_table(scores), [(paper, "Caption")])
    text = report.decode()
    assert text.count(NOT_A_DEVICE) == 2
    assert "ST segments" in text
    assert not re.search(r'(src|href)="', text)
    assert "@import" not in text


def test_charts_have_axes_with_units() -> None:
    sweep = Sweep(
        (0.0, 6.0), {"aprcnn": (7.0, 12.0), "dwt": (1.0, 7.0)}, {"aprcnn": "A", "dwt": "D"}
    )
    curves = snr_curves(sweep)
    assert [trace.name for trace in curves.data] == ["unchanged", "A", "D"]
    assert list(curves.data[1].y) == [7.0, 12.0]
    levels = level_chart([1, 2], ["125–250", "62–125"], [3.0, 4.0], dark=True)
    for figure in (curves, levels):
        assert "dB" in figure.layout.yaxis.title.text
        assert "NOT A MEDICAL DEVICE" in figure.layout.annotations[0].text


def test_reliability_shows_every_bin_and_the_line_of_perfect_calibration():
    figure = reliability_chart([10, 400], [0.55, 0.97], [0.6, 0.98])
    perfect, measured = figure.data
    assert tuple(perfect.x) == tuple(perfect.y) == (0, 1)
    assert tuple(measured.x) == (0.55, 0.97)
    assert tuple(measured.y) == (0.6, 0.98)
    small, large = measured.marker.size
    assert small < large
    assert figure.layout.xaxis.title.text
    assert figure.layout.yaxis.title.text
