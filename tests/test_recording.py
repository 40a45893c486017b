import dataclasses
import json
import re
import subprocess
import sys

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


@pytest.mark.parametrize(
    ("start", "stop", "words"),
    [
        (np.nan, 1, "no time nan"),
        (0, np.nan, "no time nan"),
        (0, np.inf, "no time inf"),
        (-np.inf, 1, "no time -inf"),
        ("a", 1, "no time 'a'"),
        (None, 1, "no time None"),
        (1, 0, "nothing between 1 and 0 s"),
        (-2, -1, "nothing between -2 and -1 s"),
        (1e308, 1.5e308, "nothing between"),
    ],
)
def test_impossible_windows_are_refused_in_words(start, stop, words):
    with pytest.raises(RecordingError, match=words) as caught:
        recording().window(start, stop)
    assert caught.value.remedy


def test_brackets_give_leads_and_stretches():
    value = Recording(np.arange(200.0).reshape(2, 100), 100.0, ("II", "aVR"))
    assert value["avr"].dtype == np.float32
    np.testing.assert_array_equal(value["avr"], value.lead("aVR"))
    assert value[0.1:0.2].signal[0].tolist() == list(range(10, 20))
    assert value[0.9:].signal[0].tolist() == list(range(90, 100))
    assert value[:0.1].n_samples == 10
    np.testing.assert_array_equal(value[:].signal, value.signal)
    assert value[0.5:9].n_samples == 50


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("V9", "no lead V9"),
        (slice(-1, None), "nothing at -1 s"),
        (slice(None, -1), "nothing at -1 s"),
        (slice(0, 1, 0.5), "steps of 0.5"),
        (slice(np.nan, 1), "no time nan"),
        (slice("a", 1), "no time 'a'"),
        (slice(50, None), "nothing between 50 and 2 s"),
        (0, "nothing under 0"),
        (("II", 3), "nothing under"),
    ],
)
def test_other_brackets_are_refused_in_words(key, words):
    with pytest.raises(RecordingError, match=words) as caught:
        recording()[key]
    assert caught.value.remedy


def test_it_prints_itself_in_one_line():
    assert repr(recording(name="a")) == "<Recording 'a': 2 leads (I, II), 2 s at 500 Hz, mV>"
    wide = recording([f"e{k}" for k in range(400)], calibrated=False, name="x\ny")
    assert "\n" not in repr(wide)
    assert len(repr(wide)) < 200
    assert "400 leads" in repr(wide)
    assert "no unit" in repr(wide)


def test_a_notebook_shows_a_table_with_nothing_of_the_files_markup():
    value = recording(("<b>", "II"), name="<script>", notes=("a < b",))
    html = value._repr_html_()
    assert html.startswith("<table>")
    assert "500 Hz" in html
    assert "a &lt; b" in html
    assert not {"<b>", "<script>"} & set(re.findall("<.*?>", html))
    assert "Missing" not in html
    assert "Missing" in value.with_signal(np.full((2, 1000), np.nan))._repr_html_()


def test_it_gives_plain_values():
    signal = np.zeros((2, 1000))
    signal[1, :10] = np.nan
    value = Recording(signal, 500, ("I", "II"), name="a", notes=("n",), calibrated=False)
    assert json.loads(json.dumps(value.to_dict())) == {
        "name": "a",
        "leads": ["I", "II"],
        "fs": 500.0,
        "samples": 1000,
        "duration_s": 2.0,
        "unit": None,
        "missing": [0, 10],
        "notes": ["n"],
    }


def test_it_gives_a_table():
    signal = np.array([[1.0, np.nan, 3.0], [4.0, 5.0, 6.0]], np.float32)
    table = Recording(signal, 250.0, ("I", "V1")).to_dataframe()
    assert list(table.columns) == ["I", "V1"]
    assert table.index.name == "time [s]"
    assert table.index.tolist() == [0.0, 0.004, 0.008]
    np.testing.assert_array_equal(table["I"].to_numpy(), signal[0])
    assert table["V1"].dtype == np.float32


def test_it_equals_itself_only_and_can_be_a_key():
    value = recording()
    assert value == value
    assert value != recording()
    assert {value: 1}[value] == 1


def test_importing_it_loads_numpy_only():
    heavy = ["scipy", "pandas", "wfdb", "pydicom", "edfio", "torch", "cv2", "PIL", "matplotlib"]
    code = f"import sys, ecgkit.recording; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


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
