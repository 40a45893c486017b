import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from ecgkit.drawing.style import NOT_A_DEVICE
from ecgkit.drawing.svg.ecg_paper import GUTTER, PaperScale
from ecgkit.drawing.svg.overlay import Row, Trace, draw_paper, natural_scale
from ecgkit.drawing.svg.paths import UNITS

SVG = "{http://www.w3.org/2000/svg}"


def points(path: str) -> np.ndarray:
    """Return a path's points in mm, shape (n, 2)."""
    start, steps = re.fullmatch(r"M(\S+ \S+)l(.*)", path).groups()
    first = np.array(start.split(), float)
    moves = np.array(steps.split(), float).reshape(-1, 2)
    return np.vstack([first, first + np.cumsum(moves, axis=0)]) / UNITS


def traced(paper, key: str) -> np.ndarray:
    """Return the points of a signal on the sheet, its pieces joined."""
    root = ET.fromstring(paper.body)
    group = next(g for g in root.iter("g") if g.get("data-signal") == key)
    return np.vstack([points(path.get("d")) for path in group.iter("path")])


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
    pattern = next(ET.fromstring(paper.body).iter("pattern"))
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
        ET.fromstring(paper.body)
        assert paper.height < 200
