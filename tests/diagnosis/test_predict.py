"""What the networks say of the eleven labels, about recordings and pages."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from ecgkit import models
from ecgkit.demo import open_demo
from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.page_reading import read_page
from ecgkit.diagnosis.predict import (
    CLASSIFIERS,
    DIGITAL,
    IMAGE,
    RULES,
    SAID,
    SIGNAL,
    UNSAID,
    WHOLE,
    Finding,
    blended,
    diagnose_page,
    diagnose_recording,
    evidence,
    network_names,
)
from ecgkit.digitization.pipeline import Choices
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import Recording, RecordingError
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import usual_style


@pytest.fixture(scope="module")
def photo():
    recording = open_demo("12-lead")
    return render_page(recording, usual_style(recording.leads, "3x4+1")).image


@pytest.fixture(scope="module")
def report(photo):
    return read_page(photo, classifiers=CLASSIFIERS)


def probability(diagnoses, label):
    return next(f.probability for f in diagnoses.findings if f.label == label)


@pytest.mark.parametrize("card", [c for c in models.catalogue().values() if c.task == "diagnosis"])
def test_the_greatest_f1_of_every_card_finds_at_least_half(card):
    views = {**card.decision, **card.decision.get("blend", {})}
    for labels in (view for key, view in views.items() if key not in ("blend", "weights")):
        for own in labels.values():
            known = [point[0] for point in own["curve"]]
            found = own["curve"][known.index(own["thresholds"][RULES[0]])]
            assert found[1] >= 0.5


def test_a_recording_is_answered_for_every_label():
    found = diagnose_recording(open_demo("12-lead"))
    assert [finding.label for finding in found.findings] == list(LABELS)
    assert (found.classifier, found.basis, found.networks) == ("signal", WHOLE, {DIGITAL: 1.0})
    assert all(0 < finding.probability < 1 for finding in found.findings)
    assert [f.margin for f in found.ranked] == sorted(
        (f.margin for f in found.ranked), reverse=True
    )
    assert all(f.positive == (f.margin >= 0) for f in found.findings)
    assert found.warnings == ()


def test_rate_and_rhythm_are_seen():
    slow, usual, fast = (
        diagnose_recording(generate_ecg(10.0, 500.0, heart_rate=rate, seed=2))
        for rate in (42, 72, 135)
    )
    assert probability(fast, "TACHY") > 5 * probability(usual, "TACHY")
    assert probability(slow, "BRADY") > 5 * probability(usual, "BRADY")
    irregular = diagnose_recording(generate_ecg(10.0, 500.0, rhythm="afib", seed=2))
    assert probability(irregular, "AFIB/AFL") > 5 * probability(usual, "AFIB/AFL")


def test_what_makes_an_answer_doubtful_is_said():
    whole = generate_ecg(10.0, 500.0)
    few = Recording(whole.signal[:2], whole.fs, whole.leads[:2])
    assert "has 2 of twelve leads" in diagnose_recording(few).warnings[0]
    scaled = replace(whole, calibrated=False)
    assert "not calibrated" in diagnose_recording(scaled).warnings[0]
    assert "lasts 4.0 s" in diagnose_recording(whole.window(0, 4)).warnings[0]


def test_a_long_recording_is_the_mean_of_its_windows():
    whole = generate_ecg(20.0, 500.0, seed=5)
    parts = [diagnose_recording(whole.window(start, start + 10)) for start in (0, 10)]
    found = diagnose_recording(whole)
    for k in range(len(LABELS)):
        low, high = sorted(part.findings[k].probability for part in parts)
        assert low - 0.01 <= found.findings[k].probability <= high + 0.01


def test_a_recording_without_what_is_needed_is_refused():
    whole = generate_ecg(10.0, 500.0)
    other = Recording(whole.signal[:1], whole.fs, ("ECG1",))
    with pytest.raises(RecordingError, match="no standard lead, but ECG1"):
        diagnose_recording(other)
    flat = Recording(np.zeros((2, 5000), np.float32), 500.0, ("I", "II"))
    with pytest.raises(RecordingError, match="flat or missing"):
        diagnose_recording(flat)


def test_a_page_is_answered_by_every_classifier(report):
    assert list(report.diagnoses) == list(CLASSIFIERS)
    image, signal, blend = report.diagnoses.values()
    assert image.networks == {IMAGE: 1.0}
    assert signal.networks == {SIGNAL: 1.0}
    assert sum(blend.networks.values()) == pytest.approx(1)
    assert set(blend.networks) <= set(network_names())
    assert {d.basis for d in report.diagnoses.values()} == {UNSAID}
    assert "labels" in report.seconds
    # A healthy heart, on paper as in the file.
    assert blend.ranked[0].label == "NORM"


def test_a_scale_that_was_said_changes_what_the_figures_are_for(report):
    said = diagnose_page(report.mask, report.traces, mm_per_s=25, mm_per_mv=10)
    assert {found.basis for found in said.values()} == {SAID}


def test_the_image_answers_where_no_leads_were_read(report):
    found = diagnose_page(report.mask, None)
    assert list(found) == ["image", "blend"]
    assert SIGNAL not in found["blend"].networks
    assert any("too little of the page was read" in note for note in found["blend"].warnings)
    assert diagnose_page(None, None) == {}
    assert diagnose_page(np.zeros((300, 400), np.float32), None) == {}
    # What the UNet leaves of empty paper: no trace, but no zeros either.
    faint = np.random.default_rng(0).random((700, 1300)).astype(np.float32) * 1e-4
    assert diagnose_page(faint, None) == {}


def test_only_who_is_asked_answers(report):
    assert list(diagnose_page(report.mask, report.traces, classifiers=["signal"])) == ["signal"]


def test_a_page_read_again_is_diagnosed_again(photo, report):
    other = read_page(photo, Choices(mm_per_mv=20), classifiers=["signal"], earlier=report)
    assert list(other.diagnoses) == ["signal"]
    one, two = (probability(r.diagnoses["signal"], "HYP") for r in (report, other))
    assert one != two
    assert read_page(photo, Choices(mm_per_mv=20), earlier=other).diagnoses == {}


def test_a_missing_network_is_said_and_the_rest_is_kept(photo, tmp_path, monkeypatch):
    for path in models.folder().glob("paper-unet*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setenv("ECGKIT_WEIGHTS", str(tmp_path))
    found = read_page(photo, classifiers=CLASSIFIERS)
    assert found.error is not None
    assert found.error.stage == "labels"
    assert "not in the catalogue" in str(found.error)
    assert found.traces is not None


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


def test_rules_have_their_own_thresholds():
    found = diagnose_recording(open_demo("12-lead"))
    other = found.by_rule(RULES[1])
    assert all(f.threshold == f.rules[RULES[1]] for f in other.findings)
    assert found.by_rule(RULES[0]).findings == found.findings
    moved = found.at({"NORM": 0.99})
    assert moved.findings[0].threshold == 0.99
    assert moved.findings[1:] == found.findings[1:]


def test_who_does_not_answer_leaves_its_share_to_the_others():
    one, two = np.zeros(11), np.ones(11)
    shares = {"a": 0.25, "b": 0.25, "c": 0.5}
    mixed, own = blended({"a": one, "c": two}, shares)
    np.testing.assert_allclose(mixed, 2 / 3)
    assert own == pytest.approx({"a": 1 / 3, "c": 2 / 3})
    assert blended({}, shares) is None


def test_evidence_lies_on_the_page(report):
    heat = evidence(report.mask, "NORM")
    assert heat.shape == report.mask.shape
    assert heat.min() >= 0
    assert 0.5 < heat.max() <= 1
    assert not evidence(np.zeros((300, 400), np.float32), "NORM").any()


def test_two_sessions_evidence_does_not_mix(report):
    # Both sessions share one network.
    half = report.mask.copy()
    half[:, : half.shape[1] // 2] = 0
    masks = [report.mask, half] * 4
    alone = [evidence(mask, "CD") for mask in masks[:2]]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda mask: evidence(mask, "CD"), masks))
    for place, heat in enumerate(together):
        np.testing.assert_allclose(heat, alone[place % 2], atol=1e-4)
