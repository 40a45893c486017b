"""The zero-phase filters keep what they should, at any length, and do nothing at the edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from ecgkit.processing.filters import bandpass, highpass, remove_baseline
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import RecordingError

FS = 360.0
TIME = np.arange(int(30 * FS)) / FS
INNER = slice(int(5 * FS), int(25 * FS))


def gain(filtered, frequency):
    """Amplitude of a frequency in the inner part of a signal."""
    turn = np.exp(-2j * np.pi * frequency * TIME[INNER])
    return 2 * abs(np.mean(filtered[INNER] * turn))


@pytest.mark.parametrize(
    ("frequency", "low", "high"),
    [
        (0.1, 0, 0.01),
        (0.5, 0.45, 0.55),
        (2, 0.98, 1.02),
        (10, 0.98, 1.02),
        (40, 0.45, 0.55),
        (100, 0, 0.02),
    ],
)
def test_bandpass_has_the_gain_of_its_edges(frequency, low, high):
    wave = np.sin(2 * np.pi * frequency * TIME)
    assert low <= gain(bandpass(wave, FS), frequency) <= high


def test_bandpass_moves_nothing_in_time():
    wave = np.sin(2 * np.pi * 5 * TIME)
    assert np.max(np.abs(bandpass(wave, FS)[INNER] - wave[INNER])) < 0.01


def test_remove_baseline_takes_wander_and_leaves_the_ecg():
    clean = generate_ecg(30, FS).lead("II").astype(float)
    wander = 0.5 * np.sin(2 * np.pi * 0.1 * TIME) + 0.3
    cleaned = remove_baseline(clean + wander, FS)
    expected = remove_baseline(clean, FS)
    assert np.sqrt(np.mean((cleaned - expected)[INNER] ** 2)) < 0.005
    # The ECG itself keeps its shape, up to the constant that a high-pass takes with it.
    change = (expected - clean)[INNER]
    assert np.std(change) < 0.03
    assert gain(highpass(np.sin(2 * np.pi * 50 * TIME), FS, 10), 50) > 0.98


@pytest.mark.parametrize("function", [bandpass, remove_baseline])
def test_a_window_is_filtered_as_in_the_whole_record(function):
    """Edges do no harm, even where a window is cut in the middle of an R wave."""
    signal = generate_ecg(60, FS).lead("II")
    whole = function(signal, FS)
    peak = int(np.argmax(signal[: int(20 * FS)]))
    for length in (2, 5, 10):
        part = slice(peak, peak + int(length * FS))
        assert np.max(np.abs(function(signal[part], FS) - whole[part])) < 0.15


@pytest.mark.parametrize("function", [bandpass, remove_baseline])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_type_and_shape_are_kept(function, dtype):
    signal = np.random.default_rng(0).standard_normal((2, 3, 500)).astype(dtype)
    filtered = function(signal, 250.0)
    assert filtered.dtype == dtype
    assert filtered.shape == signal.shape
    np.testing.assert_allclose(filtered[1, 2], function(signal[1, 2], 250.0), atol=1e-6)


def test_integers_are_filtered_as_floats():
    counts = np.round(1000 * np.sin(2 * np.pi * 3 * TIME)).astype(np.int16)
    filtered = bandpass(counts, FS)
    assert filtered.dtype == np.float64
    np.testing.assert_allclose(filtered, bandpass(counts.astype(float), FS))


@given(
    signal=arrays(
        np.float64,
        array_shapes(min_dims=1, max_dims=2, max_side=300),
        elements=st.floats(-10, 10),
    ),
    fs=st.floats(20, 2000),
)
def test_any_length_and_rate_gives_finite_numbers_of_no_mean(signal, fs):
    filtered = bandpass(signal, fs)
    assert filtered.shape == signal.shape
    assert np.isfinite(filtered).all()
    assert np.max(np.abs(filtered)) <= 10 * max(np.max(np.abs(signal)), 1e-9)


@given(level=st.floats(-1000, 1000), samples=st.integers(1, 400))
def test_a_constant_becomes_zero(level, samples):
    assert np.max(np.abs(bandpass(np.full(samples, level), FS))) <= 1e-6 * max(abs(level), 1)
    assert np.max(np.abs(remove_baseline(np.full(samples, level), FS))) <= 1e-6 * max(abs(level), 1)


@given(factor=st.floats(-100, 100), shift=st.floats(-100, 100))
def test_filters_are_linear_and_blind_to_offsets(factor, shift):
    signal = generate_ecg(3, 250, seed=3).lead("V2").astype(float)
    np.testing.assert_allclose(
        bandpass(factor * signal + shift, 250), factor * bandpass(signal, 250), atol=1e-6
    )


def test_the_upper_edge_stays_below_half_the_sampling_frequency():
    slow = np.sin(2 * np.pi * 3 * np.arange(600) / 60)
    assert np.max(np.abs(bandpass(slow, 60.0, high=40)[180:420] - slow[180:420])) < 0.02


@pytest.mark.parametrize("edges", [(0, 40), (-1, 40), (40, 40), (50, 40), (np.nan, 40), (200, 400)])
def test_edges_that_do_not_fit_are_named(edges):
    with pytest.raises(RecordingError, match="between 0 and 180 Hz"):
        bandpass(np.zeros(100), FS, *edges)
    with pytest.raises(RecordingError, match="cannot be filtered"):
        remove_baseline(np.zeros(100), 100, cutoff=50)


def response_db(filtered, frequencies, fs):
    """Frequency response in dB of what an impulse became."""
    time = np.arange(filtered.size) / fs
    waves = np.exp(-2j * np.pi * np.asarray(frequencies)[:, np.newaxis] * time)
    return 20 * np.log10(np.abs(waves @ filtered))


def impulse(fs, seconds=120):
    signal = np.zeros(int(seconds * fs))
    signal[signal.size // 2] = 1.0
    return signal


@pytest.mark.parametrize("fs", [100.0, 250.0, 360.0, 500.0, 1000.0])
@pytest.mark.parametrize("band", [(0.5, 40.0), (0.05, 45.0), (5.0, 15.0)])
@pytest.mark.parametrize(("edges", "db"), [("half_power", -3.0103), ("half_amplitude", -6.0206)])
def test_both_passes_together_have_what_the_edges_say(fs, band, edges, db):
    filtered = bandpass(impulse(fs), fs, *band, edges=edges)
    tolerance = 0.02 if band[0] > 0.1 else 0.3  # a filter of 20 s in a record of two minutes
    np.testing.assert_allclose(response_db(filtered, band, fs), db, atol=tolerance)
    middle = np.sqrt(band[0] * band[1])
    assert response_db(filtered, [middle], fs)[0] == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize("function", [remove_baseline, highpass])
def test_a_high_pass_leaves_half_of_the_amplitude_at_its_edge(function):
    filtered = function(impulse(FS), FS, 0.5)
    assert response_db(filtered, [0.5], FS)[0] == pytest.approx(-6.0206, abs=0.02)
