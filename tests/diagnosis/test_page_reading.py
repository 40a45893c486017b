"""A page read whole: its leads, its findings, and how it shows itself."""

from __future__ import annotations

import numpy as np
import pytest

from ecgkit.diagnosis.export import report_values
from ecgkit.diagnosis.page_reading import STAGES, PageReading, read_page
from ecgkit.digitization.pipeline import Choices
from ecgkit.errors import PageError
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import usual_style


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    recording = generate_ecg(10.0, seed=3)
    return render_page(recording, usual_style(recording.leads, "3x4+1")).image


def test_a_reading_shows_itself(photo: np.ndarray) -> None:
    told: list[str] = []
    page = read_page(
        photo, classifiers=["image"], name="<a> & b", progress=lambda stage, _: told.append(stage)
    )
    assert list(dict.fromkeys(told)) == list(STAGES) == list(page.seconds)
    assert list(page.diagnoses) == ["image"]
    assert "12 leads" in repr(page)
    assert "image: " in repr(page)
    assert "\n" not in repr(page)
    drawn = page._repr_html_()
    assert "&lt;a&gt; &amp; b" in drawn
    assert "<a>" not in drawn
    assert "data:image/png;base64," in drawn
    values = page.to_dict()
    assert values == report_values(page)
    assert len(values["labels"]) == 11
    assert list(values)[-3:] == ["warnings", "seconds", "error"]


def test_a_page_that_was_not_read_shows_why() -> None:
    error = PageError("shows no grid", stage="rectify", remedy="Photograph it again.")
    page = PageReading("bare", Choices(), error=error)
    assert "shows no grid" in page._repr_html_()
    assert "<img" not in page._repr_html_()
    assert page.to_dict()["labels"] == {}
