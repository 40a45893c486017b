"""Faults are named and sound leads are not; indicators follow the noise that is there."""

import time

import numpy as np
import pytest
import wfdb
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ecgkit.processing.noise import add_noise
from ecgkit.processing.quality import (
    INDICATORS,
    Fault,
    LeadIndicators,
    find_faults,
    noise_indicators,
)
from ecgkit.processing.resampling import resample
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import STANDARD_LEADS, Recording

FS = 500.0


@pytest.fixture(scope="module")
def ecg():
    return generate_ecg(30, FS)


def faults_of(row, fs=FS):
    return {fault.kind: fault for fault in find_faults(np.asarray(row)[np.newaxis], fs)[0]}


def test_a_sound_recording_has_no_faults(ecg):
    assert find_faults(ecg.signal, FS) == ((),) * 12


@pytest.mark.parametrize("step", [0.001, 0.005, 0.02])
@pytest.mark.parametrize("fs", [250.0, 1000.0])
def test_coarse_digitisation_is_no_fault(step, fs):
    coarse = np.round(resample(generate_ecg(30, FS, heart_rate=90).signal, FS, fs) / step) * step
    kinds = [fault.kind for faults in find_faults(coarse, fs) for fault in faults]
    assert "saturated" not in kinds
    if step < 0.02:
        assert not kinds


@pytest.mark.parametrize("level", [0.0, -3.3])
def test_a_flat_lead_is_flat_throughout(level):
    (fault,) = faults_of(np.full(5000, level, np.float32)).values()
    assert fault == Fault("flat", 1.0, 10.0)
    assert fault.describe("V3") == "Lead V3 is flat."


def test_a_flat_stretch_is_measured(ecg):
    row = ecg.lead("II").copy()
    row[2000:4000] = row[2000]
    (fault,) = faults_of(row).values()
    assert fault.kind == "flat"
    assert fault.seconds == pytest.approx(4.0, abs=0.1)
    assert fault.describe("II") == "Lead II is flat for 4.0 s (13.3 % of the recording)."


def test_a_mostly_flat_lead_is_flat_not_saturated(ecg):
    row = np.zeros(ecg.n_samples)
    row[100:900] = np.abs(ecg.lead("II")[100:900]) + 0.01
    assert list(faults_of(row)) == ["flat"]


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("step", [0.0, 0.005])
def test_clipped_waves_are_saturated(ecg, side, step):
    row = ecg.lead("V5").astype(float)
    if step:
        row = np.round(row / step) * step
    clipped = side * np.minimum(row, 0.6)
    (fault,) = faults_of(clipped).values()
    assert fault.kind == "saturated"
    assert fault.seconds == pytest.approx(np.mean(row >= 0.6) * 30, rel=0.4)
    assert "limit of its range" in fault.describe("V5")


def test_a_lead_stuck_at_its_rail_is_saturated(ecg):
    row = ecg.lead("II").copy()
    row[3000:4500] = 5.0
    (fault,) = faults_of(row).values()
    assert (fault.kind, fault.seconds) == ("saturated", 3.0)


def test_missing_samples_are_counted(ecg):
    row = ecg.lead("II").copy()
    row[:3000] = np.nan
    fault = faults_of(row)["missing"]
    assert fault == Fault("missing", 0.2, 6.0)
    assert fault.describe("II") == "Lead II has no samples for 6.0 s (20.0 % of the recording)."
    (fault,) = faults_of(np.full(100, np.nan)).values()
    assert fault.describe("I") == "Lead I has no samples."
    row[:3000] = ecg.lead("II")[:3000]
    row[7] = np.nan
    words = "Lead II has no samples for less than 0.1 s (less than 0.1 % of the recording)."
    assert faults_of(row)["missing"].describe("II") == words


def test_gaps_hide_no_other_fault(ecg):
    row = np.minimum(ecg.lead("V5"), 0.6)
    row[5000:6000] = np.nan
    row[8000:9000] = 0.3
    assert set(faults_of(row)) == {"flat", "saturated", "missing"}


@given(
    signal=arrays(
        np.float32,
        st.tuples(st.integers(1, 3), st.integers(1, 400)),
        elements=st.sampled_from([0.0, 1.0, -1.0, np.nan])
        | st.floats(-(2.0**99), 2.0**99, width=32),
    ),
    factor=st.sampled_from([-2.0, 0.5, 1024.0]),
)
def test_faults_of_anything_are_shares_that_no_gain_changes(signal, factor):
    found = find_faults(signal, 50.0)
    for faults in found:
        assert len({fault.kind for fault in faults}) == len(faults)
        assert all(0 < fault.fraction <= 1 for fault in faults)
        assert sum(fault.fraction for fault in faults) <= 1 + 1e-9
        assert all(fault.describe("X").startswith("Lead X ") for fault in faults)
    assert find_faults(signal.astype(float) * factor, 50.0) == found


def test_half_an_hour_is_checked_quickly():
    signal = np.tile(generate_ecg(60, 360, leads=("II",)).signal, 30)
    start = time.perf_counter()
    find_faults(signal, 360)
    assert time.perf_counter() - start < 0.25


@pytest.mark.shared
def test_no_wolf_is_cried_over_real_recordings(shared_data):
    def faulty(paths):
        for path in paths:
            record = wfdb.rdrecord(str(path.with_suffix("")))
            for lead, faults in zip(
                record.sig_name, find_faults(record.p_signal.T, record.fs), strict=True
            ):
                for fault in faults:
                    yield path.stem, lead, fault.kind

    assert list(faulty(sorted((shared_data / "ludb" / "data").glob("*.hea"))[::4])) == []
    assert list(faulty(sorted((shared_data / "ptbxl").rglob("*_hr.hea"))[::60])) == []
    clipped = [shared_data / "mitdb" / f"{name}.hea" for name in ("100", "101", "116", "223")]
    assert list(faulty(clipped)) == [("116", "MLII", "saturated"), ("223", "V1", "saturated")]
    flat = set(faulty((shared_data / "cinc2021").rglob("JS20008.hea")))
    assert flat == {("JS20008", lead, "flat") for lead in ("V2", "V4", "V6")}


def overall(recording):
    return noise_indicators(recording).overall


def test_a_clean_recording_has_little_noise(ecg):
    found = overall(ecg)
    assert found.baseline_share < 0.01
    assert found.noise_level < 0.002
    assert found.mains_50_share < 0.001
    assert found.mains_60_share < 0.001
    assert found.template_snr_db > 20
    assert found.flat_share == found.saturated_share == found.missing_share == 0


@pytest.mark.parametrize("snr_db", [0, 10])
def test_baseline_share_follows_the_wander(ecg, snr_db):
    added = 1 / (1 + 10 ** (snr_db / 10))
    noisy = overall(add_noise(ecg, "baseline_wander", snr_db))
    assert noisy.baseline_share == pytest.approx(added, rel=0.35)
    assert overall(add_noise(ecg, "white", snr_db)).baseline_share < 0.02


@pytest.mark.parametrize("mains", [50, 60])
@pytest.mark.parametrize("snr_db", [0, 10])
def test_powerline_is_told_at_its_own_frequency(ecg, mains, snr_db):
    hum = 0.1 * np.sin(2 * np.pi * mains * ecg.time)
    noisy = ecg.with_signal(ecg.signal + hum.astype(np.float32))
    found = noise_indicators(noisy)
    for lead, row in zip(ecg.leads, ecg.signal, strict=True):
        share = np.var(hum) / (np.var(hum) + np.var(row))
        told = {50: found.leads[lead].mains_50_share, 60: found.leads[lead].mains_60_share}
        assert told[mains] == pytest.approx(share, rel=0.1)
        assert told[110 - mains] < 0.01
    assert overall(add_noise(ecg, "white", snr_db)).mains_50_share < 0.02


@pytest.mark.parametrize("sigma", [0.01, 0.05])
def test_noise_level_is_the_rms_above_40_hz(ecg, sigma):
    noise = np.random.default_rng(0).normal(0, sigma, ecg.signal.shape)
    found = overall(ecg.with_signal(ecg.signal + noise.astype(np.float32)))
    assert found.noise_level == pytest.approx(sigma * np.sqrt((250 - 40) / 250), rel=0.05)


@pytest.mark.parametrize("kind", ["white", "muscle_artefact", "baseline_wander", "powerline"])
@pytest.mark.parametrize("snr_db", [-3, 0, 5, 10])
def test_template_snr_is_near_the_true_one(ecg, kind, snr_db):
    assert overall(add_noise(ecg, kind, snr_db)).template_snr_db == pytest.approx(snr_db, abs=2.5)


def test_indicators_ignore_gain_but_for_the_level(ecg):
    noisy = add_noise(ecg, "blend", 8)
    plain, louder = overall(noisy), overall(noisy.with_signal(-4 * noisy.signal))
    for field in INDICATORS:
        factor = 4 if field == "noise_level" else 1
        assert getattr(louder, field) == pytest.approx(factor * getattr(plain, field), rel=0.01)


@settings(max_examples=50, deadline=None)
@given(
    signal=arrays(
        np.float32,
        st.tuples(st.integers(1, 2), st.integers(1, 1500)),
        elements=st.sampled_from([0, 1, np.nan]) | st.floats(width=32, allow_infinity=False),
    ),
    fs=st.sampled_from([20.0, 101.0, 250.0, 1000.0]),
)
def test_indicators_of_anything_are_in_their_range(signal, fs):
    found = noise_indicators(Recording(signal, fs, ("I", "II")[: len(signal)]))
    for one in (found.overall, *found.leads.values()):
        for field, (_, unit) in INDICATORS.items():
            value = getattr(one, field)
            assert np.isnan(value) or unit == "dB" or value >= 0
            assert np.isnan(value) or unit != "%" or value <= 1 + 1e-9


def test_each_lead_has_its_own(ecg):
    signal = ecg.signal.copy()
    signal[0] = 0
    signal[1, :1500] = np.nan
    signal[7] = add_noise(ecg, "white", 0).signal[7]
    found = noise_indicators(ecg.with_signal(signal))
    assert tuple(found.leads) == STANDARD_LEADS
    assert found.leads["I"].flat_share == 1
    assert np.isnan(found.leads["I"].template_snr_db)
    assert np.isnan(found.leads["I"].baseline_share)
    assert found.leads["II"].missing_share == pytest.approx(0.1)
    assert found.leads["II"].template_snr_db > 20  # no beat of the gap counts
    assert found.leads["V2"].template_snr_db == pytest.approx(0, abs=1.5)
    assert found.overall.flat_share == pytest.approx(1 / 12)
    assert found.overall.template_snr_db > 20


def test_what_cannot_be_told_is_nan(ecg):
    slow = Recording(resample(ecg.signal, FS, 90), 90, ecg.leads)
    found = overall(slow)
    assert np.isnan([found.noise_level, found.mains_50_share, found.mains_60_share]).all()
    assert np.isfinite(found.template_snr_db)
    bare = Recording(ecg.signal, FS, ecg.leads, calibrated=False)
    assert np.isnan(overall(bare).noise_level)
    short = overall(ecg.window(0, 1.5))
    assert np.isnan([short.template_snr_db, short.baseline_share]).all()
    gone = overall(Recording(np.full((2, 100), np.nan), FS, ("I", "II")))
    assert gone.missing_share == 1
    assert np.isnan([gone.template_snr_db, gone.noise_level, gone.baseline_share]).all()


def test_every_indicator_has_a_label_and_a_unit():
    assert set(INDICATORS) == set(LeadIndicators.__dataclass_fields__)
    assert all(label and unit in ("%", "mV", "dB") for label, unit in INDICATORS.values())
