import re
import xml.etree.ElementTree as ET

from ecgkit.drawing.style import NOT_A_DEVICE
from ecgkit.drawing.svg.scalogram import draw_stacked_scalogram, draw_thumbnails, scalogram_file
from ecgkit.drawing.svg.stacked_scalograms import COLUMNS, stack_scalograms
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import STANDARD_LEADS


def boxes(drawing: str, kind: str) -> list[dict]:
    return [dict(e.attrib) for e in ET.fromstring(drawing).iter() if e.get("class") == kind]


def labels(drawing: str) -> list[str]:
    return [
        element.text for element in ET.fromstring(drawing).iter() if element.tag.endswith("text")
    ]


def test_a_stack_has_labels_axes_units_and_a_cone() -> None:
    recording = generate_ecg(10.0, 250.0)
    scalograms = stack_scalograms(recording, 0, 10)
    drawing = draw_stacked_scalogram(scalograms, ("II", recording.lead("II")), second=4)
    said = labels(drawing)
    assert set(STANDARD_LEADS) <= set(said)
    assert {"1", "10", "100", "Time within the second (s)", "Frequency (Hz), log axis"} <= set(said)
    assert "Magnitude (mV), square-root scale" in said
    cuts = boxes(drawing, "cut")
    assert len(cuts) == 13
    assert {cut["viewBox"].split()[0] for cut in cuts} == {str(4 * COLUMNS)}
    assert 'id="cone"' in drawing
    file = scalogram_file(drawing, "what <it> is")
    assert NOT_A_DEVICE in " ".join(filter(None, labels(file.decode())))


def test_thumbnails_bear_class_and_colour() -> None:
    scalograms = stack_scalograms(generate_ecg(3.0, 250.0), 0, 3)
    html = draw_thumbnails(scalograms, ["SR", "uncertain"])
    buttons = re.findall(r"<button.*?</button>", html)
    assert len(buttons) == 3
    assert ">SR</span>" in buttons[0]
    assert "--ecg-SR" in buttons[0]
    assert ">uncertain</span>" in buttons[1]
    assert "no answer" in buttons[2]
