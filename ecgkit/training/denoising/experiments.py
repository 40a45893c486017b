"""The trainings of both protocols, and the result files that they add to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import nn

from ecgkit.training.common.cards import parameter_count, save_network
from ecgkit.training.denoising.networks import PAPER_MODELS, SIZES, make_network
from ecgkit.training.denoising.protocol_p import Dwt, mean_mse, paper_data, train_protocol_p
from ecgkit.training.denoising.protocol_r import mean_snr_db, train_protocol_r
from ecgkit.training.denoising.report import CARDS

ROOT = Path(__file__).resolve().parents[3]
RESULTS = ROOT / "docs" / "results"
RUNS = ROOT / "runs"
DWT = "dwt"
COMMAND = "python -m ecgkit.training.denoising"


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
    command = f"{COMMAND} protocol-r --network {name} --steps {steps} --seed {seed}"
    card = CARDS.get(name)
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
