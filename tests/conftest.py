"""Fixtures that all tests share."""

from __future__ import annotations

import os

# Two threads that wait for each other on a busy machine take a hundred times as long as one; set
# before torch is imported, which reads it then.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from pathlib import Path

import pytest

from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import Recording

DEFAULT_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real databases; tests that need it are marked ``shared``."""
    folder = Path(os.environ.get("ECGKIT_DATA", DEFAULT_DATA))
    if not (folder / "mitdb").is_dir():
        pytest.skip("the databases are not here (set ECGKIT_DATA)")
    return folder


@pytest.fixture(scope="session")
def recording() -> Recording:
    """Twelve leads of twelve seconds without noise, for pages."""
    return generate_ecg(12.0, 500.0, heart_rate=75.0, seed=3)
