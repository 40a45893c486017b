from dataclasses import replace

import numpy as np
import pypdfium2
import pytest

from ecgkit import STANDARD_LEADS, Recording, RecordingError, models
from ecgkit.demos import open_demo
from ecgkit.drawing.pdf.rhythm_report import rhythm_pdf
from ecgkit.drawing.style import NOT_A_DEVICE
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.rhythm.classes import RHYTHMS
from ecgkit.rhythm.report import NETWORKS, RhythmReport, card_name, rhythm_report

MM = 72 / 25.4
TALL = "Pᵃt́ient Ω 心电图 \u202e\x00\x07\n\r\t(evil) \\) endobj <script>"


@pytest.fixture(scope="module")
def recording():
    return open_demo("12-lead")


@pytest.fixture(scope="module")
def reports(recording):
    return [rhythm_report(recording, model) for model in NETWORKS]


@pytest.fixture
def read():
    """Return a function that opens a PDF's bytes, closed when the test ends."""
    opened = []

    def read(content):
        document = pypdfium2.PdfDocument(content)
        opened.append(document)
        return document

    yield read
    for document in opened:
        document.close()


def words(document, place=0):
    page = document[place].get_textpage()
    return " ".join(page.get_text_bounded().split())


def shapes(document):
    """Return the bounds of every path in mm: left, bottom, right, top."""
    kind = pypdfium2.raw.FPDF_PAGEOBJ_PATH
    return np.array([part.get_bounds() for part in document[0].get_objects([kind])]) / MM


def report(values, model="cnn2d", threshold=0.6, warnings=()):
    shares = np.array(values, np.float64)
    return RhythmReport(model, 0.0, shares, np.tile(shares, (10, 1)), threshold, 61.0, warnings)


def test_one_page_of_a4_with_all_that_belongs_on_it(recording, reports, read):
    document = read(rhythm_pdf(recording, reports))
    assert len(document) == 1
    assert document[0].get_size() == pytest.approx((297 * MM, 210 * MM), abs=0.1)
    text = words(document)
    for part in (
        "12-lead demo",
        "25 mm/s · 10 mm/mV",
        "heart rate 61 per minute",
        "RR median 983 ms",
        "0 s to 10 s of 10 s",
        NOT_A_DEVICE,
        "Read the tracing.",
        *NETWORKS.values(),
        *STANDARD_LEADS,
        *RHYTHMS.values(),
    ):
        assert part in text
    for model in NETWORKS:
        card = models.catalogue()[card_name(model)]
        assert f"{card.title} (sha256 {card.sha256[:12]})" in text


def test_answers_runner_up_uncertainty_and_disagreement_are_said(recording, read):
    sure, unsure = report([0.02, 0.91, 0.03, 0.04]), report([0.1, 0.3, 0.15, 0.45], "cnn1d")
    text = words(read(rhythm_pdf(recording, [sure, unsure])))
    assert "AFIB · atrial fibrillation or flutter AFIB 91 % SR 4 % 2 % 91 % 3 % 4 %" in text
    assert "uncertain (no class reaches 60 %) SR 45 % AFIB 30 % 10 % 30 % 15 % 45 %" in text
    assert "The networks do not agree: AFIB, uncertain." in text
    assert "agree" not in words(read(rhythm_pdf(recording, [sure, sure])))


def test_warnings_are_said_once_and_many_go_on_to_a_further_page(recording, read):
    one = report([0.1, 0.1, 0.1, 0.7], warnings=("Mind the gap.",))
    document = read(rhythm_pdf(recording, [one, one]))
    assert len(document) == 1
    assert words(document).count("Mind the gap.") == 1
    many = replace(one, warnings=tuple(f"Warning number {place} is here." for place in range(200)))
    document = read(rhythm_pdf(recording, [many]))
    assert len(document) == 2
    assert "Warning number 3 is here." in words(document)
    text = f"{words(document)} {words(document, 1)}"
    text = text.replace("Warnings, continued ", "")
    for place in range(200):
        assert f"number {place} is" in text
    for page in range(2):
        assert NOT_A_DEVICE in words(document, page)
        assert "Read the tracing." in words(document, page)


def test_the_tracing_is_true_to_scale(read, path_points):
    """A square wave of 1 mV and 1 s is a shape of 10 mm by 25 mm for each second."""
    fs = 500.0
    clean = generate_ecg(10.0, fs, leads=("II",))
    ramp = np.zeros(5000, np.float32)
    ramp[1000:1500] = 2.0  # mV, for 1 s
    square = Recording(np.stack([clean.signal[0], ramp]), fs, ("II", "V1"))
    drawn = path_points(read(rhythm_pdf(square, [report([0, 0, 0, 1])])))
    traces = [line for line in drawn if abs(np.ptp(line[:, 0]) - 250) < 0.1]
    assert len(traces) == 2
    wave = traces[1]
    up = wave[wave[:, 1] > wave[:, 1].min() + 19.9]
    assert np.ptp(wave[:, 1]) == pytest.approx(20, abs=0.01)
    assert wave[0, 1] == pytest.approx(wave[:, 1].min(), abs=0.01)  # upwards is positive
    assert np.ptp(up[:, 0]) == pytest.approx(25, abs=0.2)  # a column of the thinning
    assert up[0, 0] - wave[0, 0] == pytest.approx(50, abs=0.2)
    sizes = np.array([np.ptp(line, axis=0) for line in drawn])
    pulses = np.isclose(sizes, (7, 10), atol=0.01).all(axis=1)
    assert pulses.sum() == 2  # 1 mV, 0.2 s and 1 mm to each side, one a row


def test_columns_follow_each_other_in_time_above_a_rhythm_strip(recording, reports, read):
    bounds = shapes(read(rhythm_pdf(recording, reports)))
    wide, high = bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]
    parts = bounds[np.isclose(wide, 62.5, atol=1.2) & (high > 2) & (high < 60)]
    assert len(parts) == 12
    starts = np.unique(np.round((parts[:, 0] - 28.5) / 62.5))
    np.testing.assert_array_equal(starts, [0, 1, 2, 3])
    assert (np.isclose(wide, 250, atol=1) & (high > 2)).sum() == 1


def test_a_recording_without_voltages_has_no_pulse_and_says_so(recording, reports, read):
    z_scored = replace(recording.with_signal(recording.signal * 37), calibrated=False)
    document = read(rhythm_pdf(z_scored, reports))
    assert "arbitrary units (no voltage calibration)" in words(document)
    bounds = shapes(document)
    wide, high = bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]
    assert not (np.isclose(wide, 7, atol=0.7) & np.isclose(high, 10, atol=0.7)).any()
    assert high[np.isclose(wide, 250, atol=1)].max() < 40


@pytest.mark.parametrize("leads", [("II",), ("V1", "II", "V5"), ("I", "II", "V1", "V2")])
def test_few_leads_are_shown_and_absent_ones_named(recording, leads, read):
    part = recording.select(leads)
    text = words(read(rhythm_pdf(part, [rhythm_report(part, "cnn1d")])))
    assert f"{len(leads)} lead" in text
    assert ("V6 not recorded" in text) == (len(leads) > 3)


def test_gaps_stay_gaps_and_a_lead_without_samples_is_no_trouble(recording, reports, read):
    signal = recording.signal.copy()
    signal[1, 4000:6000] = np.nan
    signal[7] = np.nan
    bounds = shapes(read(rhythm_pdf(recording.with_signal(signal), reports)))
    wide = bounds[:, 2] - bounds[:, 0]
    assert not np.isclose(wide, 250, atol=1)[bounds[:, 3] - bounds[:, 1] > 2].any()
    assert np.isclose(wide, 100, atol=1).sum() == 2  # 4 s to both sides of the gap


def test_part_of_a_long_recording_says_which(read):
    holter = open_demo("holter")
    document = read(rhythm_pdf(holter, [rhythm_report(holter, "cnn1d", 65.5)], 65.5))
    assert "1:05.5 to 1:15.5 of 5:00" in words(document)


@pytest.mark.parametrize("fs", [100.0, 20_000.0])
def test_any_sampling_frequency_makes_a_small_file(fs):
    recording = generate_ecg(10.0, fs)
    assert len(rhythm_pdf(recording, [report([0, 0, 0, 1])])) < 300_000


def test_no_name_is_in_the_metadata(recording, reports, read):
    named = replace(recording, name="Jane Doe 1931", notes=("Jane Doe",))
    content = rhythm_pdf(named, reports)
    assert "Jane" not in str(read(content).get_metadata_dict())
    assert b"Jane" not in content


def test_unreadable_parts_are_refused(recording, reports):
    with pytest.raises(RecordingError, match="lasts 10 s"):
        rhythm_pdf(recording, reports, 100.0)


@pytest.mark.parametrize("name", [TALL, "x" * 100_000, "", "\ud800 lone", "é" * 300, "😀" * 50])
def test_hostile_names_break_nothing(name, read):
    recording = replace(generate_ecg(6.0, 128.0, leads=("II",)), name=name)
    document = read(rhythm_pdf(recording, [report([0, 0, 0, 1])]))
    assert len(document) == 1
    text = words(document)
    assert NOT_A_DEVICE in text
    assert "1 lead" in text
    if name == TALL:
        assert "心电图" in text
        assert "\\u202e\\x00\\x07" in text
        assert "(evil) \\) endobj <script>" in text
