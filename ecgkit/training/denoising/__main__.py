"""The command that trains, tests and reports the denoising networks.

``python -m ecgkit.training.denoising protocol-p``  the paper's experiment: Tables I and II
``python -m ecgkit.training.denoising protocol-r``  the network that ships, and its other sizes
``python -m ecgkit.training.denoising evaluate``    tests what ships on unseen records; writes cards
``python -m ecgkit.training.denoising report``      writes docs/results/denoising.md

A run that was stopped goes on where it was when the same command is given again.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from ecgkit.training.datasets.databases import data_folder, download
from ecgkit.training.denoising.evaluate import evaluate
from ecgkit.training.denoising.experiments import (
    COMMAND,
    DWT,
    RESULTS,
    ROOT,
    protocol_p,
    protocol_r,
    update_json,
)
from ecgkit.training.denoising.networks import PAPER_MODELS, SIZES
from ecgkit.training.denoising.protocol_p import SNRS
from ecgkit.training.denoising.report import write as write_report


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the four commands."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--data", type=Path, default=data_folder(), help="the databases' folder")
    parser.add_argument("--download", action="store_true", help="fetch MIT-BIH and NSTDB first")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    commands = parser.add_subparsers(dest="command", required=True)
    paper = commands.add_parser("protocol-p", help="the paper's experiment")
    paper.add_argument(
        "--models", nargs="+", choices=[*PAPER_MODELS, DWT], default=[*PAPER_MODELS, DWT]
    )
    paper.add_argument("--snrs", nargs="+", type=float, default=list(SNRS))
    paper.add_argument("--seed", type=int, default=0)
    honest = commands.add_parser("protocol-r", help="the network that ships")
    honest.add_argument("--network", choices=[*SIZES, "autoencoder"], default="base")
    honest.add_argument("--steps", type=int, default=13_000)
    honest.add_argument("--seed", type=int, default=0)
    test = commands.add_parser("evaluate", help="test on unseen records")
    test.add_argument("--each", type=int, default=12, help="segments of each lead of each record")
    commands.add_parser("report", help="write docs/results/denoising.md")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    if chosen.download:
        download(chosen.data)
    if chosen.command == "protocol-p":
        protocol_p(chosen.data, chosen.models, chosen.snrs, chosen.seed)
    elif chosen.command == "protocol-r":
        protocol_r(chosen.data, chosen.network, chosen.steps, chosen.seed)
    elif chosen.command == "evaluate":
        results = evaluate(chosen.data, chosen.each)
        update_json(RESULTS / "denoising_protocol_r.json", results)
    else:
        write_report(RESULTS, ROOT / "README.md")


if __name__ == "__main__":
    main()
