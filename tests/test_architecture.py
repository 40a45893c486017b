"""The rules of the layout: who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = sorted((ROOT / "ecgkit").rglob("*.py"))
PAGES = [*sorted((ROOT / "pages").rglob("*.py")), ROOT / "app.py"]


def imported(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(ROOT)))
def test_library_knows_neither_streamlit_nor_training(path):
    names = set(imported(path))
    assert not {name for name in names if name.split(".")[0] == "streamlit"}
    if "training" not in path.parts:
        assert not {name for name in names if name.startswith("ecgkit.training")}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_pages_hold_no_mathematics(path):
    names = {name.split(".")[0] for name in imported(path)}
    assert not names & {"numpy", "scipy", "pywt", "torch"}
    assert "ecgkit.training" not in set(imported(path))


ORDER = ("recording", "processing", "formats", "denoise")


@pytest.mark.parametrize("room", ["recording.py", "processing", "formats"])
def test_a_room_imports_none_of_those_that_it_serves(room):
    own = ORDER.index(room.removesuffix(".py"))
    later = {f"ecgkit.{name}" for name in ORDER[own + 1 :]} - (
        {"ecgkit.io"} if room == "processing" else set()
    )
    base = ROOT / "ecgkit" / room
    for path in [base] if base.is_file() else base.rglob("*.py"):
        names = set(imported(path))
        assert not {
            n for n in names if any(n == name or n.startswith(name + ".") for name in later)
        }


def test_importing_the_library_loads_no_heavy_package():
    heavy = "[name for name in ('torch', 'wfdb') if name in sys.modules]"
    code = f"import sys, ecgkit, ecgkit.models; print({heavy})"
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert output.stdout.strip() == "[]"
