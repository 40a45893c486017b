"""The way from a photo to its leads, stage by stage."""

from __future__ import annotations

import numpy as np
import pytest

from ecgkit.digitization import pipeline
from ecgkit.digitization.pipeline import STAGES, Choices, DigitizedPage, digitize_page
from ecgkit.errors import PageError
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import STANDARD_LEADS, RecordingError
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import usual_style


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    recording = generate_ecg(10.0, seed=3)
    return render_page(recording, usual_style(recording.leads, "3x4+1")).image


def test_a_page_is_read_stage_by_stage(photo: np.ndarray) -> None:
    told: list[tuple[str, float]] = []
    report = digitize_page(photo, name="drawn", progress=lambda *said: told.append(said))
    assert report.error is None
    assert report.traces is not None
    assert report.traces.recording.name == "drawn"
    assert report.traces.recording.leads == STANDARD_LEADS
    stages = list(STAGES)
    assert list(report.seconds) == stages
    assert list(dict.fromkeys(stage for stage, _ in told)) == stages


def test_what_choices_leave_as_it_is_is_not_done_again(photo: np.ndarray) -> None:
    first = digitize_page(photo)
    other = digitize_page(photo, Choices(mm_per_mv=20.0), earlier=first)
    assert other.rectified is first.rectified
    assert other.mask is first.mask
    assert first.traces is not None
    assert other.traces is not None
    one, half = (report.traces.recording.lead("II") for report in (first, other))
    np.testing.assert_allclose(half, one / 2, atol=1e-4)
    again = digitize_page(photo, Choices(px_per_mm=(5.0, 5.0)), earlier=first)
    assert again.rectified is not first.rectified


def test_a_page_that_cannot_be_read_says_so() -> None:
    report = digitize_page(np.full((400, 600, 3), 200, np.uint8))
    assert report.traces is None
    assert report.error is not None
    assert report.error.stage == "rectify"
    assert "px_per_mm" in report.error.asks


def test_any_refusal_of_the_last_stage_stands_in_the_report(
    photo: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RecordingError("has 13 rows", remedy="Choose the layout.")

    monkeypatch.setattr(pipeline, "read_traces", refuse)
    report = digitize_page(photo)
    assert report.mask is not None
    assert report.error is not None
    assert (report.error.stage, report.error.problem) == ("signals", "has 13 rows")


def test_a_page_says_in_one_line_what_was_read(photo: np.ndarray) -> None:
    page = digitize_page(photo, name="drawn")
    assert "\n" not in repr(page)
    assert "'drawn'" in repr(page)
    assert "3x4+1, 12 leads" in repr(page)
    assert page.recording.leads == STANDARD_LEADS
    assert page.to_dict()["layout"] == "3x4+1"


def test_the_leads_of_a_page_that_was_not_read_are_refused_with_the_reason() -> None:
    page = digitize_page(np.full((400, 600, 3), 200, np.uint8))
    assert "no grid" in repr(page)
    with pytest.raises(PageError, match="no grid"):
        _ = page.recording
    with pytest.raises(PageError, match="not been read"):
        _ = DigitizedPage("new", Choices()).recording


def test_a_resolution_that_a_person_gave_is_not_replaced_by_a_guess(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("ecgkit.digitization.rectification.row_length_scale.rectify_by_rows", never)
    page = digitize_page(np.full((400, 600, 3), 200, np.uint8), Choices(px_per_mm=(0.1, 0.1)))
    assert page.error is not None
    assert "impossible resolution" in str(page.error)


def test_a_stage_that_failed_has_no_time(photo: np.ndarray) -> None:
    page = digitize_page(photo, Choices(px_per_mm=(0.1, 0.1)), earlier=digitize_page(photo))
    assert page.seconds == {}
    assert page.mask is None
