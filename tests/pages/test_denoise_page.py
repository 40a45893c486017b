"""View 1 and the sidebar, run without a browser."""

import io
import json
import re
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ecgkit.denoising import METHODS
from ecgkit.drawing.style import NOT_A_DEVICE
from ecgkit.io import open_recording, write_csv, write_wfdb
from ecgkit.processing.noise import add_noise
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import Recording

APP = Path(__file__).resolve().parents[2] / "app.py"


@pytest.fixture
def app() -> AppTest:
    """The application after its first run."""
    return checked(AppTest.from_file(str(APP), default_timeout=60).run())


def checked(app: AppTest) -> AppTest:
    """Return the application, of which no part has failed."""
    assert not app.exception, app.exception[0].value
    return app


def run(app: AppTest) -> AppTest:
    return checked(app.run())


def choose(app: AppTest, key: str, value: object) -> AppTest:
    next(group for group in app.get("button_group") if group.key == key).set_value(value)
    return run(app)


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    return run(app)


def views(app: AppTest) -> dict[str, str]:
    """Return the HTML of each drawing and table by its key."""
    found = {}
    for element in app.get("bidi_component"):
        key = re.search(r"-([a-z_]+)$", element.proto.id)[1]
        found[key] = json.loads(element.proto.json)["html"]
    return found


def rows(app: AppTest) -> dict[str, list[str]]:
    """Return the metrics table's cells by signal."""
    lines = re.findall(r'<tr data-signal="(\w+)">(.*?)</tr>', views(app)["metrics"])
    return {key: re.findall(r"<td>(.*?)</td>", cells) for key, cells in lines}


def upload(app: AppTest, files: dict[str, bytes], where: str = "upload") -> AppTest:
    box = next(box for box in app.file_uploader if box.key.startswith(where))
    box.set_value([(name, content, "application/octet-stream") for name, content in files.items()])
    return run(app)


def opened(app: AppTest) -> Recording:
    return app.session_state["recording"]


def test_first_visit_shows_a_noisy_recording_cleaned(app: AppTest) -> None:
    assert opened(app).name == "12-lead demo"
    assert "paper_view" in views(app)
    assert rows(app)["input"][0] == "0.00"
    assert float(rows(app)["dwt_baseline"][0]) > 3
    assert any(NOT_A_DEVICE.partition(".")[0] in caption.value for caption in app.caption)
    assert any("ST segments" in warning.value for warning in app.warning)


def test_networks_come_once_they_are_loaded(app: AppTest) -> None:
    assert "loading the network" in views(app)["metrics"] or "aprcnn" in rows(app)
    end = time.monotonic() + 60
    while "aprcnn" not in rows(app) and time.monotonic() < end:
        time.sleep(0.3)
        run(app)
    assert float(rows(app)["aprcnn"][0]) > 6
    choose(app, "methods", list(METHODS))
    while "autoencoder" not in rows(app) and time.monotonic() < end:
        time.sleep(0.3)
        run(app)
    assert set(rows(app)) == {"input", "aprcnn", "dwt", "dwt_baseline", "bandpass", "autoencoder"}


def test_metrics_follow_the_slider(app: AppTest) -> None:
    before = rows(choose(app, "methods", ["bandpass"]))
    app.slider(key="snr").set_value(-5)
    after = rows(run(app))
    assert after["input"][0] == "−5.00"
    assert float(after["bandpass"][0]) < float(before["bandpass"][0])
    assert after["input"][2] != before["input"][2]


def test_seed_and_kind_change_the_noise(app: AppTest) -> None:
    drawn = [views(app)["paper_view"]]
    app.number_input(key="seed").set_value(1)
    drawn.append(views(run(app))["paper_view"])
    app.selectbox(key="kind").set_value("powerline")
    drawn.append(views(run(app))["paper_view"])
    choose(app, "mains", 60)
    drawn.append(views(app)["paper_view"])
    assert len(set(drawn)) == 4


def test_dwt_settings_count(app: AppTest) -> None:
    app.selectbox(key="kind").set_value("white")
    usual = rows(run(app))["dwt"]
    app.slider(key="level").set_value(1)
    shallow = rows(run(app))["dwt"]
    app.radio(key="rule").set_value("level")
    other = rows(run(app))["dwt"]
    assert float(shallow[0]) < float(usual[0])
    assert other[:4] != usual[:4]
    app.checkbox(key="dwt_baseline_row").set_value(False)
    assert "dwt_baseline" not in rows(run(app))


def test_leads_and_paper(app: AppTest) -> None:
    press(app, "All leads")
    for lead in opened(app).leads:
        assert f">{lead}</text>" in views(app)["paper_view"]
    choose(app, "leads", ["aVR"])
    width = float(re.search(r"--mm:([\d.]+)", views(app)["paper_view"])[1])
    choose(app, "speed", 50.0)
    assert float(re.search(r"--mm:([\d.]+)", views(app)["paper_view"])[1]) == width + 250
    choose(app, "gain", 20.0)
    assert 'data-units-a-mm="0.05"' in views(app)["paper_view"]
    choose(app, "layout", "under")
    assert ">DWT db8 + baseline step</text>" in views(app)["paper_view"]
    app.checkbox(key="with_residual").set_value(False)
    assert "residual_view" not in views(run(app))


def test_a_noisy_trace_alone_has_no_snr(app: AppTest) -> None:
    choose(app, "mode", "alone")
    assert any("SNR and MSE cannot be known" in info.value for info in app.info)
    assert "indicators" in views(app)
    assert not rows(app)["input"][:-1]


def test_a_pair_is_compared(app: AppTest) -> None:
    clean = generate_ecg(10.0, 250.0)
    noisy = add_noise(clean, "white", 3.0)
    upload(app, {"noisy.csv": write_csv(noisy)})
    choose(app, "mode", "pair")
    upload(app, {"short.csv": write_csv(clean.window(0, 8))}, "pair")
    assert "2,000 samples a lead, not 2,500" in app.error[0].value.replace("\\", "")
    upload(app, {"clean.csv": write_csv(clean)}, "pair")
    assert rows(app)["input"][0] == "3.00"
    press(app, "Remove")
    assert "metrics" not in views(app)


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 500, b"a,b\n1,x\n", b"PK\x03\x04broken"])
def test_bad_bytes_give_one_sentence_and_lose_nothing(app: AppTest, content: bytes) -> None:
    before = opened(app)
    upload(app, {"![x](http://example.org)<b>.csv": content})
    assert len(app.error) + len(app.info) == 1
    assert opened(app) is before
    assert "paper_view" in views(app)
    if app.error:
        assert "\\<b\\>" in app.error[0].value or "<b>" not in app.error[0].value


def test_what_a_file_does_not_state_is_asked_for(app: AppTest) -> None:
    values = generate_ecg(10.0, 250.0, leads=("I", "II")).signal.T
    text = io.StringIO()
    np.savetxt(text, values, fmt="%.4f", delimiter=",")
    upload(app, {"two.csv": text.getvalue().encode()})
    assert opened(app).name == "12-lead demo"
    app.number_input(key="upload_fs").set_value(250.0)
    press(app, "Open with this")
    assert opened(app).name == "two"
    assert opened(app).fs == 250
    np.testing.assert_allclose(opened(app).signal, values.T, atol=1e-4)
    assert "paper_view" in views(app)


def test_several_files_are_one_recording(app: AppTest) -> None:
    upload(app, write_wfdb(generate_ecg(10.0, 250.0), "mine"))
    assert opened(app).name == "mine"
    assert len(opened(app).leads) == 12


def test_close_and_open_again(app: AppTest) -> None:
    press(app, "Close")
    assert "recording" in app.session_state
    assert opened(app) is None
    assert any("No recording is open" in info.value for info in app.info)
    app.selectbox(key="demo").set_value("holter")
    press(run(app), "Open demo")
    assert opened(app).duration == pytest.approx(300)
    assert "strip" in views(app)


def test_scrubbing_moves_the_window(app: AppTest) -> None:
    app.selectbox(key="demo").set_value("holter")
    press(run(app), "Open demo")
    first = views(app)
    app.slider(key="start").set_value(120.0)
    then = views(run(app))
    assert then["paper_view"] != first["paper_view"]
    assert ">2:05</text>" in then["paper_view"]
    choose(app, "length", 30.0)
    app.slider(key="start").set_value(270.0)
    assert ">4:59</text>" in views(run(app))["paper_view"]


def test_sections_below_the_paper(app: AppTest) -> None:
    choose(app, "methods", ["dwt", "bandpass"])
    assert "V2" in views(app)["lead_table"]
    choose(app, "section", "DWT levels")
    assert "Level 5: " in views(app)["level_paper"]
    choose(app, "section", "SNR out against SNR in")
    press(app, "Compute the curves")
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert [trace["name"] for trace in figure["data"]][1:] == [
        "DWT db8",
        "DWT db8 + baseline step",
        "Band-pass 0.5–40 Hz",
    ]


def test_downloads_hold_what_they_say(app: AppTest) -> None:
    choose(app, "methods", ["bandpass"])
    choose(app, "section", "Downloads")
    files = {button.label: button for button in app.get("download_button")}
    assert set(files) == {
        *("WFDB (zip)", "CSV", "EDF"),
        *("Figure (SVG)", "Report (HTML)", "Metrics (CSV)"),
    }


def test_a_long_recording_is_denoised_before_its_download(app: AppTest) -> None:
    app.selectbox(key="demo").set_value("holter")
    press(run(app), "Open demo")
    choose(app, "methods", ["bandpass"])
    choose(app, "section", "Downloads")
    assert "CSV" not in {button.label for button in app.get("download_button")}
    press(app, "Denoise the whole recording")
    assert "CSV" in {button.label for button in app.get("download_button")}
    assert app.session_state["whole"][1].n_samples == opened(app).n_samples


def test_downloaded_recordings_open_again() -> None:
    import sys

    sys.path.insert(0, str(APP.parent))
    try:
        from pages.denoise.downloads import _csv, _edf
        from pages.shell.files import wfdb_zip
    finally:
        sys.path.remove(str(APP.parent))
    made = generate_ecg(10.0, 250.0)
    with zipfile.ZipFile(io.BytesIO(wfdb_zip(made, "stem"))) as archive:
        wfdb = {name: archive.read(name) for name in archive.namelist()}
    for files in (wfdb, {"a.csv": _csv(made)}, {"a.edf": _edf(made)}):
        again = open_recording(files)
        assert again.leads == made.leads
        np.testing.assert_allclose(again.signal, made.signal, atol=2e-3)


def test_models_page(app: AppTest) -> None:
    app.switch_page("pages/models/page.py")
    run(app)
    assert {code.value for code in app.code if re.fullmatch("[0-9a-f]{64}", code.value)}
    assert any(NOT_A_DEVICE.partition(".")[0] in caption.value for caption in app.caption)
