import numpy as np
import pytest

from ecgkit.drawing.svg.stacked_scalograms import COLUMNS, cone_columns, stack_scalograms, with_heat
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import STANDARD_LEADS, Recording, RecordingError
from ecgkit.rhythm.scalogram import SETTINGS, log_frequencies


def named(leads: tuple[str, ...]) -> Recording:
    """Return a recording with leads of these names."""
    made = generate_ecg(10.0, 250.0, leads=("II", "V5")[: len(leads)])
    return Recording(made.signal, made.fs, leads)


def tone(frequency: float, amplitude: float = 1.0, seconds: float = 10.0) -> Recording:
    time = np.arange(round(500 * seconds)) / 500
    signal = np.zeros((2, time.size))
    signal[0] = amplitude * np.sin(2 * np.pi * frequency * time)
    return Recording(signal, 500.0, ("V1", "V2"))


def test_a_tone_lies_at_its_frequency_in_its_band() -> None:
    scalograms = stack_scalograms(tone(20.0), 0, 10)
    assert scalograms.leads == ("V1", "V2")
    assert scalograms.flat == ("V2",)
    assert scalograms.values.shape == (2 * SETTINGS.count, 10 * COLUMNS)
    middle = scalograms.values[: SETTINGS.count, 5 * COLUMNS][::-1]
    assert log_frequencies()[middle.argmax()] == pytest.approx(20, rel=0.05)
    assert middle.max() == pytest.approx(1.0, rel=0.1)
    assert not scalograms.values[SETTINGS.count :].any()
    assert scalograms.top == 1.0


def test_a_window_is_a_cut_of_the_whole() -> None:
    long = generate_ecg(40.0, 250.0, leads=("II",))
    whole = stack_scalograms(long, 0, 40)
    part = stack_scalograms(long, 15.0, 25.0)
    cut = whole.values[:, 15 * COLUMNS : 25 * COLUMNS]
    np.testing.assert_allclose(part.values, cut, atol=0.01 * cut.max())
    alone = stack_scalograms(long, 15.0, 25.0, "per_second").values
    assert np.abs(alone - cut).max() > 0.05 * cut.max()


def test_the_cone_covers_low_frequencies_at_the_recordings_ends_only() -> None:
    long = generate_ecg(40.0, 250.0, leads=("II",))
    left, right = cone_columns(stack_scalograms(long, 0, 10))
    assert left[0] / COLUMNS == pytest.approx(np.sqrt(2) * 6 / (2 * np.pi * 0.5), rel=1e-6)
    assert not right.any()
    assert not any(part.any() for part in cone_columns(stack_scalograms(long, 15, 25)))
    left, right = cone_columns(stack_scalograms(long, 15, 25, "per_second"))
    low = log_frequencies() < 2.7
    assert (left + right)[low] == pytest.approx(COLUMNS)  # one second alone is all edge there
    assert ((left + right)[~low] < COLUMNS).all()


def test_leads_are_derived_said_and_absent_ones_left_out() -> None:
    two = generate_ecg(10.0, 250.0).select(["I", "II", "V1"])
    scalograms = stack_scalograms(two, 0, 10)
    assert scalograms.leads == (*STANDARD_LEADS[:6], "V1")
    assert scalograms.derived == ("III", "aVR", "aVL", "aVF")
    holter = stack_scalograms(named(("MLII",)), 0, 10)
    assert holter.leads == ("MLII",)
    other = Recording(two.signal, 250.0, ("ecg a", "ecg b", "ecg c"))
    assert stack_scalograms(other, 0, 10).leads == ("ecg a", "ecg b", "ecg c")


def test_less_than_a_second_is_refused() -> None:
    with pytest.raises(RecordingError, match="whole second"):
        stack_scalograms(generate_ecg(0.8, 250.0), 0, 0.8)


def test_one_second_of_several() -> None:
    scalograms = stack_scalograms(generate_ecg(10.0, 250.0), 0, 10)
    one = scalograms.only(3)
    np.testing.assert_array_equal(one.values, scalograms.values[:, 3 * COLUMNS : 4 * COLUMNS])
    assert (one.seconds, one.start) == (1, 3.0)
    assert np.array(cone_columns(one)).max() < COLUMNS / 2 + 1e-9 or one.before == 3.0


def test_heat_lies_on_the_networks_frequencies() -> None:
    scalograms = stack_scalograms(generate_ecg(10.0, 250.0), 0, 10)
    heat = np.zeros((10, 96, 64))
    heat[2, 8 * 1 : 8 * 2, :32] = 1.0  # lead II, first half of the third second
    lit = with_heat(scalograms, heat, {"low": 1.0, "high": 40.0, "frequencies": 8}).heat
    bands = lit.reshape(12, SETTINGS.count, 10, COLUMNS)
    assert not np.delete(bands, 1, axis=0).any()
    assert not np.delete(bands[1], 2, axis=1).any()
    rows = log_frequencies()[::-1][bands[1, :, 2, 0] > 0]
    assert (rows.min(), rows.max()) == pytest.approx((0.8, 50), rel=0.15)
    assert bands[1, :, 2, : COLUMNS // 2].any(axis=0).all()
    assert not bands[1, :, 2, COLUMNS // 2 :].any()
