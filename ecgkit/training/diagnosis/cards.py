"""Weights and cards of the label networks that ship."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ecgkit.diagnosis.labels import LABELS, RULES
from ecgkit.training.common.cards import save_network
from ecgkit.training.diagnosis.document import COMMAND
from ecgkit.training.diagnosis.recipes import ALL_DATA, RECIPES, trained

TITLES = {
    "signal": "Diagnoses: 1D CNN on the twelve leads, read off pages too",
    "signal_digital": "Diagnoses: 1D CNN on the twelve leads, of digital recordings",
    "resnet18": "Diagnoses: ResNet-18 on the mask (the study's)",
    "mobilenetv2": "Diagnoses: MobileNetV2 on the mask",
    "regions": "Diagnoses: lead by lead on the mask",
}
ABOUT = {
    "signal": (
        "A residual network on twelve leads, digital or read off a page, that is told what is seen "
        "of each; learnt on what page layouts show and reading a page leaves."
    ),
    "signal_digital": (
        "The same on digital recordings, changed at random as pages change them, and on no page "
        "that was really read: the better one on digital recordings."
    ),
    "resnet18": (
        "ResNet-18 on a small image of the page's mask, as in DeRC_ECG (Sun et al., CinC 2024), "
        "but learnt from scratch."
    ),
    "mobilenetv2": "MobileNetV2, pretrained on ImageNet, on a small image of the page's mask.",
    "regions": (
        "A small residual network on the mask of each lead's region; attention joins leads and "
        "time: the study's proposal of classifying by region."
    ),
}
START = {
    "mobilenetv2": "; begins with MobileNetV2's ImageNet weights (torchvision, BSD-3)",
}
DATA = (
    "PTB-XL 1.0.3 fold 10 (CC BY 4.0); beside it, for the labels that they tell of, 1,177 z-scored "
    "records of its other folds and 262 of the Challenge 2021 (CC BY 4.0), and windows of MIT-BIH "
    "(ODC-By 1.0)"
)
SPLIT = (
    "The figures are cross-validated, five folds by record, stratified for all labels; the weights "
    "were then trained on all of them. About one PTB-XL record in eight has a sibling of the same "
    "patient: this can flatter."
)


def card_name(network: str) -> str:
    """Return the catalogue's name of a network."""
    return f"diagnosis-{network.replace('_', '-')}"


def write_network(name: str, runs: Path, results: dict[str, Any]) -> None:
    """Write weights, as float16, and the card of a network's training on all data.

    Parameters
    ----------
    results
        The evaluation, as ``docs/results/diagnosis.json`` holds it.
    """
    figures: dict[str, Any] = {}
    for title, found in results["networks"].items():
        if title.startswith(f"{name}, "):
            table = found["Youden's J"]
            figures[title.removeprefix(f"{name}, ")] = {
                "macro": {key: value[0] for key, value in table["macro"].items()},
                **{
                    label: {key: value[0] for key, value in table["labels"][label].items()}
                    for label in LABELS
                },
            }
    kinds = {
        title.removeprefix(f"{name}, "): {
            kind: {key: row[key] for key in ("pages", "not read", "AUROC", "F1", "greatest F1")}
            for kind, row in found["kinds"].items()
        }
        for title, found in results["pages"].items()
        if title.startswith(f"{name}, ")
    }
    if kinds:
        figures["degraded pages"] = kinds
    start = START.get(name, "")
    pages = " --pages" if kinds and RECIPES[name].pages else ""
    network = trained(name, runs / f"{name}-{ALL_DATA}").half()
    config = RECIPES[name].config.to_dict()
    size = (
        f" It sees {config['height']} x {config['width']} px; the study's 896 x 1152 px would take "
        f"{896 * 1152 / (config['height'] * config['width']):.0f} times as long."
        if "height" in config
        else ""
    )
    save_network(
        network,
        {
            "name": card_name(name),
            "title": TITLES[name],
            "task": "diagnosis",
            "description": ABOUT[name] + size,
            "data": f"{DATA}; {RULES[results['data']['rule']]}{start}",
            "split": SPLIT,
            "command": f"{COMMAND} train --network {name} --run {ALL_DATA}{pages}",
            "licence": "MIT; trained on data under CC BY 4.0 and ODC-By 1.0" + start,
            "figures": figures,
            "decision": _decision(name, results),
        },
    )


def _decision(name: str, results: dict[str, Any]) -> dict[str, Any]:
    """Return what a network's card decides by: view -> label; the leads' network has the blend's.

    The blend has no weights of its own, so that its card is that of the network it always asks.
    """

    def of(key: str) -> dict[str, Any]:
        return {
            title.removeprefix(f"{key}, "): found
            for title, found in results["decisions"].items()
            if title.startswith(f"{key}, ")
        }

    found = of(name)
    if name == "signal" and "pages" in results["blends"]:
        weights = results["blends"]["pages"]["all"]
        found["blend"] = {
            "weights": {card_name(part): share for part, share in weights.items()},
            **of("blend"),
        }
    return found
