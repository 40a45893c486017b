from ecgkit.denoising.noise_bench import Sweep
from ecgkit.drawing.charts import level_chart, reliability_chart, snr_curves


def test_charts_have_axes_with_units() -> None:
    sweep = Sweep(
        (0.0, 6.0), {"aprcnn": (7.0, 12.0), "dwt": (1.0, 7.0)}, {"aprcnn": "A", "dwt": "D"}
    )
    curves = snr_curves(sweep)
    assert [trace.name for trace in curves.data] == ["unchanged", "A", "D"]
    assert list(curves.data[1].y) == [7.0, 12.0]
    levels = level_chart([1, 2], ["125–250", "62–125"], [3.0, 4.0], dark=True)
    for figure in (curves, levels):
        assert "dB" in figure.layout.yaxis.title.text
        assert "NOT A MEDICAL DEVICE" in figure.layout.annotations[0].text


def test_reliability_shows_every_bin_and_the_line_of_perfect_calibration():
    figure = reliability_chart([10, 400], [0.55, 0.97], [0.6, 0.98])
    perfect, measured = figure.data
    assert tuple(perfect.x) == tuple(perfect.y) == (0, 1)
    assert tuple(measured.x) == (0.55, 0.97)
    assert tuple(measured.y) == (0.6, 0.98)
    small, large = measured.marker.size
    assert small < large
    assert figure.layout.xaxis.title.text
    assert figure.layout.yaxis.title.text
