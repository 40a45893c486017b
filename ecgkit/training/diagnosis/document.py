"""``docs/results/diagnosis.md``: figures of the eleven labels, in tables beside the study's."""

from __future__ import annotations

from typing import Any

from ecgkit.diagnosis.labels import LABELS, RULES
from ecgkit.training.diagnosis.metrics import FIGURES, LEAST_FOUND

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
    """Return the document for what the report command wrote to ``diagnosis.json``."""
    parts = ["# Eleven labels from a page: figures", _about(results)]
    if results["pages"]:
        parts += ["## Degraded pages", _pages(results)]
    if "external validation" in results:
        parts += ["## Another hospital: LUDB", _external_validation(results["external validation"])]
    parts += [
        "## The study's classifier, by label (its Table 1)",
        _table_1(results),
        "## Networks (its Table 2)",
        _table_2(results),
        "## Every network, by label",
        *[_by_label(name, found) for name, found in results["networks"].items()],
        "## Calibration",
        _calibration(results),
    ]
    return "\n\n".join(parts) + "\n"


def readme_part(results: dict[str, Any]) -> str:
    """Return the README's short table."""
    names = {
        "blend": "Blend of image and signal",
        "signal": "1D CNN on the digitized leads",
        "resnet18": "ResNet-18 on the mask (the study's)",
    }
    rows = []
    for name, words in names.items():
        found = results["pages"].get(f"{name}, scale said")
        if found is not None:
            rows.append([f"{words}, degraded pages", *_macros(found)])
    for title, words in (
        ("blend, page", "Blend, clean pages"),
        ("resnet18, page", "ResNet-18 on the mask, clean pages"),
        ("signal_digital, whole", "1D CNN on digital recordings"),
    ):
        if title in results["networks"]:
            rows.append([words, *_macros(results["networks"][title])])
    rows.append(["the study: UNet + ResNet-18, clean pages", "–", "0.44", "–"])
    head = ["eleven labels, macro means", "AUROC", "F1 (Youden's J)", "F1 (greatest F1)"]
    return (
        f"Eleven labels, five-fold cross-validated on {results['data']['recordings']:,} recordings "
        "of PTB-XL (mean ± deviation over folds; pages drawn at random, a fifth of them hard photos, "
        "what could not be read counted as nothing found; speed and voltage scale given):\n\n"
        + _lines(head, rows)
    )


def _macros(found: dict[str, Any]) -> list[str]:
    youden, greatest = found["Youden's J"]["macro"], found["greatest F1"]["macro"]
    return [_pm(youden["AUROC"]), _pm(youden["F1"]), _pm(greatest["F1"])]


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
            "the other four folds, each by a network that had not seen the recording. Layers, "
            "rates and numbers of steps were settled by early trials on fold 0 and by the time "
            "they take. Thresholds follow two rules: the study's, Youden's J; and the greatest F1 "
            f"among those that find at least {100 * LEAST_FOUND:.0f} % of the recordings with the "
            "label.",
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
        rows.append([name, *_macros(found)])
    rows += [[f"study: {name}", "–", f"{value:.2f}", "–"] for name, value in STUDY_TABLE_2.items()]
    return (
        "Macro means over the eleven labels, mean ± deviation over folds, on clean pages; «whole» "
        "is the digital recording. Thresholds by Youden's J, and by the greatest F1.\n\n"
        + _lines(["Network", "AUROC", "F1 (Youden's J)", "F1 (greatest F1)"], rows)
        + _weights("on clean pages", results["blends"].get("page"))
    )


def _weights(where: str, found: dict[str, Any] | None) -> str:
    """Return what a blend is made of."""
    if found is None:
        return ""
    folds = "; ".join(_share(weights) for weights in found["by fold"])
    whole = f" All folds together, as shipped: {_share(found['all'])}." if "all" in found else ""
    return (
        f"\n\nThe blend {where} is the mean of the networks' logits with weights by greedy "
        f"selection (Caruana et al. 2004), each fold's chosen on the others: {folds}.{whole}"
    )


def _share(weights: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.1f}" for name, value in weights.items())


def _by_label(name: str, found: dict[str, Any]) -> str:
    return f"### {name}\n\n{_labels_table(found)}"


def _labels_table(found: dict[str, Any]) -> str:
    youden, greatest = found["Youden's J"], found["greatest F1"]
    rows = [
        [
            label,
            *[_pm(youden["labels"][label][figure]) for figure in FIGURES],
            _pm(greatest["labels"][label]["F1"]),
        ]
        for label in LABELS
    ]
    whole = [_pm(youden["macro"][figure]) for figure in FIGURES]
    rows.append(["macro", *whole, _pm(greatest["macro"]["F1"])])
    heads = [figure[0].upper() + figure[1:] for figure in FIGURES]
    return _lines(["Label", *heads, "F1 (greatest F1)"], rows)


def _pages(results: dict[str, Any]) -> str:
    best = max(
        (title for title in results["pages"]),
        key=lambda title: results["pages"][title]["kinds"]["all"]["AUROC"],
    )
    rows, kinds = [], []
    for name, found in results["pages"].items():
        rows.append([name, *_macros(found)])
        for kind, own in found["kinds"].items():
            kinds.append(
                [
                    name,
                    kind,
                    str(own["pages"]),
                    str(own["not read"]),
                    *[_three(own[figure]) for figure in (*FIGURES, "greatest F1")],
                ]
            )
    heads = ["Network", "Kind", "Pages", "Not read", *FIGURES, "F1 (greatest F1)"]
    return "\n\n".join(
        [
            "Pages drawn at random (layout, paper, speed and scale, damage), one of each recording, "
            "read as a user's photo is, and answered by networks that had not seen the recording. "
            "«Scale said»: a person has told the reader the speed and the voltage scale that the "
            "page states. «Nothing said»: the reader takes 25 mm/s, and the voltage scale from "
            "the calibration pulse where it finds one, else 10 mm/mV. What could not be read "
            "counts as nothing found, with the lowest score. Some of the training recordings were "
            "seen through such pages of their own, none through a test recording's.",
            "Macro means over the eleven labels, mean ± deviation over folds:",
            _lines(["Network", "AUROC", "F1 (Youden's J)", "F1 (greatest F1)"], rows)
            + _weights("on these pages", results["blends"].get("pages")),
            f"### The best of them by label: {best}",
            _labels_table(results["pages"][best]),
            "### By kind of page\n\nOf all folds at once; other figures than AUROC by each fold's "
            "own thresholds. A label without positives in a kind does not count there. The UNet "
            "learnt masks on pages of nine tenths of these recordings; the last kind is of those "
            "that it had not seen.",
            _lines(heads, kinds),
        ]
    )


def _external_validation(found: dict[str, Any]) -> str:
    views = found["views"]
    shown = list(views["digital"]["labels"])
    rows = []
    for label in shown:
        row = [label, str(found["positives"][label])]
        for own in views.values():
            values = own["labels"][label]
            row.append(f"{values['AUROC']:.2f} / {values['F1']:.2f}")
        rows.append(row)
    means = [f"{own['macro']['AUROC']:.2f} / {own['macro']['F1']:.2f}" for own in views.values()]
    rows.append(["macro", "", *means])
    unread = [own["not read"] for own in views.values()]
    return (
        f"{found['recordings']} recordings, from which nothing of these labels was learnt; the "
        "networks and thresholds that ship. Its doctors' words are put under the labels by one "
        "table (`ecgkit/training/diagnosis/external_validation.py`), and mean other things by "
        "them than "
        "PTB-XL's: hypertrophy is called in more than half of the recordings. One degraded page "
        "of each, speed and voltage scale said; not read by the three ways: "
        f"{', '.join(map(str, unread[1:]))}. Labels of fewer than five recordings are left out. "
        "AUROC / F1 at the shipped thresholds by the greatest F1.\n\n"
        + _lines(["Label", "Recordings", *views], rows)
    )


def _calibration(results: dict[str, Any]) -> str:
    tables = {**results["networks"], **results["pages"]}
    rows = [
        [
            name,
            *[f"{found['calibration error'][label]:.3f}" for label in LABELS],
            f"{sum(found['calibration error'].values()) / len(LABELS):.3f}",
        ]
        for name, found in tables.items()
    ]
    return (
        "Expected calibration error (ten bins) after Platt's scaling on the other folds, of what "
        "was answered.\n\n" + _lines(["Network", *LABELS, "mean"], rows)
    )


def _pm(value: list[float] | tuple[float, float]) -> str:
    if value[0] != value[0]:  # NaN: no recording has it
        return "–"
    return f"{value[0]:.2f} ± {value[1]:.2f}"


def _three(value: float) -> str:
    return "–" if value != value else f"{value:.3f}"


def _lines(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
