"""Every wrong setting of a method is one sentence that names what is allowed."""

import math

import numpy as np
import pytest

from ecgkit.denoising import METHODS, make_method
from ecgkit.recording import RecordingError

WRONG = {
    "level": [0, -1, 1.5, "3", math.nan, math.inf, True, [3], np.float64(2)],
    "rule": ["hard", "", None, 3, math.nan, b"level", ["level"]],
    "baseline": ["yes", 1, None, math.nan],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_wrong_value_is_refused(name, value):
    with pytest.raises(RecordingError, match=r"Give|Choose") as caught:
        make_method("dwt", **{name: value})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["nonsense", "key", "label", "network"])
def test_a_setting_that_a_method_lacks_is_refused(method, name):
    with pytest.raises(RecordingError, match=f"has no setting {name}. It has"):
        make_method(method, **{name: 1})


@pytest.mark.parametrize("method", [None, 3, "", "DWT", ["dwt"], math.nan])
def test_an_unknown_method_is_refused_with_those_there_are(method):
    with pytest.raises(RecordingError, match="Choose one of aprcnn, dwt, bandpass, autoencoder"):
        make_method(method)


def test_whole_numbers_of_numpy_are_taken():
    assert make_method("dwt", level=np.int64(3), baseline=np.bool_(True)).level == 3
