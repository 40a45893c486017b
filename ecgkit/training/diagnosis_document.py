"""``docs/results/paper.md``: figures of the eleven labels, in tables beside the study's."""

from __future__ import annotations

from typing import Any

from ecgkit.paper.labels import LABELS, RULES
from ecgkit.training.diagnosis_metrics import FIGURES

STUDY_TABLE_1 = {
    "NORM": ((0.83, 0.03), (0.91, 0.02), (0.82, 0.03)),
    "Acute MI": ((0.73, 0.09), (0.71, 0.06), (0.04, 0.02)),
    "Old MI": ((0.76, 0.04), (0.82, 0.05), (0.60, 0.05)),
    "STTC": ((0.78, 0.03), (0.84, 0.06), (0.62, 0.06)),
    "CD": ((0.81, 0.03), (0.81, 0.07), (0.61, 0.07)),
    "HYP": ((0.81, 0.01), (0.77, 0.12), (0.43, 0.09)),
    "PAC": ((0.77, 0.09), (0.80, 0.08), (0.11, 0.07)),
    "PVC": ((0.87, 0.05), (0.93, 0.06), (0.43, 0.15)),
    "AFIB/AFL": ((0.83, 0.06), (0.90, 0.04), (0.43, 0.14)),
    "TACHY": ((0.93, 0.01), (0.97, 0.01), (0.53, 0.04)),
    "BRADY": ((0.85, 0.05), (0.89, 0.06), (0.25, 0.07)),
}
"""Accuracy, AUROC and F1 as mean and deviation: Sun et al. (DeRC_ECG), CinC 2024, Table 1."""
STUDY_TABLE_2 = {
    "UNet + ResNet-18": 0.44,
    "UNet + ResNet-50": 0.41,
    "UNet + ViT-ECG": 0.40,
    "UNet + ResNet-152": 0.37,
    "UNet + VGG11": 0.37,
}
"""Macro-F1: the same, Table 2."""
COMMAND = "python -m ecgkit.training.diagnosis"


def document(results: dict[str, Any]) -> str:
    """Return the document for what the report command wrote to ``paper.json``."""
    parts = [
        "# Eleven labels from a page: figures",
        _about(results),
        "## The study's classifier, by label",
        _table_1(results),
        "## Networks",
        _table_2(results),
        "## Every network, by label",
        *[_by_label(name, found) for name, found in results["networks"].items()],
    ]
    if results["pages"]:
        parts += ["## By kind of page", _pages(results)]
    parts += ["## Calibration", _calibration(results)]
    return "\n\n".join(parts) + "\n"


def _about(results: dict[str, Any]) -> str:
    counts = results["data"]["positives"]
    rows = [[label, LABELS[label], str(counts[label])] for label in LABELS]
    return "\n\n".join(
        [
            f"PTB-XL 1.0.3, fold 10: {results['data']['recordings']} recordings, five-fold "
            "cross-validation by recording, stratified for all labels. PTB-XL's folds never share "
            "a patient, but patients inside fold 10 are not known here, and about one recording in "
            "eight has a sibling of the same patient: figures may flatter by that.",
            f"{RULES[results['data']['rule']]}. {results['data']['others']} recordings of other "
            "sources (Challenge 2020/21, PTB-XL folds 1-9 as z-scores, windows of MIT-BIH) were "
            "trained on beside, for the labels that they tell of; no figure is made of them.",
            "Calibration, thresholds and the blend's weight for a fold come from the answers on "
            "the other four folds, each by a network that had not seen the recording. Settings "
            "were chosen by fold 0.",
            _lines(["Label", "Meaning", "Recordings"], rows),
            "Written by\n\n```\n" + "\n".join(results["commands"]) + "\n```",
        ]
    )


def _table_1(results: dict[str, Any]) -> str:
    ours = results["networks"].get("resnet18, page")
    if ours is None:
        return "Not trained yet."
    rows = []
    for label, study in STUDY_TABLE_1.items():
        found = ours["Youden's J"]["labels"][label]
        row = [label]
        for place, figure in enumerate(("accuracy", "AUROC", "F1")):
            row += [_pm(found[figure]), _pm(study[place])]
        rows.append(row)
    head = ["Label"]
    for figure in ("Accuracy", "AUROC", "F1"):
        head += [figure, f"{figure}, study"]
    size = results["recipes"]["resnet18"]["config"]
    return "\n\n".join(
        [
            f"ResNet-18 on clean masks of pages with {results['page']} leads, "
            f"{size['height']} x {size['width']} px, learnt from scratch (the study: 896 x 1152 "
            "px, ImageNet's weights, about ten times the recordings). Mean ± deviation over five "
            "folds; thresholds by Youden's J.",
            _lines(head, rows),
        ]
    )


def _table_2(results: dict[str, Any]) -> str:
    rows = []
    for name, found in results["networks"].items():
        youden, greatest = found["Youden's J"]["macro"], found["greatest F1"]["macro"]
        rows.append([name, _pm(youden["AUROC"]), _pm(youden["F1"]), _pm(greatest["F1"])])
    rows += [[f"study: {name}", "–", f"{value:.2f}", "–"] for name, value in STUDY_TABLE_2.items()]
    note = "".join(
        f"\n\nShare of the signal network in the blend with {name}, by fold: "
        + ", ".join(f"{value:.1f}" for value in shares)
        + "."
        for name, shares in results["shares"].items()
    )
    return (
        "Macro means over the eleven labels, mean ± deviation over folds, on clean pages; «whole» "
        "is the digital recording. Thresholds by Youden's J, and by the greatest F1.\n\n"
        + _lines(["Network", "AUROC", "F1 (Youden's J)", "F1 (greatest F1)"], rows)
        + note
    )


def _by_label(name: str, found: dict[str, Any]) -> str:
    labels = found["Youden's J"]["labels"]
    rows = [[label, *[_pm(labels[label][figure]) for figure in FIGURES]] for label in LABELS]
    rows.append(["macro", *[_pm(found["Youden's J"]["macro"][figure]) for figure in FIGURES]])
    heads = ["Label", *[figure[0].upper() + figure[1:] for figure in FIGURES]]
    return f"### {name}\n\n" + _lines(heads, rows)


def _pages(results: dict[str, Any]) -> str:
    parts = [
        "Pages drawn by lot (layout, paper, speed and scale, damage) of recordings that the "
        "network had not seen, read as a user's photo is. «Scale said»: a person has told the "
        "reader the speed and the voltage scale that the page states; «nothing said»: it takes 25 "
        "mm/s and 10 mm/mV, which is wrong for a third of the pages. What could not be read counts "
        "as nothing found."
    ]
    rows = []
    for name, kinds in results["pages"].items():
        for kind, found in kinds.items():
            rows.append(
                [
                    name,
                    kind,
                    str(found["pages"]),
                    str(found["not read"]),
                    *[f"{found[figure]:.3f}" for figure in FIGURES],
                ]
            )
    heads = ["Network", "Kind", "Pages", "Not read", *FIGURES]
    return "\n\n".join([*parts, _lines(heads, rows)])


def _calibration(results: dict[str, Any]) -> str:
    names = list(results["networks"])
    rows = [
        [label, *[f"{results['networks'][n]['calibration error'][label]:.3f}" for n in names]]
        for label in LABELS
    ]
    return (
        "Expected calibration error by label (ten bins) after Platt's scaling on the other "
        "folds.\n\n" + _lines(["Label", *names], rows)
    )


def _pm(value: list[float] | tuple[float, float]) -> str:
    if value[0] != value[0]:  # NaN: no recording has it
        return "–"
    return f"{value[0]:.2f} ± {value[1]:.2f}"


def _lines(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
