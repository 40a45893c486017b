"""LUDB's words under the eleven labels, and the figures that are made of them."""

import numpy as np

from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.predict import RULES, Diagnoses, Finding
from ecgkit.training.diagnosis.document import _external_validation
from ecgkit.training.diagnosis.external_validation import _figures, labels_of, recordings


def has(*lines):
    found = labels_of(list(lines))
    assert list(found) == list(LABELS)
    return {label for label, value in found.items() if value}


def test_words_fall_under_their_labels():
    axis = "Electric axis of the heart: normal"
    assert has("Sinus rhythm", axis) == {"NORM"}
    assert has("Sinus bradycardia", axis) == {"BRADY"}
    assert has("Atrial flutter, typical", "Iii degree av-block") == {"AFIB/AFL", "CD"}
    assert has("Sinus rhythm", "Atrial extrasystole, type: single pac") == {"PAC"}
    assert has("Sinus rhythm", "Ventricular extrasystole, type: single pvc") == {"PVC"}
    assert has("Sinus rhythm", "Left atrial hypertrophy", "Stemi: septal") == {"HYP", "Acute MI"}
    assert has("Sinus rhythm", "Scar formation: apical") == {"Old MI"}
    assert has("Sinus rhythm", "Non-specific repolarization abnormalities: septal") == {"STTC"}
    assert has("Sinus rhythm", "Left anterior hemiblock") == {"CD"}


def test_what_is_undefined_is_not_known():
    found = labels_of(["Sinus rhythm", "Undefined ischemia/scar/supp.nstemi: apical"])
    assert (found["Acute MI"], found["Old MI"]) == (None, None)
    assert (found["NORM"], found["STTC"]) == (False, False)
    both = labels_of(["Undefined ischemia/scar/supp.nstemi: apical", "Scar formation: apical"])
    assert (both["Acute MI"], both["Old MI"]) == (None, True)


def answer(margins):
    rules = dict.fromkeys(RULES, 0.5)
    odds = [1 / (1 + np.exp(-value)) for value in margins]
    curve = ((0.1, 1.0, 0.0), (0.9, 0.0, 1.0))
    findings = tuple(
        Finding(label, value, 0.5, rules, curve) for label, value in zip(LABELS, odds, strict=True)
    )
    return Diagnoses("signal", {}, "whole", findings)


def test_figures_count_what_was_not_read_as_nothing_found():
    rng = np.random.default_rng(0)
    true = (rng.random((60, 11)) < 0.4).astype(float)
    true[:, 3] = 0  # too few to tell
    true[:20, 1] = np.nan
    answers = [answer(4 * row - 2 + 0 * row) for row in np.nan_to_num(true)]
    perfect = _figures(answers, true)
    assert "STTC" not in perfect["labels"]
    assert perfect["macro"]["AUROC"] == perfect["macro"]["F1"] == 1.0
    some = _figures([None if k % 3 == 0 else one for k, one in enumerate(answers)], true)
    assert some["not read"] == 20
    assert 0.5 < some["macro"]["sensitivity"] < 0.8
    assert some["macro"]["specificity"] == 1.0
    views = {"digital": perfect, "pages, signal": some}
    counts = dict.fromkeys(LABELS, 9)
    text = _external_validation({"recordings": 60, "positives": counts, "views": views})
    assert "| NORM | 9 | 1.00 / 1.00 |" in text
    assert "STTC" not in text


def test_a_recording_comes_with_its_words(tmp_path):
    from ecgkit.io import write_wfdb
    from ecgkit.processing.synthetic import generate_ecg

    (tmp_path / "data").mkdir()
    for file, content in write_wfdb(generate_ecg(10.0, 250.0), "1").items():
        (tmp_path / "data" / file).write_bytes(content)
    head, one = "ID,Sex,Age,Rhythms,Extrasystolies", '1,"F\n","51\n",Sinus tachycardia,'
    rows = f"{head}\n{one}\n2,M,40,Sinus rhythm,\n"  # the second one's signals are not there
    (tmp_path / "ludb.csv").write_text(rows, encoding="utf-8")
    ((name, recording, labels),) = recordings(tmp_path)
    assert (name, recording.fs) == ("1", 250.0)
    assert [label for label, value in labels.items() if value] == ["TACHY"]
