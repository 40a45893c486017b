"""Writes docs/results/denoising.md from the result files that the other commands left."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ecgkit.processing.noise import NOISE_KINDS
from ecgkit.training.common.readme import put

DATA = (
    "MIT-BIH Arrhythmia Database (ODC-By 1.0), noise from the MIT-BIH Noise Stress Test Database"
    " (ODC-By 1.0), twelve-lead windows from PTB-XL 1.0.3 fold 10 (CC BY 4.0)"
)
SPLIT = (
    "By record: MIT-BIH test 102 108 115 124 205 213 221 231, validation 106 121 209 228, the 28"
    " others for training; PTB-XL 90/5/5 % by a hash of the record's id (patients of fold 10 are"
    " not known, about one record in eight has a sibling of the same patient). Noise apart in"
    " time: the first 7/12 of each noise record for training, up to 2/3 for validation, the last"
    " third for test."
)
LICENCE = "MIT; trained on data under ODC-By 1.0 and CC BY 4.0"
CARDS = {
    "base": {
        "name": "denoise-aprcnn",
        "title": "APR-CNN",
        "task": "denoise",
        "description": (
            "Dual-attention convolutional encoder-decoder with adaptive parametric ReLU, after He"
            " et al.: four compression and four reconstruction stages of two layers. One network"
            " for all SNRs from -6 dB to clean. It can smooth what it has never seen: not for"
            " measuring ST segments or voltages."
        ),
        "data": DATA,
        "split": SPLIT,
        "licence": LICENCE,
    },
    "autoencoder": {
        "name": "denoise-autoencoder",
        "title": "Convolutional autoencoder",
        "task": "denoise",
        "description": (
            "Six convolutions and six deconvolutions without skip connections, after Chiang et"
            " al., as He et al. compare with it. Here for comparison: it changes clean signals."
        ),
        "data": DATA,
        "split": SPLIT,
        "licence": LICENCE,
    },
}
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


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; numbers to two digits."""

    def cell(value: object) -> str:
        return f"{value:.2f}" if isinstance(value, float) else str(value)

    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(cell, line)) + " |" for line in lines) + "\n"


def write(folder: Path, readme: Path | None = None) -> None:
    """Write ``denoising.md`` beside the result files, and the README's short table."""
    paper = _read(folder / "denoising_protocol_p.json")
    honest = _read(folder / "denoising_protocol_r.json")
    parts = [_HEAD, _paper_part(paper)]
    if "headline" in honest:
        parts.append(_honest_part(honest))
    parts.append(_sizes_part(paper, honest))
    (folder / "denoising.md").write_text("\n".join(parts), encoding="utf-8")
    if readme is not None and "headline" in honest:
        put("figures", _readme_part(honest), readme)


def _readme_part(honest: dict[str, Any]) -> str:
    rows = (
        [label, *(row[snr] for snr in (*PAPER_SNRS, "12"))]
        for label, row in honest["headline"].items()
    )
    head = ["mean SNR out, dB, at an SNR in of", *(f"{snr} dB" for snr in (*PAPER_SNRS, "12"))]
    text = _README_TEXT.format(segments=honest["segments"])
    harm = honest["harm"]["APR-CNN"]
    clean = [
        [name, row["snr_db_median"], row["snr_db_10th_percentile"]] for name, row in harm.items()
    ]
    clean_head = ["clean input through APR-CNN, SNR in dB", "median", "10th percentile"]
    return text + table(head, rows) + _README_CLEAN_TEXT + table(clean_head, clean)


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _paper_part(paper: dict[str, Any]) -> str:
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
    return _PAPER_TEXT + table(head, rows)


def _honest_part(honest: dict[str, Any]) -> str:
    snrs = list(next(iter(honest["headline"].values())))
    head = ["method", *(f"{snr} dB" for snr in snrs)]
    text = _HONEST_TEXT.format(segments=honest["segments"])
    text += table(head, ([label, *row.values()] for label, row in honest["headline"].items()))
    reached = honest["headline"]["APR-CNN"]
    text += "\nThe aim that was set for APR-CNN, and what it reaches:\n\n"
    text += table(
        ["", *(f"{snr} dB" for snr in TARGETS)],
        [
            ["aim", *TARGETS.values()],
            ["APR-CNN", *(reached[snr] for snr in TARGETS)],
        ],
    )
    text += "\n" + _LENGTH_TEXT
    rows = [
        [f"{seconds} s", label, *row.values()]
        for seconds, by_label in honest["by_length"].items()
        for label, row in by_label.items()
    ]
    text += table(["segments", "method", *(f"{snr} dB" for snr in snrs)], rows)
    text += "\n## By noise kind\n\n"
    rows = [
        [NOISE_KINDS[kind], label, *by_kind[kind].values()]
        for kind in NOISE_KINDS
        for label, by_kind in honest["output_snr_db"].items()
    ]
    text += table(["noise", "method", *(f"{snr} dB" for snr in snrs)], rows)
    text += "\n## Clean input: what a method does to it\n\n" + _HARM_TEXT
    rows = [
        [label, source, *figures.values()]
        for label, sources in honest["harm"].items()
        for source, figures in sources.items()
    ]
    names = ["leads", "SNR median", "SNR p10", "QRS %", "QRS absolute %", "ST mV", "ST p95 mV"]
    text += table(["method", "recordings", *names], rows)
    text += "\n## DWT by level\n\n" + _LEVEL_TEXT
    rows = [[level, *row.values()] for level, row in honest["dwt_levels"].items()]
    return text + table(["levels", *(f"{snr} dB" for snr in snrs)], rows)


def _sizes_part(paper: dict[str, Any], honest: dict[str, Any]) -> str:
    rows = [
        [
            name,
            entry["parameters"],
            entry["steps"],
            *(entry["curve"][-1][f"snr_at_{snr}"] for snr in ("-4", "0", "4", "12")),
            entry["curve"][-1]["clean"],
        ]
        for name, entry in honest.get("trainings", {}).items()
    ]
    head = ["training", "parameters", "steps", "−4 dB", "0 dB", "4 dB", "12 dB", "clean"]
    return _SIZES_TEXT + table(head, rows)


_README_TEXT = """{segments} ten-second segments of eight MIT-BIH records that no training saw, with
recorded noise that none saw either (baseline wander, muscle artefact, electrode motion, and their
blend):

"""
_README_CLEAN_TEXT = """
A recording's own baseline wander counts as truth here, and APR-CNN at times takes it for added
noise: above some 4 dB it can do worse than a simpler method, and it changes some clean leads much:

"""
_HEAD = """# Denoising: the figures

Written by `python -m ecgkit.training.denoising report` from `denoising_protocol_p.json` and
`denoising_protocol_r.json`, which the commands named below left. SNR is equation (4) and MSE
equation (3) of He et al., each the mean over segments.
"""
_PAPER_TEXT = """
## Protocol P: the paper's experiment, Tables I and II

`python -m ecgkit.training.denoising protocol-p`

10,000 random segments of 250 samples, 8:1:1, one noise realisation each, one network for each SNR,
80 epochs of Adam, 1e-3 then 1e-4. Segments of one record fall to training and test alike, as in the
paper, so these figures compare networks and promise nothing for a new patient. Segments are centred
and scaled to a largest absolute value of 1; noise keeps its offset, as recorded. The paper does not
say how it normalised, so only the differences between rows can be compared safely, and MSE depends
on that scale.

"""
_HONEST_TEXT = """
## Protocol R: unseen records, unseen noise

The commands stand in the networks' cards; `python -m ecgkit.training.denoising evaluate` tests
them.

{segments} ten-second segments of the eight test records of MIT-BIH, mean removed, noise from the
last third of NSTDB's records, every kind at every SNR. One network for all of it. The truth is the
record as published, with what noise it has. Means over baseline wander, muscle artefact, electrode
motion and their blend:

"""
_LENGTH_TEXT = """The same with shorter segments, in which less of the recordings' own wander counts
as truth, and a method sees less context:

"""
_HARM_TEXT = """SNR of the output against the input, change of the QRS amplitude (signed and
absolute) and of the ST level; medians over leads. Band-pass and DWT with the baseline step remove
the recording's own baseline, which counts as a change here.

This table also says why APR-CNN falls short of the aim at 0 dB and above: what the baseline step
does to clean segments shows how much wander of their own they hold, and all of it counts as truth.
Where added wander is of that size, no method can tell one from the other.

"""
_LEVEL_TEXT = """Universal threshold, no baseline step, at 360 Hz. No level touches baseline wander.

"""
_SIZES_TEXT = """
## Size of the network

`python -m ecgkit.training.denoising protocol-r --network half|base|double --steps N`

SNR in dB of the validation windows (ten seconds, all noise kinds of the training's mix) at the last
step. The networks of Protocol P in two other sizes stand in its table. The shipped weights' first
8,000 steps ran with other shares of the same mix (windows of 2,048 samples alone up to step 6,000,
then more clean ones and a lower floor of the loss), so that a run from scratch will not give the
same weights to the digit.

"""
