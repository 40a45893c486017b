import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from ecgkit.digitization.extraction import Traces
from ecgkit.digitization.lead_signals import FS
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
    sheet = ElementTree.fromstring(draw_digitized(traces).body)
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
    drawn = draw_digitized(traces).body
    assert drawn.count(f">{strip}</text>") == 2
    assert drawn.count('class="confidence"') == 13


def test_cabreras_order_is_kept() -> None:
    drawn = draw_digitized(read("6x2", cabrera=True)).body
    order = [drawn.index(f">{lead}</text>") for lead in ("aVL", "I", "aVR", "II", "aVF", "III")]
    assert order == sorted(order)


def test_doubt_is_dotted_and_lowers_the_band_of_confidence() -> None:
    traces = read("12x1")
    assert '<g data-signal="doubtful"' in draw_digitized(traces).body
    sure = draw_digitized(traces).body.partition('data-signal="doubtful"')[2]
    assert "<path" not in sure.partition("</g></g>")[0]
    traces.confidence[3, 1000:2000] = 0.2
    unsure = draw_digitized(traces).body.partition('data-signal="doubtful"')[2]
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
    drawn = draw_digitized(less).body
    assert ">V2</text>" in drawn
    assert "not read" in drawn


def test_a_lead_stands_at_its_zero_line_upright_and_true_to_scale() -> None:
    traces = read("12x1")
    signal = np.zeros_like(traces.recording.signal)
    signal[:, : int(FS)] = np.arange(1, 13)[:, None] / 10  # mV, in the first second alone
    drawn = draw_digitized(replace(traces, recording=traces.recording.with_signal(signal)))
    group = next(
        node
        for node in ElementTree.fromstring(drawn.body).iter("g")
        if node.get("data-signal") == "tracing"
    )
    starts = [re.match(r"M(\d+) (\S+)l", str(path.get("d"))) for path in group.iter("path")]
    tops = [int(start[2]) / 50 for start in starts if start and start[1] == "0"]
    pulses = re.findall(r'class="pulse" d="M\S+ (\S+?)h1v-10h5v10h1', drawn.gutter)
    rise = [float(zero) - top for zero, top in zip(pulses, tops, strict=True)]
    assert rise == pytest.approx(np.arange(1, 13), abs=0.02)
