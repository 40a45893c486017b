"""The noise bench mixes exactly, and the sweep runs over it."""

import numpy as np
import pytest

from ecgkit.denoising import make_method
from ecgkit.denoising.comparison import Window
from ecgkit.denoising.noise_bench import SWEEP_SNRS, NoiseBench, sweep
from ecgkit.processing.metrics import snr_db
from ecgkit.processing.noise import add_noise
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import Recording


@pytest.fixture(scope="module")
def clean() -> Recording:
    return generate_ecg(30.0, 250.0, leads=("I", "II"))


@pytest.mark.parametrize("snr", [-6.0, 0.0, 13.0])
def test_the_bench_mixes_as_add_noise_does(clean: Recording, snr: float) -> None:
    mixed = NoiseBench(clean, "blend", seed=3).noisy(snr)
    assert snr_db(mixed.signal[0], clean.signal[0]) == pytest.approx(snr, abs=1e-3)
    expected = add_noise(clean, "blend", snr, seed=3).signal
    np.testing.assert_allclose(mixed.signal, expected, atol=1e-5)


def test_the_bench_gives_a_window_of_the_same_noise(clean: Recording) -> None:
    bench = NoiseBench(clean, "muscle_artefact")
    whole, part = bench.noisy(3.0), bench.noisy(3.0, Window(7.0, 11.0))
    np.testing.assert_array_equal(part.signal, whole.window(7.0, 11.0).signal)


def test_the_sweep_rises_with_its_input(clean: Recording) -> None:
    seen: list[float] = []
    methods = {"bandpass": make_method("bandpass")}
    bench = NoiseBench(clean, "white")
    curves = sweep(bench, ["II"], methods, Window(10.0, 20.0), seen.append)
    assert np.all(np.diff(curves.snr_in) > 0)
    assert curves.snr_in == pytest.approx(SWEEP_SNRS, abs=1.0)
    assert len(curves.snr_out["bandpass"]) == len(SWEEP_SNRS)
    assert curves.snr_out["bandpass"][0] > curves.snr_in[0]
    assert seen[-1] == 1.0
