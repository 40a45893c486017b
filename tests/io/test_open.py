"""Opening: each format with its own libraries only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import ecgkit.io
from ecgkit.io import save_recording

LIBRARIES = ("pandas", "edfio", "pydicom", "scipy.signal", "scipy.io", "wfdb", "soundfile", "torch")


def loaded_by(code: str) -> set[str]:
    code = f"{code}\nimport sys; print(*[m for m in {LIBRARIES} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("ending", "needed"),
    [(".hea", set()), (".csv", {"pandas"}), (".edf", {"edfio"})],
)
def test_a_format_loads_its_own_libraries_only(maker, tmp_path: Path, ending, needed) -> None:
    path = tmp_path / f"a{ending}"
    save_recording(maker(), path)
    code = f"from ecgkit.io import open_recording; open_recording({str(path)!r})"
    # What edfio itself imports is its own affair.
    assert loaded_by(code) - ({"pandas"} if ending == ".edf" else set()) == needed


@pytest.mark.parametrize("ending", [".hea", ".edf"])
def test_writing_loads_none(tmp_path: Path, ending: str) -> None:
    code = (
        "import numpy as np; from ecgkit import Recording; from ecgkit.io import save_recording\n"
        "made = Recording(np.eye(2, 500), 250, ('I', 'II'))\n"
        f"save_recording(made, {str(tmp_path / f'a{ending}')!r})"
    )
    assert loaded_by(code) == set()


def test_the_room_loads_nothing_before_it_is_asked() -> None:
    assert loaded_by("import ecgkit.io") == set()
    assert set(ecgkit.io.__all__) <= set(dir(ecgkit.io))
    assert all(callable(getattr(ecgkit.io, name)) for name in ecgkit.io.__all__)
    with pytest.raises(AttributeError, match="no attribute 'opened'"):
        _ = ecgkit.io.opened
