"""View 1 and the sidebar, run without a browser."""

import io
import json
import re
import zipfile

import numpy as np
import pytest

from ecgkit.denoising import METHODS
from ecgkit.drawing.style import NOT_A_DEVICE
from ecgkit.io import open_recording, write_csv, write_wfdb
from ecgkit.processing.noise import add_noise
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import Recording


@pytest.fixture
def app(open_denoise_page):
    """The application after its first run."""
    return open_denoise_page()


def opened(app) -> Recording:
    return app.session_state["recording"]


def test_first_visit_shows_a_noisy_recording_cleaned(app) -> None:
    assert opened(app).name == "12-lead demo"
    assert "paper_view" in app.views()
    assert app.rows()["input"][0] == "0.00"
    assert float(app.rows()["dwt_baseline"][0]) > 3
    assert any(NOT_A_DEVICE.partition(".")[0] in caption.value for caption in app.caption)
    assert any("ST segments" in warning.value for warning in app.warning)


def test_networks_come_once_they_are_loaded(app) -> None:
    assert "loading the network" in app.views()["metrics"] or "aprcnn" in app.rows()
    app.until(lambda: "aprcnn" in app.rows(), "the first network was not loaded")
    assert float(app.rows()["aprcnn"][0]) > 6
    app.choose("methods", list(METHODS))
    app.until(lambda: "autoencoder" in app.rows(), "the second network was not loaded")
    assert set(app.rows()) == {"input", "aprcnn", "dwt", "dwt_baseline", "bandpass", "autoencoder"}


def test_metrics_follow_the_slider(app) -> None:
    before = app.choose("methods", ["bandpass"]).rows()
    app.slider(key="snr").set_value(-5)
    after = app.run().rows()
    assert after["input"][0] == "−5.00"
    assert float(after["bandpass"][0]) < float(before["bandpass"][0])
    assert after["input"][2] != before["input"][2]


def test_seed_and_kind_change_the_noise(app) -> None:
    drawn = [app.views()["paper_view"]]
    app.number_input(key="seed").set_value(1)
    drawn.append(app.run().views()["paper_view"])
    app.selectbox(key="kind").set_value("powerline")
    drawn.append(app.run().views()["paper_view"])
    app.choose("mains", 60)
    drawn.append(app.views()["paper_view"])
    assert len(set(drawn)) == 4


def test_dwt_settings_count(app) -> None:
    app.selectbox(key="kind").set_value("white")
    usual = app.run().rows()["dwt"]
    app.slider(key="level").set_value(1)
    shallow = app.run().rows()["dwt"]
    app.radio(key="rule").set_value("level")
    other = app.run().rows()["dwt"]
    assert float(shallow[0]) < float(usual[0])
    assert other[:4] != usual[:4]
    app.checkbox(key="dwt_baseline_row").set_value(False)
    assert "dwt_baseline" not in app.run().rows()


def test_leads_and_paper(app) -> None:
    app.press("All leads")
    for lead in opened(app).leads:
        assert f">{lead}</text>" in app.views()["paper_view"]
    app.choose("leads", ["aVR"])
    width = float(re.search(r"--mm:([\d.]+)", app.views()["paper_view"])[1])
    app.choose("speed", 50.0)
    assert float(re.search(r"--mm:([\d.]+)", app.views()["paper_view"])[1]) == width + 250
    app.choose("gain", 20.0)
    assert 'data-units-a-mm="0.05"' in app.views()["paper_view"]
    app.choose("layout", "under")
    assert ">DWT db8 + baseline step</text>" in app.views()["paper_view"]
    app.checkbox(key="with_residual").set_value(False)
    assert "residual_view" not in app.run().views()


def test_a_noisy_trace_alone_has_no_snr(app) -> None:
    app.choose("mode", "alone")
    assert any("SNR and MSE cannot be known" in info.value for info in app.info)
    assert "indicators" in app.views()
    assert not app.rows()["input"][:-1]


def test_a_pair_is_compared(app) -> None:
    clean = generate_ecg(10.0, 250.0)
    noisy = add_noise(clean, "white", 3.0)
    app.upload({"noisy.csv": write_csv(noisy)})
    app.choose("mode", "pair")
    app.upload({"short.csv": write_csv(clean.window(0, 8))}, "pair")
    assert "2,000 samples a lead, not 2,500" in app.error[0].value.replace("\\", "")
    app.upload({"clean.csv": write_csv(clean)}, "pair")
    assert app.rows()["input"][0] == "3.00"
    app.press("Remove")
    assert "metrics" not in app.views()


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 500, b"a,b\n1,x\n", b"PK\x03\x04broken"])
def test_bad_bytes_give_one_sentence_and_lose_nothing(app, content: bytes) -> None:
    before = opened(app)
    app.upload({"![x](http://example.org)<b>.csv": content})
    assert len(app.error) + len(app.info) == 1
    assert opened(app) is before
    assert "paper_view" in app.views()
    if app.error:
        assert "\\<b\\>" in app.error[0].value or "<b>" not in app.error[0].value


def test_what_a_file_does_not_state_is_asked_for(app) -> None:
    values = generate_ecg(10.0, 250.0, leads=("I", "II")).signal.T
    text = io.StringIO()
    np.savetxt(text, values, fmt="%.4f", delimiter=",")
    app.upload({"two.csv": text.getvalue().encode()})
    assert opened(app).name == "12-lead demo"
    app.number_input(key="upload_fs").set_value(250.0)
    app.press("Open with this")
    assert opened(app).name == "two"
    assert opened(app).fs == 250
    np.testing.assert_allclose(opened(app).signal, values.T, atol=1e-4)
    assert "paper_view" in app.views()


def test_several_files_are_one_recording(app) -> None:
    app.upload(write_wfdb(generate_ecg(10.0, 250.0), "mine"))
    assert opened(app).name == "mine"
    assert len(opened(app).leads) == 12


def test_close_and_open_again(app) -> None:
    app.press("Close")
    assert "recording" in app.session_state
    assert opened(app) is None
    assert any("No recording is open" in info.value for info in app.info)
    app.selectbox(key="demo").set_value("holter")
    app.run().press("Open demo")
    assert opened(app).duration == pytest.approx(300)
    assert "strip" in app.views()


def test_scrubbing_moves_the_window(app) -> None:
    app.selectbox(key="demo").set_value("holter")
    app.run().press("Open demo")
    first = app.views()
    app.slider(key="start").set_value(120.0)
    then = app.run().views()
    assert then["paper_view"] != first["paper_view"]
    assert ">2:05</text>" in then["paper_view"]
    app.choose("length", 30.0)
    app.slider(key="start").set_value(270.0)
    assert ">4:59</text>" in app.run().views()["paper_view"]


def test_sections_below_the_paper(app) -> None:
    app.choose("methods", ["dwt", "bandpass"])
    assert "V2" in app.views()["lead_table"]
    app.choose("section", "DWT levels")
    assert "Level 5: " in app.views()["level_paper"]
    app.choose("section", "SNR out against SNR in")
    app.press("Compute the curves")
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert [trace["name"] for trace in figure["data"]][1:] == [
        "DWT db8",
        "DWT db8 + baseline step",
        "Band-pass 0.5–40 Hz",
    ]


def test_downloads_hold_what_they_say(app) -> None:
    app.choose("methods", ["bandpass"])
    app.choose("section", "Downloads")
    files = {button.label: button for button in app.get("download_button")}
    assert set(files) == {
        *("WFDB (zip)", "CSV", "EDF"),
        *("Figure (SVG)", "Report (HTML)", "Metrics (CSV)"),
    }


def test_a_long_recording_is_denoised_before_its_download(app) -> None:
    app.selectbox(key="demo").set_value("holter")
    app.run().press("Open demo")
    app.choose("methods", ["bandpass"])
    app.choose("section", "Downloads")
    assert "CSV" not in {button.label for button in app.get("download_button")}
    app.press("Denoise the whole recording")
    assert "CSV" in {button.label for button in app.get("download_button")}
    assert app.session_state["whole"][1].n_samples == opened(app).n_samples


def test_downloaded_recordings_open_again(pages_package: None) -> None:
    from pages.denoise.downloads import _csv, _edf
    from pages.shell.files import wfdb_zip

    made = generate_ecg(10.0, 250.0)
    with zipfile.ZipFile(io.BytesIO(wfdb_zip(made, "stem"))) as archive:
        wfdb = {name: archive.read(name) for name in archive.namelist()}
    for files in (wfdb, {"a.csv": _csv(made)}, {"a.edf": _edf(made)}):
        again = open_recording(files)
        assert again.leads == made.leads
        np.testing.assert_allclose(again.signal, made.signal, atol=2e-3)


def test_models_page(app) -> None:
    app.go("models")
    assert {code.value for code in app.code if re.fullmatch("[0-9a-f]{64}", code.value)}
    assert any(NOT_A_DEVICE.partition(".")[0] in caption.value for caption in app.caption)
