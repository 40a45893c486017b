import csv
import json

import numpy as np

from ecgkit.drawing.style import NOT_A_DEVICE
from ecgkit.rhythm.export import answers_csv, answers_json
from ecgkit.rhythm.report import RhythmReport

SURE, SURE_AFIB = (0.02, 0.03, 0.05, 0.9), (0.02, 0.93, 0.03, 0.02)

UNSURE = (0.3, 0.2, 0.1, 0.4)


def report(model: str, probabilities, seconds: int = 10, warnings=()) -> RhythmReport:
    each = np.tile(np.asarray(probabilities, float), (seconds, 1))
    return RhythmReport(model, 20.0, each[0], each, 0.6, 71.5, tuple(warnings))


def test_files_hold_every_probability() -> None:
    reports = [report("cnn2d", SURE, warnings=["Lead V3 is flat."]), report("cnn1d", UNSURE)]
    content = json.loads(answers_json("=mine", reports))
    assert content["networks"][0]["label"] == "SR"
    assert content["networks"][1]["label"] == "uncertain"
    assert content["networks"][0]["probabilities"] == dict(
        zip(("SB", "AFIB", "GSVT", "SR"), SURE, strict=True)
    )
    assert len(content["networks"][0]["per_second"]) == 10
    assert content["networks"][0]["warnings"] == ["Lead V3 is flat."]
    assert content["note"] == NOT_A_DEVICE
    lines = answers_csv("=mine", reports).decode().splitlines()
    assert NOT_A_DEVICE in lines[1]
    rows = list(csv.DictReader(lines[2:]))
    assert len(rows) == 2 * 11
    assert rows[0]["answer"] == "SR"
    assert (rows[3]["from (s)"], rows[3]["to (s)"]) == ("22", "23")
    assert float(rows[11]["SR"]) == 0.4
