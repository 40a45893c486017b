"""View 2, run without a browser."""

import json
import re
import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ecgkit.drawing.style import NOT_A_DEVICE
from ecgkit.io import write_csv
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import STANDARD_LEADS, Recording
from ecgkit.rhythm.report import NETWORKS

APP = Path(__file__).resolve().parents[2] / "app.py"


@pytest.fixture
def app() -> AppTest:
    """The Scalogram page with everything loaded."""
    return complete(opened_page())


def opened_page() -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    app.switch_page("pages/rhythm/page.py")
    return run(app)


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, app.exception[0].value
    return app


def complete(app: AppTest) -> AppTest:
    """Return the page once networks and transform are there."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        waiting = "loading the network" in parts(app, "rhythm_answers").get("answers", "")
        if "stack" in parts(app) and not waiting:
            return app
        time.sleep(0.3)
        run(app)
    raise AssertionError("the networks were not loaded in time")


def parts(app: AppTest, key: str = "rhythm_view") -> dict[str, str]:
    """Return the drawings of one component by name."""
    for element in app.get("bidi_component"):
        if element.proto.id.endswith(f"-{key}"):
            return json.loads(element.proto.json)["parts"]
    return {}


def choose(app: AppTest, key: str, value: object) -> AppTest:
    next(group for group in app.get("button_group") if group.key == key).set_value(value)
    return run(app)


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click()
    return run(app)


def give(app: AppTest, recording: Recording, name: str = "mine.csv") -> AppTest:
    box = next(box for box in app.file_uploader if box.key.startswith("upload"))
    box.set_value([(name, write_csv(recording), "text/csv")])
    return run(app)


def said(app: AppTest) -> str:
    groups = (app.markdown, app.caption, app.info, app.warning, app.error)
    return "\n".join(part.value for group in groups for part in group).replace("\\", "")


def test_the_tracing_waits_for_no_network() -> None:
    page = opened_page()
    assert "not recorded" not in parts(page)["tracing"]
    for lead in STANDARD_LEADS:
        assert f">{lead}</text>" in parts(page)["tracing"]
    assert "Heart rate" in said(page)
    assert NOT_A_DEVICE.partition(".")[0] in said(page)


def test_a_recording_is_answered_by_three_networks(app: AppTest) -> None:
    answers = parts(app, "rhythm_answers")["answers"]
    assert [name for name in NETWORKS if f'data-model="{name}"' in answers] == list(NETWORKS)
    shown = parts(app)
    assert list(shown) == ["tracing", "player", "thumbs", "stack", "second", "timeline"]
    assert shown["thumbs"].count("<button") == 10
    assert shown["second"].count("<table") == 10
    assert "networks" in said(app)  # agreement or not, in words
    assert "no other: paced" in said(app)


def test_the_network_and_the_transform_can_be_changed(app: AppTest) -> None:
    first = parts(app)
    choose(app, "rhythm_mode", "per_second")
    assert parts(app)["stack"] != first["stack"]
    assert parts(app)["tracing"] == first["tracing"]
    assert "2.7 Hz" in said(app)
    choose(app, "rhythm_model", "cnn1d")
    assert "those of the 1D CNN." in said(app)


def test_paper(app: AppTest) -> None:
    width = float(re.search(r"--mm:([\d.]+)", parts(app)["tracing"])[1])
    assert parts(app)["tracing"].count("Calibration pulse") == 4
    choose(app, "rhythm_layout", "12x1")
    assert parts(app)["tracing"].count("Calibration pulse") == 12
    choose(app, "rhythm_layout", "6x2")
    choose(app, "rhythm_speed", 50.0)
    assert float(re.search(r"--mm:([\d.]+)", parts(app)["tracing"])[1]) == width + 250
    choose(app, "rhythm_gain", 20.0)
    assert 'data-units-a-mm="0.05"' in parts(app)["tracing"]


def test_evidence_comes_when_it_is_asked_for(app: AppTest) -> None:
    choose(app, "rhythm_model", "cnn1d")
    assert 'class="tints"' not in parts(app)["tracing"]
    app.toggle(key="rhythm_occlusion").set_value(True)
    run(app)
    assert 'class="tints"' in parts(app)["tracing"]
    assert 'id="heat"' not in parts(app)["stack"]
    app.toggle(key="rhythm_cam").set_value(True)
    run(app)
    assert 'id="heat"' in parts(app)["stack"]
    assert "no proof" in said(app)


def test_a_short_recording_is_refused_and_still_drawn(app: AppTest) -> None:
    give(app, generate_ecg(4.0, 250.0))
    assert [w.value for w in app.warning if "No rhythm is named" in w.value]
    assert "at least 5 s" in said(app)
    assert parts(app)["thumbs"].count("<button") == 4
    assert "stack" in parts(app)
    assert "timeline" not in parts(app)
    labels = {button.label for button in app.get("download_button")}
    assert labels == {"Tracing (SVG)", "Scalogram of second 1 (SVG)"}


@pytest.mark.parametrize("kind", ["flat", "noise", "unnamed", "flat lead", "tiny"])
def test_odd_recordings_take_nothing_down(app: AppTest, kind: str) -> None:
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
    give(app, Recording(signal, 250.0, leads))
    assert "sheet" in parts(app)["tracing"]
    assert ("stack" in parts(app)) == (kind != "tiny")
    assert ("answers" in parts(app, "rhythm_answers")) == tall
    assert len([w for w in app.warning if "No rhythm is named" in w.value]) == (not tall)


def test_a_long_recording_has_a_window_and_an_overview(app: AppTest) -> None:
    app.selectbox(key="demo").set_value("holter")
    press(run(app), "open_demo")
    first = parts(app)["tracing"]
    assert "lanes" not in parts(app, "rhythm_overview")["overview"]
    app.slider(key="rhythm_start").set_value(120.0)
    run(app)
    assert parts(app)["tracing"] != first
    assert "2:00 to 2:01" in parts(app)["player"]
    choose(app, "rhythm_model", "cnn1d")
    press(app, "whole_rhythm")
    assert "lanes" in parts(app, "rhythm_overview")["overview"]
    assert "Of 30 windows" in said(app)
    assert "whole_rhythm" not in {button.key for button in app.button}
    press(app, "open_demo")  # another recording: nothing of the first one is left
    assert "lanes" not in parts(app, "rhythm_overview").get("overview", "")
    assert app.slider(key="rhythm_start").value == 0.0


def test_a_recording_of_half_a_minute_is_overviewed_at_once(app: AppTest) -> None:
    give(app, generate_ecg(30.0, 250.0, leads=("I", "II")))
    assert "lanes" in parts(app, "rhythm_overview")["overview"]
    assert "Of 3 windows" in said(app)


def test_view_1_sends_a_signal_and_gets_it_back() -> None:
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    app.slider(key="snr").set_value(3)
    choose(app, "methods", ["bandpass"])
    app.selectbox(key="hand_over").set_value("bandpass")
    press(run(app), "send")
    run(app)  # the page that was switched to
    complete(app)
    assert "Band-pass 0.5–40 Hz" in said(app)
    cleaned = parts(app)["tracing"]
    choose(app, "rhythm_signal", "As opened")
    assert parts(app)["tracing"] != cleaned
    press(app, "to_denoise")
    run(app)
    assert app.slider(key="snr").value == 3  # as it was left
    assert app.session_state["recording"].name == "12-lead demo"
    app.switch_page("pages/rhythm/page.py")
    run(app)
    choose(app, "rhythm_signal", "Band-pass 0.5–40 Hz")
    press(app, "send_back")
    assert app.session_state["recording"].name == "12-lead demo, Band-pass 0.5–40 Hz"
    assert app.title[0].value == "Denoise"


def test_downloads_hold_what_they_say(app: AppTest) -> None:
    labels = {button.label for button in app.get("download_button")}
    assert labels == {
        "One-page report (PDF)",
        "Probabilities (CSV)",
        "Probabilities (JSON)",
        "Tracing (SVG)",
        "Scalogram of second 1 (SVG)",
        "Timeline (SVG)",
    }


def test_without_a_recording(app: AppTest) -> None:
    next(button for button in app.button if button.label == "Close").click()
    run(app)
    assert any("No recording is open" in info.value for info in app.info)
