"""The diagnoses of view 3, run without a browser."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from test_paper_page import as_file, choose, complete, give, html, opened_page, press, run, said

from ecgkit import models
from ecgkit.demo import open_demo
from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.predict import IMAGE, SAID, UNSAID
from ecgkit.drawing.html.diagnoses import SHORT
from ecgkit.drawing.percent import fine_percent
from ecgkit.drawing.style import DIAGNOSES_CAUTION
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import usual_style


@pytest.fixture
def app() -> AppTest:
    """The Paper page with the clean demo page read."""
    return complete(opened_page())


def rows(app: AppTest) -> dict[str, str]:
    """Return label -> what its row says, in the order in which they stand."""
    drawn = html(app, "paper_findings")
    found = re.findall(r'<li class="finding[^>]*data-label="([^"]*)">(.*?)</li>', drawn)
    return {label: re.sub("<[^>]*>", "", row) for label, row in found}


def shown(app: AppTest, classifier: str = "blend"):
    return app.session_state["paper_report"].diagnoses[classifier]


def closer(app: AppTest, label: str) -> AppTest:
    app.selectbox(key="paper_label").set_value(label)
    return run(app)


def slide(app: AppTest, threshold: float) -> AppTest:
    slider = next(one for one in app.select_slider if one.key.startswith("paper_threshold"))
    slider.set_value(threshold)
    return run(app)


def test_the_labels_stand_by_margin_with_their_caution(app: AppTest) -> None:
    answers = shown(app)
    assert list(rows(app)) == [finding.label for finding in answers.ranked]
    assert set(rows(app)) == set(LABELS)
    for finding in answers.findings:
        row = rows(app)[finding.label]
        side = "above" if finding.positive else "below"
        assert f"{side} its threshold" in row
        assert f"threshold {fine_percent(finding.threshold)}" in row
        assert f"sensitivity {fine_percent(finding.sensitivity)}" in row
    assert DIAGNOSES_CAUTION in said(app)
    assert answers.basis == UNSAID
    assert "neither speed nor voltage scale was said" in said(app)
    for name in answers.networks:
        assert models.catalogue()[name].title in said(app)
    beside = html(app, "paper_beside")
    assert all(title.replace("'", "&#x27;") in beside for title in SHORT.values())
    assert beside.count("<tr>") == 12
    assert not html(app, "paper_evidence_view")  # only when it is asked for


def test_classifier_and_rule_are_chosen(app: AppTest) -> None:
    choose(app, "paper_classifier", "image")
    assert list(rows(app)) == [finding.label for finding in shown(app, "image").ranked]
    choose(app, "paper_rule", "Youden's J")
    for finding in shown(app, "image").by_rule("Youden's J").findings:
        assert f"threshold {fine_percent(finding.threshold)}" in rows(app)[finding.label]


def test_a_moved_threshold_turns_the_words_and_one_click_turns_them_back(app: AppTest) -> None:
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
    assert "You have set thresholds yourself" in said(app)
    closer(app, next(name for name in LABELS if name != label))
    assert f"{word} its threshold" in rows(app)[label]  # another label's slider leaves it
    app.switch_page("pages/models/page.py")
    run(app)
    app.switch_page("pages/paper/page.py")
    run(app)
    assert f"{word} its threshold" in rows(app)[label]
    choose(app, "paper_classifier", "image")
    assert "You have set thresholds yourself" not in said(app)  # they were the blend's
    choose(app, "paper_classifier", "blend")
    press(app, "paper_reset")
    assert rows(app) == before
    assert "You have set thresholds yourself" not in said(app)


def test_what_was_chosen_goes_with_the_photo(app: AppTest) -> None:
    slide(closer(app, "PVC"), 0.9)
    choose(app, "paper_classifier", "image")
    press(app, "paper_close")
    for key in ("paper_thresholds", "paper_classifier", "paper_label", "paper_report"):
        assert key not in app.session_state


def test_a_scale_that_is_said_has_its_own_thresholds_and_the_mask_is_kept(app: AppTest) -> None:
    before = app.session_state["paper_report"]
    choose(app, "paper_speed", 25.0)
    choose(app, "paper_gain", 10.0)
    assert shown(app).basis == SAID
    assert app.session_state["paper_report"].mask is before.mask
    assert "scale were said" in said(app)


def test_the_evidence_is_looked_for_when_it_is_asked_for(app: AppTest) -> None:
    app.toggle(key="paper_evidence").set_value(True)
    closer(app, "CD")
    drawn = html(app, "paper_evidence_view")
    assert "data:image/jpeg" in drawn
    assert 'class="over heat"' in drawn
    assert "CD (Conduction disturbance)" in drawn
    assert "an aid to look, no proof" in said(app) or "Nothing on the page" in said(app)
    kept = [key for key in app.session_state["paper_results"] if key[0] == "evidence"]
    assert {key[2] for key in kept} >= {"CD"}


def test_the_image_answers_where_no_lead_was_read() -> None:
    """A piece of a page: its traces are seen, but no lead has a name."""
    app = complete(opened_page())
    recording = open_demo("12-lead")
    whole = render_page(recording, usual_style(recording.leads)).image
    complete(give(app, as_file(np.ascontiguousarray(whole[:300, 300:700])), "part.png"))
    report = app.session_state["paper_report"]
    assert set(report.diagnoses) == {"image", "blend"}
    assert len(rows(app)) == 11
    assert "from the mask's image alone" in said(app)
    assert "could not be asked" in said(app)
    choose(app, "paper_classifier", "signal")
    assert not rows(app)
    assert "has no answer" in said(app)


def test_a_missing_network_is_one_sentence_and_nothing_else_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = tmp_path / "weights"
    shutil.copytree(models.folder(), weights)
    (weights / f"{IMAGE}.safetensors").write_bytes(b"damaged")
    monkeypatch.setenv("ECGKIT_WEIGHTS", str(weights))
    monkeypatch.setattr(models, "_loaded", {})
    st.cache_resource.clear()
    try:
        app = complete(opened_page())
        assert [error.value.replace("\\", "") for error in app.error] == [
            f"{IMAGE}.safetensors: is missing or not the file that its card describes. Restore it "
            "from the repository."
        ]
        report = app.session_state["paper_report"]
        assert len(report.traces.recording.leads) == 12
        assert html(app, "paper_mask_view")
        assert html(app, "paper_leads_view")
        assert not app.session_state["paper_correct"]
        assert "step failed" in html(app, "paper_steps").split("<li>")[5]
        assert not rows(app)
        labels = {button.label for button in app.get("download_button")}
        assert {"Report (PDF)", "Signals (CSV)", "Values (JSON)"} <= labels
    finally:
        st.cache_resource.clear()
