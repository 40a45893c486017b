"""``docs/results/rhythm.md`` from the evaluation's figures; its words are ``document.md.j2``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ecgkit.rhythm.classes import FAST, MARGIN, RHYTHMS, SLOW
from ecgkit.training.common.classification_metrics import NAMES
from ecgkit.training.common.markdown import render, table
from ecgkit.training.rhythm.recipes import DESIGN_FOLD

TITLES = {"cnn2d": "2D CNN", "cnn1d": "1D CNN", "cnn_lstm": "1D CNN-LSTM"}
BASELINE = "Random forest on rate and RR irregularity"
POOLING = {
    "mean": "mean of the seconds' logits",
    "attention": "attention",
    "recurrent": "LSTM, then attention",
}
AIMS = {"accuracy": 0.97, "macro-F1": 0.95, "each": 0.90, "new source": 0.93}
TEMPLATE = Path(__file__).with_name("document.md.j2")


def document(results: dict[str, Any]) -> str:
    """Return the report as Markdown.

    Parameters
    ----------
    results
        What ``python -m ecgkit.training.rhythm report`` measured, as ``rhythm.json`` holds it.
    """
    return render(
        TEMPLATE,
        results=results,
        titles=TITLES,
        aims=AIMS,
        rhythms=RHYTHMS,
        slow=SLOW,
        fast=FAST,
        margin=MARGIN,
        design_fold=DESIGN_FOLD,
        data=_data(results["data"]["sources"]),
        main=_main(results),
        against_baseline=_against(results),
        classes=[(title, *_classes(results["networks"][key])) for key, title in TITLES.items()],
        left_out=_left_out(results["left out"]),
        by_source=_by_source(results["networks"]),
        pooling=_pooling(results["pooling"]),
        calibration=_calibration(results),
        fewer_leads=_fewer(results["fewer"], "leads", "{}"),
        fewer_seconds=_fewer(results["fewer"], "seconds", "{} s"),
    )


def readme_part(results: dict[str, Any]) -> str:
    """Return the README's short table."""
    rows = []
    for key, title in TITLES.items():
        found = results["networks"][key]["cross-validation"]
        new = results["left out"][key]["all"]
        rows.append(
            [
                title,
                spread(found["accuracy"]),
                spread(found["macro-F1"]),
                f"{new['accuracy'][0]:.3f}",
                percent(results["networks"][key]["uncertain"]["share uncertain"]),
            ]
        )
    base = results["baseline"]
    rows.append(
        [
            BASELINE,
            spread(base["accuracy"]),
            spread(base["macro-F1"]),
            "–",
            "–",
        ]
    )
    count = results["networks"]["cnn1d"]["cross-validation"]["recordings"]
    new = results["left out"]["cnn1d"]["all"]["recordings"]
    head = ["network", "accuracy", "macro-F1", f"accuracy, new hospitals ({new})", "uncertain"]
    return (
        f"Rhythm (SB, AFIB, GSVT, SR) of {count:,} twelve-lead recordings, five-fold "
        "cross-validated by record, sinus rhythms classed by their rate:\n\n" + table(head, rows)
    )


def percent(value: float | None) -> str:
    """Return a share as a percentage with one decimal."""
    return "–" if value is None else f"{100 * value:.1f} %"


def spread(values: list[float]) -> str:
    """Return a figure with its interval."""
    return f"{values[0]:.3f} ({values[1]:.3f}–{values[2]:.3f})"


def _data(sources: dict[str, Any]) -> str:
    rows = [
        [source, *counts["written"], *counts["harmonised"], counts["near a limit"]]
        for source, counts in sources.items()
    ]
    return table(["source", *(f"{name} written" for name in NAMES), *NAMES, "near a limit"], rows)


def _main(results: dict[str, Any]) -> str:
    rows = []
    for key, title in TITLES.items():
        found = results["networks"][key]["cross-validation"]
        irregular = results["networks"][key]["irregular sinus rhythm"]
        rows.append(
            [
                title,
                spread(found["accuracy"]),
                spread(found["macro-F1"]),
                f"{found['accuracy, four folds not used for design']:.3f} / "
                f"{found['macro-F1, four folds not used for design']:.3f}",
                f"{found['accuracy of single seconds']:.3f}",
                percent(irregular["accuracy"]),
            ]
        )
    base = results["baseline"]
    alone = percent(base["irregular sinus rhythm"]["accuracy"])
    rows.append([BASELINE, spread(base["accuracy"]), spread(base["macro-F1"]), "–", "–", alone])
    count = results["networks"]["cnn1d"]["irregular sinus rhythm"]["recordings"]
    head = [
        "network",
        "accuracy",
        "macro-F1",
        f"without fold {DESIGN_FOLD}: accuracy / macro-F1",
        "single seconds right",
        f"irregular sinus rhythms right ({count})",
    ]
    return table(head, rows)


def _against(results: dict[str, Any]) -> str:
    parts = []
    for key, title in TITLES.items():
        better = results["against the baseline"][key]
        low, high = better["macro-F1"][1:]
        said = "better" if low > 0 else "worse" if high < 0 else "no clear difference"
        figures = "; ".join(
            f"{name} {v[0]:+.3f} ({v[1]:+.3f} to {v[2]:+.3f})" for name, v in better.items()
        )
        parts.append(f"{title}: {figures}: {said} in macro-F1")
    return ". ".join(parts) + "."


def _classes(network: dict[str, Any]) -> tuple[str, str]:
    """Return the tables of a network's figures by class, and of its confusions."""
    figures = ("sensitivity", "specificity", "F1", "AUROC")
    rows = [
        [name, values["recordings"], *(spread(values[figure]) for figure in figures)]
        for name, values in network["classes"].items()
    ]
    counts = [[name, *row] for name, row in zip(NAMES, network["confusion"], strict=True)]
    return table(["class", "recordings", *figures], rows), table(["", *NAMES], counts)


def _left_out(left: dict[str, Any]) -> str:
    names = list(next(iter(left.values()))) if left else []
    rows = [
        [
            TITLES[key],
            *(f"{spread(values[n]['accuracy'])}; {values[n]['macro-F1']:.3f}" for n in names),
        ]
        for key, values in left.items()
    ]
    sizes: dict[str, Any] = next(iter(left.values()), {})
    return table(["network", *(f"{name} ({sizes[name]['recordings']})" for name in names)], rows)


def _by_source(networks: dict[str, Any]) -> str:
    rows = [
        [title, *(f"{value[1]:.3f}" for value in networks[key]["by source"].values())]
        for key, title in TITLES.items()
    ]
    counts = networks["cnn1d"]["by source"]
    return table(["network", *(f"{name} ({value[0]})" for name, value in counts.items())], rows)


def _pooling(trained: list[dict[str, Any]]) -> str:
    if not trained:
        return ""
    rows = [
        [
            TITLES[entry["network"]],
            POOLING[entry["join"]],
            "yes" if entry["pulse"] else "no",
            entry["steps"],
            f"{entry['accuracy']:.3f}",
            f"{entry['macro-F1']:.3f}",
        ]
        for entry in trained
    ]
    head = ["network", "seconds pooled by", "beat train", "steps", "accuracy", "macro-F1"]
    return table(head, rows)


def _calibration(results: dict[str, Any]) -> str:
    rows = []
    for key, title in TITLES.items():
        network, decision = results["networks"][key], results["decisions"][key]
        before, after = network["calibration"]["before"], network["calibration"]["after"]
        rows.append(
            [
                title,
                f"{decision['temperature']:.2f}",
                *(
                    f"{before[figure]:.3f} → {after[figure]:.3f}"
                    for figure in ("expected calibration error", "negative log-likelihood")
                ),
                f"{decision['uncertain_below']:.2f}",
                percent(network["uncertain"]["share uncertain"]),
                percent(network["uncertain"]["accuracy where an answer is given"]),
            ]
        )
    head = ["network", "temperature", "expected calibration error", "negative log-likelihood"]
    return table([*head, "uncertain below", "uncertain", "right where answered"], rows)


def _fewer(fewer: dict[str, Any], kind: str, name: str) -> str:
    if not fewer:
        return ""
    rows = [
        [TITLES[key], *(f"{v[0]:.3f} / {v[1]:.3f}" for v in values[kind].values())]
        for key, values in fewer.items()
    ]
    return table(["network", *map(name.format, next(iter(fewer.values()))[kind])], rows)
