import numpy as np

from ecgkit.drawing.svg.overview_strip import draw_overview_strip, envelope


def test_envelope_holds_the_extremes() -> None:
    values = np.random.default_rng(0).standard_normal(12_345)
    values[100:5000] = np.nan
    low, high = envelope(values, 100)
    assert np.nanmin(low) == np.float32(np.nanmin(values))
    assert np.nanmax(high) == np.float32(np.nanmax(values))
    assert np.isnan(low[10])
    assert envelope(np.zeros(3)).shape == (2, 3)


def test_the_strip_marks_the_window() -> None:
    strip = draw_overview_strip(
        envelope(np.sin(np.arange(5000) / 9)), 100.0, 25.0, 50.0, "Overview"
    )
    assert 'x="250.0" width="250.0"' in strip
    assert 'data-duration="100"' in strip
