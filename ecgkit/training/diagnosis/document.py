"""``docs/results/diagnosis.md``: figures of the eleven labels, in tables beside the study's.

Its words are ``document.md.j2``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ecgkit.diagnosis.labels import LABELS, RULES
from ecgkit.training.common.markdown import render, table
from ecgkit.training.diagnosis.metrics import FIGURES, LEAST_FOUND
from ecgkit.training.diagnosis.recipes import RECIPES

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
TEMPLATE = Path(__file__).with_name("document.md.j2")


def document(results: dict[str, Any]) -> str:
    """Return the document for what the report command wrote to ``diagnosis.json``."""
    pages, outside = results["pages"], results.get("external validation")
    best = max(pages, key=lambda title: pages[title]["kinds"]["all"]["AUROC"], default="")
    counts = results["data"]["positives"]
    return render(
        TEMPLATE,
        results=results,
        rule=RULES[results["data"]["rule"]],
        least_found=LEAST_FOUND,
        retired=[name for name in results["recipes"] if name not in RECIPES],
        labels=table(
            ["Label", "Meaning", "Recordings"],
            [[label, LABELS[label], counts[label]] for label in LABELS],
        ),
        macro_pages=_macro_table(pages),
        blend_of_pages=_blend("on these pages", results["blends"].get("pages")),
        best=best,
        best_table=_labels_table(pages[best]) if pages else "",
        kinds=_kinds(pages),
        outside=outside,
        external=external_table(outside) if outside else "",
        table_1=_table_1(results["networks"].get("resnet18, page")),
        size=results["recipes"].get("resnet18", {}).get("config"),
        macro_networks=_macro_table(results["networks"], STUDY_TABLE_2),
        blend_of_clean_pages=_blend("on clean pages", results["blends"].get("page")),
        networks=[(name, _labels_table(found)) for name, found in results["networks"].items()],
        calibration=_calibration({**results["networks"], **pages}),
    )


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
        "of PTB-XL (mean ± deviation over folds; pages drawn at random, a fifth of them hard "
        "photos, what could not be read counted as nothing found; speed and voltage scale "
        "given):\n\n" + table(head, rows)
    )


def _macros(found: dict[str, Any]) -> list[str]:
    youden, greatest = found["Youden's J"]["macro"], found["greatest F1"]["macro"]
    return [_pm(youden["AUROC"]), _pm(youden["F1"]), _pm(greatest["F1"])]


def _table_1(ours: dict[str, Any] | None) -> str:
    """Return our figures of the study's classifier beside its own; nothing where not trained."""
    if ours is None:
        return ""
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
    return table(head, rows)


def _macro_table(found: dict[str, Any], study: dict[str, float] | None = None) -> str:
    rows = [[name, *_macros(own)] for name, own in found.items()]
    rows += [[f"study: {name}", "–", f"{value:.2f}", "–"] for name, value in (study or {}).items()]
    return table(["Network", "AUROC", "F1 (Youden's J)", "F1 (greatest F1)"], rows)


def _blend(where: str, found: dict[str, Any] | None) -> str:
    """Return what a blend is made of."""
    if found is None:
        return ""
    folds = "; ".join(_share(weights) for weights in found["by fold"])
    whole = f" All folds together, as shipped: {_share(found['all'])}." if "all" in found else ""
    return (
        f"The blend {where} is the mean of the networks' logits with weights by greedy "
        f"selection (Caruana et al. 2004), each fold's chosen on the others: {folds}.{whole}"
    )


def _share(weights: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.1f}" for name, value in weights.items())


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
    return table(["Label", *heads, "F1 (greatest F1)"], rows)


def _kinds(pages: dict[str, Any]) -> str:
    rows = [
        [
            name,
            kind,
            own["pages"],
            own["not read"],
            *[_three(own[figure]) for figure in (*FIGURES, "greatest F1")],
        ]
        for name, found in pages.items()
        for kind, own in found["kinds"].items()
    ]
    heads = ["Network", "Kind", "Pages", "Not read", *FIGURES, "F1 (greatest F1)"]
    return table(heads, rows)


def external_table(found: dict[str, Any]) -> str:
    """Return AUROC and F1 on LUDB, by label and way of asking."""
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
    return table(["Label", "Recordings", *views], rows)


def _calibration(tables: dict[str, Any]) -> str:
    rows = [
        [
            name,
            *[f"{found['calibration error'][label]:.3f}" for label in LABELS],
            f"{sum(found['calibration error'].values()) / len(LABELS):.3f}",
        ]
        for name, found in tables.items()
    ]
    return table(["Network", *LABELS, "mean"], rows)


def _pm(value: list[float] | tuple[float, float]) -> str:
    if value[0] != value[0]:  # NaN: no recording has it
        return "–"
    return f"{value[0]:.2f} ± {value[1]:.2f}"


def _three(value: float) -> str:
    return "–" if value != value else f"{value:.3f}"
