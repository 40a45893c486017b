"""Indicators follow the noise that is there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ecgkit.processing.noise import add_noise
from ecgkit.processing.quality import (
    INDICATORS,
    LeadIndicators,
    noise_indicators,
)
from ecgkit.processing.resampling import resample
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import STANDARD_LEADS, Recording

FS = 500.0


@pytest.fixture(scope="module")
def ecg():
    return generate_ecg(30, FS)


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
