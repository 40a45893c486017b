import json

import numpy as np
import pytest

from ecgkit import models
from ecgkit.cli import COMMANDS, main
from ecgkit.denoising import METHODS
from ecgkit.io import open_recording, save_recording
from ecgkit.processing.noise import add_noise
from ecgkit.processing.synthetic import generate_ecg


@pytest.fixture
def record(tmp_path):
    path = tmp_path / "noisy.hea"
    save_recording(add_noise(generate_ecg(10.0, 250.0, leads=("II", "V5")), "blend", 6.0), path)
    return path


def test_info_says_what_a_person_asks(record, capsys):
    assert main(["info", str(record)]) == 0
    text = capsys.readouterr().out
    for part in ("II, V5", "250 Hz", "10 s", "per minute", "not a medical device"):
        assert part in text


def test_info_as_json(record, capsys):
    assert main(["info", str(record), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["leads"] == ["II", "V5"]
    assert (facts["fs"], facts["samples"], facts["duration_s"]) == (250.0, 2500, 10.0)
    assert facts["gaps"] == []
    assert facts["heart_rate_bpm"] == pytest.approx(70, abs=5)


def test_info_lists_gaps(tmp_path, capsys):
    recording = generate_ecg(10.0, 250.0, leads=("II", "V5"))
    signal = recording.signal.copy()
    signal[1, 250:500] = np.nan
    signal[0, 375:625] = np.nan
    path = tmp_path / "gaps.csv"
    save_recording(recording.with_signal(signal), path)
    assert main(["info", str(path), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert {"lead": "V5", "start_s": 1.0, "stop_s": 2.0} in facts["gaps"]
    assert facts["missing_seconds"] == 1.5


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("ending", [".hea", ".csv", ".edf"])
def test_denoise_keeps_shape_and_chooses_the_format(record, tmp_path, method, ending, capsys):
    out = tmp_path / f"clean{ending}"
    assert main(["denoise", str(record), "-o", str(out), "--method", method, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert str(out) in report["written"]
    before, after = open_recording(record), open_recording(out)
    assert (after.fs, after.n_samples, after.leads) == (250.0, 2500, ("II", "V5"))
    assert not np.allclose(after.signal, before.signal, atol=0.01)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["info", "missing.hea"], "missing.hea"),
        (["info", "{garbage}"], "garbage"),
        (["denoise", "{record}", "-o", "out.xyz"], ".hea"),
        (["denoise", "{record}", "-o", "{folder}/none/out.csv"], "folder exists"),
        (["denoise", "{record}"], "-o"),
        (["denoise", "{record}", "-o", "o.csv", "--method", "magic"], "magic"),
        (["denoise", "{record}", "-o", "o.csv", "--level", "3"], "dwt"),
        (["denoise", "{record}", "-o", "o.csv", "--method", "dwt", "--level", "0"], "level"),
        (["nonsense"], "nonsense"),
        ([], "COMMAND"),
        (["info", "{plain}"], "sampling frequency"),
    ],
)
def test_bad_input_is_one_line_and_status_2(arguments, words, record, tmp_path, capsys):
    (tmp_path / "garbage.bin").write_bytes(bytes(range(256)) * 50)
    (tmp_path / "plain.csv").write_text("II,V5\n" + "0.1,0.2\n" * 100)
    names = {
        "record": record,
        "garbage": tmp_path / "garbage.bin",
        "folder": tmp_path,
        "plain": tmp_path / "plain.csv",
    }
    try:
        status = main([text.format(**names) for text in arguments])
    except SystemExit as stopped:  # as argparse does
        status = stopped.code
    captured = capsys.readouterr()
    assert (status, captured.out) == (2, "")
    assert len(captured.err.strip().splitlines()) == 1
    assert words in captured.err


def test_what_a_file_lacks_can_be_said(tmp_path, capsys):
    path = tmp_path / "plain.csv"
    path.write_text("II,V5\n" + "100,200\n" * 500)
    assert main(["info", str(path), "--fs", "250", "--unit", "uV", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["fs"] == 250


def test_models_lists_the_catalogue(capsys):
    assert main(["models", "--json"]) == 0
    cards = json.loads(capsys.readouterr().out)
    assert set(cards) == set(models.catalogue())
    assert main(["models"]) == 0
    assert cards["denoise-aprcnn"]["sha256"] in capsys.readouterr().out


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert all(f"    {command} " in text for command in COMMANDS)
    assert "not a medical device" in " ".join(text.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_says_what_it_takes(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert f"usage: ecgkit {command}" in capsys.readouterr().out
