"""The package as people install it: the wheel, in an environment outside of the checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from ecgkit.io import save_recording
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.rendering.ground_truth import write_picture
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import PageStyle

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def called(command, folder):
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy, so that the checkout stays as it is."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("ecgkit", "weights"):
        unwanted = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, source / name, ignore=unwanted)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    done = called([*pip, "-w", built, source], source)
    assert done.returncode == 0, done.stderr
    (path,) = built.iterdir()
    return path


@pytest.fixture(scope="module")
def scripts(wheel, tmp_path_factory):
    """Folder of the commands of a fresh environment, which has our wheel and the rest from here."""
    place = tmp_path_factory.mktemp("environment")
    done = called([sys.executable, "-m", "venv", "--without-pip", place], place)
    assert done.returncode == 0, done.stderr
    python = place / "bin" / "python"
    done = called(
        [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", wheel],
        place,
    )
    assert done.returncode == 0, done.stderr
    found = called([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], place)
    # Files .pth count in the environment's own folder only: a checkout that is installed here
    # (pip install -e) stays out of sight.
    others = Path(found.stdout.strip()) / "others.pth"
    others.write_text(sysconfig.get_path("purelib") + "\n")
    return python.parent


@pytest.fixture
def outside(tmp_path):
    """A folder outside of the checkout, with a recording and a page."""
    recording = generate_ecg(10.0, 500.0, seed=3)
    save_recording(recording, tmp_path / "ecg.hea")
    style = PageStyle(layout="3x4", px_per_mm=(5.0, 5.0), separator="none")
    write_picture(tmp_path / "page.png", render_page(recording, style).image)
    return tmp_path


@pytest.mark.slow
def test_the_wheel_holds_all_that_the_code_reads(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "ecgkit/py.typed" in names
    for path in (ROOT / "weights").iterdir():
        assert f"ecgkit/weights/{path.name}" in names
    for path in (ROOT / "ecgkit").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert path.relative_to(ROOT).as_posix() in names
    assert not [name for name in names if name.startswith(("pages/", "tests/", "weights/"))]


@pytest.mark.slow
def test_the_commands_work_outside_of_the_checkout(scripts, outside):
    where = called([scripts / "python", "-c", "import ecgkit; print(ecgkit.__file__)"], outside)
    assert Path(where.stdout.strip()).is_relative_to(scripts.parent)
    ecgkit = scripts / "ecgkit"
    done = called([ecgkit, "denoise", "ecg.hea", "-o", "clean.edf"], outside)
    assert done.returncode == 0, done.stderr
    assert (outside / "clean.edf").stat().st_size > 10_000
    done = called([ecgkit, "paper", "page.png", "--signals", "leads.csv"], outside)
    assert done.returncode == 0, done.stderr
    assert "3 rows of 4 leads" in done.stdout
    assert (outside / "leads.csv").stat().st_size > 10_000


def names_of(requirements):
    return {
        line.split(";")[0].split("[")[0].split("==")[0].split(">=")[0].strip().lower()
        for line in requirements
        if line and not line.startswith("#")
    }


def test_the_application_is_an_extra_and_every_dependency_has_a_tested_version():
    library = names_of(PROJECT["dependencies"])
    application = names_of(PROJECT["optional-dependencies"]["app"])
    assert not library & {"streamlit", "plotly", "matplotlib"}
    assert all(">=" in requirement for requirement in PROJECT["dependencies"])
    pins = (ROOT / "requirements.txt").read_text().splitlines()
    assert all("==" in line for line in pins if not line.startswith("#"))
    assert names_of(pins) == library | application
