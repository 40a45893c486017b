import json
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from ecgkit import models
from ecgkit.cli import digitize as command
from ecgkit.cli import main
from ecgkit.diagnosis.export import report_values
from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.page_reading import STAGES, PageReading, read_page
from ecgkit.diagnosis.predict import (
    DEFAULT,
    IMAGE,
    RULES,
    SAID,
    SIGNAL,
    UNSAID,
    Diagnoses,
    Finding,
    diagnose_page,
    network_names,
)
from ecgkit.digitization import pipeline as reading
from ecgkit.digitization.export import mask_picture
from ecgkit.digitization.pipeline import Choices
from ecgkit.errors import PageError
from ecgkit.io import open_recording
from ecgkit.io.photo import open_photo
from ecgkit.io.photo_folders import pictures_in
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import STANDARD_LEADS
from ecgkit.rendering.ground_truth import write_picture
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import PageStyle

KEYS = {
    "name",
    "scale",
    "rectified",
    "layout",
    "leads",
    "checks",
    "labels",
    "classification",
    "warnings",
    "seconds",
    "error",
}
STYLE = PageStyle(layout="3x4", px_per_mm=(6.0, 6.0), separator="none", pulse="none")


@pytest.fixture(scope="module")
def drawn():
    """A clean page of 6 px/mm, and one without anything to measure."""
    page = render_page(generate_ecg(10.0, 500.0, seed=3), STYLE)
    return page, replace(page, image=np.full_like(page.image, 250))


@pytest.fixture
def folder(drawn, tmp_path):
    place = tmp_path / "pictures"
    (place / "more").mkdir(parents=True)
    write_picture(place / "page.png", drawn[0].image)
    write_picture(place / "more" / "bare.png", drawn[1].image)
    (place / "README.md").write_text("Two pages.\n")
    return place


@pytest.fixture(scope="module")
def report(drawn):
    return read_page(drawn[0].image, name="page")


def grey(path):
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


def test_one_page_as_json_with_mask_and_signals(folder, drawn, tmp_path, capsys):
    mask, signals = tmp_path / "mask.png", tmp_path / "leads.hea"
    path = folder / "page.png"
    arguments = ["--mask", str(mask), "--signals", str(signals), "--json"]
    assert main(["paper", str(path), *arguments]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == KEYS
    assert (answer["name"], answer["layout"], answer["error"]) == ("page", "3x4", None)
    scale = answer["scale"]
    assert set(scale) == {"px_per_mm_x", "px_per_mm_y", "mm_per_s", "mm_per_mv"}
    assert [scale["px_per_mm_x"], scale["px_per_mm_y"]] == pytest.approx([6, 6], rel=0.02)
    assert (scale["mm_per_s"], scale["mm_per_mv"]) == (25, 10)
    assert any("25 mm/s" in warning for warning in answer["warnings"])
    assert list(answer["labels"]) == list(LABELS)
    assert set(answer["classification"]) == {"classifier", "networks", "basis", "rule"}
    assert set(answer["seconds"]) == set(STAGES)
    assert set(answer["leads"]) == set(STANDARD_LEADS)
    for values in answer["leads"].values():
        assert 0 < values["confidence"] <= 1
        assert values["stop_s"] - values["start_s"] == pytest.approx(2.5, abs=0.2)
        assert values["missing_s"] < 1
    picture = grey(mask)
    assert picture.dtype == np.uint8
    assert picture.shape == (answer["rectified"]["height"], answer["rectified"]["width"])
    assert set(np.unique(picture)) == {0, 255}
    assert 0.001 < (picture == 255).mean() < 0.1
    height, width = drawn[0].shape
    assert picture.shape == pytest.approx((height * 5 / 6, width * 5 / 6), rel=0.05)
    read = open_recording(signals)
    assert (read.fs, read.leads) == (500.0, STANDARD_LEADS)
    start, stop = (answer["leads"]["V2"][key] for key in ("start_s", "stop_s"))
    seen = np.flatnonzero(np.isfinite(read.lead("V2"))) / read.fs
    assert [seen[0], seen[-1]] == pytest.approx([start, stop], abs=0.01)


def test_what_a_person_says_is_used(folder, tmp_path, capsys):
    arguments = ["--mm-per-s", "50", "--mm-per-mv", "5", "--px-per-mm", "6,6", "--layout", "3x4"]
    out = tmp_path / "leads.csv"
    assert main(["paper", str(folder / "page.png"), *arguments, "--signals", str(out)]) == 0
    text = capsys.readouterr().out
    for part in ("50 mm/s, 5 mm/mV", "3 rows of 4 leads", "not a medical device", str(out)):
        assert part in text
    assert "was taken to be" not in text
    assert open_recording(out).duration == pytest.approx(5, abs=0.2)


def test_a_page_that_cannot_be_read_is_status_3_and_one_line(folder, capsys):
    path = folder / "more" / "bare.png"
    assert main(["paper", str(path), "--json"]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    line = captured.err.strip()
    assert "\n" not in line
    for part in ("bare.png", "grid", "--px-per-mm", "--corners"):
        assert part in line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.png"], "missing.png"),
        (["{text}"], "known kind"),
        (["{page}", "--page", "2"], "--page"),
        (["{page}", "--page", "0"], "--page"),
        (["{page}", "--px-per-mm", "a"], "px-per-mm"),
        (["{page}", "--px-per-mm", "8,8,8"], "1 or 2 numbers"),
        (["{page}", "--mm-per-s", "nan"], "mm-per-s"),
        (["{page}", "--mm-per-mv", "0"], "mm-per-mv"),
        (["{page}", "--corners", "1,2,3"], "8 numbers"),
        (["{page}", "--layout", "5x5"], "5x5"),
        (["{page}", "--mask", "{folder}/mask.jpg"], ".png"),
        (["{page}", "--mask", "{page}"], "itself"),
        (["{page}", "--signals", "{folder}/leads.xyz"], ".csv"),
        (["{page}", "{page}", "--mask", "{folder}/mask.png"], "folder"),
        (["{empty}"], "no pictures"),
        ([], "IMAGE"),
    ],
)
def test_bad_input_is_one_line_and_status_2(arguments, words, folder, capsys):
    (folder / "empty").mkdir()
    places = {
        "page": folder / "page.png",
        "text": folder / "README.md",
        "folder": folder,
        "empty": folder / "empty",
    }
    filled = [text.format(**places) for text in arguments]
    try:
        status = main(["paper", *filled])
    except SystemExit as stopped:  # as argparse does
        status = stopped.code
    captured = capsys.readouterr()
    assert (status, captured.out) == (2, "")
    assert len(captured.err.strip().splitlines()) == 1
    assert words in captured.err


def test_a_folder_gives_a_line_for_each_picture(folder, tmp_path, capsys):
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    out = tmp_path / "out"
    arguments = ["--mask", str(out), "--signals", str(out)]
    assert main(["paper", str(folder), *arguments]) == 3
    captured = capsys.readouterr()
    answers = [json.loads(line) for line in captured.out.splitlines()]
    assert [Path(answer["image"]).name for answer in answers] == [
        "broken.jpg",
        "bare.png",
        "page.png",
    ]
    assert all(set(answer) == KEYS | {"image"} for answer in answers)
    broken, bare, page = answers
    assert "broken.jpg" in broken["error"]
    assert "grid" in bare["error"]
    assert bare["scale"] == dict.fromkeys(bare["scale"])
    assert (bare["rectified"], bare["leads"]) == (None, {})
    assert all((one["labels"], one["classification"]) == ({}, None) for one in (broken, bare))
    assert list(page["labels"]) == list(LABELS)
    assert page["error"] is None
    assert "2 of 3 pictures" in captured.err
    assert {path.name for path in out.iterdir()} == {"page-mask.png", "page-leads.csv"}


def test_an_own_mask_in_the_folder_is_no_picture_to_read(folder, capsys):
    shutil.rmtree(folder / "more")
    (folder / "README.md").unlink()
    for _ in range(2):
        assert main(["paper", str(folder), "--mask", str(folder)]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [Path(json.loads(line)["image"]).name for line in lines] == ["page.png"]
    assert {path.name for path in folder.iterdir()} == {"page.png", "page-mask.png"}


def test_only_files_that_cannot_be_opened_are_status_2(folder, capsys):
    paths = [str(folder / "README.md"), str(folder / "none.png")]
    assert main(["paper", *paths]) == 2
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [bool(answer["error"]) for answer in answers] == [True, True]


def test_outputs_of_pictures_of_one_name_are_numbered():
    paths = [Path("a/page.png"), Path("b/page.jpg"), Path("page.png"), Path("page-2.png")]
    assert command._names(paths) == ["page", "page-2", "page-3", "page-2-2"]


def test_pictures_are_found_by_their_endings(tmp_path):
    for name in ("b.PNG", "a.jpeg", "c.pdf", ".hidden.png", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "d.png").write_bytes(b"")
    assert [path.name for path in pictures_in(tmp_path)] == ["a.jpeg", "b.PNG", "c.pdf"]


def test_values_of_a_page_that_was_read_part_of_the_way(report):
    half = replace(report, traces=None, choices=Choices(mm_per_s=50.0))
    values = report_values(half)
    assert values["scale"]["mm_per_s"] == 50
    assert values["scale"]["mm_per_mv"] is None
    assert values["scale"]["px_per_mm_x"] == pytest.approx(6, rel=0.02)
    assert values["rectified"]["px_per_mm"] == 5
    assert (values["layout"], values["leads"], values["checks"]) == (None, {}, {})
    json.dumps(values, allow_nan=False)
    json.dumps(report_values(PageReading("name", Choices())), allow_nan=False)


def test_values_hold_nothing_but_plain_values(report):
    values = report_values(report)
    assert json.loads(json.dumps(values, allow_nan=False)) == values
    height, width = report.mask.shape
    assert (values["rectified"]["width"], values["rectified"]["height"]) == (width, height)
    for lead, found in values["leads"].items():
        left, top, right, bottom = found["box"]
        assert 0 <= left < right <= width, lead
        assert top < bottom


def test_the_mask_as_a_picture():
    mask = np.array([[0.0, 0.49], [0.5, 1.0]], np.float32)
    assert mask_picture(mask).tolist() == [[0, 0], [255, 255]]
    assert mask_picture(mask).dtype == np.uint8


@pytest.mark.parametrize("missing", ["paper-unet", *network_names((DEFAULT,))])
def test_what_is_wrong_with_a_network_is_said_once(folder, tmp_path, monkeypatch, capsys, missing):
    weights = tmp_path / "weights"
    shutil.copytree(models.folder(), weights)
    (weights / f"{missing}.safetensors").write_bytes(b"damaged")
    monkeypatch.setenv("ECGKIT_WEIGHTS", str(weights))
    monkeypatch.setattr(models, "_loaded", {})
    assert main(["paper", str(folder)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.strip().splitlines()) == 1
    assert missing in captured.err


def asked(arguments, capsys, status=0):
    assert main(["paper", *map(str, arguments), "--json"]) == status
    return json.loads(capsys.readouterr().out)


def test_labels_are_those_of_the_classifier_asked(folder, report, capsys):
    path = folder / "page.png"
    found = diagnose_page(report.mask, report.traces)
    answers = {key: asked([path, "--classifier", key], capsys) for key in found}
    assert set(found) == {"image", "signal", "blend"}
    for key, answer in answers.items():
        told = answer["classification"]
        assert (told["classifier"], told["basis"], told["rule"]) == (key, UNSAID, RULES[0])
        assert told["networks"] == pytest.approx(found[key].networks, abs=1e-4)
        for finding in found[key].findings:
            values = answer["labels"][finding.label]
            assert set(values) == {"probability", "threshold", "positive"}
            assert values["probability"] == pytest.approx(finding.probability, abs=1e-5)
            assert values["threshold"] == pytest.approx(finding.threshold, abs=1e-6)
            assert values["positive"] is (values["probability"] >= values["threshold"])
    assert answers["image"]["labels"] != answers["signal"]["labels"]
    assert asked([path], capsys)["labels"] == answers[DEFAULT]["labels"]
    assert answers["image"]["classification"]["networks"] == {IMAGE: 1.0}
    assert answers["signal"]["classification"]["networks"] == {SIGNAL: 1.0}


def test_thresholds_follow_the_rule_asked(folder, report, capsys):
    found = diagnose_page(report.mask, report.traces)[DEFAULT]
    for key, rule in zip(("f1", "youden"), RULES, strict=True):
        answer = asked([folder / "page.png", "--rule", key], capsys)
        assert answer["classification"]["rule"] == rule
        for finding in found.by_rule(rule).findings:
            threshold = answer["labels"][finding.label]["threshold"]
            assert threshold == pytest.approx(finding.threshold, abs=1e-6)


def test_thresholds_are_those_of_pages_whose_scale_is_said(folder, capsys):
    scale = ["--mm-per-s", "25", "--mm-per-mv", "10"]
    answer = asked([folder / "page.png", *scale], capsys)
    assert answer["classification"]["basis"] == SAID


def test_an_unknown_classifier_is_bad_input(folder, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["paper", str(folder / "page.png"), "--classifier", "oracle"])
    assert stopped.value.code == 2
    assert "oracle" in capsys.readouterr().err


@pytest.fixture
def unreadable(monkeypatch):
    """Every page's leads cannot be read, though its traces are found."""

    def refuse(mask, picture, **choices):
        raise PageError(
            "shows rows that fit no layout",
            stage="signals",
            remedy="Choose the layout.",
            asks={"layout"},
        )

    monkeypatch.setattr(reading, "read_traces", refuse)


@pytest.mark.parametrize("classifier", ["image", "blend"])
def test_labels_of_a_page_whose_leads_cannot_be_read(folder, unreadable, capsys, classifier):
    path = folder / "page.png"
    answer = asked([path, "--classifier", classifier], capsys, status=3)
    assert (answer["leads"], answer["layout"]) == ({}, None)
    assert "fit no layout" in answer["error"]
    assert list(answer["labels"]) == list(LABELS)
    assert SIGNAL not in answer["classification"]["networks"]
    assert any("could not be asked" in said for said in answer["warnings"]) == (
        classifier == "blend"
    )
    assert main(["paper", str(path), "--classifier", classifier]) == 3
    captured = capsys.readouterr()
    assert "no lead could be read" in captured.out
    assert "threshold" in captured.out
    assert len(captured.err.strip().splitlines()) == 1
    assert "--layout" in captured.err


def test_the_signal_has_no_labels_where_no_leads_could_be_read(folder, unreadable, capsys):
    path = str(folder / "page.png")
    assert main(["paper", path, path, "--classifier", "signal"]) == 3
    captured = capsys.readouterr()
    for answer in map(json.loads, captured.out.splitlines()):
        assert (answer["labels"], answer["classification"]) == ({}, None)
        assert "fit no layout" in answer["error"]
    assert main(["paper", path, "--classifier", "signal", "--json"]) == 3
    assert capsys.readouterr().out == ""


def made_up(classifier="blend", shift=0.0):
    findings = tuple(
        Finding(label, 0.02 + 0.09 * place + shift, 0.4, dict.fromkeys(RULES, 0.4), ())
        for place, label in enumerate(LABELS)
    )
    return Diagnoses(classifier, {SIGNAL: 0.25, IMAGE: 0.75}, UNSAID, findings, ("Take care.",))


def test_labels_in_words_stand_by_margin(report):
    text = command.in_words(replace(report, diagnoses={"blend": made_up()}), [])
    above = [line for line in text.splitlines() if line.strip().startswith("above")]
    assert [LABELS[name] in line for name, line in zip(reversed(LABELS), above, strict=False)] == [
        True
    ] * 6
    assert above[0].endswith("Bradycardia (BRADY): probability 92 %, threshold 40 %")
    (below,) = (line for line in text.splitlines() if line.strip().startswith("below"))
    order = [below.index(f"{name} ") for name in ("CD", "STTC", "Old MI", "Acute MI", "NORM")]
    assert order == sorted(order)
    assert "NORM 2.0 % (40 %)" in below
    assert "25 %" in text
    assert "by greatest F1" in text
    assert text.count("Take care.") == 1
    none = command.in_words(
        replace(report, diagnoses={"blend": made_up(shift=-0.02).at(dict.fromkeys(LABELS, 0.99))}),
        [],
    )
    assert "no label reaches its threshold" in none
    assert "set by hand" in none


def test_whose_labels_a_report_gives(report):
    one, other = made_up("image"), made_up("signal", 0.01)
    assert report_values(report)["labels"] == {}
    both = replace(report, diagnoses={"image": one, "blend": made_up()})
    assert report_values(both)["classification"]["classifier"] == DEFAULT
    alone = replace(report, diagnoses={"image": one})
    assert report_values(alone)["classification"]["classifier"] == "image"
    given = report_values(both, other.at({"NORM": 0.01}))
    assert given["classification"]["classifier"] == "signal"
    assert given["classification"]["rule"] is None
    assert given["labels"]["NORM"] == {"probability": 0.03, "threshold": 0.01, "positive": True}
    assert given["warnings"][-1] == "Take care."
    assert json.loads(json.dumps(given, allow_nan=False)) == given


@pytest.mark.shared
def test_a_photo(shared_data):
    path = shared_data / "paper_photos" / "ecg00001.png"
    photo = open_photo(path.read_bytes(), path.name).picture
    found = read_page(photo, Choices(mm_per_s=25.0, mm_per_mv=10.0), name=path.name)
    values = report_values(found)
    assert values["error"] is None
    assert values["layout"] == "3x4+1"
    assert values["scale"]["px_per_mm_x"] == pytest.approx(12.3, rel=0.02)
