"""The contract that every method keeps, with the networks that ship."""

import threading
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from ecgkit import Recording
from ecgkit.denoising import METHODS, make_method
from ecgkit.denoising.overlap_add import SETTINGS, denoise_windows, window_starts
from ecgkit.processing.metrics import snr_db
from ecgkit.processing.noise import add_noise
from ecgkit.processing.synthetic import generate_ecg


@pytest.fixture(params=METHODS)
def method(request):
    return make_method(request.param)


@pytest.mark.parametrize("fs", [100.0, 250.0, 360.0, 500.0, 1000.0, 257.3])
def test_keeps_leads_length_and_sampling_frequency(method, fs):
    recording = generate_ecg(3.7, fs, leads=("I", "V2", "aVF"))
    output = method.denoise(recording)
    assert (output.leads, output.fs, output.n_samples) == (
        recording.leads,
        recording.fs,
        recording.n_samples,
    )
    assert np.isfinite(output.signal).all()


@pytest.mark.parametrize("samples", [1, 2, 3, 20, 100, 3599, 3745, 3890])
def test_any_number_of_samples(method, samples):
    signal = np.random.default_rng(0).standard_normal((2, samples))
    output = method.denoise(Recording(signal, 360.0, ("I", "II")))
    assert output.signal.shape == (2, samples)
    assert np.isfinite(output.signal).all()


def test_gaps_stay_and_flat_or_empty_leads_are_left_alone(method):
    signal = generate_ecg(10.0, 360.0, leads=("I", "II", "III", "V1")).signal.copy()
    signal[0, 500:900] = np.nan
    signal[1] = 0.25
    signal[2] = np.nan
    output = method.denoise(Recording(signal, 360.0, ("I", "II", "III", "V1")))
    np.testing.assert_array_equal(np.isnan(output.signal), np.isnan(signal))
    np.testing.assert_array_equal(output.lead("II"), signal[1])


def test_leads_do_not_touch_each_other(method):
    recording = add_noise(generate_ecg(6.0, 500.0, leads=("I", "II", "V3")), "blend", 3.0)
    together = method.denoise(recording)
    for lead in recording.leads:
        alone = method.denoise(recording.select([lead]))
        np.testing.assert_allclose(alone.lead(lead), together.lead(lead), atol=2e-3)


def test_gain_passes_through(method):
    recording = add_noise(generate_ecg(6.0, 360.0, leads=("II",)), "muscle_artefact", 6.0)
    louder = method.denoise(recording.with_signal(4 * recording.signal))
    np.testing.assert_allclose(louder.signal, 4 * method.denoise(recording).signal, atol=0.01)


def test_deterministic_and_input_untouched(method):
    recording = add_noise(generate_ecg(5.0, 360.0, leads=("II",)), "white", 6.0)
    before = recording.signal.copy()
    np.testing.assert_array_equal(
        method.denoise(recording).signal, method.denoise(recording).signal
    )
    np.testing.assert_array_equal(recording.signal, before)


def test_progress_rises_to_one(method):
    seen = []
    method.denoise(generate_ecg(60.0, 360.0, leads=("I", "II")), seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert seen[0] > 0


class KeepMean(nn.Module):
    """Changes nothing: what comes out must be what went in, wherever windows met."""

    def forward(self, x):
        assert x.mean(-1).abs().max() < 1e-3
        torch.testing.assert_close(x.std(-1), torch.ones(x.shape[:2]), atol=0.05, rtol=0)
        return x


@pytest.mark.parametrize("fs", [250.0, 360.0, 500.0])
@pytest.mark.parametrize("seconds", [0.1, 9.9, 10.0, 10.5, 17.0, 65.3])
def test_windows_join_without_seams(fs, seconds):
    recording = generate_ecg(max(seconds, 1.0), fs, leads=("II", "V1")).window(0, seconds)
    output = denoise_windows(KeepMean(), recording.signal, fs)
    tolerance = 1e-5 if fs == 360 else 0.02  # the rest is the resampling's
    np.testing.assert_allclose(output, recording.signal, atol=tolerance)


def test_windows_cover_everything_and_overlap():
    for length in (3744, 3745, 7000, 100_000):
        starts = window_starts(length, 3744, 720)
        assert starts[0] == 0
        assert starts[-1] + 3744 == length
        assert all(0 < b - a <= 3744 - 720 for a, b in pairwise(starts))


def test_a_long_recording_agrees_with_its_parts():
    recording = add_noise(generate_ecg(60.0, 360.0, leads=("II",)), "muscle_artefact", 6.0)
    method = make_method("aprcnn")
    whole = method.denoise(recording).signal[0]
    part = method.denoise(recording.window(20, 40)).signal[0]
    inner = slice(3 * 360, -3 * 360)
    assert snr_db(part[inner], whole[20 * 360 : 40 * 360][inner]) > 15


def test_memory_is_bounded_by_the_window(monkeypatch):
    largest = 0

    class Watch(nn.Module):
        def forward(self, x):
            nonlocal largest
            largest = max(largest, x.numel())
            return x

    denoise_windows(Watch(), np.zeros((2, 360 * 600), np.float32), 360.0)
    assert largest <= SETTINGS.batch * round(SETTINGS.window * 360)


def test_threads_may_share_a_network():
    recording = add_noise(generate_ecg(10.0, 360.0, leads=("II",)), "white", 6.0)
    expected = make_method("aprcnn").denoise(recording).signal
    results = []
    threads = [
        threading.Thread(
            target=lambda: results.append(make_method("aprcnn").denoise(recording).signal)
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    for result in results:
        np.testing.assert_allclose(result, expected, atol=1e-5)


@pytest.mark.parametrize(
    "kind", ["baseline_wander", "muscle_artefact", "electrode_motion", "white"]
)
def test_aprcnn_cleans_a_generated_ecg_better_than_dwt(kind):
    clean = generate_ecg(10.0, 500.0)
    clean = clean.with_signal(clean.signal - clean.signal.mean(axis=1, keepdims=True))
    noisy = add_noise(clean, kind, 0.0, seed=3)
    ours = snr_db(make_method("aprcnn").denoise(noisy).signal, clean.signal)
    others = [
        snr_db(make_method("dwt", baseline=step).denoise(noisy).signal, clean.signal)
        for step in (False, True)
    ]
    assert ours > 4
    assert ours > max(others)


def test_aprcnn_leaves_a_clean_ecg_alone():
    clean = generate_ecg(10.0, 500.0)
    with torch.inference_mode():
        output = make_method("aprcnn").denoise(clean)
    assert snr_db(output.signal, clean.signal) > 18
