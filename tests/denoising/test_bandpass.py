"""The band-pass method has the edges that it promises, and refuses what is no band."""

import numpy as np
import pytest

from ecgkit.denoising import make_method
from ecgkit.recording import Recording, RecordingError

TWO_MINUTES = 120


@pytest.mark.parametrize("fs", [250.0, 360.0, 500.0])
@pytest.mark.parametrize("edges", [(0.5, 40.0), (1.0, 30.0)])
def test_half_of_the_power_is_left_at_each_edge(fs, edges):
    impulse = np.zeros((1, int(TWO_MINUTES * fs)), np.float32)
    impulse[0, impulse.shape[1] // 2] = 100.0
    method = make_method("bandpass", low=edges[0], high=edges[1])
    output = method.denoise(Recording(impulse, fs, ("II",))).signal[0].astype(float) / 100
    waves = np.exp(-2j * np.pi * np.outer(edges, np.arange(output.size) / fs))
    np.testing.assert_allclose(20 * np.log10(np.abs(waves @ output)), -3.0103, atol=0.02)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"low": 40.0, "high": 0.5}, "lower edge below"),
        ({"low": 5.0, "high": 5.0}, "lower edge below"),
        ({"low": 0.0}, "the lower edge is 0.0"),
        ({"low": -1}, "the lower edge is -1"),
        ({"high": float("nan")}, "the upper edge is nan"),
        ({"high": float("inf")}, "the upper edge is inf"),
        ({"high": "40"}, "the upper edge is '40'"),
        ({"low": None}, "the lower edge is None"),
        ({"low": True}, "the lower edge is True"),
        ({"low": [0.5]}, r"the lower edge is \[0.5\]"),
    ],
)
def test_what_is_no_band_is_refused(settings, says):
    with pytest.raises(RecordingError, match=says):
        make_method("bandpass", **settings)
