"""The examples of the documentation run; its reference builds; its links lead somewhere."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.py"))
TEXTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(path))


def test_there_is_an_example_for_each_view():
    assert [path.stem for path in EXAMPLES] == ["denoise", "paper", "rhythm"]


@pytest.mark.slow
def test_the_reference_is_built_by_one_command(tmp_path):
    pytest.importorskip("pdoc")
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "build.py", tmp_path],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "ecgkit.html").read_text()
    for name in ("read_page", "classify_rhythm", "add_noise"):
        assert name in text


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_links_lead_to_files(path):
    for target in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), target
