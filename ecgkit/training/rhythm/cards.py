"""Weights and cards of the rhythm networks that ship."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ecgkit.rhythm.report import card_name
from ecgkit.training.common.cards import save_network
from ecgkit.training.datasets.rhythm import RhythmData
from ecgkit.training.rhythm.evaluate import read_network
from ecgkit.training.rhythm.recipes import RECIPES

TITLES = {
    "cnn2d": "Rhythm: 2D CNN on stacked scalograms",
    "cnn1d": "Rhythm: 1D CNN",
    "cnn_lstm": "Rhythm: 1D CNN-LSTM",
}
ABOUT = {
    "cnn2d": (
        "MobileNetV2's first stages, pretrained on ImageNet, see one image a second: the twelve "
        "leads' Morlet scalograms, stacked. An LSTM and the beat train join the seconds."
    ),
    "cnn1d": (
        "A residual network on the twelve-lead signal with dilated context; attention and the beat "
        "train join the seconds."
    ),
    "cnn_lstm": (
        "A residual network on the twelve-lead signal; a bidirectional LSTM carries the rhythm "
        "across seconds; attention and the beat train join them."
    ),
}
CAUTION = (
    " Four rhythm groups only: paced, junctional and ventricular rhythms are none of them, and are "
    "called one all the same."
)
DATA = (
    "PTB-XL 1.0.3 fold 10 and 1,177 z-scored records of its other folds (CC BY 4.0), LUDB (ODC-By "
    "1.0), Georgia, CPSC and Chapman-Shaoxing records of the Challenge 2021 (CC BY 4.0); classes "
    "of sinus rhythms by the measured rate"
)
SPLIT = (
    "The figures are cross-validated, five folds by record; the weights were then trained on all "
    "of them. About one PTB-XL record in eight has a sibling of the same patient: this can flatter."
)


def write_networks(data: RhythmData, runs: Path, results: dict[str, Any]) -> None:
    """Write weights and card of each network's final training.

    Parameters
    ----------
    results
        The evaluation, as ``docs/results/rhythm.json`` holds it.
    """
    for key in RECIPES:
        measured = results["networks"][key]
        whole, after = measured["cross-validation"], measured["calibration"]["after"]
        limits = ("value", "95 % from", "to")
        figures = {
            "cross-validation": {
                name: dict(zip(limits, whole[name], strict=True))
                for name in ("accuracy", "macro-F1")
            },
            "by class": {
                name: {
                    "recordings": row["recordings"],
                    **{f: row[f][0] for f in ("sensitivity", "specificity", "F1", "AUROC")},
                }
                for name, row in measured["classes"].items()
            },
            "trained without the source": {
                source: {
                    "recordings": row["recordings"],
                    "accuracy": row["accuracy"][0],
                    "macro-F1": row["macro-F1"],
                }
                for source, row in results["left out"][key].items()
            },
            "fewer leads": {
                name: {"accuracy": row[0], "macro-F1": row[1]}
                for name, row in results["fewer"][key]["leads"].items()
            },
            "expected calibration error": after["expected calibration error"],
            "share uncertain": measured["uncertain"]["share uncertain"],
            "accuracy where an answer is given": measured["uncertain"][
                "accuracy where an answer is given"
            ],
            "reliability": {
                f"bin {place}": {"recordings": row[0], "said": row[1], "right": row[2]}
                for place, row in enumerate(after["bins"], start=1)
            },
        }
        start = (
            "; begins with MobileNetV2's ImageNet weights (torchvision, BSD-3)"
            if key == "cnn2d"
            else ""
        )
        save_network(
            read_network(data, runs, key, "final"),
            {
                "name": card_name(key),
                "title": TITLES[key],
                "task": "rhythm",
                "description": ABOUT[key] + CAUTION,
                "data": DATA + start,
                "split": SPLIT,
                "command": f"python -m ecgkit.training.rhythm train --network {key} --run final",
                "licence": "MIT; trained on data under CC BY 4.0 and ODC-By 1.0" + start,
                "figures": figures,
                "decision": results["decisions"][key],
            },
        )
