import pytest

from ecgkit.drawing.svg.ecg_paper import clock


@pytest.mark.parametrize(
    ("seconds", "label"),
    [(0, "0 s"), (2.5, "2.5 s"), (727, "12:07"), (61.5, "1:01.5"), (11527, "3:12:07")],
)
def test_clock(seconds: float, label: str) -> None:
    assert clock(seconds) == label
