import doctest
from dataclasses import replace

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from ecgkit.demos import open_demo
from ecgkit.drawing import plot as module
from ecgkit.drawing.plot import plot
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import Recording, RecordingError

MM = 72 / 25.4


@pytest.fixture(scope="module")
def recording() -> Recording:
    return generate_ecg(12.0, 250.0, seed=3)


def test_its_example_runs():
    assert doctest.testmod(module).failed == 0
    assert doctest.testmod(module).attempted > 2


def test_a_figure_says_what_it_shows_in_one_line(recording):
    figure = plot(replace(recording, name="A name"), start=1, seconds=8.5)
    assert repr(figure).startswith("<Figure: A name, 1 to 9.5 s, 3 × 4 + rhythm strip, 25 mm/s")
    assert "\n" not in repr(figure)
    assert figure._repr_svg_() == figure.svg
    assert figure.svg.startswith("<svg xmlns")


def test_ten_seconds_are_drawn_where_nothing_is_said(recording):
    assert plot(recording).paper.width == pytest.approx(20 + 250)
    assert plot(recording, start=9).paper.width == pytest.approx(20 + 75)


@pytest.mark.parametrize("layout", ["3x4", "6x2", "12x1"])
def test_it_is_saved_as_svg_pdf_and_png(recording, layout, tmp_path):
    figure = plot(recording, layout=layout)
    assert figure.save(tmp_path / "a.svg").read_text("utf-8") == figure.svg
    document = pypdfium2.PdfDocument(figure.save(str(tmp_path / "a.pdf")))
    width, height = (side / MM for side in document[0].get_size())
    text = document[0].get_textpage().get_text_bounded()
    document.close()
    assert width == pytest.approx(figure.paper.width + 10, abs=0.1)
    assert all(lead in text for lead in recording.leads)
    assert "NOT A MEDICAL DEVICE" in text
    with Image.open(figure.save(tmp_path / "a.PNG")) as image:
        assert image.size == pytest.approx((width * 200 / 25.4, height * 200 / 25.4), abs=2)


def test_the_pdf_is_true_to_scale_and_upright(tmp_path, path_points):
    ramp = np.zeros(5000, np.float32)
    ramp[1000:1500] = 2.0  # mV, for 1 s
    figure = plot(Recording(ramp[None], 500.0, ("II",)))
    document = pypdfium2.PdfDocument(figure.save(tmp_path / "a.pdf"))
    drawn = path_points(document)
    document.close()
    (wave,) = [line for line in drawn if abs(np.ptp(line[:, 0]) - 250) < 0.1 and len(line) > 99]
    high = wave[wave[:, 1] > wave[:, 1].min() + 19]
    assert np.ptp(wave[:, 1]) == pytest.approx(20, abs=0.01)
    assert wave[0, 1] == pytest.approx(wave[:, 1].min(), abs=0.01)
    assert high[0, 0] - wave[0, 0] == pytest.approx(50, abs=0.2)


def test_each_lead_is_drawn_in_its_own_place(tmp_path, path_points):
    """Lead number n is a constant but for one spike of n / 10 mV, at its middle."""
    leads = generate_ecg(1.0, 250.0).leads
    signal = np.zeros((12, 2500), np.float32)
    for place in range(12):
        signal[place, place // 3 * 625 + 300] = (place + 1) / 10
    figure = plot(Recording(signal, 250.0, leads), layout="3x4")
    document = pypdfium2.PdfDocument(figure.save(tmp_path / "a.pdf"))
    drawn = path_points(document)
    document.close()
    pieces = [line for line in drawn if len(line) > 99 and abs(np.ptp(line[:, 0]) - 62.4) < 0.3]
    found = {
        (round(-line[:, 1].min()), round(line[:, 0].min() / 62.5)): np.ptp(line[:, 1])
        for line in pieces
    }
    in_order = [found[place] for place in sorted(found, key=lambda key: (key[1], key[0]))]
    assert in_order == pytest.approx(np.arange(1, 13), abs=0.01)


def test_a_gap_is_not_drawn_through(recording, tmp_path, path_points):
    signal = recording.signal.copy()
    signal[:, 1000:1500] = np.nan
    figure = plot(recording.with_signal(signal), layout="12x1")
    document = pypdfium2.PdfDocument(figure.save(tmp_path / "a.pdf"))
    drawn = [
        line
        for line in path_points(document)
        if len(line) > 99 and (np.diff(line[:, 0]) >= 0).all()  # not the grid
    ]
    document.close()
    gap = (5 + 20 + 4.1 * 25, 5 + 20 + 5.9 * 25)
    assert len(drawn) >= 24
    assert not any(line[:, 0].min() < gap[0] and line[:, 0].max() > gap[1] for line in drawn)


@pytest.mark.parametrize(
    "odd",
    [
        Recording(np.full((1, 500), np.nan, np.float32), 250.0, ("II",)),
        Recording(np.zeros((2, 3), np.float32), 250.0, ("a", "b" * 200)),
        Recording(np.zeros((20, 5000), np.float32), 500.0, tuple(f"E{n}" for n in range(20))),
        Recording(np.full((3, 700), 1e20, np.float32), 100.0, ("I", "II", "III")),
    ],
)
def test_odd_recordings_are_drawn(odd, tmp_path):
    for layout in ("3x4", "6x2", "12x1"):
        figure = plot(odd, layout=layout)
        assert figure.svg
        figure.save(tmp_path / "a.png")


def test_a_recording_without_voltages_has_no_pulse(recording):
    figure = plot(replace(recording.with_signal(recording.signal * 99), calibrated=False))
    assert "Calibration pulse" not in figure.svg
    assert "arbitrary units" in repr(figure)


@pytest.mark.parametrize(
    "wrong",
    [
        {"layout": "4x3"},
        {"start": float("nan")},
        {"start": -1},
        {"start": 12.0},
        {"seconds": 0},
        {"seconds": float("inf")},
    ],
)
def test_wrong_arguments_are_refused(recording, wrong):
    with pytest.raises(RecordingError):
        plot(recording, **wrong)


def test_files_that_cannot_be_written_are_refused(recording, tmp_path):
    figure = plot(recording)
    with pytest.raises(RecordingError, match=r"\.svg, \.pdf or \.png"):
        figure.save(tmp_path / "a.jpg")
    with pytest.raises(RecordingError, match="cannot be written"):
        figure.save(tmp_path / "no folder" / "a.svg")
    long = generate_ecg(300.0, 100.0, leads=("II",))
    with pytest.raises(RecordingError, match="m of paper"):
        plot(long, seconds=300).save(tmp_path / "a.pdf")


def test_markup_in_a_name_is_escaped(recording):
    assert "<script>" not in plot(replace(recording, name="<script>")).svg


def test_holter_is_drawn_where_asked():
    figure = plot(open_demo("holter"), start=100, seconds=6)
    assert "100 to 106 s" in repr(figure)
