"""Methods side by side: windows with context, scores, residuals, and the one value of them."""

import numpy as np
import pytest

from ecgkit.denoising import make_method
from ecgkit.denoising.comparison import (
    Comparison,
    Outcome,
    Score,
    Window,
    compare,
    compare_methods,
    denoise_window,
    matching_reference,
    residual,
)
from ecgkit.processing.metrics import snr_db
from ecgkit.processing.noise import add_noise
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import Recording, RecordingError


@pytest.fixture(scope="module")
def clean() -> Recording:
    return generate_ecg(30.0, 250.0, leads=("I", "II"))


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


@pytest.fixture(scope="module")
def compared(clean: Recording) -> Comparison:
    noisy = add_noise(clean, "white", 6.0)
    methods = {"dwt": make_method("dwt"), "bandpass": make_method("bandpass")}
    return compare_methods(noisy, clean, methods, Window(10.0, 20.0))


def test_a_comparison_holds_all_that_the_view_shows(clean: Recording, compared: Comparison) -> None:
    assert compared.leads == ("I", "II")
    assert compared.clean is not None
    assert [o.key for o in compared.signals] == ["input", "dwt", "bandpass"]
    assert [score.outcome for score in compared.scores] == list(compared.signals)
    assert compared.reference is not None
    np.testing.assert_array_equal(compared.reference.recording.signal, clean.window(10, 20).signal)
    assert compared.base is compared.clean
    assert list(compared.residuals) == ["input", "dwt", "bandpass"]
    for key, score in zip(compared.residuals, compared.scores, strict=True):
        left = compared.residuals[key].signal
        assert float(np.sqrt(np.mean(left**2))) == pytest.approx(score.overall.rmse, rel=1e-5)


def test_a_comparison_without_a_clean_recording_shows_what_was_taken_away(clean: Recording) -> None:
    noisy = add_noise(clean, "white", 6.0)
    compared = compare_methods(noisy, None, {"dwt": make_method("dwt")})
    assert (compared.clean, compared.reference, compared.scores) == (None, None, ())
    assert list(compared.residuals) == ["dwt"]
    taken = compared.outcomes["dwt"].recording.signal - noisy.signal
    np.testing.assert_array_equal(compared.residuals["dwt"].signal, taken)
    assert compared.base is compared.noisy


def test_a_part_with_context_gives_the_window_of_the_whole(clean: Recording) -> None:
    noisy, window = add_noise(clean, "white", 6.0), Window(12.3457, 17.1)
    wide = window.widened(noisy.duration)
    seen: list[str] = []

    def remembering(key, method, piece, inner):  # type: ignore[no-untyped-def]
        seen.append(key)
        return denoise_window(key, method, piece, inner)

    compared = compare_methods(
        wide.cut(noisy),
        clean,
        {"dwt": make_method("dwt")},
        window,
        start=wide.start,
        run=remembering,
    )
    np.testing.assert_array_equal(compared.noisy.signal, window.cut(noisy).signal)
    assert compared.clean is not None
    np.testing.assert_array_equal(compared.clean.signal, window.cut(clean).signal)
    assert seen == ["dwt"]


def test_a_comparison_shows_itself(compared: Comparison) -> None:
    assert repr(compared).startswith("<Comparison: leads I, II, 10 to 20 s; Noisy input ")
    assert "\n" not in repr(compared)
    values = compared.to_dict()
    assert values["signals"]["dwt"]["snr_db"] == compared.scores[1].overall.snr_db
    table = compared.to_dataframe()
    assert list(table.index) == ["input", "dwt", "bandpass"]
    assert {"label", "seconds", "snr_db", "mse"} <= set(table.columns)
    assert "<table" in compared._repr_html_()


def test_recordings_are_compared_by_the_names_of_their_leads(clean: Recording) -> None:
    noisy = add_noise(clean, "white", 6.0)
    turned = clean.select(["II", "I"])
    agreement = compare(noisy, turned)
    assert agreement.snr_db == pytest.approx(6.0, abs=1e-3)
    assert agreement == compare(noisy, clean)
    assert list(agreement.by_lead) == ["I", "II"]
    assert agreement.by_lead["II"].snr_db == pytest.approx(6.0, abs=1e-3)
    assert compare(noisy.select(["II"]), clean).overall == agreement.by_lead["II"]
    assert repr(agreement).startswith("<Agreement: SNR 6.00 dB")
    assert agreement.to_dict()["by_lead"]["I"]["snr_db"] == agreement.by_lead["I"].snr_db
    assert list(agreement.to_dataframe().index) == ["all", "I", "II"]
    assert "<table" in agreement._repr_html_()


@pytest.mark.parametrize(
    ("output", "reference", "says"),
    [
        (lambda r: r, lambda r: generate_ecg(30.0, 500.0, leads=("I", "II")), "500 Hz"),
        (lambda r: r, lambda r: r.window(0, 20), "5,000 samples"),
        (lambda r: r, lambda r: r.select(["I"]), "lacks the leads II"),
        (lambda r: r.signal, lambda r: r, "the output is no recording but a value of type ndarray"),
        (lambda r: r, lambda r: None, "the reference is no recording but nothing"),
    ],
)
def test_recordings_that_cannot_be_compared_are_refused(clean, output, reference, says) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(RecordingError, match=says):
        compare(output(clean), reference(clean))
