"""What is drawn of a page: the photo's frame, rulers, the mask, and the digitized leads."""

import numpy as np
import pytest

from ecgkit.digitization.extraction import Traces
from ecgkit.digitization.lead_signals import FS
from ecgkit.digitization.rectification.rectify import Rectified
from ecgkit.drawing.html.page_stages import (
    Step,
    draw_mask,
    draw_page,
    draw_photo,
    draw_steps,
    page_frame,
)
from ecgkit.drawing.html.page_tables import checks_table, law_word, leads_table
from ecgkit.drawing.svg.digitized import draw_digitized, lead_confidence, show_same_time
from ecgkit.paper.layouts import LAYOUTS, arrange
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import Recording


def read(layout: str, *, together: bool = False, cabrera: bool = False, strip: str = "II"):
    """Traces as they are read of a page of ten seconds, exactly."""
    whole = generate_ecg(10.0, FS)
    shape = LAYOUTS[layout]
    base = layout.partition("+")[0]
    places = list(arrange(base, LAYOUTS[base].leads, cabrera=cabrera))
    span = whole.n_samples // shape.columns
    signal = np.full(whole.signal.shape, np.nan, np.float32)
    boxes = {}
    for place in places:
        row = whole.leads.index(place.lead)
        first = 0 if together else place.column * span
        signal[row, first : first + span] = whole.signal[row, first : first + span]
        left, top = 1250 / shape.columns * place.column, 100.0 * place.row
        boxes[place.lead] = (left, top, left + 1250 / shape.columns, top + 90)
    if shape.strips:
        signal[whole.leads.index(strip)] = whole.lead(strip)
        boxes[strip] = (0.0, 100.0 * shape.rows, 1250.0, 100.0 * shape.rows + 90)
    confidence = np.where(np.isfinite(signal), 0.9, 0).astype(np.float32)
    recording = Recording(signal, FS, whole.leads)
    return Traces(recording, confidence, layout, 25.0, 10.0, boxes, {"II = I + III": 0.02}, ())


def starts(traces: Traces) -> dict[str, float]:
    """Return where each label of a drawing begins, in mm; the last one of a lead that is twice."""
    from xml.etree import ElementTree

    sheet = ElementTree.fromstring(draw_digitized(traces).sheet)
    bold = [node for node in sheet.iter("text") if node.get("font-weight") == "bold"]
    return {str(node.text): float(node.get("x", "nan")) for node in bold}


def test_columns_that_follow_each_other_stand_at_their_time() -> None:
    found = starts(read("3x4"))
    assert found["I"] == pytest.approx(1.5)
    assert found["aVR"] == pytest.approx(62.5 + 1.5)
    assert found["V6"] == pytest.approx(187.5 + 1.5)


def test_columns_of_the_same_time_stand_beside_each_other() -> None:
    traces = read("3x4", together=True)
    assert show_same_time(traces)
    assert not show_same_time(read("3x4"))
    assert starts(traces) == starts(read("3x4"))


@pytest.mark.parametrize("strip", ["II", "V1"])
def test_a_strip_stands_below_and_in_its_own_place(strip: str) -> None:
    traces = read("3x4+1", strip=strip)
    drawn = draw_digitized(traces).sheet
    assert drawn.count(f">{strip}</text>") == 2
    assert drawn.count('class="confidence"') == 13


def test_cabreras_order_is_kept() -> None:
    drawn = draw_digitized(read("6x2", cabrera=True)).sheet
    order = [drawn.index(f">{lead}</text>") for lead in ("aVL", "I", "aVR", "II", "aVF", "III")]
    assert order == sorted(order)


def test_doubt_is_dotted_and_lowers_the_ribbon() -> None:
    traces = read("12x1")
    assert '<g data-signal="doubtful"' in draw_digitized(traces).sheet
    sure = draw_digitized(traces).sheet.partition('data-signal="doubtful"')[2]
    assert "<path" not in sure.partition("</g></g>")[0]
    traces.confidence[3, 1000:2000] = 0.2
    unsure = draw_digitized(traces).sheet.partition('data-signal="doubtful"')[2]
    assert "<path" in unsure.partition("</g></g>")[0]
    assert lead_confidence(traces, "aVR") == pytest.approx(0.76, abs=0.01)


def test_a_lead_that_was_not_read_is_said_to_be() -> None:
    traces = read("3x4")
    kept = [lead for lead in traces.recording.leads if lead != "V2"]
    rows = [traces.recording.leads.index(lead) for lead in kept]
    less = Traces(
        traces.recording.select(kept),
        traces.confidence[rows],
        "3x4",
        25.0,
        10.0,
        {lead: traces.boxes[lead] for lead in kept},
        {},
        (),
    )
    drawn = draw_digitized(less).sheet
    assert ">V2</text>" in drawn
    assert "not read" in drawn


def test_tables_say_in_words_what_they_show() -> None:
    traces = read("3x4+1")
    table = leads_table(traces)
    assert table.count("clear") == 12
    assert "0.0–2.5" in table
    assert "0.0–10.0" in table  # the strip
    assert "✓ holds" in checks_table(traces)
    assert [law_word(missed) for missed in (0.1, 0.5, 0.9)] == [
        "✓ holds",
        "~ holds roughly",
        "✕ does not hold",
    ]


def turned() -> Rectified:
    """A page that the photo shows turned by 20 degrees, partly out of sight."""
    angle = np.deg2rad(20)
    matrix = np.array(
        [
            [np.cos(angle), -np.sin(angle), 100],
            [np.sin(angle), np.cos(angle), -60],
            [0, 0, 1.0],
        ]
    )
    return Rectified(np.zeros((600, 900, 3), np.uint8), matrix, (5.0, 5.0), 0, 1.0)


def test_the_frame_is_a_rectangle_of_the_page_inside_the_photo() -> None:
    corners = np.array(page_frame(turned(), (700, 1000, 3)))
    assert corners.min() >= 0
    assert np.all(corners <= [999, 699])
    sides = np.diff(np.vstack([corners, corners[:1]]), axis=0)
    lengths = np.hypot(*sides.T)
    assert lengths[0] / lengths[1] == pytest.approx(899 / 599, rel=0.01)
    assert abs(sides[0] @ sides[1]) < 0.01 * lengths[0] * lengths[1]
    without = np.array(page_frame(None, (700, 1000, 3)))
    assert without.min() > 0


def test_pictures_carry_words_and_escape_names() -> None:
    photo = draw_photo("data:,", (700, 1000, 3), turned(), "<b>x</b>")
    assert "<b>x" not in photo
    assert "5 mm" in photo
    assert 'class="editor"' not in photo
    assert 'class="editor"' in draw_photo("data:,", (700, 1000, 3), None, "x", edited=True)
    assert "180 by 120 mm" in draw_page("data:,", turned())
    mask = draw_mask("data:,", "data:,", turned(), coverage=0.021)
    assert "2.1 %" in mask
    assert mask.count('type="range"') == 3


def test_steps_say_their_state_in_words() -> None:
    steps = draw_steps([Step("a", "One", "done", "0.1 s"), Step("b", "Two", "failed", "<i>")])
    assert "could not be done" in steps
    assert "✕" in steps
    assert "&lt;i&gt;" in steps
