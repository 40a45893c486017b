import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgkit.processing.gaps import fill_gaps
from ecgkit.processing.resampling import resample

NAN = np.nan


def test_gaps_are_bridged_by_straight_lines_and_ends_are_held():
    filled, missing = fill_gaps(np.array([[NAN, 1, NAN, NAN, 4, NAN], [NAN] * 6, [1.0] * 6]))
    np.testing.assert_allclose(filled, [[1, 1, 2, 3, 4, 4], [0] * 6, [1] * 6])
    np.testing.assert_array_equal(missing.sum(1), [4, 6, 0])


def test_input_is_left_alone():
    signal = np.array([[NAN, 1.0]], np.float32)
    fill_gaps(signal)
    assert np.isnan(signal[0, 0])


@pytest.mark.parametrize("fs", [100, 128, 250, 257, 360, 500, 977, 1000, 2000])
def test_there_and_back_keeps_a_slow_wave(fs):
    time = np.arange(10 * fs) / fs
    wave = (2 + np.sin(2 * np.pi * 5 * time))[None].astype(np.float32)
    there = resample(wave, fs, 360)
    assert there.shape == (1, 3600)
    back = resample(there, 360, fs, wave.shape[1])
    inner = slice(fs // 2, -fs // 2)
    np.testing.assert_allclose(back[0, inner], wave[0, inner], atol=0.01)


@given(st.integers(1, 400), st.sampled_from([50.0, 333.3, 360.0, 1000.0]))
def test_any_length_and_a_constant_stays_constant(n_samples, fs):
    signal = np.full((2, n_samples), -1.5, np.float32)
    result = resample(signal, 360.0, fs)
    assert result.shape == (2, max(1, round(n_samples * fs / 360)))
    np.testing.assert_allclose(result, -1.5, atol=2e-3)


def test_wanted_length_is_kept():
    assert resample(np.ones((1, 10)), 360, 500, 99).shape == (1, 99)
