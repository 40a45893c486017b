import numpy as np

from ecgkit.digitization.extraction import FS, Traces
from ecgkit.drawing.html.page_tables import checks_table, law_word, leads_table
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
