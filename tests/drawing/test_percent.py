import pytest

from ecgkit.drawing.percent import distinct_percents, fine_percent, percent


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.0, "0 %"), (0.004, "<1 %"), (0.42, "42 %"), (0.996, ">99 %"), (1.0, "100 %")],
)
def test_what_is_rounded_is_not_said_to_be_sure(share, words):
    assert percent(share) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "0 %"),
        (0.0001, "<0.1 %"),
        (0.0181, "1.8 %"),
        (0.4231, "42 %"),
        (0.991, "99.1 %"),
        (0.99999, ">99.9 %"),
        (1.0, "100 %"),
    ],
)
def test_small_shares_and_those_next_to_all_have_a_decimal(share, words):
    assert fine_percent(share) == words


def test_probability_and_threshold_are_told_apart():
    assert distinct_percents(0.0181, 0.0179) == ("1.81 %", "1.79 %")
    assert distinct_percents(0.42, 0.3) == ("42 %", "30 %")
    assert distinct_percents(0.30001, 0.3) == ("30.001 %", "30.000 %")
    assert distinct_percents(0.3, 0.3) == ("30 %", "30 %")
