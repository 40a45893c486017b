from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import welch

from ecgkit import Recording, RecordingError
from ecgkit.processing.metrics import snr_db
from ecgkit.processing.noise import (
    NOISE_KINDS,
    NSTDB_RECORDS,
    GeneratedNoise,
    NstdbNoise,
    add_noise,
    draw_noise,
)


def clean(fs=360.0, seconds=10, leads=("I", "II")):
    time = np.arange(round(seconds * fs)) / fs
    return Recording(
        np.stack([np.sin(2 * np.pi * (place + 1) * time) + 0.3 for place in range(len(leads))]),
        fs,
        leads,
    )


@pytest.mark.parametrize("kind", NOISE_KINDS)
@pytest.mark.parametrize("fs", [125.0, 360.0, 500.0])
def test_snr_is_exact_in_every_lead(kind, fs):
    reference = clean(fs)
    noisy = add_noise(reference, kind, 3.0, seed=1)
    for lead in reference.leads:
        assert snr_db(noisy.lead(lead), reference.lead(lead)) == pytest.approx(3.0, abs=1e-3)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(sorted(NOISE_KINDS)), st.floats(-10, 40), st.integers(0, 2**32))
def test_seed_decides_the_noise_and_snr_only_its_scale(kind, snr, seed):
    reference = clean(seconds=2)
    first, again = (add_noise(reference, kind, snr, seed=seed) for _ in range(2))
    np.testing.assert_array_equal(first.signal, again.signal)
    louder = add_noise(reference, kind, snr - 20, seed=seed)
    np.testing.assert_allclose(
        louder.signal - reference.signal, 10 * (first.signal - reference.signal), atol=2e-3
    )


def test_another_seed_and_another_lead_have_other_noise():
    reference = Recording(np.stack([clean().signal[0]] * 2), 360.0, ("I", "II"))
    noise = add_noise(reference, "white", 0, seed=1).signal - reference.signal
    other = add_noise(reference, "white", 0, seed=2).signal - reference.signal
    assert abs(np.corrcoef(noise)[0, 1]) < 0.1
    assert abs(np.corrcoef(noise[0], other[0])[0, 1]) < 0.1


def test_missing_samples_stay_missing_and_flat_leads_are_named():
    signal = clean().signal.copy()
    signal[0, 100:200] = np.nan
    signal[1] = 0
    noisy = add_noise(Recording(signal, 360.0, ("I", "II")), "blend", 0)
    np.testing.assert_array_equal(np.isnan(noisy.signal), np.isnan(signal))
    assert (noisy.lead("II") == 0).all()
    assert any("II" in note and "flat" in note for note in noisy.notes)
    assert snr_db(noisy.lead("I"), signal[0]) == pytest.approx(0, abs=1e-3)


def test_powerline_is_at_the_mains_frequency_with_harmonics():
    for mains in (50.0, 60.0):
        noise = draw_noise("powerline", 50000, 500.0, np.random.default_rng(0), mains=mains)
        frequency, power = welch(noise, 500.0, nperseg=5000)
        assert frequency[power.argmax()] == pytest.approx(mains, abs=0.5)
        third = np.abs(frequency - 3 * mains) < 1
        between = np.abs(frequency - 2.5 * mains) < 1
        assert power[third].max() > 30 * power[between].max()


def test_bad_wishes_are_refused():
    with pytest.raises(RecordingError, match="unknown"):
        add_noise(clean(), "thunder", 0)
    with pytest.raises(RecordingError, match="nan"):
        add_noise(clean(), "white", float("nan"))
    with pytest.raises(RecordingError, match="more than 111 Hz"):
        add_noise(clean(fs=100.0), "powerline", 0)


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(RecordingError, match="bw, ma and em"):
        NstdbNoise(tmp_path)


def band_powers(noise, fs=360.0):
    edges = (0.05, 0.2, 0.5, 1, 2, 5, 10, 20, 40, 80)
    frequency, power = welch(noise, fs, nperseg=round(60 * fs))
    return np.array(
        [
            10 * np.log10(power[(frequency >= low) & (frequency < high)].mean())
            for low, high in pairwise(edges)
        ]
    )


@pytest.mark.shared
@pytest.mark.parametrize("kind", NSTDB_RECORDS)
def test_generated_noise_has_the_spectrum_of_nstdb(shared_data, kind):
    channels = NstdbNoise(shared_data / "nstdb").channels[kind]
    real = 10 * np.log10(np.mean([10 ** (band_powers(c / c.std()) / 10) for c in channels], axis=0))
    generated = GeneratedNoise().draw(kind, 360 * 1200, 360.0, np.random.default_rng(0))
    difference = band_powers(generated / generated.std()) - real
    # The bouts' envelope and the two channels' differing scales cost a few dB where little is.
    assert np.abs(difference).max() < 4.5, difference.round(1)
    assert np.abs(difference).mean() < 2.0, difference.round(1)


@pytest.mark.shared
def test_parts_of_nstdb_do_not_overlap(shared_data):
    first, second = (
        NstdbNoise(shared_data / "nstdb", part) for part in ((0.0, 2 / 3), (2 / 3, 1.0))
    )
    whole = NstdbNoise(shared_data / "nstdb")
    for kind in NSTDB_RECORDS:
        joined = np.concatenate([first.channels[kind], second.channels[kind]], axis=1)
        np.testing.assert_array_equal(joined, whole.channels[kind])


@pytest.mark.shared
def test_a_stretch_longer_than_the_record_has_no_step(shared_data):
    source = NstdbNoise(shared_data / "nstdb", (0.0, 0.01))
    noise = source.draw("baseline_wander", 20_000, 360.0, np.random.default_rng(0))
    assert noise.shape == (20_000,)
    assert np.abs(np.diff(noise)).max() < 0.25
