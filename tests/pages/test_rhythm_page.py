"""View 2, run without a browser."""

import re

import numpy as np
import pytest

from ecgkit.drawing.style import NOT_A_DEVICE
from ecgkit.io import write_csv
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import STANDARD_LEADS, Recording
from ecgkit.rhythm.report import NETWORKS


@pytest.fixture
def app(open_rhythm_page):
    """The Scalogram page with everything loaded."""
    return open_rhythm_page().complete()


def test_the_tracing_waits_for_no_network(open_rhythm_page) -> None:
    page = open_rhythm_page()
    assert "not recorded" not in page.parts()["tracing"]
    for lead in STANDARD_LEADS:
        assert f">{lead}</text>" in page.parts()["tracing"]
    assert "Heart rate" in page.said()
    assert NOT_A_DEVICE.partition(".")[0] in page.said()


def test_a_recording_is_answered_by_three_networks(app) -> None:
    answers = app.parts("rhythm_answers")["answers"]
    assert [name for name in NETWORKS if f'data-model="{name}"' in answers] == list(NETWORKS)
    shown = app.parts()
    assert list(shown) == ["tracing", "player", "thumbs", "stack", "second", "timeline"]
    assert shown["thumbs"].count("<button") == 10
    assert shown["second"].count("<table") == 10
    assert "networks" in app.said()  # agreement or not, in words
    assert "no other: paced" in app.said()


def test_the_network_and_the_transform_can_be_changed(app) -> None:
    first = app.parts()
    app.choose("rhythm_mode", "per_second")
    assert app.parts()["stack"] != first["stack"]
    assert app.parts()["tracing"] == first["tracing"]
    assert "2.7 Hz" in app.said()
    app.choose("rhythm_model", "cnn1d")
    assert "those of the 1D CNN." in app.said()


def test_paper(app) -> None:
    width = float(re.search(r"--mm:([\d.]+)", app.parts()["tracing"])[1])
    assert app.parts()["tracing"].count("Calibration pulse") == 4
    app.choose("rhythm_layout", "12x1")
    assert app.parts()["tracing"].count("Calibration pulse") == 12
    app.choose("rhythm_layout", "6x2")
    app.choose("rhythm_speed", 50.0)
    assert float(re.search(r"--mm:([\d.]+)", app.parts()["tracing"])[1]) == width + 250
    app.choose("rhythm_gain", 20.0)
    assert 'data-units-a-mm="0.05"' in app.parts()["tracing"]


def test_evidence_comes_when_it_is_asked_for(app) -> None:
    app.choose("rhythm_model", "cnn1d")
    assert 'class="tints"' not in app.parts()["tracing"]
    app.toggle(key="rhythm_occlusion").set_value(True)
    app.run()
    assert 'class="tints"' in app.parts()["tracing"]
    assert 'id="heat"' not in app.parts()["stack"]
    app.toggle(key="rhythm_cam").set_value(True)
    app.run()
    assert 'id="heat"' in app.parts()["stack"]
    assert "no proof" in app.said()


def test_a_short_recording_is_refused_and_still_drawn(app) -> None:
    app.upload({"mine.csv": write_csv(generate_ecg(4.0, 250.0))})
    assert [w.value for w in app.warning if "No rhythm is named" in w.value]
    assert "at least 5 s" in app.said()
    assert app.parts()["thumbs"].count("<button") == 4
    assert "stack" in app.parts()
    assert "timeline" not in app.parts()
    labels = {button.label for button in app.get("download_button")}
    assert labels == {"Tracing (SVG)", "Scalogram of second 1 (SVG)"}


@pytest.mark.parametrize("kind", ["flat", "noise", "unnamed", "flat lead", "tiny"])
def test_odd_recordings_take_nothing_down(app, kind: str) -> None:
    made = generate_ecg(8.0, 250.0, leads=("I", "II", "V1"))
    signal, leads, tall = made.signal.copy(), made.leads, True
    if kind == "flat":
        signal[:], tall = 0.0, False
    elif kind == "noise":
        signal = np.random.default_rng(0).normal(size=signal.shape).astype(np.float32)
        tall = False
    elif kind == "unnamed":
        leads, tall = ("a", "b", "c"), False
    elif kind == "flat lead":
        signal[2] = 0.0
    elif kind == "tiny":
        signal, tall = signal[:, :100], False
    app.upload({"mine.csv": write_csv(Recording(signal, 250.0, leads))})
    assert "sheet" in app.parts()["tracing"]
    assert ("stack" in app.parts()) == (kind != "tiny")
    assert ("answers" in app.parts("rhythm_answers")) == tall
    assert len([w for w in app.warning if "No rhythm is named" in w.value]) == (not tall)


def test_a_long_recording_has_a_window_and_an_overview(app) -> None:
    app.selectbox(key="demo").set_value("holter")
    app.run().press("open_demo")
    first = app.parts()["tracing"]
    assert "lanes" not in app.parts("rhythm_overview")["overview"]
    app.slider(key="rhythm_start").set_value(120.0)
    app.run()
    assert app.parts()["tracing"] != first
    assert "2:00 to 2:01" in app.parts()["player"]
    app.choose("rhythm_model", "cnn1d")
    app.press("whole_rhythm")
    assert "lanes" in app.parts("rhythm_overview")["overview"]
    assert "Of 30 windows" in app.said()
    assert "whole_rhythm" not in {button.key for button in app.button}
    app.press("open_demo")  # another recording: nothing of the first one is left
    assert "lanes" not in app.parts("rhythm_overview").get("overview", "")
    assert app.slider(key="rhythm_start").value == 0.0


def test_a_recording_of_half_a_minute_is_overviewed_at_once(app) -> None:
    app.upload({"mine.csv": write_csv(generate_ecg(30.0, 250.0, leads=("I", "II")))})
    assert "lanes" in app.parts("rhythm_overview")["overview"]
    assert "Of 3 windows" in app.said()


def test_view_1_sends_a_signal_and_gets_it_back(open_rhythm_page) -> None:
    app = open_rhythm_page("denoise")
    app.slider(key="snr").set_value(3)
    app.choose("methods", ["bandpass"])
    app.selectbox(key="hand_over").set_value("bandpass")
    app.run().press("send")
    app.run()  # the page that was switched to
    app.complete()
    assert "Band-pass 0.5–40 Hz" in app.said()
    cleaned = app.parts()["tracing"]
    app.choose("rhythm_signal", "As opened")
    assert app.parts()["tracing"] != cleaned
    app.press("to_denoise")
    app.run()
    assert app.slider(key="snr").value == 3  # as it was left
    assert app.session_state["recording"].name == "12-lead demo"
    app.go("rhythm")
    app.choose("rhythm_signal", "Band-pass 0.5–40 Hz")
    app.press("send_back")
    assert app.session_state["recording"].name == "12-lead demo, Band-pass 0.5–40 Hz"
    assert app.title[0].value == "Denoise"


def test_downloads_hold_what_they_say(app) -> None:
    labels = {button.label for button in app.get("download_button")}
    assert labels == {
        "One-page report (PDF)",
        "Probabilities (CSV)",
        "Probabilities (JSON)",
        "Tracing (SVG)",
        "Scalogram of second 1 (SVG)",
        "Timeline (SVG)",
    }


def test_without_a_recording(app) -> None:
    next(button for button in app.button if button.label == "Close").click()
    app.run()
    assert any("No recording is open" in info.value for info in app.info)
