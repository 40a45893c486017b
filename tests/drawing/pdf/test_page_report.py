import math
from dataclasses import replace

import numpy as np
import pypdfium2
import pytest

from ecgkit import STANDARD_LEADS, models
from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.page_reading import PageReading
from ecgkit.diagnosis.predict import CLASSIFIERS, RULES, UNSAID, Diagnoses, Finding
from ecgkit.digitization.extraction import Traces
from ecgkit.digitization.pipeline import Choices
from ecgkit.digitization.rectification.rectify import Rectified
from ecgkit.digitization.segmentation import NETWORK
from ecgkit.drawing.pdf.page_report import paper_pdf
from ecgkit.drawing.percent import distinct_percents, fine_percent
from ecgkit.drawing.style import NOT_A_DEVICE
from ecgkit.errors import PageError
from ecgkit.processing.synthetic import generate_ecg

MM = 72 / 25.4
TALL = "Pᵃt́ient Ω 心电图 \u202e\x00\x07\n\r\t(evil) \\) endobj <script>"
HEIGHT, WIDTH = 900, 1300
CURVE = ((0.004, 1.0, 0.2), (0.2, 0.8, 0.6), (0.9, 0.1, 0.98))


def read_of(layout="3x4+1", seconds=10.0):
    """What reading a page of a known recording would give, its leads where the layout has them."""
    recording = generate_ecg(seconds, 500.0, seed=3)
    signal, boxes = np.full_like(recording.signal, np.nan), {}
    rows, columns = (3, 4) if layout == "3x4+1" else (12, 1)
    part = recording.n_samples // columns
    for place, lead in enumerate(STANDARD_LEADS):
        row, column = place % rows, place // rows
        first = part * column
        whole = lead == "II" and layout == "3x4+1"
        seen = slice(0, None) if whole else slice(first, first + part)
        signal[place, seen] = recording.signal[place, seen]
        top = 100.0 + 60 * (rows if whole else row)
        left = 40 + (0 if whole else column) * 1200 / columns
        boxes[lead] = (left, top, left + (1200 if whole else 1200 / columns) - 5, top + 50)
    confidence = np.where(np.isnan(signal), 0, 0.9).astype(np.float32)
    return Traces(replace(recording, signal=signal), confidence, layout, 25.0, 10.0, boxes, {}, ())


@pytest.fixture(scope="module")
def photo():
    photo = np.full((700, 1000, 3), 235, np.uint8)
    photo[::20], photo[:, ::20] = 200, 200
    return photo


@pytest.fixture(scope="module")
def report():
    picture = np.full((HEIGHT, WIDTH, 3), 240, np.uint8)
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    mask[400:404, 50:1200] = 1
    to_photo = np.diag([1000 / WIDTH, 700 / HEIGHT, 1.0])
    page = Rectified(picture, to_photo, (3.85, 3.89), 0, 0.9, ("The paper is bent.",))
    return PageReading("The page", Choices(), page, mask, read_of())


@pytest.fixture(scope="module")
def diagnoses():
    findings = tuple(
        Finding(label, 0.05 + 0.08 * place, 0.3, dict.fromkeys(RULES, 0.3), CURVE)
        for place, label in enumerate(LABELS)
    )
    networks = {"diagnosis-signal": 0.7, "diagnosis-resnet18": 0.3}
    return Diagnoses("blend", networks, UNSAID, findings, ("Mind the gap.",))


@pytest.fixture
def read():
    """Return a function that opens a PDF's bytes, closed when the test ends."""
    opened = []

    def read(content, pages=1):
        document = pypdfium2.PdfDocument(content)
        opened.append(document)
        assert len(document) == pages
        assert document[0].get_size() == pytest.approx((297 * MM, 210 * MM), abs=0.1)
        return document

    yield read
    for document in opened:
        document.close()


def words(document, place=0):
    return " ".join(document[place].get_textpage().get_text_bounded().split())


def shapes(document, kind=pypdfium2.raw.FPDF_PAGEOBJ_PATH):
    """Return the bounds in mm of every path, or of another kind: left, bottom, right, top."""
    found = [part.get_bounds() for part in document[0].get_objects([kind])]
    return np.array(found).reshape(-1, 4) / MM


def test_all_that_belongs_on_it(report, diagnoses, photo, read):
    text = words(read(paper_pdf(report, diagnoses, photo)))
    for part in (
        "The page",
        "photo 1000 × 700 px",
        "3.85 × 3.89 px/mm",
        "page 260 × 180 mm",
        "3 rows of 4 leads and a rhythm strip",
        "Drawn at 25 mm/s · 10 mm/mV",
        CLASSIFIERS["blend"],
        "by greatest F1",
        "The paper is bent. Mind the gap.",
        NOT_A_DEVICE,
        "Check every lead against the paper.",
        *STANDARD_LEADS,
        *LABELS,
        *LABELS.values(),
    ):
        assert part.replace("'", "’") in text.replace("'", "’"), part
    for name in (*diagnoses.networks, NETWORK):
        card = models.catalogue()[name]
        assert f"{card.title} (sha256 {card.sha256[:12]})" in text.replace("’", "'")
    assert "70 % Diagnoses" in text


def test_labels_stand_by_margin_with_their_figures(report, diagnoses, photo, read):
    text = words(read(paper_pdf(report, diagnoses, photo)))
    for finding in diagnoses.findings:
        line = (
            f"{finding.label} {LABELS[finding.label]} {fine_percent(finding.probability)} "
            f"30 % {'above' if finding.positive else 'below'} 70 % 65 %"
        )
        assert line in text
    places = [text.index(f"{label} {said} ") for label, said in LABELS.items()]
    assert places == sorted(places, reverse=True)
    assert text.count("above") == sum(one.positive for one in diagnoses.findings) == 7


def test_thresholds_set_by_hand_are_said_to_be(report, diagnoses, photo, read):
    moved = diagnoses.at({"NORM": 0.01})
    text = words(read(paper_pdf(report, moved, photo)))
    assert "set by hand" in text
    assert "1.0 % above" in text
    assert "set by hand" not in words(read(paper_pdf(report, diagnoses, photo)))


def test_a_normal_ecg_beside_what_excludes_it_is_pointed_out(report, diagnoses, photo, read):
    text = words(read(paper_pdf(report, diagnoses.at(dict.fromkeys(LABELS, 0.01)), photo)))
    assert "exclude each other" in text


def test_the_bars_and_marks_are_where_they_should_be(report, diagnoses, photo, read):
    """Where a label's probability is its threshold, the bar ends at the mark."""
    low, high = math.log(0.001 / 0.999), math.log(0.999 / 0.001)
    place = 24 * (math.log(0.3 / 0.7) - low) / (high - low)
    bounds = shapes(read(paper_pdf(report, diagnoses, photo)))
    wide, tall = bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]
    bars = bounds[np.isclose(tall, 2.3, atol=0.1) & (wide < 24.5) & (wide > 1)]
    assert len(bars) == len(LABELS)
    zero = bars[:, 0].min()
    assert np.ptp(bars[:, 0]) < 0.1
    marks = bounds[(tall > 4.2) & (tall < 4.6) & (wide < 1)]
    marks = marks[np.isclose(marks[:, [0, 2]].mean(axis=1), zero + place, atol=0.2)]
    assert len(marks) == len(LABELS)
    assert ((bars[:, 2] > zero + place).sum()) == 7


def test_the_tracing_is_true_to_scale(report, diagnoses, photo, read, path_points):
    traces = report.traces
    signal = traces.recording.signal.copy()
    signal[1] = 0.8 * np.sin(np.pi * traces.recording.time)
    waves = replace(traces, recording=traces.recording.with_signal(signal))
    drawn = path_points(read(paper_pdf(replace(report, traces=waves), diagnoses, photo)))
    wide, tall = np.array([np.ptp(line, axis=0) for line in drawn]).T
    strip = np.isclose(wide, 250, atol=0.1) & (tall > 3)
    assert tall[strip] == pytest.approx([16], abs=0.01)  # 10 s and 1.6 mV
    wave = drawn[int(np.flatnonzero(strip)[0])]
    first = wave[wave[:, 0] < wave[0, 0] + 25, 1] - wave[0, 1]  # the sine's first second: upwards
    assert (first.min(), first.max()) == pytest.approx((0, 8), abs=0.1)
    assert (np.isclose(wide, 62.5, atol=0.1) & (tall > 1) & (tall < 60)).sum() == 12
    pulses = np.isclose(wide, 7, atol=0.01) & np.isclose(tall, 10, atol=0.01)
    assert pulses.sum() == 4


def test_many_rows_are_drawn_at_a_smaller_gain_that_is_said(report, diagnoses, photo, read):
    many = replace(report, traces=read_of("12x1"))
    document = read(paper_pdf(many, diagnoses, photo))
    text = words(document)
    assert "read at 25 mm/s, 10 mm/mV" in text
    assert "Drawn at 25 mm/s · 10 mm/mV" not in text
    bounds = shapes(document)
    wide, tall = bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]
    assert (np.isclose(wide, 250, atol=1) & (tall > 0.5) & (tall < 60)).sum() == 12


def test_a_long_page_is_drawn_slower(report, diagnoses, photo, read):
    slow = replace(report, traces=read_of("12x1", 20.0))
    text = words(read(paper_pdf(slow, diagnoses, photo)))
    assert "Drawn at 12.5 mm/s" in text
    assert "19 s" in text


def test_a_lead_that_was_not_read_and_doubtful_stretches(report, diagnoses, photo, read):
    traces = report.traces
    kept = [lead for lead in STANDARD_LEADS if lead != "V6"]
    confidence = traces.confidence[:-1].copy()
    confidence[2, 200:400] = 0.1
    part = replace(
        traces,
        recording=traces.recording.select(kept),
        confidence=confidence,
        boxes={lead: traces.boxes[lead] for lead in kept},
    )
    document = read(paper_pdf(replace(report, traces=part), diagnoses, photo))
    assert "V6 not read" in words(document)
    paths = list(document[0].get_objects([pypdfium2.raw.FPDF_PAGEOBJ_PATH]))
    dashed = [path for path in paths if pypdfium2.raw.FPDFPageObj_GetDashCount(path.raw) == 2]
    assert len(dashed) == 1
    left, _, right, _ = np.array(dashed[0].get_bounds()) / MM
    assert right - left == pytest.approx(25 * 198 / 500, abs=1.2)
    bounds = shapes(document)
    wide = bounds[:, 2] - bounds[:, 0]
    doubtful = np.isclose(wide, 25 * 198 / 500, atol=0.8) & (bounds[:, 3] < 120)
    assert doubtful.any()


def test_what_is_absent_is_said_in_its_place(report, diagnoses, photo, read):
    error = PageError("shows no rows that fit a layout", stage="signals", remedy="Choose one.")
    text = words(read(paper_pdf(replace(report, traces=None, error=error), diagnoses, photo)))
    why = "The leads could not be read: the page shows no rows that fit a layout. Choose one."
    assert why in text
    assert "Drawn at" not in text
    assert "No tracing" in text
    assert all(label in text for label in LABELS)
    unread = PageError(error.problem, stage="rectify", remedy=error.remedy)
    bare = PageReading("Bare", Choices(), error=unread)
    text = words(read(paper_pdf(bare, None, photo)))
    assert "The page could not be read: the page shows no rows" in text
    assert "None: no mask was found." in text
    assert NOT_A_DEVICE in text


def test_many_warnings_and_networks_leave_the_caution_legible(report, diagnoses, photo, read):
    names = list(models.catalogue())
    crowded = replace(
        diagnoses,
        networks=dict.fromkeys(names[:5], 0.2),
        warnings=tuple(f"Warning number {place} is here." for place in range(200)),
    )
    document = read(paper_pdf(report, crowded, photo), pages=2)
    text = words(document)
    assert "Trained on:" in text
    whole = f"{text} {words(document, 1)}".replace("Warnings, continued ", "")
    for place in range(200):
        assert f"number {place} is" in whole
    page = document[0].get_textpage()
    found = page.search("Read the tracing")
    index, count = found.get_next()
    found.close()
    left, bottom, right, top = (
        np.array([page.get_charbox(place) for place in range(index, index + count)]).T / MM
    )
    others = page.get_text_bounded(
        left=0, right=297 * MM, bottom=(bottom.min() + 0.3) * MM, top=(top.max() - 0.3) * MM
    )
    assert len(others.strip().splitlines()) <= 2  # that line, and the version beside it
    assert "Warning" not in others
    assert right.max() < 290
    assert left.min() > 5


@pytest.mark.parametrize("shape", [(3000, 300), (300, 3000), (40, 1200), (2967, 2721)])
def test_photos_of_any_shape_stay_in_their_place(report, diagnoses, shape, read):
    photo = np.zeros((*shape, 3), np.uint8)
    document = read(paper_pdf(report, diagnoses, photo))
    pictures = shapes(document, pypdfium2.raw.FPDF_PAGEOBJ_IMAGE)
    assert len(pictures) == 2
    assert (pictures[:, 0] >= 10.9).all()
    assert (pictures[:, 2] <= 153).all()  # left of the table
    assert (pictures[:, 1] >= 210 - 82).all()
    assert (pictures[:, 3] <= 210 - 26).all()
    assert pictures[0, 2] < pictures[1, 0]


@pytest.mark.parametrize("name", [TALL, "x" * 100_000, "", "\ud800 lone", "é" * 300, "😀" * 50])
def test_hostile_names_break_nothing(name, report, diagnoses, photo, read):
    text = words(read(paper_pdf(replace(report, name=name), diagnoses, photo)))
    assert NOT_A_DEVICE in text
    if name == TALL:
        assert "心电图" in text
        assert "(evil) \\) endobj" in text


def test_nothing_of_a_person_is_in_the_metadata(report, diagnoses, photo, read):
    content = paper_pdf(replace(report, name="Jane Doe 1931"), diagnoses, photo)
    assert "Jane" not in str(read(content).get_metadata_dict())
    assert b"Jane" not in content
    assert b"Exif" not in content
    assert len(content) < 600_000


def test_it_is_one_page_of_a_page_that_was_really_read(read):
    """The way from a drawn page to its report, with the networks as they are."""
    from ecgkit.diagnosis.export import chosen_diagnoses
    from ecgkit.diagnosis.page_reading import read_page
    from ecgkit.rendering.page import render_page
    from ecgkit.rendering.page_style import PageStyle

    page = render_page(
        generate_ecg(10.0, 500.0, seed=3),
        PageStyle(layout="3x4", px_per_mm=(6.0, 6.0), separator="none", pulse="none"),
    )
    found = read_page(page.image, classifiers=("blend",), name="page")
    shown = chosen_diagnoses(found)
    text = words(read(paper_pdf(found, shown, page.image)))
    for finding in shown.findings:
        line = " ".join(distinct_percents(finding.probability, finding.threshold))
        assert f"{finding.label} {LABELS[finding.label]} {line}" in text
    assert all(lead in text for lead in STANDARD_LEADS)
