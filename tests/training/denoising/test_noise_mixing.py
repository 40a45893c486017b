from itertools import pairwise

import numpy as np
import pytest

from ecgkit.training.denoising.noise_mixing import KIND_SHARES, KINDS, NOISE_PARTS, _stretch


def test_no_second_of_a_noise_record_is_in_two_parts():
    """Training, validation and test follow each other in time and fill the record."""
    spans = sorted(NOISE_PARTS.values())
    assert list(NOISE_PARTS) == ["train", "validation", "test"]
    assert (spans[0][0], spans[-1][1]) == (0.0, 1.0)
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert NOISE_PARTS["test"] == spans[-1] == (2 / 3, 1.0)


def test_every_kind_has_its_share():
    assert len(KINDS) == len(KIND_SHARES)
    assert sum(KIND_SHARES) == pytest.approx(1)


def test_a_stretched_window_is_the_lead_read_faster():
    lead = np.arange(1000, dtype=np.float32)
    window = _stretch(lead, 200, 1.25, np.random.default_rng(0))
    assert window.size == 200
    np.testing.assert_allclose(np.diff(window), 1.25, atol=1e-9)
    np.testing.assert_allclose(np.diff(_stretch(lead, 200, 1.0, np.random.default_rng(0))), 1)
