"""Methods side by side: the noise bench, windows with context, and the sweep."""

import numpy as np
import pytest

from ecgkit.denoising import make_method
from ecgkit.denoising.comparison import (
    SWEEP_SNRS,
    NoiseBench,
    Outcome,
    Score,
    Window,
    denoise_window,
    detail_band,
    matching_reference,
    residual,
    sweep,
)
from ecgkit.processing.metrics import snr_db
from ecgkit.processing.noise import add_noise
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import Recording, RecordingError


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


@pytest.mark.parametrize("window", [Window(0.0, 10.0), Window(12.3457, 17.1), Window(25.0, 30.0)])
def test_a_window_is_that_of_the_whole_recording(clean: Recording, window: Window) -> None:
    method = make_method("bandpass")
    noisy = add_noise(clean, "white", 6.0)
    wide = window.widened(noisy.duration)
    inner = window.inside(wide, noisy.fs)
    outcome = denoise_window("bandpass", method, wide.cut(noisy), inner)
    expected = window.cut(method.denoise(noisy)).signal
    assert outcome.recording.signal.shape == expected.shape
    assert snr_db(outcome.recording.signal, expected) > 25
    assert outcome.seconds is not None
    assert outcome.seconds > 0
    same = inner.cut(wide.cut(noisy)).signal
    np.testing.assert_array_equal(same, window.cut(noisy).signal)


def test_scores_are_those_of_the_metrics(clean: Recording) -> None:
    noisy = add_noise(clean, "white", 6.0)
    score = Score(Outcome("input", "in", noisy), clean)
    assert score.overall.snr_db == pytest.approx(6.0, abs=1e-3)
    assert [lead.snr_db for lead in score.by_lead] == pytest.approx([6.0, 6.0], abs=1e-3)
    np.testing.assert_allclose(residual(score.outcome, clean), noisy.signal - clean.signal)


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


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (generate_ecg(30.0, 500.0, leads=("I", "II")), "500 Hz, not 250 Hz"),
        (generate_ecg(20.0, 250.0, leads=("I", "II")), "5,000 samples a lead, not 7,500"),
        (generate_ecg(30.0, 250.0, leads=("I", "V1")), "lacks the leads II"),
    ],
)
def test_a_reference_that_does_not_match_is_refused(
    clean: Recording, other: Recording, says: str
) -> None:
    with pytest.raises(RecordingError, match=says):
        matching_reference(clean, other)


def test_a_reference_may_have_its_leads_in_another_order(clean: Recording) -> None:
    other = generate_ecg(30.0, 250.0, leads=("V1", "II", "I"))
    np.testing.assert_array_equal(matching_reference(clean, other).signal[0], other.lead("I"))


def test_detail_bands() -> None:
    assert detail_band(500.0, 1) == "125–250"
    assert detail_band(360.0, 4) == "11.2–22.5"
