import pytest

from ecgkit.processing.synthetic import generate_ecg


@pytest.fixture(scope="session")
def recording():
    return generate_ecg(12.0, 500.0, heart_rate=75.0, seed=3)
