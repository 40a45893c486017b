"""Times the rhythm view: recording to answer, what drove it, a long recording, the PDF.

``python benchmarks/rhythm.py`` prints a Markdown table: medians, everything from the opened
recording on included (beats, resampling, baseline, transform, network).
"""

from __future__ import annotations

import argparse
import platform
from functools import partial

from denoising import milliseconds

from ecgkit import models
from ecgkit.demos import open_demo
from ecgkit.drawing.pdf.rhythm_report import rhythm_pdf
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.rhythm.explanation import grad_cam, occlusion
from ecgkit.rhythm.preprocessing import prepare
from ecgkit.rhythm.report import NETWORKS, card_name, rhythm_overview, rhythm_report


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--minutes", type=float, default=30, help="of the long recording")
    chosen = parser.parse_args()
    import torch  # after ecgkit, as in the application: ecgkit sets how torch's threads wait

    short = open_demo("12-lead")
    long = generate_ecg(60 * chosen.minutes, 250.0)
    few = max(1, chosen.runs // 3)
    print(f"{platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}\n")
    print(
        f"12 leads: 10 s at {short.fs:g} Hz to one answer and its occlusion (seconds × leads); "
        f"{chosen.minutes:g} min at {long.fs:g} Hz, window by window.\n"
    )
    print("| network | answer (ms) | occlusion (ms) | overview (s) |\n| --- | ---: | ---: | ---: |")
    for model, title in NETWORKS.items():
        models.load(card_name(model))
        answer = milliseconds(partial(rhythm_report, short, model), chosen.runs)
        drove = milliseconds(partial(occlusion, short, model, "SR"), few)
        overview = milliseconds(partial(rhythm_overview, long, model), 1, warm_up=0) / 1000
        print(f"| {title} | {answer:.0f} | {drove:.0f} | {overview:.1f} |", flush=True)
    reports = [rhythm_report(short, model) for model in NETWORKS]
    rest = {
        "twelve leads at 256 Hz without baseline": partial(prepare, short),
        "Grad-CAM of the 2D CNN": partial(grad_cam, short, "SR"),
        "one-page PDF": partial(rhythm_pdf, short, reports),
    }
    print("\n| part | median (ms) |\n| --- | ---: |")
    for title, work in rest.items():
        print(f"| {title} | {milliseconds(work, chosen.runs):.0f} |", flush=True)


if __name__ == "__main__":
    main()
