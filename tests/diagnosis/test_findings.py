"""Answers about labels: thresholds, rules, and how they show themselves."""

import json

import numpy as np
import pytest

from ecgkit.demos import open_demo
from ecgkit.diagnosis.findings import RULES, Diagnoses, Finding, findings_of
from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.predict import diagnose_recording
from ecgkit.recording import RecordingError


@pytest.fixture(scope="module")
def found() -> Diagnoses:
    return diagnose_recording(open_demo("12-lead"))


def test_thresholds_can_be_moved_and_say_what_they_mean():
    curve = ((0.1, 0.9, 0.4), (0.3, 0.8, 0.6), (0.5, 0.2, 0.9))
    finding = Finding("PVC", 0.4, 0.3, dict(zip(RULES, (0.3, 0.5), strict=True)), curve)
    assert finding.positive
    assert finding.margin == pytest.approx(np.log((0.4 / 0.6) / (0.3 / 0.7)))
    assert (finding.sensitivity, finding.specificity) == (0.8, 0.6)
    higher = finding.at(0.5)
    assert not higher.positive
    assert (higher.sensitivity, higher.specificity) == (0.2, 0.9)
    assert finding.at(0.4).sensitivity == pytest.approx(0.5)
    assert finding.at(0.4).positive


def test_rules_have_their_own_thresholds(found):
    other = found.by_rule(RULES[1])
    assert all(f.threshold == f.rules[RULES[1]] for f in other.findings)
    assert found.by_rule(RULES[0]).findings == found.findings
    moved = found.at({"NORM": 0.99})
    assert moved.findings[0].threshold == 0.99
    assert moved.findings[1:] == found.findings[1:]


def test_answers_show_themselves(found):
    assert repr(found).startswith("<Diagnoses by signal: ")
    assert "\n" not in repr(found)
    assert len(repr(found)) < 200
    assert found["NORM"].label == "NORM"
    assert repr(found["NORM"]).startswith("<Finding: NORM ")
    assert found.positive == tuple(f.label for f in found.ranked if f.positive)
    values = json.loads(json.dumps(found.to_dict()))
    assert [one["label"] for one in values["findings"]] == list(LABELS)
    table = found.to_dataframe()
    assert list(table.index) == list(LABELS)
    assert table.loc["PVC", "probability"] == found["PVC"].probability
    assert "<table" in found._repr_html_()


@pytest.mark.parametrize("threshold", [-0.1, 1.1, np.nan, np.inf, "0.5", None, True])
def test_what_is_no_threshold_is_refused(found, threshold):
    with pytest.raises(RecordingError, match=r"the threshold of NORM is .*from 0 to 1"):
        found.at({"NORM": threshold})


def test_unknown_rules_and_labels_are_refused(found):
    with pytest.raises(RecordingError, match=r"rule 'mine' is unknown\. Choose one of greatest F1"):
        found.by_rule("mine")
    with pytest.raises(RecordingError, match=r"'XYZ' is unknown\. Choose one of NORM"):
        found.at({"XYZ": 0.5})
    with pytest.raises(RecordingError, match="'XYZ' is unknown"):
        found["XYZ"]


def test_a_probability_is_the_logit_by_slope_and_offset():
    own = {
        "slope": 2.0,
        "offset": -1.0,
        "thresholds": dict.fromkeys(RULES, 0.5),
        "curve": [[0.5, 0.9, 0.9]],
    }
    found = findings_of(np.linspace(-2, 2, len(LABELS)), dict.fromkeys(LABELS, own))
    expected = 1 / (1 + np.exp(-(2 * np.linspace(-2, 2, len(LABELS)) - 1)))
    np.testing.assert_allclose([finding.probability for finding in found], expected)
