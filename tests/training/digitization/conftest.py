"""What came of made-up pages."""

import pytest


def measured_row(level, number, **values):
    usual = {
        "source": "PTB-XL",
        "level": level,
        "number": number,
        "layout": "3x4",
        "columns": "one after the other",
        "speed": 25.0,
        "gain": 10.0,
        "fs": 500.0,
        "grid": "lines",
        "refused": None,
        "reason": None,
        "scale source": "grid",
        "cpu": 1.0,
        "seconds": {"rectify": 0.1, "mask": 0.5, "signals": 0.2},
        "dice": 0.9,
        "near dice": 0.99,
        "dice of patches": 0.95,
        "scale error": 0.01,
        "upright": True,
        "megapixels": 1.2,
        "layout right": True,
        "leads found": 1.0,
        "snr": [10.0, 20.0],
        "plain snr": [1.0, 2.0],
        "rate error": 1.0,
        "rate known": True,
    }
    return usual | values


def refused_row(level, number):
    whole = measured_row(level, number, refused="rectify", reason="shows no grid", seconds={})
    gone = (
        "dice",
        "near dice",
        "scale error",
        "upright",
        "megapixels",
        "layout right",
        "leads found",
        "snr",
    )
    for key in (*gone, "plain snr", "rate error", "rate known"):
        del whole[key]
    return whole | {"leads shown": 12, "scale source": None}


@pytest.fixture
def row():
    """Makes what came of a page that was read."""
    return measured_row


@pytest.fixture
def refused():
    """Makes what came of a page that was refused."""
    return refused_row
