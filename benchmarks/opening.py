"""Times opening a recording beside the library that a user would call directly.

``python benchmarks/opening.py`` makes its files itself and prints a Markdown table in ms.
"""

from __future__ import annotations

import io
import tempfile
from functools import partial
from pathlib import Path

import edfio
import pandas as pd
import wfdb
from denoising import milliseconds

from ecgkit.io import open_recording, save_recording
from ecgkit.processing.synthetic import generate_ecg


def main() -> None:
    """Print the table."""
    recordings = {
        "10 s × 12 leads": generate_ecg(10.0, 500.0),
        "30 min × 2 leads": generate_ecg(1800.0, 360.0, leads=("II", "V1")),
    }
    print("| file | ecgkit open_recording (ms) | the library alone (ms) |\n| --- | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        for title, recording in recordings.items():
            paths = {
                ending: Path(folder) / f"record{ending}" for ending in (".hea", ".csv", ".edf")
            }
            for path in paths.values():
                save_recording(recording, path)
            text = paths[".csv"].read_bytes()
            direct = {
                ".hea": lambda path: wfdb.rdrecord(str(path.with_suffix(""))),
                ".csv": lambda path, text=text: pd.read_csv(io.BytesIO(text), comment="#"),
                ".edf": lambda path: [signal.data for signal in edfio.read_edf(path).signals],
            }
            for ending, path in paths.items():
                ours = milliseconds(partial(open_recording, path), 5)
                alone = milliseconds(partial(direct[ending], path), 5)
                print(f"| {title}, {ending} | {ours:.1f} | {alone:.1f} |")


if __name__ == "__main__":
    main()
