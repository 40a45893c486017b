import numpy as np
import pytest
import pywt
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgkit import Recording, RecordingError
from ecgkit.denoising import make_method
from ecgkit.denoising.wavelet import (
    Wavelet,
    default_level,
    detail_band,
    max_level,
    wavelet_denoise,
)
from ecgkit.processing.metrics import snr_db
from ecgkit.processing.noise import add_noise
from ecgkit.processing.synthetic import generate_ecg


def reference(signal, level):
    """PyWavelets' own way, lead by lead."""
    out = []
    for lead in signal:
        coefficients = pywt.wavedec(lead, "db8", level=level)
        sigma = np.median(np.abs(coefficients[-1])) / 0.6745
        threshold = sigma * np.sqrt(2 * np.log(lead.size))
        kept = [pywt.threshold(detail, threshold, "soft") for detail in coefficients[1:]]
        out.append(pywt.waverec([coefficients[0], *kept], "db8")[: lead.size])
    return np.array(out)


@pytest.mark.parametrize("level", [1, 3, 5])
@pytest.mark.parametrize("samples", [1000, 1001])
def test_agrees_with_pywavelets(level, samples):
    signal = np.random.default_rng(0).standard_normal((2, samples)).astype(np.float32)
    np.testing.assert_allclose(wavelet_denoise(signal, level), reference(signal, level), atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 700), st.integers(0, 12), st.sampled_from(["universal", "level"]))
def test_any_length_and_level(samples, level, rule):
    signal = np.random.default_rng(samples).standard_normal((2, samples)).astype(np.float32)
    result = wavelet_denoise(signal, level, rule)
    assert result.shape == signal.shape
    assert np.isfinite(result).all()


@pytest.mark.parametrize("rule", ["universal", "level"])
def test_flat_and_noise_free_leads_come_back(rule):
    signal = np.stack([np.zeros(1000), np.full(1000, 2.5), np.linspace(-1, 1, 1000)])
    result = wavelet_denoise(signal.astype(np.float32), 4, rule)
    np.testing.assert_allclose(result[:2], signal[:2], atol=1e-6)
    np.testing.assert_allclose(result[2], signal[2], atol=1e-3)


def test_level_follows_the_sampling_frequency():
    assert [default_level(fs) for fs in (125, 250, 360, 500, 1000)] == [3, 4, 4, 5, 6]
    assert max_level(10) == 0
    assert max_level(5000) == pywt.dwt_max_level(5000, 16)


def test_gains_on_white_noise_and_leaves_baseline_wander_to_the_separate_step():
    clean = generate_ecg(10.0, 360.0, leads=("II",))
    white, wander = (add_noise(clean, kind, 6.0) for kind in ("white", "baseline_wander"))
    plain, stepped = Wavelet(), Wavelet(baseline=True)
    assert snr_db(plain.denoise(white).signal, clean.signal) > 9
    for level in (1, 4, 8):
        output = Wavelet(level=level).denoise(wander).signal
        assert snr_db(output, clean.signal) == pytest.approx(6, abs=0.5)
    assert snr_db(stepped.denoise(wander).signal, clean.signal) > 7


def test_labels_tell_the_two_rows_apart():
    assert make_method("dwt").label != make_method("dwt", baseline=True).label


def test_bad_settings_are_refused():
    with pytest.raises(RecordingError, match="level of 0"):
        Wavelet(level=0)
    with pytest.raises(RecordingError, match="unknown"):
        Wavelet(rule="hard")
    with pytest.raises(RecordingError, match="method"):
        make_method("magic")


def test_gaps_stay_gaps():
    signal = generate_ecg(5.0, 250.0, leads=("II", "V1")).signal.copy()
    signal[0, 200:300] = np.nan
    output = Wavelet(baseline=True).denoise(Recording(signal, 250.0, ("II", "V1")))
    np.testing.assert_array_equal(np.isnan(output.signal), np.isnan(signal))


def test_detail_bands() -> None:
    assert detail_band(500.0, 1) == "125–250"
    assert detail_band(360.0, 4) == "11.2–22.5"
