import json
import shutil

import numpy as np
import pytest

from ecgkit import models
from ecgkit.cli import main
from ecgkit.demos import open_demo
from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.predict import DIGITAL, RULES, WHOLE, diagnose_recording
from ecgkit.io import open_recording, save_recording
from ecgkit.processing.synthetic import generate_ecg


@pytest.fixture
def record(tmp_path):
    path = tmp_path / "demo.hea"
    save_recording(open_demo("12-lead"), path)
    return path


@pytest.fixture
def long(tmp_path):
    """Thirty seconds: ten slow, ten fast, ten slow."""
    slow, fast = (generate_ecg(10.0, 250.0, heart_rate=rate, seed=1) for rate in (50, 140))
    path = tmp_path / "long.hea"
    signal = np.concatenate([slow.signal, fast.signal, slow.signal], axis=1)
    save_recording(slow.with_signal(signal), path)
    return path


def ask(capsys, *arguments):
    assert main(["diagnose", *map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_demo_record_as_json(record, capsys):
    answer = ask(capsys, record)
    assert set(answer) == {"name", "start_s", "stop_s", "labels", "classification", "warnings"}
    assert (answer["name"], answer["start_s"], answer["stop_s"]) == ("demo", 0, 10)
    assert answer["classification"] == {
        "classifier": "signal",
        "networks": {DIGITAL: 1.0},
        "basis": WHOLE,
        "rule": RULES[0],
    }
    found = diagnose_recording(open_recording(record))
    assert list(answer["labels"]) == list(LABELS)
    for finding in found.findings:
        values = answer["labels"][finding.label]
        assert set(values) == {"probability", "threshold", "positive"}
        assert values["probability"] == pytest.approx(finding.probability, abs=1e-6)
        assert values["positive"] is finding.positive
    assert answer["warnings"] == []


def test_thresholds_follow_the_rule_asked(record, capsys):
    answer = ask(capsys, record, "--rule", "youden")
    assert answer["classification"]["rule"] == RULES[1]
    found = diagnose_recording(open_recording(record)).by_rule(RULES[1])
    for finding in found.findings:
        threshold = answer["labels"][finding.label]["threshold"]
        assert threshold == pytest.approx(finding.threshold, abs=1e-6)


def test_in_words_by_margin_with_sensitivity_and_specificity(record, capsys):
    assert main(["diagnose", str(record)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "demo"
    assert "0 to 10 s of 10 s" in lines[1]
    assert "not a medical device" in lines[-1]
    found = diagnose_recording(open_recording(record))
    rows = [line for line in lines if any(f"({label}) " in line for label in LABELS)]
    assert len(rows) == len(LABELS)
    for row, finding in zip(rows, found.ranked, strict=True):
        assert row.strip().startswith(f"{LABELS[finding.label]} ({finding.label})")
        assert ("above" if finding.positive else "below") in row
        assert f"{100 * finding.sensitivity:.0f} %" in row
        assert row.endswith(f"{100 * finding.specificity:.0f} %")
    assert len({len(row) for row in rows}) == 1  # columns are in line


def test_ten_seconds_are_read_and_it_says_which(long, capsys):
    whole = open_recording(long)
    first, second = ask(capsys, long), ask(capsys, long, "--start", "10")
    assert (second["start_s"], second["stop_s"]) == (10, 20)
    for answer, start in ((first, 0), (second, 10)):
        found = diagnose_recording(whole.window(start, start + 10))
        assert answer["labels"]["TACHY"]["probability"] == pytest.approx(
            {one.label: one.probability for one in found.findings}["TACHY"], abs=1e-6
        )
    assert first["labels"] != second["labels"]
    assert any("Only 10 to 20 s of 30 s" in said for said in second["warnings"])
    assert ask(capsys, long, "--start", "24")["stop_s"] == 30


def test_shorter_recordings_are_read_whole_and_fewer_leads_are_warned_of(tmp_path, capsys):
    path = tmp_path / "short.csv"
    save_recording(generate_ecg(5.0, 250.0, leads=("II", "V5")), path)
    answer = ask(capsys, path)
    assert (answer["start_s"], answer["stop_s"]) == (0, 5)
    said = " ".join(answer["warnings"])
    assert "2 of twelve leads" in said
    assert "5.0 s" in said
    assert "--start" not in said


def test_what_a_file_lacks_can_be_said(tmp_path, capsys):
    clean = generate_ecg(10.0, 250.0, leads=("I", "II"))
    plain, whole = tmp_path / "plain.csv", tmp_path / "whole.csv"
    rows = [f"{a:.2f},{b:.2f}" for a, b in (1000 * clean.signal).T]  # µV
    plain.write_text("I,II\n" + "\n".join(rows) + "\n")
    save_recording(clean, whole)
    said = ask(capsys, plain, "--fs", "250", "--unit", "uV")["labels"]
    assert said["NORM"]["probability"] == pytest.approx(
        ask(capsys, whole)["labels"]["NORM"]["probability"], abs=0.01
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.hea"], "missing.hea"),
        (["{garbage}"], "garbage"),
        (["{plain}"], "sampling frequency"),
        (["{flat}"], "flat"),
        (["{other}"], "no standard lead"),
        (["{record}", "--start", "100"], "lasts 10 s"),
        (["{record}", "--start", "-1"], "--start"),
        (["{record}", "--start", "nan"], "nan"),
        ([], "RECORD"),
    ],
)
def test_bad_input_is_one_line_and_status_2(arguments, words, record, tmp_path, capsys):
    paths = {name: tmp_path / f"{name}.csv" for name in ("garbage", "plain", "flat", "other")}
    paths["garbage"].write_bytes(bytes(range(256)) * 50)
    paths["plain"].write_text("II,V5\n" + "0.1,0.2\n" * 100)
    clean = generate_ecg(10.0, 250.0, leads=("II",))
    save_recording(clean.with_signal(np.zeros_like(clean.signal)), paths["flat"])
    paths["other"].write_text(paths["flat"].read_text().replace("II", "pleth"))
    filled = [text.format(record=record, **paths) for text in arguments]
    try:
        status = main(["diagnose", *filled])
    except SystemExit as stopped:  # as argparse does
        status = stopped.code
    captured = capsys.readouterr()
    assert (status, captured.out) == (2, "")
    assert len(captured.err.strip().splitlines()) == 1
    assert words in captured.err


def test_a_damaged_network_is_said_before_the_record_is_opened(tmp_path, monkeypatch, capsys):
    weights = tmp_path / "weights"
    shutil.copytree(models.folder(), weights)
    (weights / f"{DIGITAL}.safetensors").write_bytes(b"damaged")
    monkeypatch.setenv("ECGKIT_WEIGHTS", str(weights))
    monkeypatch.setattr(models, "_loaded", {})
    assert main(["diagnose", "missing.hea"]) == 2
    captured = capsys.readouterr()
    assert DIGITAL in captured.err
    assert len(captured.err.strip().splitlines()) == 1
