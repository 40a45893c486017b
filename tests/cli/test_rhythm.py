import csv
import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from ecgkit.cli import main
from ecgkit.cli import rhythm as command
from ecgkit.io import open_recording, save_recording
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.rhythm.classes import RHYTHMS
from ecgkit.rhythm.export import report_values
from ecgkit.rhythm.report import DEFAULT, NETWORKS, UNCERTAIN, RhythmReport, rhythm_report

KEYS = {"model", "label", "probabilities", "per_second", "heart_rate", "warnings"}
ASK = ("rhythm", "--model", "cnn1d")


@pytest.fixture
def folder(tmp_path):
    """A folder of two records, one of them in a folder of its own, with what comes along."""
    place = tmp_path / "records"
    (place / "more").mkdir(parents=True)
    save_recording(generate_ecg(10.0, 250.0, heart_rate=50), place / "slow.hea")
    save_recording(generate_ecg(40.0, 250.0, heart_rate=75), place / "more" / "long.hea")
    (place / "README.md").write_text("Two records.\n")
    (place / "RECORDS").write_text("slow\nmore/long\n")
    return place


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("model", NETWORKS)
def test_one_record_as_json(folder, capsys, model):
    path = folder / "slow.hea"
    assert main(["rhythm", str(path), "--model", model, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    report = rhythm_report(open_recording(path), model)
    assert set(answer) == KEYS
    assert (answer["model"], answer["label"], answer["warnings"]) == (model, report.label, [])
    assert list(answer["probabilities"]) == list(RHYTHMS)
    assert [*answer["probabilities"].values()] == pytest.approx([*report.probabilities], abs=1e-6)
    assert len(answer["per_second"]) == 10
    for second, row in zip(answer["per_second"], report.per_second, strict=True):
        assert [second[name] for name in RHYTHMS] == pytest.approx([*row], abs=1e-6)
    assert answer["heart_rate"] == pytest.approx(50, abs=2)


def test_the_default_is_the_first_network(folder, capsys):
    assert main(["rhythm", str(folder / "slow.hea"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == DEFAULT == "cnn1d"


def test_one_record_in_words(folder, capsys):
    assert main([*ASK, str(folder / "slow.hea")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "slow"
    for start, words in (
        ("rhythm", " %"),
        ("runner-up", " %"),
        ("heart rate", "50 per minute"),
        ("network", "1D CNN"),
    ):
        assert any(line.strip().startswith(start) and words in line for line in lines)
    assert "not a medical device" in lines[-1]


def test_words_for_an_uncertain_answer_without_a_rate():
    values = np.array([0.1, 0.5, 0.15, 0.25])
    report = RhythmReport("cnn2d", 0.0, values, values[np.newaxis], 0.6, np.nan, ("Take care.",))
    assert report.label == UNCERTAIN
    text = command.in_words("name", report)
    assert "uncertain: no class reaches 60 %" in text
    assert "most probable atrial fibrillation or flutter (AFIB), probability 50 %" in text
    assert "sinus rhythm (SR), probability 25 %" in text
    assert "heart rate  unknown" in text
    assert "warning     Take care." in text
    assert report_values(report)["heart_rate"] is None
    json.dumps(report_values(report), allow_nan=False)


def test_of_a_long_recording_ten_seconds_are_read_and_it_says_so(folder, capsys):
    path = str(folder / "more" / "long.hea")
    recording = open_recording(path)
    for start in (0.0, 12.5, 33.0):
        assert main([*ASK, path, "--json", "--start", str(start)]) == 0
        answer = json.loads(capsys.readouterr().out)
        expected = rhythm_report(recording, "cnn1d", start)
        assert [*answer["probabilities"].values()] == pytest.approx(
            [*expected.probabilities], abs=1e-6
        )
        stop = min(40, start + 10)
        assert f"{start:g} to {stop:g} s of 40 s" in answer["warnings"][0]
        assert "--start" in answer["warnings"][0]
    assert main([*ASK, str(folder / "slow.hea"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["warnings"] == []


def test_several_records_give_csv(folder, capsys):
    paths = [str(folder / "slow.hea"), str(folder / "more" / "long.hea")]
    assert main([*ASK, *paths]) == 0
    rows = table(capsys.readouterr().out)
    assert [row["record"] for row in rows] == paths
    for row, path in zip(rows, paths, strict=True):
        report = rhythm_report(open_recording(path), "cnn1d")
        assert (row["model"], row["label"], row["error"]) == ("cnn1d", report.label, "")
        shares = [float(row[name]) for name in RHYTHMS]
        assert shares == pytest.approx([*report.probabilities], abs=1e-6)
        assert float(row["heart_rate"]) == pytest.approx(report.heart_rate, abs=0.1)
    assert "--start" in rows[1]["warnings"]


def test_a_folder_gives_a_line_of_json_for_each_record_in_it(folder, capsys):
    assert main([*ASK, str(folder), "--json"]) == 0
    captured = capsys.readouterr()
    answers = [json.loads(line) for line in captured.out.splitlines()]
    assert [Path(answer["record"]).name for answer in answers] == ["long.hea", "slow.hea"]
    assert all(set(answer) == KEYS | {"record", "error"} for answer in answers)
    assert all(answer["error"] is None for answer in answers)
    assert captured.err == ""  # no terminal, no progress


@pytest.mark.parametrize("as_json", [False, True])
def test_what_cannot_be_read_gives_its_row_and_the_rest_goes_on(folder, capsys, as_json):
    (folder / "bad.hea").write_text("bad 12 500 5000\nbad.dat 16\n")
    paths = [folder / "bad.hea", folder / "none.hea", folder / "slow.hea"]
    flag = ["--json"] if as_json else []
    assert main([*ASK, *map(str, paths), *flag]) == 2
    captured = capsys.readouterr()
    rows = [*map(json.loads, captured.out.splitlines())] if as_json else table(captured.out)
    assert [Path(row["record"]).name for row in rows] == ["bad.hea", "none.hea", "slow.hea"]
    assert [bool(row["label"]) for row in rows] == [False, False, True]
    assert "bad.hea" in rows[0]["error"]
    assert "does not exist" in rows[1]["error"]
    assert not rows[2]["error"]
    assert captured.err.strip() == (
        "ecgkit: 2 of 3 records could not be answered for. Their rows say why."
    )


def test_a_folder_without_records_says_so(tmp_path, capsys):
    assert main([*ASK, str(tmp_path)]) == 2
    captured = capsys.readouterr()
    assert len(table(captured.out)) == 1
    assert "folder" in table(captured.out)[0]["error"]


def test_progress_is_shown_to_a_person_at_a_terminal(folder, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert main([*ASK, str(folder)]) == 0
    captured = capsys.readouterr()
    assert "\r1 of 2 records" in captured.err
    assert captured.err.endswith("\r2 of 2 records\n")
    assert len(table(captured.out)) == 2


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".json", ".pdf"])
def test_the_ending_of_the_output_chooses_the_format(folder, tmp_path, capsys, ending):
    out = tmp_path / f"out{ending}"
    assert main([*ASK, str(folder / "slow.hea"), "-o", str(out)]) == 0
    assert capsys.readouterr().out == ""
    match ending:
        case ".csv":
            assert len(table(out.read_text())) == 1
        case ".pdf":
            assert out.read_bytes().startswith(b"%PDF")
        case _:
            assert set(json.loads(out.read_text())) == KEYS


def test_an_earlier_output_in_the_folder_is_no_record(folder, capsys):
    out = folder / "out.csv"
    for _ in range(2):
        assert main([*ASK, str(folder), "-o", str(out)]) == 0
        assert len(table(out.read_text())) == 2
    assert capsys.readouterr().err == ""


def test_names_that_no_line_can_hold_are_made_to_fit(folder, capsys):
    odd = folder / 'a,"b"\n\x1b[31m\'.csv'
    save_recording(generate_ecg(6.0, 250.0), folder / "plain.csv")
    (folder / "plain.csv").rename(odd)
    assert main([*ASK, str(folder)]) == 0
    rows = table(capsys.readouterr().out)
    assert len(rows) == 3
    assert rows[0]["record"].endswith('a,"b"??[31m\'.csv')


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{slow}", "--model", "oracle"], "oracle"),
        (["{slow}", "--start", "-1"], "--start"),
        (["{slow}", "--start", "nan"], "--start"),
        (["{slow}", "--start", "soon"], "--start"),
        (["{slow}", "--start", "60"], "lasts 10 s"),
        (["{slow}", "-o", "{slow}"], "the record itself"),
        (["{slow}", "-o", "{folder}/out.txt"], ".csv, .json, .jsonl, .pdf"),
        (["{slow}", "--json", "-o", "{folder}/out.csv"], ".json, .jsonl."),
        (["{slow}", "-o", "{folder}/none/out.csv"], "none"),
        (["{slow}", "{slow}", "-o", "{folder}/out.pdf"], "one record"),
        (["{folder}/nothing.hea"], "does not exist"),
        ([], "RECORD"),
    ],
)
def test_bad_input_is_one_line_and_status_2(arguments, words, folder, capsys):
    names = {"slow": folder / "slow.hea", "folder": folder}
    before = (folder / "slow.hea").read_bytes()
    try:
        status = main([*ASK, *(text.format(**names) for text in arguments)])
    except SystemExit as stop:  # argparse's way
        status = stop.code
    captured = capsys.readouterr()
    assert status == 2
    assert captured.out == ""
    assert len(captured.err.strip().splitlines()) == 1
    assert words in captured.err
    assert (folder / "slow.hea").read_bytes() == before
