import pytest

from ecgkit.digitization.known_distance import marks_across, resolution

FRAME = ((100.0, 50.0), (900.0, 60.0), (890.0, 650.0), (90.0, 640.0))


def test_a_resolution_is_measured_within_what_can_be():
    assert resolution(((0.0, 0.0), (30.0, 40.0)), 10.0) == 5.0
    assert resolution(((0.0, 0.0), (0.0, 0.0)), 10.0) == 0.5
    assert resolution(((0.0, 0.0), (1e5, 0.0)), 1.0) == 200.0


@pytest.mark.parametrize("px_per_mm", [2.0, 8.0])
def test_marks_measure_the_resolution_that_they_were_set_by(px_per_mm):
    marks = marks_across(FRAME, 50.0, px_per_mm)
    assert marks[0][1] == marks[1][1] == 350.0
    assert resolution(marks, 50.0) == px_per_mm


def test_marks_stay_in_the_frame():
    assert marks_across(FRAME, 500.0, 8.0) == ((100.0, 350.0), (900.0, 350.0))
