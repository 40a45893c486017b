import pytest

from ecgkit.diagnosis.image_network import PageImageConfig
from ecgkit.diagnosis.region_network import RegionConfig
from ecgkit.diagnosis.signal_network import (
    SignalConfig,
)
from ecgkit.training.diagnosis.drawn_pages.page_store import SAID, UNSAID, ReadPage
from ecgkit.training.diagnosis.recipes import Recipe


@pytest.fixture
def data(diagnosis_data):
    return diagnosis_data


TINY = {
    "signal": Recipe(SignalConfig(channels=(8, 8, 8, 8), context=0, heads=2, hidden=8), 2, 1e-3, 8),
    "mobilenetv2": Recipe(PageImageConfig("mobilenetv2", 32, 64, 0.24), 2, 1e-3, 4),
    "regions": Recipe(RegionConfig((4, 4, 4, 8), heads=2, layers=1), 2, 1e-3, 4),
}


@pytest.fixture
def tiny():
    """Recipes of two steps of the three kinds of networks, by name."""
    return TINY


@pytest.fixture
def read_like():
    """Makes what reading a drawn page gives."""

    def read_like(page, signal):
        """What reading a drawn page of the usual scale gives."""
        signals = {SAID: signal, UNSAID: signal}
        return ReadPage("scan", "3x4+1", page.speed, page.gain, page.mask, page.boxes, signals, "")

    return read_like
