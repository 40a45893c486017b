from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from ecgkit import STANDARD_LEADS, Recording
from ecgkit.demos import open_demo
from ecgkit.diagnosis.signal_network import prepare as prepare_diagnosis
from ecgkit.processing.beats import detect_beats
from ecgkit.processing.noise import add_noise
from ecgkit.processing.resampling import resample
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.rhythm.preprocessing import FS, SETTINGS, prepare, remove_baseline

LIMB = STANDARD_LEADS[:6]


@pytest.fixture(scope="module")
def recording():
    return open_demo("12-lead")


def place(lead):
    return STANDARD_LEADS.index(lead)


def test_leads_come_in_the_standard_order_whatever_theirs_was(recording):
    turned = recording.select(STANDARD_LEADS[::-1])
    np.testing.assert_array_equal(prepare(turned).signal, prepare(recording).signal)
    assert prepare(recording).signal.shape == (12, 10 * FS)
    assert prepare(recording).seconds == 10


@pytest.mark.parametrize("pair", list(combinations(LIMB, 2)))
def test_limb_leads_follow_from_two_by_einthoven_and_goldberger(pair):
    one, two = (generate_ecg(seed=seed, leads=("II",)).signal[0] for seed in (1, 2))
    truth = {
        "I": one,
        "II": two,
        "III": two - one,
        "aVR": -(one + two) / 2,
        "aVL": one - two / 2,
        "aVF": two - one / 2,
    }
    whole = prepare(Recording(np.stack([*truth.values()]), 500.0, tuple(truth)))
    part = prepare(Recording(np.stack([truth[lead] for lead in pair]), 500.0, pair))
    assert list(part.present) == [True] * 6 + [False] * 6
    np.testing.assert_allclose(part.signal, whole.signal, atol=1e-4)


def test_one_limb_lead_gives_no_other_and_absent_leads_are_zero(recording):
    prepared = prepare(recording.select(["aVF", "V3"]))
    assert [lead for lead, here in zip(STANDARD_LEADS, prepared.present, strict=True) if here] == [
        "aVF",
        "V3",
    ]
    assert np.all(prepared.signal[~prepared.present] == 0)


@pytest.mark.parametrize("prepared", [prepare, prepare_diagnosis])
def test_two_limb_leads_and_the_chest_make_twelve(recording, prepared):
    some = recording.select(("II", "aVF", *STANDARD_LEADS[6:]))
    found = prepared(some)
    signal = found.signal if prepared is prepare else found[0]
    assert (np.nanmax(np.abs(signal), axis=1) > 0).all()


def test_a_lead_upside_down_is_seen_upright(recording):
    row = recording.lead("aVR")
    turned = Recording(-row[np.newaxis], recording.fs, ("-aVR",))
    np.testing.assert_array_equal(
        prepare(turned).signal[place("aVR")], prepare(recording).signal[place("aVR")]
    )


def test_nothing_is_derived_without_voltages(recording):
    uncalibrated = replace(recording.select(["I", "II"]), calibrated=False)
    assert prepare(uncalibrated).present.sum() == 2


def test_mlii_stands_for_ii_but_not_where_ii_is(recording):
    row = recording.lead("II")
    holter = Recording(row[np.newaxis], recording.fs, ("MLII",))
    assert prepare(holter).present[place("II")]
    both = Recording(np.stack([2 * row, row]), recording.fs, ("MLII", "II"))
    np.testing.assert_array_equal(
        prepare(both).signal[place("II")], prepare(recording).signal[place("II")]
    )


@pytest.mark.parametrize("calibrated", [True, False])
def test_a_flat_lead_is_absent(recording, calibrated):
    signal = recording.signal.copy()
    signal[place("V2")] = 0.3
    prepared = prepare(replace(recording.with_signal(signal), calibrated=calibrated))
    assert not prepared.present[place("V2")]
    assert np.all(prepared.signal[place("V2")] == 0)


def test_leads_without_a_scale_are_each_brought_to_a_usual_size(recording):
    gains = np.geomspace(0.01, 1000, 12)[:, np.newaxis]
    z_scored = replace(recording.with_signal(recording.signal * gains), calibrated=False)
    prepared = prepare(z_scored)
    rms = np.sqrt(np.mean(prepared.signal.astype(np.float64) ** 2, axis=1))
    np.testing.assert_allclose(rms, SETTINGS.typical_rms, rtol=1e-4)
    calibrated = prepare(recording)
    for ours, plain in zip(prepared.signal, calibrated.signal, strict=True):
        assert np.corrcoef(ours, plain)[0, 1] > 0.9999


def test_missing_samples_are_bridged(recording):
    signal = recording.signal.copy()
    signal[1, 3000:3400] = np.nan
    signal[5, :500] = np.nan
    signal[7] = np.nan
    prepared = prepare(recording.with_signal(signal))
    assert np.isfinite(prepared.signal).all()
    assert not prepared.present[7]
    whole = prepare(recording).signal
    untouched = slice(5 * FS, 10 * FS)
    np.testing.assert_allclose(prepared.signal[1, untouched], whole[1, untouched], atol=0.02)


@pytest.mark.parametrize("fs", [128.0, 250.0, 360.0, 500.0])
def test_the_sampling_frequency_does_not_matter(recording, fs):
    other = Recording(
        resample(recording.signal, recording.fs, fs), fs, recording.leads, recording.name
    )
    first, second = prepare(recording).signal, prepare(other).signal
    assert second.shape == first.shape
    inside = slice(FS, 9 * FS)
    error = np.sqrt(np.mean((first - second)[:, inside] ** 2))
    assert error < 0.12 * np.sqrt(np.mean(first[:, inside] ** 2))


def test_wander_goes_and_qrs_stays():
    clean = generate_ecg(10.0, 256.0, leads=("II", "V5"))
    time = clean.time
    drift = 0.8 * np.sin(2 * np.pi * 0.25 * time) + 0.05 * time - 0.7
    cleaned = remove_baseline(clean.signal + drift.astype(np.float32))
    still = remove_baseline(clean.signal)
    inside = slice(FS, 9 * FS)
    left = np.sqrt(np.mean((cleaned - still)[:, inside] ** 2))
    assert left < 0.12 * np.sqrt(np.mean(drift[inside] ** 2))
    peaks = detect_beats(clean).samples[1:-1]
    for row, truth in zip(cleaned, clean.signal, strict=True):
        level = np.median(truth)
        np.testing.assert_allclose(row[peaks], truth[peaks] - level, atol=0.15)


def test_baseline_wander_hardly_changes_what_the_networks_see():
    clean = generate_ecg(10.0, 500.0)
    wandering = add_noise(clean, "baseline_wander", 0.0, seed=3)
    before = np.sqrt(np.mean((wandering.signal - clean.signal) ** 2))
    after = np.sqrt(np.mean((prepare(wandering).signal - prepare(clean).signal) ** 2))
    assert after < 0.35 * before


def test_t_waves_are_no_baseline():
    """A wave of 0.14 s at half its height fills the first median; the second takes it out."""
    time = np.arange(10 * FS) / FS
    waves = np.exp(-(((time % 1 - 0.5) / 0.06) ** 2) / 2)[np.newaxis].astype(np.float32)
    kept = remove_baseline(waves + 0.7)
    np.testing.assert_allclose(kept, waves, atol=0.05)


def test_a_recording_at_the_networks_own_rate_is_prepared():
    ecg = generate_ecg(10.0, float(FS))
    flat = ecg.signal.copy()
    flat[3] = 0.25
    prepared = prepare(ecg.with_signal(flat))
    assert prepared.present.sum() == 11
    assert not prepared.signal[3].any()
