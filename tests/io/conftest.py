"""What the tests of the file formats share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from ecgkit.recording import STANDARD_LEADS, Recording

Maker = Callable[..., Recording]


def make_recording(leads=STANDARD_LEADS, seconds=2.0, fs=250.0, seed=0, **fields) -> Recording:
    """Return noise of ECG-like size, unlike in every lead and without any fault."""
    rng = np.random.default_rng(seed)
    signal = rng.normal(0, 0.4, (len(leads), round(seconds * fs))).round(3)
    return Recording(signal, fs, tuple(leads), **fields)


@pytest.fixture(scope="session")
def maker() -> Maker:
    return make_recording
