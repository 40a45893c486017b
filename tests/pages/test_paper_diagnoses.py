"""The diagnoses of view 3, run without a browser."""

import re
import shutil
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import streamlit as st

from ecgkit import models
from ecgkit.demos import open_demo
from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.predict import IMAGE, SAID, UNSAID
from ecgkit.drawing.html.diagnoses import SHORT
from ecgkit.drawing.percent import fine_percent
from ecgkit.drawing.style import DIAGNOSES_CAUTION
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import usual_style

pytestmark = pytest.mark.slow


@pytest.fixture
def app(open_paper_page):
    """The Paper page with the clean demo page read."""
    return open_paper_page().complete()


def rows(app) -> dict[str, str]:
    """Return label -> what its row says, in the order in which they stand."""
    drawn = app.html("paper_findings")
    found = re.findall(r'<li class="finding[^>]*data-label="([^"]*)">(.*?)</li>', drawn)
    return {label: re.sub("<[^>]*>", "", row) for label, row in found}


def shown(app, classifier: str = "blend"):
    return app.session_state["paper_report"].diagnoses[classifier]


def closer(app, label: str):
    app.selectbox(key="paper_label").set_value(label)
    return app.run()


def slide(app, threshold: float):
    slider = next(one for one in app.select_slider if one.key.startswith("paper_threshold"))
    slider.set_value(threshold)
    return app.run()


def test_the_labels_stand_by_margin_with_their_caution(app) -> None:
    answers = shown(app)
    assert list(rows(app)) == [finding.label for finding in answers.ranked]
    assert set(rows(app)) == set(LABELS)
    for finding in answers.findings:
        row = rows(app)[finding.label]
        side = "above" if finding.positive else "below"
        assert f"{side} its threshold" in row
        assert f"threshold {fine_percent(finding.threshold)}" in row
        assert f"sensitivity {fine_percent(finding.sensitivity)}" in row
    assert DIAGNOSES_CAUTION in app.said()
    assert answers.basis == UNSAID
    assert "neither speed nor voltage scale was said" in app.said()
    for name in answers.networks:
        assert models.catalogue()[name].title in app.said()
    beside = app.html("paper_beside")
    assert all(title in unescape(beside) for title in SHORT.values())
    assert beside.count("<tr>") == 12
    assert not app.html("paper_evidence_view")  # only when it is asked for


def test_classifier_and_rule_are_chosen(app) -> None:
    app.choose("paper_classifier", "image")
    assert list(rows(app)) == [finding.label for finding in shown(app, "image").ranked]
    app.choose("paper_rule", "Youden's J")
    for finding in shown(app, "image").by_rule("Youden's J").findings:
        assert f"threshold {fine_percent(finding.threshold)}" in rows(app)[finding.label]


def test_a_moved_threshold_turns_the_words_and_one_click_turns_them_back(app) -> None:
    before = rows(app)
    first = shown(app).ranked[0]
    assert app.button(key="paper_reset").disabled
    label, turned, word = (
        (first.label, 0.999, "below") if first.positive else (first.label, 0.001, "above")
    )
    slide(closer(app, label), turned)
    assert f"{word} its threshold" in rows(app)[label]
    assert f"threshold {fine_percent(turned)}" in rows(app)[label]
    moved = shown(app).at({label: turned})
    assert list(rows(app)) == [finding.label for finding in moved.ranked]
    now = next(finding for finding in moved.findings if finding.label == label)
    assert f"sensitivity {fine_percent(now.sensitivity)}" in rows(app)[label]
    assert f"specificity {fine_percent(now.specificity)}" in rows(app)[label]
    assert "You have set thresholds yourself" in app.said()
    closer(app, next(name for name in LABELS if name != label))
    assert f"{word} its threshold" in rows(app)[label]  # another label's slider leaves it
    app.go("models")
    app.go("paper")
    assert f"{word} its threshold" in rows(app)[label]
    app.choose("paper_classifier", "image")
    assert "You have set thresholds yourself" not in app.said()  # they were the blend's
    app.choose("paper_classifier", "blend")
    app.press("paper_reset")
    assert rows(app) == before
    assert "You have set thresholds yourself" not in app.said()


def test_what_was_chosen_goes_with_the_photo(app) -> None:
    slide(closer(app, "PVC"), 0.9)
    app.choose("paper_classifier", "image")
    app.press("paper_close")
    for key in ("paper_thresholds", "paper_classifier", "paper_label", "paper_report"):
        assert key not in app.session_state


def test_a_scale_that_is_said_has_its_own_thresholds_and_the_mask_is_kept(app) -> None:
    before = app.session_state["paper_report"]
    app.choose("paper_speed", 25.0)
    app.choose("paper_gain", 10.0)
    assert shown(app).basis == SAID
    assert app.session_state["paper_report"].mask is before.mask
    assert "scale were said" in app.said()


def test_the_evidence_is_looked_for_when_it_is_asked_for(app) -> None:
    app.toggle(key="paper_evidence").set_value(True)
    closer(app, "CD")
    drawn = app.html("paper_evidence_view")
    assert "data:image/jpeg" in drawn
    assert 'class="over heat"' in drawn
    assert "CD (Conduction disturbance)" in drawn
    assert "an aid to look, no proof" in app.said() or "Nothing on the page" in app.said()
    kept = [key for key in app.session_state["paper_results"] if key[0] == "evidence"]
    assert {key[2] for key in kept} >= {"CD"}


def test_the_image_answers_where_no_lead_was_read(open_paper_page) -> None:
    """A piece of a page: its traces are seen, but no lead has a name."""
    app = open_paper_page().complete()
    recording = open_demo("12-lead")
    whole = render_page(recording, usual_style(recording.leads)).image
    app.give(np.ascontiguousarray(whole[:300, 300:700]), "part.png").complete()
    report = app.session_state["paper_report"]
    assert set(report.diagnoses) == {"image", "blend"}
    assert len(rows(app)) == 11
    assert "from the mask's image alone" in app.said()
    assert "could not be asked" in app.said()
    app.choose("paper_classifier", "signal")
    assert not rows(app)
    assert "has no answer" in app.said()


def test_a_missing_network_is_one_sentence_and_nothing_else_is_lost(
    open_paper_page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = tmp_path / "weights"
    shutil.copytree(models.folder(), weights)
    (weights / f"{IMAGE}.safetensors").write_bytes(b"damaged")
    monkeypatch.setenv("ECGKIT_WEIGHTS", str(weights))
    monkeypatch.setattr(models, "_loaded", {})
    st.cache_resource.clear()
    try:
        app = open_paper_page().complete()
        assert [error.value.replace("\\", "") for error in app.error] == [
            f"{IMAGE}.safetensors: is missing or not the file that its card describes. Restore it "
            "from the repository."
        ]
        report = app.session_state["paper_report"]
        assert len(report.traces.recording.leads) == 12
        assert app.html("paper_mask_view")
        assert app.html("paper_leads_view")
        assert not app.session_state["paper_correct"]
        assert "step failed" in app.html("paper_steps").split("<li>")[5]
        assert not rows(app)
        labels = {button.label for button in app.get("download_button")}
        assert {"Report (PDF)", "Signals (CSV)", "Values (JSON)"} <= labels
    finally:
        st.cache_resource.clear()
