"""What is drawn of the labels: bars by margin, thresholds, words, and where the evidence lies."""

import re

import numpy as np
import pytest

from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.predict import RULES, SAID, UNSAID, Diagnoses, Finding
from ecgkit.digitization.rectification.rectify import Rectified
from ecgkit.drawing.html.diagnoses import (
    STEPS,
    TICKS,
    axis_place,
    basis_words,
    contradiction,
    findings_list,
    fine_percent,
    networks_words,
    side_by_side,
    summary,
)
from ecgkit.drawing.html.diagnosis_heatmap import draw_evidence, heat_layer

CURVE = ((0.01, 1.0, 0.0), (0.5, 0.8, 0.6), (0.99, 0.0, 1.0))


def diagnoses(classifier: str = "blend", basis: str = UNSAID, **found: float) -> Diagnoses:
    """Answers against thresholds of 10 %; labels that are not given have 1 %."""
    given = {label: found.get(label.replace(" ", "_").replace("/", "_"), 0.01) for label in LABELS}
    findings = tuple(
        Finding(label, value, 0.1, dict.fromkeys(RULES, 0.1), CURVE)
        for label, value in given.items()
    )
    return Diagnoses(classifier, {"a": 0.7, "b": 0.3}, basis, findings)


def rows(html: str) -> dict[str, str]:
    """Return each label's row, in the order in which they stand."""
    return dict(re.findall(r'<li class="finding[^>]*data-label="([^"]*)">(.*?)</li>', html))


def test_the_axis_is_one_of_log_odds() -> None:
    assert axis_place(0.5) == pytest.approx(50)
    assert axis_place(0.05) - axis_place(0.01) == pytest.approx(axis_place(0.99) - axis_place(0.95))
    assert axis_place(0.0) == 0
    assert axis_place(1.0) == 100
    places = [axis_place(value) for value in TICKS]
    assert min(np.diff(places)) > 7  # labels of ticks do not touch
    assert min(np.diff([axis_place(value) for value in STEPS])) > 0.8


def test_small_shares_keep_a_decimal_and_nothing_is_made_sure() -> None:
    said = {0.0001: "<0.1 %", 0.0255: "2.5 %", 0.14: "14 %", 0.993: "99.3 %", 0.9999: ">99.9 %"}
    assert {value: fine_percent(value) for value in said} == said
    assert fine_percent(1.0) == "100 %"
    assert fine_percent(0.0) == "0 %"
    assert fine_percent(0.0997) == "10 %"


def test_bars_stand_by_margin_and_say_their_side_in_words() -> None:
    found = diagnoses(PVC=0.3, NORM=0.05, CD=0.9)
    html = findings_list(found)
    parts = rows(html)
    assert list(parts) == [finding.label for finding in found.ranked]
    assert list(parts)[:3] == ["CD", "PVC", "NORM"]
    for label, part in parts.items():
        words = re.sub("<[^>]*>", "", part)
        assert ("above its threshold" in words) == (label in ("CD", "PVC"))
        assert ("below its threshold" in words) == (label not in ("CD", "PVC"))
        assert LABELS[label] in words
    assert f"width:{axis_place(0.3):.2f}%" in parts["PVC"]
    assert f"left:{axis_place(0.1):.2f}%" in parts["PVC"]
    assert "sensitivity 96 %" in re.sub("<[^>]*>", "", parts["PVC"])
    assert "yours" not in html


def test_another_threshold_moves_line_words_and_place() -> None:
    found = diagnoses(PVC=0.3, CD=0.9).at({"PVC": 0.5})
    html = findings_list(found, own={"PVC": 0.5})
    part = rows(html)["PVC"]
    words = re.sub("<[^>]*>", "", part)
    assert "below its threshold" in words
    assert "threshold 50 %yours" in words
    assert "sensitivity 80 %" in words
    assert "specificity 60 %" in words
    assert "left:50.00%" in part
    assert html.index("Below the threshold") < html.index('data-label="PVC"')


def test_what_was_found_is_said_in_a_sentence() -> None:
    assert summary(diagnoses()) == "No label reaches its threshold."
    assert summary(diagnoses(STTC=0.4)) == (
        "Above its threshold: STTC (ST-T change). The other 10 are below."
    )
    assert summary(diagnoses(STTC=0.4, CD=0.9)) == (
        "Above their thresholds: CD (conduction disturbance) and STTC (ST-T change). "
        "The other 9 are below."
    )


def test_a_normal_ecg_beside_what_excludes_it_is_said() -> None:
    assert "NORM and Old MI and" not in contradiction(diagnoses(NORM=0.4, Old_MI=0.4))
    assert contradiction(diagnoses(NORM=0.4, Old_MI=0.4)).startswith("NORM and Old MI exclude")
    assert not contradiction(diagnoses(NORM=0.4, PVC=0.4))  # a normal ECG can have them
    assert not contradiction(diagnoses(CD=0.4, HYP=0.4))


def test_who_answered_and_what_for_is_said() -> None:
    said = networks_words(diagnoses(), {"a": "First <net>"})
    assert "Blend of image and signal: answered by «First <net>» 70 % and «b» 30 %." in said
    assert "neither speed nor voltage scale" in basis_words(diagnoses())
    assert "were said" in basis_words(diagnoses(basis=SAID))


def test_classifiers_stand_side_by_side() -> None:
    answers = {"image": diagnoses("image", PVC=0.3), "blend": diagnoses(PVC=0.05)}
    table = side_by_side(answers, ["PVC", "CD"], "blend")
    first = re.findall(r"<tr>(.*?)</tr>", table)[1]
    words = re.sub("<[^>]*>", " ", first).split()
    assert words[:1] == ["PVC"]
    assert [word for word in words if word in ("above", "below", "–")] == ["above", "–", "below"]
    assert table.count("in the bars") == 1


def test_evidence_lies_over_the_page() -> None:
    page = Rectified(np.zeros((600, 900, 3), np.uint8), np.eye(3), (5.0, 5.0), 0, 1.0)
    heat = np.zeros((600, 900), np.float32)
    heat[100:300, 400:700] = 1
    layer = heat_layer(heat)
    points = np.array(re.findall(r"(\d+) (\d+)", layer[1]), float)
    assert points.min(axis=0) == pytest.approx([400, 100], abs=8)
    assert points.max(axis=0) == pytest.approx([700, 300], abs=8)
    drawn = draw_evidence("data:,", layer, page, "AFIB/AFL")
    assert "Atrial fibrillation or flutter" in drawn
    assert 'class="opacity"' in drawn
    nothing = draw_evidence("data:,", heat_layer(np.zeros((600, 900), np.float32)), page, "PVC")
    assert "Nothing on the page speaks for PVC" in nothing
