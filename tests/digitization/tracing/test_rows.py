import numpy as np
from scipy.ndimage import gaussian_filter1d

from ecgkit.digitization.tracing.rows import _comb, find_rows


def test_rows_follow_a_bend():
    mask = np.zeros((500, 1000), np.float32)
    x = np.arange(1000)
    for zero in (100, 220, 340):
        y = np.round(zero + 12 * np.sin(x / 400)).astype(int)
        mask[y, x] = mask[y + 1, x] = 1
    rows = find_rows(mask)
    assert rows is not None
    assert len(rows.lines) == 3
    expected = 100.5 + 12 * np.sin(x / 400)
    assert np.abs(rows.lines[0] - expected)[50:950].max() < 6


def test_a_comb_that_reaches_beyond_the_page_keeps_the_rows_on_it():
    # Twelve rows are usual, eleven are not: the comb's twelfth tooth lies below the page.
    profile = np.zeros(975)
    profile[30::90] = 500.0
    centres, spacing = _comb(gaussian_filter1d(profile, 4.0))
    np.testing.assert_allclose(centres, np.arange(30, 975, 90), atol=1)
    assert spacing == 90
