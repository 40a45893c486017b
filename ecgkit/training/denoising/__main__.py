"""The command that trains, tests and reports the denoising networks.

``python -m ecgkit.training.denoising protocol-p``  the paper's experiment: Tables I and II
``python -m ecgkit.training.denoising protocol-r``  the network that ships, and its other sizes
``python -m ecgkit.training.denoising evaluate``    tests what ships on unseen records; writes cards
``python -m ecgkit.training.denoising report``      writes docs/results/denoising.md

A run that was stopped goes on where it was when the same command is given again.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ecgkit.training.common.networks import (
    PAPER_MODELS,
    SIZES,
    make_network,
    parameter_count,
    save_network,
)
from ecgkit.training.datasets.databases import data_folder, download
from ecgkit.training.denoising import report as denoise_report
from ecgkit.training.denoising.protocol_p import SNRS, Dwt, mean_mse, paper_data, train_protocol_p
from ecgkit.training.denoising.protocol_r import mean_snr_db, train_protocol_r

ROOT = Path(__file__).resolve().parents[3]
RESULTS = ROOT / "docs" / "results"
RUNS = ROOT / "runs"
DWT = "dwt"
MODULE = "python -m ecgkit.training.denoising"


def protocol_p(folder: Path, names: Sequence[str], snrs: Sequence[float], seed: int) -> None:
    """Train and test the paper's networks; add each result to ``denoising_protocol_p.json``."""
    for snr in snrs:
        data = paper_data(folder, snr, seed)
        network: nn.Module
        trained: nn.Module
        curve: list[dict[str, float]]
        for name in names:
            if name == DWT:
                title, curve = "DWT db8", []
                trained = network = Dwt()
            else:
                title, config = PAPER_MODELS[name]
                network = make_network(config, seed)
                run = RUNS / f"p-{name}-{snr:g}dB"
                trained, curve = train_protocol_p(data, network, run, seed=seed)
            result = {
                "title": title,
                "parameters": parameter_count(network),
                "snr_db": round(mean_snr_db(trained, *data.test), 3),
                "mse": round(mean_mse(trained, *data.test), 4),
                "curve": curve,
            }
            update_json(RESULTS / "denoising_protocol_p.json", {name: {f"{snr:g}": result}})
            print(name, snr, result["snr_db"], flush=True)


def protocol_r(folder: Path, name: str, steps: int, seed: int) -> None:
    """Train a network for all SNRs; ``base`` and ``autoencoder`` enter the catalogue."""
    config = PAPER_MODELS[name][1] if name == "autoencoder" else SIZES[name]
    network = make_network(config, seed)
    command = f"{MODULE} protocol-r --network {name} --steps {steps} --seed {seed}"
    card = denoise_report.CARDS.get(name)
    run = RUNS / f"r-{name}"
    trained, curve = train_protocol_r(folder, run, network, steps=steps, seed=seed)
    entry = {"parameters": parameter_count(network), "steps": steps, "curve": curve}
    title = f"{name}, {steps} steps"
    update_json(RESULTS / "denoising_protocol_r.json", {"trainings": {title: entry}})
    if card is not None:
        save_network(trained, {**card, "command": command, "figures": {}})


def update_json(path: Path, values: dict[str, Any]) -> None:
    """Merge values into a JSON file of nested objects, which need not exist yet."""

    def merge(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
        for key, value in new.items():
            nested = isinstance(value, dict) and isinstance(old.get(key), dict)
            old[key] = merge(old[key], value) if nested else value
        return old

    path.parent.mkdir(parents=True, exist_ok=True)
    old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(json.dumps(merge(old, values), indent=1) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the four commands."""
    parser = argparse.ArgumentParser(prog=MODULE, description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--data", type=Path, default=data_folder(), help="the databases' folder")
    parser.add_argument("--download", action="store_true", help="fetch MIT-BIH and NSTDB first")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    commands = parser.add_subparsers(dest="command", required=True)
    paper = commands.add_parser("protocol-p")
    paper.add_argument(
        "--models", nargs="+", choices=[*PAPER_MODELS, DWT], default=[*PAPER_MODELS, DWT]
    )
    paper.add_argument("--snrs", nargs="+", type=float, default=list(SNRS))
    paper.add_argument("--seed", type=int, default=0)
    honest = commands.add_parser("protocol-r")
    honest.add_argument("--network", choices=[*SIZES, "autoencoder"], default="base")
    honest.add_argument("--steps", type=int, default=13_000)
    honest.add_argument("--seed", type=int, default=0)
    test = commands.add_parser("evaluate")
    test.add_argument("--each", type=int, default=12, help="segments of each lead of each record")
    commands.add_parser("report")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    if chosen.download:
        download(chosen.data)
    if chosen.command == "protocol-p":
        protocol_p(chosen.data, chosen.models, chosen.snrs, chosen.seed)
    elif chosen.command == "protocol-r":
        protocol_r(chosen.data, chosen.network, chosen.steps, chosen.seed)
    elif chosen.command == "evaluate":
        from ecgkit.training.denoising.evaluate import evaluate

        results = evaluate(chosen.data, chosen.each)
        update_json(RESULTS / "denoising_protocol_r.json", results)
    else:
        denoise_report.write(RESULTS, ROOT / "README.md")


if __name__ == "__main__":
    main()
