import numpy as np
import pytest
import pywt
import torch

from ecgkit.demos import open_demo
from ecgkit.processing.resampling import resample
from ecgkit.rhythm.preprocessing import FS, prepare, remove_baseline
from ecgkit.rhythm.scalogram import (
    MODES,
    OMEGA_0,
    cone_of_influence,
    log_frequencies,
    scale_of,
    scalogram,
    stacks,
)

FREQUENCIES = log_frequencies()
WAVELET = f"cmor2.0-{OMEGA_0 / (2 * np.pi):.12f}"


@pytest.fixture(scope="module")
def signal():
    return prepare(open_demo("12-lead")).signal


def magnitude(signal, frequencies=FREQUENCIES, fs=FS):
    return scalogram(torch.from_numpy(np.array(signal, np.float64)), fs, frequencies).numpy()


def sine(frequency, amplitude=1.0, seconds=10.0, fs=FS):
    return amplitude * np.sin(2 * np.pi * frequency * np.arange(round(seconds * fs)) / fs)


def both_transforms(signal, fs):
    """Return ours and PyWavelets' magnitudes, and for each frequency the samples off the edges."""
    scales = scale_of(FREQUENCIES) * fs
    theirs, _ = pywt.cwt(signal, scales, WAVELET, 1 / fs, method="fft", precision=16, axis=-1)
    theirs = np.abs(theirs).swapaxes(0, 1) * (2 / np.sqrt(scales))[:, np.newaxis]
    edges = np.ceil(5 * scales).astype(int)
    inside = [(row, slice(e, -e)) for row, e in enumerate(edges) if 2 * e < signal.shape[1] - 10]
    assert len(inside) > 50
    return magnitude(signal, fs=fs), theirs, inside


def test_agrees_with_pywavelets_on_a_real_recording():
    recording = open_demo("12-lead")
    leads = remove_baseline(recording.signal[[1, 6, 10]], recording.fs).astype(np.float64)
    ours, theirs, inside = both_transforms(leads, recording.fs)
    for row, part in inside:
        assert np.abs(ours[:, row, part] - theirs[:, row, part]).max() < 0.01 * ours.max()
    # PyWavelets takes each sample for a step, which at 1000 Hz blurs 100 Hz by some percent. Of
    # finer samples it finds the same, frequency by frequency.
    ours, theirs, inside = both_transforms(resample(leads, 1000, 4000).astype(np.float64), 4000)
    for row, part in inside:
        error = np.abs(ours[:, row, part] - theirs[:, row, part]).max(axis=-1)
        assert np.all(error < 0.01 * ours[:, row, part].max(axis=-1)), FREQUENCIES[row]


@pytest.mark.parametrize("frequency", [1.0, 5.0, 12.3, 40.0, 90.0])
@pytest.mark.parametrize("fs", [256, 500])
def test_a_sine_peaks_at_its_own_frequency_with_its_own_amplitude(frequency, fs):
    frequencies = np.sort(np.append(log_frequencies(count=63), frequency))
    middle = magnitude(sine(frequency, 0.7, fs=fs), frequencies, fs)[:, 5 * fs]
    peak = int(middle.argmax())
    assert frequencies[peak] == frequency
    assert middle[peak] == pytest.approx(0.7, rel=0.01)


def test_gain_and_sign_scale_it_and_sums_stay_below_sums(signal):
    one, two = signal[[1, 6]].astype(np.float64)
    plain = magnitude(one)
    np.testing.assert_allclose(magnitude(-2.5 * one), 2.5 * plain, rtol=1e-9)
    assert np.all(magnitude(one + two) <= plain + magnitude(two) + 1e-12)


def test_a_shift_in_time_shifts_it():
    beat = np.zeros(10 * FS)
    beat[1000:1020] = np.hanning(20)
    moved = magnitude(np.roll(beat, 400))
    np.testing.assert_allclose(moved[:, 900:2000], magnitude(beat)[:, 500:1600], atol=2e-3)
    high = FREQUENCIES > 5
    np.testing.assert_allclose(
        moved[high, 900:2000], magnitude(beat)[high, 500:1600], rtol=1e-6, atol=1e-9
    )


def test_an_offset_is_seen_at_the_ends_only():
    offset = magnitude(np.full(10 * FS, 3.0), [4.0, 10.0, 50.0])
    edge = int(np.ceil(4 * scale_of(4.0) * FS))
    assert offset[:, edge:-edge].max() < 3e-3
    assert offset[:, 0].min() > 0.3


def test_a_flat_lead_is_exactly_dark_beside_others(signal):
    twelve = signal.copy()
    twelve[4] = 0
    image = stacks(torch.from_numpy(twelve), FS, FREQUENCIES, 64).numpy()
    parts = image.reshape(image.shape[0], 12, FREQUENCIES.size, 64)
    assert np.all(parts[:, 4] == 0)
    assert parts[:, [3, 5]].max() > 0.05


@pytest.mark.parametrize("samples", [1, 7, 255, 257, 1281, 2559, 2561])
def test_any_length_is_answered_for_and_no_longer_signal_is_seen(samples):
    rng = np.random.default_rng(samples)
    signal = rng.standard_normal((2, samples))
    values = magnitude(signal)
    assert values.shape == (2, FREQUENCIES.size, samples)
    assert np.isfinite(values).all()
    longer = np.pad(signal, ((0, 0), (0, 300)))
    np.testing.assert_allclose(magnitude(longer)[..., :samples], values, atol=2e-3)


@pytest.mark.parametrize("mode", MODES)
def test_stacks_are_one_image_a_second_leads_and_high_frequencies_on_top(mode):
    signal = np.zeros((12, 5 * FS + 100), np.float32)
    signal[2] = sine(40.0, seconds=5 + 100 / FS)
    image = stacks(torch.from_numpy(signal), FS, FREQUENCIES, 64, mode)
    assert image.shape == (5, 12 * 64, 64)
    parts = image.numpy().reshape(5, 12, 64, 64)
    row = 63 - int(np.abs(FREQUENCIES - 40).argmin())
    assert np.all(parts[1:4, 2, :, 32].argmax(axis=1) == row)
    assert parts[:, [0, 1, *range(3, 12)]].max() == 0


def test_batches_are_transformed_as_each_alone(signal):
    both = np.stack([signal, signal[::-1]])
    together = stacks(torch.from_numpy(both), FS, FREQUENCIES, 32)
    for part, alone in zip(together, both, strict=True):
        torch.testing.assert_close(
            part, stacks(torch.from_numpy(alone.copy()), FS, FREQUENCIES, 32)
        )


def test_whole_and_per_second_agree_where_neither_sees_an_edge(signal):
    whole, alone = (
        stacks(torch.from_numpy(signal), FS, FREQUENCIES, FS, mode).numpy() for mode in MODES
    )
    parts = [image.reshape(-1, 12, 64, FS)[1:-1, :, ::-1] for image in (whole, alone)]
    compared = 0
    for place, frequency in enumerate(FREQUENCIES):
        edge = int(np.ceil(4.5 * scale_of(frequency) * FS))
        if FS - 2 * edge < 10:
            continue
        compared += 1
        first, second = (part[:, :, place, edge:-edge] for part in parts)
        np.testing.assert_allclose(first, second, atol=0.01 * first.max(), rtol=0.02)
    assert compared > 20
    low = int(np.abs(FREQUENCIES - 1).argmin())
    assert np.abs(parts[0][:, :, low] - parts[1][:, :, low]).max() > 0.1 * parts[0][:, :, low].max()


def test_one_second_alone_is_all_cone_below_2_7_hz():
    assert cone_of_influence(2.7) == pytest.approx(0.5, abs=0.01)
    assert cone_of_influence(10.0) == pytest.approx(np.sqrt(2) * 6 / (2 * np.pi * 10))
    np.testing.assert_allclose(
        cone_of_influence(2 * FREQUENCIES), cone_of_influence(FREQUENCIES) / 2
    )
