"""Each command once as a process of its own; all else about the commands is tested in process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ecgkit.cli import COMMANDS
from ecgkit.io import save_recording
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.rendering.ground_truth import write_picture
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import PageStyle

ROOT = Path(__file__).resolve().parents[2]
CALLS = {
    "info": (["ecg.hea"], "500 Hz"),
    "denoise": (["ecg.hea", "-o", "clean.csv", "--method", "dwt"], "clean.csv"),
    "rhythm": (["ecg.hea"], "sinus rhythm (SR)"),
    "paper": (["page.png", "--classifier", "signal"], "3 rows of 4 leads"),
    "diagnose": (["ecg.hea"], "Normal ECG (NORM)"),
    "render": (["ecg.hea", "-o", "drawn.png"], "25 mm/s"),
    "models": ([], "denoise-aprcnn"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("files")
    recording = generate_ecg(10.0, 500.0, seed=3)
    save_recording(recording, place / "ecg.hea")
    style = PageStyle(layout="3x4", px_per_mm=(5.0, 5.0), separator="none")
    write_picture(place / "page.png", render_page(recording, style).image)
    return place


def test_every_command_is_called():
    assert set(CALLS) == set(COMMANDS)


@pytest.mark.slow
@pytest.mark.parametrize("command", CALLS)
def test_a_command_as_a_process(command, folder):
    arguments, words = CALLS[command]
    done = subprocess.run(
        [sys.executable, "-m", "ecgkit", command, *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert words in done.stdout
