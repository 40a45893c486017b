import json

import cv2
import numpy as np
import pytest

from ecgkit.cli import main
from ecgkit.io import open_recording, save_recording
from ecgkit.recording import RecordingError
from ecgkit.rendering.degradation.degrade import random_page
from ecgkit.rendering.ground_truth import write_picture, write_truth


@pytest.mark.parametrize("level", [None, "hard"])
def test_files_hold_the_truth(recording, tmp_path, level):
    page = random_page(recording, level, 11, layout="3x4+1")
    written = write_truth(page, tmp_path / "new" / "truth")
    assert {path.name for path in written} == {
        "mask.png",
        "strips.png",
        "page.json",
        "signals.csv",
    }
    mask, strips = (cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in written[:2])
    np.testing.assert_array_equal(mask, page.mask)
    np.testing.assert_array_equal(strips, page.strip_index)
    facts = json.loads(written[2].read_text(encoding="utf-8"))
    assert (facts["height"], facts["width"]) == page.shape
    assert facts["scale"]["mm_per_s"] == page.style.speed
    assert facts["scale"]["px_per_mm_x"] == pytest.approx(page.px_per_mm()[0], abs=1e-3)
    assert [s["lead"] for s in facts["strips"]][-1] == page.sheet.strips[-1].place.lead
    assert len(facts["strips"]) == 13
    np.testing.assert_allclose(facts["corners"], page.corners, atol=0.01)
    again = open_recording(written[3])
    np.testing.assert_array_equal(again.signal, page.sheet.shown().signal)


def test_boxes_hold_their_strips(recording):
    page = random_page(recording, "photo", 4, layout="12x1")
    for number, strip in enumerate(page.sheet.strips, start=1):
        y, x = np.nonzero(page.strip_index == number)
        if not len(x):
            continue  # cut off
        quad = page.quad(strip.box).astype(np.float32)
        middle = (float(np.median(x)), float(np.median(y)))
        assert cv2.pointPolygonTest(quad, middle, True) > -0.5 * page.px_per_mm()[1]


@pytest.fixture
def record(tmp_path, recording):
    path = tmp_path / "ecg.hea"
    save_recording(recording, path)
    return path


def test_the_command_draws_the_usual_page(record, tmp_path, capsys):
    assert main(["render", str(record), "-o", str(tmp_path / "page.png")]) == 0
    assert "3x4+1, 25 mm/s, 10 mm/mV" in capsys.readouterr().out
    assert cv2.imread(str(tmp_path / "page.png")).shape[1] > 2000


def test_the_command_by_seed_is_repeatable(record, tmp_path):
    command = ["render", str(record), "--degrade", "hard", "--layout", "6x2", "--seed"]
    for name, seed in (("a", "5"), ("b", "5"), ("c", "6")):
        output = ["-o", str(tmp_path / f"{name}.jpg"), "--truth", str(tmp_path / name)]
        assert main([*command, seed, *output]) == 0
    first, second, other = ((tmp_path / f"{name}.jpg").read_bytes() for name in "abc")
    assert first == second != other
    facts = json.loads((tmp_path / "a" / "page.json").read_text(encoding="utf-8"))
    assert (facts["layout"], facts["level"]) == ("6x2", "hard")


def test_the_command_says_what_is_wrong(record, tmp_path, capsys):
    assert main(["render", str(record), "-o", str(tmp_path / "page.docx")]) == 2
    assert ".png" in capsys.readouterr().err
    assert main(["render", str(record), "-o", str(tmp_path / "p.png"), "--start", "99"]) == 2
    assert main(["render", str(record), "-o", str(tmp_path / "p.png"), "--seed", "-1"]) == 2
    assert not (tmp_path / "p.png").exists()
    with pytest.raises(RecordingError, match="no known ending"):
        write_picture(tmp_path / "page", np.zeros((4, 4), np.uint8))
