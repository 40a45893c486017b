"""Times the networks of the eleven labels, at the input's size that ships and at the study's.

``python benchmarks/diagnoses.py [--threads N]``. Prints Markdown. Networks are timed in turns, so
that what else the machine does hits all alike.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import torch

from ecgkit import models
from ecgkit.demo import open_demo
from ecgkit.diagnosis.image_network import PageClassifier, PageImageConfig
from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.page_reading import read_page
from ecgkit.diagnosis.predict import IMAGE, diagnose_page, diagnose_recording, evidence
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import usual_style
from ecgkit.rhythm.report import rhythm_report

STUDY = (896, 1152)
"""Height and width in px of the study's input."""
PAGES = 4
REPEATS = 7


def in_turns(calls: dict[str, Callable[[], object]], repeats: int = REPEATS) -> dict[str, float]:
    """Return the median time of each call in s."""
    spent: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(repeats + 1):
        for name, call in calls.items():
            started = time.perf_counter()
            call()
            if turn:  # the first warms up
                spent[name].append(time.perf_counter() - started)
    return {name: float(np.median(times)) for name, times in spent.items()}


def learning_step(network: PageClassifier, *, bfloat16: bool) -> Callable[[], None]:
    """Return one step of Adam on a few pages of random ink."""
    optimiser = torch.optim.Adam(network.parameters())
    images = torch.rand(PAGES, network.config.height, network.config.width)
    labels = torch.rand(PAGES, len(LABELS))

    def step() -> None:
        network.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            logits = network(images)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits.float(), labels)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()

    return step


def answering(network: PageClassifier) -> Callable[[], None]:
    """Return the answer about one page of random ink."""
    image = torch.rand(1, network.config.height, network.config.width)

    def ask() -> None:
        network.eval()
        with torch.inference_mode():
            network(image)

    return ask


def answers() -> None:
    """Print how long diagnoses take once a page is read."""
    recording = open_demo("12-lead")
    page = render_page(recording, usual_style(recording.leads, "3x4+1"))
    report = read_page(page.image)
    assert report.mask is not None
    mask, traces = report.mask, report.traces
    times = in_turns(
        {
            "ResNet-18 on the mask (the study's)": lambda: diagnose_page(
                mask, traces, classifiers=["image"]
            ),
            "1D CNN on the leads": lambda: diagnose_page(mask, traces, classifiers=["signal"]),
            "blend": lambda: diagnose_page(mask, traces, classifiers=["blend"]),
            "all three": lambda: diagnose_page(mask, traces),
            "evidence of one label (Grad-CAM)": lambda: evidence(mask, "NORM"),
            "a digital recording, 10 s": lambda: diagnose_recording(recording),
            "beside it: the rhythm's 1D CNN": lambda: rhythm_report(recording, "cnn1d"),
        }
    )
    print("| from mask and leads to labels | median (s) |\n| --- | ---: |")
    for name, seconds in times.items():
        print(f"| {name} | {seconds:.3f} |")


def sizes() -> None:
    """Print what the study's size of input costs."""
    shipped = models.catalogue()[IMAGE].config
    small = PageImageConfig.from_dict(shipped)
    large = replace(small, height=STUDY[0], width=STUDY[1])
    rows = []
    for config in (small, large):
        network = PageClassifier(config)
        times = in_turns(
            {
                "answer": answering(network),
                "float32": learning_step(network, bfloat16=False),
                "bfloat16": learning_step(network, bfloat16=True),
            },
            repeats=3,
        )
        rows.append((config, times))
    print(
        f"\nResNet-18 by the size of its input; a step of learning is on {PAGES} pages.\n\n"
        "| input (px) | answer (s) | step, float32 (s) | step, bfloat16 (s) |\n"
        "| --- | ---: | ---: | ---: |"
    )
    for config, times in rows:
        print(
            f"| {config.height} x {config.width} | {times['answer']:.3f} | {times['float32']:.2f} "
            f"| {times['bfloat16']:.2f} |"
        )
    (_, ours), (_, theirs) = rows
    ratios = [f"{theirs[key] / ours[key]:.0f} times" for key in ours]
    print(f"| the study's over ours | {' | '.join(ratios)} |")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    threads = parser.parse_args().threads
    torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
    print(f"{platform.machine()}, {threads} threads, torch {torch.__version__}\n")
    answers()
    sizes()


if __name__ == "__main__":
    main()
