"""What view 1 shows and gives away is of the signal, window and method in sight, and no other."""

import csv
import io

import numpy as np
import pytest
import streamlit as st

from ecgkit.denoising import make_method
from ecgkit.io import open_recording, write_csv
from ecgkit.processing.metrics import compare
from ecgkit.processing.noise import add_noise
from ecgkit.processing.synthetic import generate_ecg

HOSTILE = "![192](data:x)<b>"


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict:
    """The downloads on the page: label -> what makes the file's bytes."""
    made: dict = {}
    shown = st.download_button

    def recorded(label, data, *arguments, **settings):
        made[label] = data
        return shown(label, data, *arguments, **settings)

    monkeypatch.setattr(st, "download_button", recorded)
    return made


@pytest.fixture
def noisy_and_clean():
    """A trace that is clean in its first half and noisy in its second, and the clean one."""
    clean = generate_ecg(30.0, 250.0, leads=("I", "II"), seed=4)
    signal = add_noise(clean, "white", 0.0).signal.copy()
    signal[:, : signal.shape[1] // 2] = clean.signal[:, : signal.shape[1] // 2]
    return clean.with_signal(signal), clean


@pytest.fixture
def pair(open_denoise_page, files: dict, noisy_and_clean):
    """View 1 with that pair, the band-pass, and five seconds in sight."""
    noisy, clean = noisy_and_clean
    app = open_denoise_page().upload({"noisy.csv": write_csv(noisy)})
    app.choose("mode", "pair").upload({"clean.csv": write_csv(clean)}, "pair")
    return app.choose("methods", ["bandpass"]).choose("length", 5.0)


def test_the_metrics_are_of_the_window_in_sight(pair, noisy_and_clean) -> None:
    noisy, clean = noisy_and_clean
    for start in (20.0, 2.0):
        pair.slider(key="start").set_value(start)
        pair.run()
        first = max(0.0, start - 5.0)  # the method sees five seconds before and after
        filtered = make_method("bandpass").denoise(noisy.window(first, start + 10.0).select(["II"]))
        filtered = filtered.window(start - first, start - first + 5.0)
        seen, truth = (of.window(start, start + 5.0).select(["II"]) for of in (noisy, clean))
        for key, output in (("input", seen), ("bandpass", filtered)):
            snr = compare(output.signal, truth.signal).snr_db
            said = pair.rows()[key][0].replace("−", "-").replace("∞", "inf")
            if key == "input" and start < 15.0:
                assert min(float(said), snr) > 40  # nothing but the file's rounding
                continue
            assert float(said) == pytest.approx(snr, abs=0.1)


def test_files_hold_the_method_that_is_chosen(pair, files: dict, noisy_and_clean) -> None:
    noisy, _ = noisy_and_clean
    pair.choose("methods", ["bandpass", "dwt"]).choose("section", "Downloads")
    pair.checkbox(key="dwt_baseline_row").set_value(False)
    pair.run()
    for key in ("bandpass", "dwt"):
        pair.selectbox(key="download_method").set_value(key)
        pair.run()
        wanted = make_method(key).denoise(noisy).signal
        for label, name in (("CSV", "a.csv"), ("EDF", "a.edf"), ("WFDB (zip)", "a.zip")):
            saved = open_recording({name: files[label]()})
            np.testing.assert_allclose(saved.signal, wanted, atol=2e-3)
    table = files["Metrics (CSV)"]().decode()
    lines = [line for line in table.splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(io.StringIO("\n".join(lines))))
    of_all = [row for row in rows if row["lead"] == "all"]
    said = [float(pair.rows()[key][0].replace("−", "-").replace("∞", "inf")) for key in pair.rows()]
    column = next(name for name in rows[0] if name.startswith("SNR"))
    assert [float(row[column]) for row in of_all] == pytest.approx(said, abs=0.01)


def test_the_figure_is_the_one_in_sight(pair, files: dict) -> None:
    pair.choose("section", "Downloads").choose("speed", 50.0)
    first = files["Figure (SVG)"]()
    assert b"50 mm/s" in first
    pair.slider(key="start").set_value(12.0)
    pair.run()
    assert b"12.0 to 17.0 s" in files["Figure (SVG)"]()


def test_what_is_sent_to_view_2_is_what_its_name_says(pair, noisy_and_clean) -> None:
    noisy, _ = noisy_and_clean
    wanted = make_method("bandpass").denoise(noisy).signal
    pair.selectbox(key="scalogram_signal").set_value("bandpass")
    pair.run().press("send")
    (label, (_, sent)), *others = pair.session_state["sent"].items()
    assert label == "Band-pass 0.5–40 Hz"
    assert not others
    np.testing.assert_allclose(sent.signal, wanted, atol=2e-3)


def test_nothing_of_the_recording_before_is_shown_of_another(open_denoise_page) -> None:
    app = open_denoise_page().choose("methods", ["bandpass"])
    flat = generate_ecg(60.0, 500.0)  # leads, rate and noise as the demo's: the same marks
    flat = flat.with_signal(flat.signal * np.float32(0.01))
    app.upload({"mine.csv": write_csv(flat)})
    after = app.views()
    app = open_denoise_page()  # a session that has seen nothing else of its own
    app.press("Close").upload({"mine.csv": write_csv(flat)}).choose("methods", ["bandpass"])
    for key in ("paper_view", "residual_view", "strip"):
        assert after[key] == app.views()[key], key


def test_a_demo_is_named_a_demo(open_denoise_page) -> None:
    app = open_denoise_page()
    assert "12-lead demo" in app.said()
    app.upload({"patient.csv": write_csv(generate_ecg(10.0, 250.0))})
    assert "patient" in app.said()
    assert "Recording: patient, which counts as clean" not in app.said()  # that is the report's
    assert not any("**12-lead demo" in one.value for one in app.markdown)
    app.press("Open demo")
    assert any("**12\\-lead demo**" in one.value for one in app.markdown)
    assert "patient" not in app.said()


@pytest.mark.parametrize("page", ["denoise", "rhythm"])
def test_a_hostile_name_is_shown_as_it_stands(open_denoise_page, page: str) -> None:
    app = open_denoise_page()
    clean = generate_ecg(10.0, 250.0)
    app.upload({f"{HOSTILE}.csv": write_csv(clean)})
    if page == "denoise":
        app.choose("mode", "pair").upload({f"{HOSTILE}.csv": write_csv(clean)}, "pair")
    else:
        app.go(page)
    groups = (app.markdown, app.caption, app.info, app.warning, app.error)
    texts = [part.value for group in groups for part in group]
    named = [text for text in texts if "192" in text]
    assert len(named) >= 1 + (page == "denoise")
    for text in named:
        assert "![" not in text
        assert "<b>" not in text
