"""Writes docs/results/denoising.md from the result files that the other commands left.

Its words are ``document.md.j2``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ecgkit.processing.noise import NOISE_KINDS
from ecgkit.training.common.markdown import render, table
from ecgkit.training.common.readme import put

TEMPLATE = Path(__file__).with_name("document.md.j2")
PAPER = {  # He et al., Tables I and II: SNR in dB and MSE at -4, -2, 0 and 4 dB
    "dcnn": ((1.844, 2.532, 3.441, 5.822), (0.127, 0.107, 0.093, 0.055)),
    "dcnn-aprelu": ((4.755, 5.501, 7.132, 9.548), (0.127, 0.112, 0.096, 0.056)),
    "dcnn-dam": ((4.380, 5.227, 6.745, 9.211), (0.065, 0.060, 0.054, 0.031)),
    "aprcnn": ((5.564, 5.966, 7.449, 9.841), (0.061, 0.057, 0.035, 0.027)),
    "autoencoder": ((2.322, 2.845, 3.341, 4.965), (0.128, 0.115, 0.100, 0.073)),
    "dwt": ((-3.850, -1.505, 0.426, 4.227), (0.464, 0.302, 0.182, 0.074)),
}
PAPER_SNRS = ("-4", "-2", "0", "4")
TARGETS = {"-4": 7.5, "-2": 8.8, "0": 10.0, "4": 12.5}


def write(folder: Path, readme: Path | None = None) -> None:
    """Write ``denoising.md`` beside the result files, and the README's short table."""
    paper = _read(folder / "denoising_protocol_p.json")
    unseen = _read(folder / "denoising_protocol_r.json")
    (folder / "denoising.md").write_text(document(paper, unseen), encoding="utf-8")
    if readme is not None and "headline" in unseen:
        put("figures", readme_part(unseen), readme)


def document(paper: dict[str, Any], unseen: dict[str, Any]) -> str:
    """Return the report as Markdown.

    Parameters
    ----------
    paper, unseen
        What the protocols P and R measured, as their result files hold it; the second need not
        hold a test yet.
    """
    tables = _unseen_tables(unseen) if "headline" in unseen else dict.fromkeys(UNSEEN_TABLES, "")
    return render(
        TEMPLATE,
        paper=_paper_table(paper),
        segments=unseen.get("segments"),
        sizes=_sizes_table(unseen.get("trainings", {})),
        **tables,
    )


def readme_part(unseen: dict[str, Any]) -> str:
    """Return the README's short tables."""
    snrs = (*PAPER_SNRS, "12")
    head = ["mean SNR out, dB, at an SNR in of", *(f"{snr} dB" for snr in snrs)]
    rows = [[label, *(row[snr] for snr in snrs)] for label, row in unseen["headline"].items()]
    clean_head = ["clean input through APR-CNN, SNR in dB", "median", "10th percentile"]
    clean = [
        [name, row["snr_db_median"], row["snr_db_10th_percentile"]]
        for name, row in unseen["harm"]["APR-CNN"].items()
    ]
    text = _README_TEXT.format(segments=unseen["segments"])
    return f"{text}{table(head, rows)}\n{_README_CLEAN_TEXT}{table(clean_head, clean)}\n"


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _paper_table(paper: dict[str, Any]) -> str:
    rows: list[Sequence[object]] = []
    for name, by_snr in paper.items():
        title = next(iter(by_snr.values()))["title"]
        for figure, place in (("snr_db", 0), ("mse", 1)):
            ours = [by_snr[snr][figure] if snr in by_snr else "–" for snr in PAPER_SNRS]
            digits = [f"{v:.3f}" if isinstance(v, float) else v for v in ours]
            label = "SNR, dB" if figure == "snr_db" else "MSE"
            rows.append([title, label, "ours", *digits])
            if name in PAPER:
                rows.append([title, label, "paper", *(f"{v:.3f}" for v in PAPER[name][place])])
    head = ["network", "figure", "whose", *(f"{snr} dB" for snr in PAPER_SNRS)]
    return table(head, rows)


UNSEEN_TABLES = ("headline", "aim", "by_length", "by_kind", "harm", "dwt_levels")


def _unseen_tables(unseen: dict[str, Any]) -> dict[str, str]:
    """Return the tables of Protocol R's test, by :data:`UNSEEN_TABLES`."""
    snrs = [f"{snr} dB" for snr in next(iter(unseen["headline"].values()))]
    reached = unseen["headline"]["APR-CNN"]
    harm = ["leads", "SNR median", "SNR p10", "QRS %", "QRS absolute %", "ST mV", "ST p95 mV"]
    return {
        "headline": table(
            ["method", *snrs],
            [[label, *row.values()] for label, row in unseen["headline"].items()],
        ),
        "aim": table(
            ["", *(f"{snr} dB" for snr in TARGETS)],
            [["aim", *TARGETS.values()], ["APR-CNN", *(reached[snr] for snr in TARGETS)]],
        ),
        "by_length": table(
            ["segments", "method", *snrs],
            [
                [f"{seconds} s", label, *row.values()]
                for seconds, by_label in unseen["by_length"].items()
                for label, row in by_label.items()
            ],
        ),
        "by_kind": table(
            ["noise", "method", *snrs],
            [
                [NOISE_KINDS[kind], label, *by_kind[kind].values()]
                for kind in NOISE_KINDS
                for label, by_kind in unseen["output_snr_db"].items()
            ],
        ),
        "harm": table(
            ["method", "recordings", *harm],
            [
                [label, source, *figures.values()]
                for label, sources in unseen["harm"].items()
                for source, figures in sources.items()
            ],
        ),
        "dwt_levels": table(
            ["levels", *snrs],
            [[level, *row.values()] for level, row in unseen["dwt_levels"].items()],
        ),
    }


def _sizes_table(trainings: dict[str, Any]) -> str:
    rows = [
        [
            name,
            entry["parameters"],
            entry["steps"],
            *(entry["curve"][-1][f"snr_at_{snr}"] for snr in ("-4", "0", "4", "12")),
            entry["curve"][-1]["clean"],
        ]
        for name, entry in trainings.items()
    ]
    head = ["training", "parameters", "steps", "−4 dB", "0 dB", "4 dB", "12 dB", "clean"]
    return table(head, rows)


_README_TEXT = """{segments} ten-second segments of eight MIT-BIH records that no training saw, with
recorded noise that none saw either (baseline wander, muscle artefact, electrode motion, and their
blend):

"""
_README_CLEAN_TEXT = """
A recording's own baseline wander counts as truth here, and APR-CNN at times takes it for added
noise: above some 4 dB it can do worse than a simpler method, and it changes some clean leads much:

"""
