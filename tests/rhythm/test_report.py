from dataclasses import replace

import numpy as np
import pytest
import torch

from ecgkit import STANDARD_LEADS, Recording, RecordingError, models
from ecgkit.demos import open_demo
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.rhythm import report as rhythm
from ecgkit.rhythm.classes import RHYTHMS
from ecgkit.rhythm.explanation import grad_cam, occlusion
from ecgkit.rhythm.preprocessing import prepare
from ecgkit.rhythm.report import (
    NETWORKS,
    UNCERTAIN,
    RhythmOverview,
    RhythmReport,
    batch_of,
    card_name,
    rhythm_overview,
    rhythm_report,
    rhythm_window,
    softmax,
)


@pytest.fixture(scope="module")
def recording():
    return open_demo("12-lead")


def noise(seconds=10.0, fs=250.0, leads=("I", "II")):
    signal = 0.1 * np.random.default_rng(0).standard_normal((len(leads), round(seconds * fs)))
    return Recording(signal, fs, leads, name="noise")


def missing(recording, share):
    signal = recording.signal.copy()
    signal[:, : round(share * signal.shape[1])] = np.nan
    return recording.with_signal(signal)


@pytest.mark.parametrize("model", NETWORKS)
def test_a_report_is_whole(recording, model):
    report = rhythm_report(recording, model)
    assert (report.model, report.start, report.warnings) == (model, 0.0, ())
    assert report.probabilities.shape == (4,)
    assert report.per_second.shape == (10, 4)
    assert report.probabilities.sum() == pytest.approx(1)
    np.testing.assert_allclose(report.per_second.sum(axis=1), 1)
    assert report.heart_rate == pytest.approx(61, abs=2)
    assert report.label in {*RHYTHMS, UNCERTAIN}
    assert sorted(report.ranked) == sorted(RHYTHMS)
    assert 0 < report.threshold < 1


@pytest.mark.parametrize("model", NETWORKS)
def test_probabilities_are_the_networks_cooled_as_its_card_says(recording, model):
    card = models.catalogue()[card_name(model)]
    with torch.inference_mode():
        answer = models.load(card.name)(batch_of([prepare(recording)]))
    report = rhythm_report(recording, model)
    for logits, key, given in (
        (answer.recording, "temperature", report.probabilities),
        (answer.seconds, "temperature_seconds", report.per_second),
    ):
        expected = torch.softmax(logits[0].double() / card.decision[key], -1).numpy()
        np.testing.assert_allclose(given, expected, atol=1e-6)
    assert report.threshold == card.decision["uncertain_below"]


@pytest.mark.parametrize("model", NETWORKS)
def test_order_of_leads_and_other_channels_do_not_matter(recording, model):
    expected = rhythm_report(recording, model).probabilities
    turned = recording.select(STANDARD_LEADS[::-1])
    breath = np.sin(recording.time)[np.newaxis]
    more = replace(turned, signal=np.vstack([turned.signal, breath]), leads=(*turned.leads, "RESP"))
    for other in (turned, more):
        np.testing.assert_allclose(rhythm_report(other, model).probabilities, expected, atol=1e-6)


def test_the_window_begins_where_asked(recording):
    first, second = generate_ecg(10.0, heart_rate=55), generate_ecg(10.0, heart_rate=120)
    both = first.with_signal(np.hstack([first.signal, second.signal]))
    for start, alone in ((0.0, first), (10.0, second)):
        report, expected = rhythm_report(both, "cnn1d", start), rhythm_report(alone, "cnn1d")
        np.testing.assert_allclose(report.probabilities, expected.probabilities, atol=1e-6)
        assert report.start == start
        assert report.heart_rate == pytest.approx(expected.heart_rate)
    assert len(rhythm_report(both, "cnn1d", 13.5).per_second) == 6


def test_the_label_is_the_most_probable_class_or_uncertain():
    def report(probabilities, threshold):
        values = np.array(probabilities)
        return RhythmReport("cnn1d", 0.0, values, values[np.newaxis], threshold, 70.0, ())

    sure = report([0.1, 0.2, 0.0, 0.7], 0.6)
    assert sure.label == "SR"
    assert sure.ranked == ["SR", "AFIB", "SB", "GSVT"]
    assert report([0.1, 0.2, 0.0, 0.7], 0.7).label == "SR"
    assert report([0.1, 0.2, 0.0, 0.7], 0.71).label == UNCERTAIN
    tied = report([0.25, 0.25, 0.25, 0.25], 0.2)
    assert tied.ranked == list(RHYTHMS)


def test_softmax_bears_large_logits():
    np.testing.assert_allclose(softmax(np.array([[1000.0, 0, 0, 1000.0]])), [[0.5, 0, 0, 0.5]])


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (lambda r: replace(r.select(["I", "II"]), leads=("A", "B")), "none of the twelve"),
        (lambda r: r.window(0, 4.9), r"holds 4\.9 s"),
        (lambda r: missing(r, 0.6), "mostly missing"),
        (lambda r: noise(), "no heartbeats"),
        (lambda r: r.with_signal(np.zeros_like(r.signal)), "no heartbeats"),
    ],
    ids=["leads", "short", "missing", "noise", "flat"],
)
@pytest.mark.parametrize("ask", [rhythm_window, lambda r: rhythm_report(r, "cnn1d")])
def test_what_cannot_be_read_is_refused_in_one_line(recording, case, words, ask):
    unreadable = replace(case(recording), name="record 7")
    with pytest.raises(RecordingError, match=words) as caught:
        ask(unreadable)
    said = str(caught.value)
    assert said.startswith("record 7: ")
    assert said.endswith(".")
    assert "\n" not in said
    assert caught.value.remedy


def test_unknown_networks_and_starts_beyond_the_end_are_refused(recording):
    with pytest.raises(RecordingError, match="cnn2d, cnn1d, cnn_lstm"):
        rhythm_report(recording, "oracle")
    with pytest.raises(RecordingError, match="lasts 10 s"):
        rhythm_report(recording, "cnn1d", 30.0)
    with pytest.raises(RecordingError, match=r"4 s from 6 s on"):
        rhythm_report(recording, "cnn1d", 6.0)


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (lambda r: r.select(["I", "II", "V1"]), "Without V2, V3, V4, V5, V6."),
        (lambda r: r.select(["V1"]), "Without I, II, III, aVR"),
        (lambda r: replace(r, calibrated=False), "no voltage scale"),
        (lambda r: missing(r, 0.2), "20% of the window's samples are missing"),
        (lambda r: r.window(0, 7.3), "Only 7 s"),
    ],
)
def test_what_makes_an_answer_less_sure_is_said(recording, case, words):
    warnings = rhythm_report(case(recording), "cnn1d").warnings
    assert any(words in warning for warning in warnings)
    assert all(warning.endswith(".") for warning in warnings)


def test_a_flat_lead_is_named(recording):
    signal = recording.signal.copy()
    signal[7] = 0.2
    warnings = rhythm_report(recording.with_signal(signal), "cnn1d").warnings
    assert any("Without V2" in warning for warning in warnings)
    assert any("Lead V2 is flat" in warning for warning in warnings)


def test_an_overview_is_the_reports_one_after_the_other():
    holter = open_demo("holter").window(0, 65)
    seen = []
    overview = rhythm_overview(holter, "cnn1d", step=15, progress=seen.append)
    np.testing.assert_allclose(overview.starts, [0, 15, 30, 45, 60])
    assert seen == sorted(seen)
    assert seen[-1] == 1
    for start, row, label in zip(
        overview.starts, overview.probabilities, overview.labels, strict=True
    ):
        report = rhythm_report(holter, "cnn1d", float(start))
        np.testing.assert_allclose(row, report.probabilities, atol=1e-5)
        assert label == report.label


def test_an_overview_has_gaps_where_nothing_can_be_read():
    long = generate_ecg(60.0, 250.0, leads=("II",))
    signal = long.signal.copy()
    signal[:, 20 * 250 : 40 * 250] = np.nan
    overview = rhythm_overview(long.with_signal(signal), "cnn1d")
    assert (
        np.isnan(overview.probabilities).any(axis=1).tolist()
        == [False] * 2 + [True] * 2 + [False] * 2
    )
    assert [bool(label) for label in overview.labels] == [True, True, False, False, True, True]


def test_labels_of_an_overview():
    probabilities = np.array([[0.1, 0.8, 0.05, 0.05], [np.nan] * 4, [0.4, 0.3, 0.2, 0.1]])
    assert RhythmOverview(np.arange(3.0), probabilities, 0.5).labels == ["AFIB", "", UNCERTAIN]


def test_the_overview_asks_in_batches(monkeypatch):
    sizes = []
    answer = rhythm._answer

    def counted(network, windows):
        sizes.append(len(windows))
        return answer(network, windows)

    monkeypatch.setattr(rhythm, "_answer", counted)
    rhythm_overview(generate_ecg(330.0, 128.0, leads=("II",)), "cnn1d")
    assert sizes == [16, 16, 1]


@pytest.mark.parametrize("model", NETWORKS)
def test_occlusion_asks_every_second_of_every_lead_that_is_there(recording, model):
    part = recording.select(["II", "V5"]).window(0, 5)
    falls = occlusion(part, model, "SR")
    assert falls.shape == (12, 5)
    there = [STANDARD_LEADS.index(lead) for lead in part.leads]
    absent = [row for row in range(12) if row not in there]
    assert np.isfinite(falls[there]).all()
    assert np.isnan(falls[absent]).all()
    assert np.abs(falls[there]).max() > 0


def test_hiding_nothing_changes_nothing(recording):
    signal = recording.select(["II", "V5"]).signal.copy()
    signal[1, 4000:] = 0
    falls = occlusion(Recording(signal, recording.fs, ("II", "V5")), "cnn1d", "SB")
    v5 = falls[STANDARD_LEADS.index("V5")]
    assert np.abs(v5[5:]).max() < 0.01 * np.nanmax(np.abs(falls))


def test_what_speaks_for_one_of_two_classes_speaks_against_the_other(recording):
    """Log-odds of a class against the rest: summed over classes they cannot all fall."""
    part = recording.select(["II"]).window(0, 5)
    falls = np.stack([occlusion(part, "cnn1d", name)[1] for name in RHYTHMS])
    assert np.all(falls.min(axis=0) < 0)
    assert np.all(falls.max(axis=0) > 0)


@pytest.mark.parametrize("rhythm_class", RHYTHMS)
def test_grad_cam_is_a_share_for_every_pixel(recording, rhythm_class):
    heat = grad_cam(recording.window(0, 6), rhythm_class)
    network = models.load(card_name("cnn2d"))
    images = network.images(batch_of([prepare(recording.window(0, 6))]))
    assert heat.shape == images.shape[1:]
    assert heat.min() >= 0
    assert heat.max() == pytest.approx(1) or heat.max() == 0
    assert all(weight.grad is None for weight in network.parameters())


def test_evidence_is_refused_where_answers_are():
    for ask in (lambda r: occlusion(r, "cnn1d", "SR"), lambda r: grad_cam(r, "SR")):
        with pytest.raises(RecordingError, match="no heartbeats"):
            ask(noise())
