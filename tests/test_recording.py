import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgkit import Recording, RecordingError
from ecgkit.recording import MAX_VALUES, check_size, unique_names


def recording(leads=("I", "II"), samples=1000, fs=500.0, **more):
    return Recording(np.zeros((len(leads), samples)), fs, leads, **more)


def test_is_frozen_and_read_only():
    value = recording()
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.fs = 250.0
    with pytest.raises(ValueError, match="read-only"):
        value.signal[0, 0] = 1.0


def test_does_not_share_the_callers_array():
    signal = np.zeros((1, 10), np.float32)
    value = Recording(signal, 250.0, ("II",))
    signal[:] = 7
    assert (value.signal == 0).all()


def test_infinite_and_overflowing_values_become_missing():
    value = Recording(np.array([[np.inf, -np.inf, 1e300, 2.0]]), 250.0, ("II",))
    np.testing.assert_array_equal(np.isnan(value.signal[0]), [True, True, True, False])


def test_other_leads_stand_as_they_are():
    assert recording(("MLII", "avr")).leads == ("MLII", "aVR")


@given(st.lists(st.sampled_from(["", "I", "I 2", "ECG"]), max_size=8))
def test_unique_names_are_unique_and_keep_their_number(names):
    result = unique_names(names)
    assert len(set(result)) == len(names)
    assert all(result)


def test_leads_are_found_by_name():
    value = Recording(np.array([[1.0] * 5, [2.0] * 5]), 250.0, ("V1", "aVF"))
    assert value.lead("AVF")[0] == 2
    assert value.select(["avf"]).leads == ("aVF",)
    assert "aVF" in value
    assert "V6" not in value
    with pytest.raises(RecordingError, match="no lead V6"):
        value.lead("V6")
    with pytest.raises(RecordingError, match="shape"):
        value.select([])


def test_window_is_cut_to_whole_samples_and_to_the_recording():
    value = Recording(np.arange(100.0)[None], 100.0, ("II",))
    assert value.window(0.1, 0.2).signal[0].tolist() == list(range(10, 20))
    assert value.window(-5, 50).n_samples == 100
    with pytest.raises(RecordingError, match="nothing between 2 and 3 s"):
        value.window(2, 3)


@pytest.mark.parametrize("fs", [0, -1, np.nan, np.inf, 1e9])
def test_impossible_sampling_frequency(fs):
    with pytest.raises(RecordingError, match="sampling frequency"):
        recording(fs=fs)


def test_shape_and_names_must_agree():
    with pytest.raises(RecordingError, match="shape"):
        Recording(np.zeros(10), 250.0, ("II",))
    with pytest.raises(RecordingError, match="2 signals but 1 lead names"):
        Recording(np.zeros((2, 10)), 250.0, ("II",))
    with pytest.raises(RecordingError, match="shape"):
        Recording(np.zeros((1, 0)), 250.0, ("II",))


def test_size_is_bounded_before_memory_is_taken():
    check_size(12, 24 * 3600 * 250, 250.0, where="a day of twelve leads")
    with pytest.raises(RecordingError, match="24 hours"):
        check_size(1, 25 * 3600 * 250, 250.0, where="a longer one")
    with pytest.raises(RecordingError, match="24 hours"):
        check_size(13, 24 * 3600 * 100, 100.0, where="a wider one")
    with pytest.raises(RecordingError, match="samples"):
        check_size(12, MAX_VALUES // 12 + 1, 1000.0, where="a denser one")


def test_notes_accumulate_without_repetition():
    value = recording(notes=("a", "a", "b"))
    assert value.with_signal(value.signal, "b", "c").notes == ("a", "b", "c")
