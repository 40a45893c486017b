"""Beats are found where they are, in any lead, unit and sampling frequency."""

from dataclasses import replace

import numpy as np
import pytest
import wfdb
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sleepecg.heartbeats import detect_heartbeats

from ecgkit.processing.beats import Beats, detect_beats
from ecgkit.processing.noise import add_noise
from ecgkit.processing.resampling import resample
from ecgkit.processing.synthetic import generate_beats, generate_ecg
from ecgkit.recording import STANDARD_LEADS, Recording, RecordingError

TOLERANCE = 0.150
BEAT_SYMBOLS = set("NLRBAaJSVrFejnE/fQ?")


def matched(found, truth, tolerance=TOLERANCE):
    """How many of two ascending lists of times belong together, one to one."""
    i = j = pairs = 0
    while i < len(found) and j < len(truth):
        if abs(found[i] - truth[j]) <= tolerance:
            pairs, i, j = pairs + 1, i + 1, j + 1
        elif found[i] < truth[j]:
            i += 1
        else:
            j += 1
    return pairs


def assert_same_beats(found, truth, tolerance):
    assert len(found) == len(truth)
    assert np.max(np.abs(found - truth)) <= tolerance


@pytest.mark.parametrize("rhythm", ["sinus", "afib"])
@pytest.mark.parametrize("heart_rate", [40, 75, 140, 200])
def test_every_beat_of_a_known_ecg_is_found_at_its_peak(rhythm, heart_rate):
    settings = {"heart_rate": heart_rate, "rhythm": rhythm, "seed": heart_rate}
    found = detect_beats(generate_ecg(30, 500, **settings))
    truth = generate_beats(30, **settings)
    inner = (truth > 0.2) & (truth < 29.8)
    near = np.abs(found.times[:, None] - truth).min(axis=0)
    assert near[inner].max() <= 0.006
    seen = truth[(truth >= found.times[0] - 0.01) & (truth <= found.times[-1] + 0.01)]
    assert found.heart_rate == pytest.approx(60 / np.median(np.diff(seen)), rel=0.01)


@pytest.mark.parametrize("leads", [("V5", "I", "II"), ("II", "V1"), STANDARD_LEADS])
def test_lead_ii_is_taken_where_it_is_good(leads):
    assert detect_beats(generate_ecg(20, 500, leads=leads)).lead == "II"


@pytest.mark.parametrize("fs", [20, 50, 99, 100, 128, 250, 333.3, 1000, 2000, 10_000])
def test_sampling_frequency_does_not_matter(fs):
    ecg = generate_ecg(20, 500)
    signal = resample(ecg.signal, 500, fs)
    found = detect_beats(Recording(signal, fs, ecg.leads))
    assert_same_beats(found.times, detect_beats(ecg).times, 0.005 + 1.5 / fs)
    assert found.fs == fs


@pytest.mark.parametrize("factor", [1e-6, 1e-3, 1000, 1e9, -1])
@pytest.mark.parametrize("offset", [0.0, 5.0])
def test_unit_polarity_and_offset_do_not_matter(factor, offset):
    ecg = generate_ecg(20, 360, leads=("II", "V5"))
    found = detect_beats(ecg.with_signal(factor * (ecg.signal + np.float32(offset))))
    assert_same_beats(found.samples, detect_beats(ecg).samples, 1)


def test_a_shifted_window_has_the_same_beats():
    ecg = generate_ecg(60, 250)
    whole = detect_beats(ecg).times
    part = detect_beats(ecg.window(17.3, 47.3)).times + 17.3
    inside = whole[(whole > 17.6) & (whole < 47.0)]
    assert matched(part, inside, 0.01) == len(inside)


def test_each_lead_can_be_asked_for():
    ecg = generate_ecg(20, 500)
    truth = generate_beats(20)
    for lead in ecg.leads:
        found = detect_beats(ecg, lead)
        assert found.lead == lead
        # The end cuts a QRS complex in two, which some leads count.
        assert_same_beats(found.times[found.times < 19.8], truth, 0.04)
    assert detect_beats(ecg, "avr").lead == "aVR"
    with pytest.raises(RecordingError, match="no lead V9"):
        detect_beats(ecg, "V9")


@pytest.mark.parametrize("fault", ["flat", "missing", "muscle", "hum"])
def test_a_spoilt_lead_ii_gives_way_to_another(fault):
    ecg = generate_ecg(30, 500)
    signal = ecg.signal.copy()
    if fault == "flat":
        signal[1] = 0.2
    elif fault == "missing":
        signal[1] = np.nan
    elif fault == "muscle":
        signal[1] = add_noise(ecg, "muscle_artefact", -15).signal[1]
    else:
        signal[1] = add_noise(ecg, "powerline", -40).signal[1]
        signal[1] += add_noise(ecg, "white", -15).signal[1]
    found = detect_beats(ecg.with_signal(signal))
    assert found.lead not in ("II", "")
    assert_same_beats(found.times, generate_beats(30), 0.04)


def test_no_beats_are_reported_inside_a_gap():
    ecg = generate_ecg(30, 500)
    signal = ecg.signal.copy()
    signal[:, 5000:8000] = np.nan
    found = detect_beats(ecg.with_signal(signal)).times
    truth = generate_beats(30)
    outside = (truth < 9.9) | (truth > 16.1)
    assert_same_beats(found[(found < 9.9) | (found > 16.1)], truth[outside], 0.01)
    assert not ((found >= 10) & (found < 16)).any()


@pytest.mark.parametrize(
    "signal",
    [
        np.zeros((1, 5000)),
        np.full((2, 5000), 3.3),
        np.full((2, 5000), np.nan),
        np.ones((1, 1)),
        np.arange(5.0)[None],
        np.sin(np.arange(200))[None],
        np.append(np.zeros(5000), np.ones(10))[None],
        np.random.default_rng(0).standard_normal((1, 20_000)),
    ],
    ids=["zero", "flat", "missing", "one", "five", "short", "late", "noise"],
)
def test_what_is_no_ecg_has_no_beats(signal):
    found = detect_beats(Recording(signal, 360, tuple("ab"[: len(signal)])))
    assert len(found) == 0
    assert found.lead == ""
    assert np.isnan(found.heart_rate)
    assert found.rr.size == 0


@settings(max_examples=60, deadline=None)
@given(
    signal=arrays(
        np.float32,
        st.tuples(st.integers(1, 2), st.integers(1, 1500)),
        elements=st.floats(-(2.0**99), 2.0**99, width=32)
        | st.just(np.nan)
        | st.floats(-1, 1, width=32),
    ),
    fs=st.sampled_from([20.0, 60.0, 250.0, 360.0, 5000.0]),
)
def test_anything_gives_ascending_places_inside(signal, fs):
    found = detect_beats(Recording(signal, fs, tuple("ab"[: len(signal)])))
    assert (np.diff(found.samples) > 0).all()
    assert ((found.samples >= 0) & (found.samples < signal.shape[1])).all()


def test_a_tone_at_the_refractory_period_leaves_the_detector_its_memory(monkeypatch):
    """The detector must be given more room than it can find beats, or it breaks the process."""
    room = []

    def counted(signal, fs):
        found = detect_heartbeats(signal, fs)
        room.append(len(signal) // int(0.2 * fs) - 1 - len(found))
        return found

    monkeypatch.setattr("sleepecg.heartbeats.detect_heartbeats", counted)
    for frequency in np.linspace(4.5, 5.2, 40):
        for fs in (100.0, 250.0):
            time = np.arange(int(2.1 * fs)) / fs
            detect_beats(Recording(np.sin(2 * np.pi * frequency * time)[None], fs, ("II",)))
    assert len(room) == 80
    assert min(room) >= 2


def test_heart_rate_is_of_the_median_interval():
    beats = Beats(np.array([0, 250, 500, 1000, 1250]), 250.0, "II")  # one beat missed
    assert beats.heart_rate == pytest.approx(60)
    np.testing.assert_allclose(beats.rr, [1, 1, 2, 1])
    np.testing.assert_allclose(beats.times, [0, 1, 2, 4, 5])
    assert np.isnan(replace(beats, samples=beats.samples[:1]).heart_rate)


def read(path):
    record = wfdb.rdrecord(str(path))
    return Recording(record.p_signal.T, record.fs, tuple(record.sig_name))


def annotated(path, extension, symbols):
    marks = wfdb.rdann(str(path), extension)
    return marks.sample[[symbol in symbols for symbol in marks.symbol]]


@pytest.mark.shared
def test_mit_bih_beats_are_found(shared_data):
    pairs = truths = finds = 0
    for name in ("100", "103", "109", "119", "200", "214", "222", "231"):
        path = shared_data / "mitdb" / name
        if not path.with_suffix(".hea").exists():
            continue
        ecg = read(path)
        found, truth = detect_beats(ecg).samples, annotated(path, "atr", BEAT_SYMBOLS)
        pairs += matched(found, truth, TOLERANCE * ecg.fs)
        truths, finds = truths + len(truth), finds + len(found)
    assert truths > 10_000
    assert pairs / truths > 0.995
    assert pairs / finds > 0.985


@pytest.mark.shared
def test_ludb_beats_are_found(shared_data):
    pairs = truths = finds = 0
    for number in range(1, 201, 4):
        path = shared_data / "ludb" / "data" / str(number)
        ecg = read(path)
        truth = annotated(path, "ii", {"N"})
        found = detect_beats(ecg).samples
        # The first and last beats of these records carry no annotation.
        reach = 0.3 * ecg.fs
        found = found[(found > truth[0] - reach) & (found < truth[-1] + reach)]
        pairs += matched(found, truth, TOLERANCE * ecg.fs)
        truths, finds = truths + len(truth), finds + len(found)
    assert truths > 300
    assert pairs / truths > 0.99
    assert pairs / finds > 0.99
