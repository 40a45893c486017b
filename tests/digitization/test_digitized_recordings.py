"""A digitized page as a recording: most leads are there for 2.5 s, a rhythm strip for all of it."""

import numpy as np
import pytest

from ecgkit.drawing.svg.tracing import layouts_for, rhythm_lead
from ecgkit.processing.beats import detect_beats
from ecgkit.processing.gaps import mostly_present
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import Recording, RecordingError
from ecgkit.rhythm.report import rhythm_report, rhythm_window

ORDER = ("I", "aVR", "V1", "V4", "II", "aVL", "V2", "V5", "III", "aVF", "V3", "V6")


def page(strip: str = "", *, together: bool = False) -> Recording:
    """A page of 3 rows and 4 columns, with or without a strip."""
    whole = generate_ecg(10.0, 500.0, heart_rate=80.0)
    signal = np.full(whole.signal.shape, np.nan, np.float32)
    for place, lead in enumerate(ORDER):
        first = 0 if together else 1250 * (place % 4)
        row = whole.leads.index(lead)
        signal[row, first : first + 1250] = whole.signal[row, first : first + 1250]
    if strip:
        signal[whole.leads.index(strip)] = whole.lead(strip)
    return Recording(signal, 500.0, whole.leads)


@pytest.mark.parametrize("strip", ["II", "V1", "V5"])
def test_the_strip_counts_the_beats(strip: str) -> None:
    made = page(strip)
    seen = mostly_present(made.signal)
    assert [lead for lead, here in zip(made.leads, seen, strict=True) if here] == [strip]
    beats = detect_beats(made)
    assert beats.lead == strip
    assert beats.heart_rate == pytest.approx(80, abs=2)
    assert rhythm_lead(made, beats) == strip


def test_without_a_strip_all_leads_are_seen_as_well() -> None:
    assert mostly_present(page().signal).all()
    assert mostly_present(np.full((2, 5), np.nan)).all()


def test_the_rhythm_is_that_of_the_strip_and_says_so() -> None:
    assert rhythm_window(page("II")).leads == ("II",)
    report = rhythm_report(page("II"), "cnn1d")
    assert report.heart_rate == pytest.approx(80, abs=2)
    assert any("Without I, III" in line for line in report.warnings)
    with pytest.raises(RecordingError, match="mostly missing"):
        rhythm_window(page())


def test_a_tracing_hides_no_lead_that_is_there() -> None:
    assert layouts_for(page("II"), 10.0) == ["3x4", "6x2", "12x1"]
    assert layouts_for(page("II", together=True), 10.0) == ["12x1"]
