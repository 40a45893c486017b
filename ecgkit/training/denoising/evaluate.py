"""Tests the catalogue's denoising networks beside DWT and band-pass; writes figures to cards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ecgkit import models
from ecgkit.denoising import NETWORKS, make_method
from ecgkit.denoising.base import Method
from ecgkit.denoising.inference import NetworkMethod
from ecgkit.denoising.wavelet import Wavelet
from ecgkit.io import open_recording
from ecgkit.recording import Recording
from ecgkit.training.common.cards import write_card
from ecgkit.training.datasets.databases import ptbxl_part
from ecgkit.training.denoising.unseen_segments import (
    draw_segments,
    harm_on_clean,
    headline,
    held_out_noise,
    output_snrs,
)

CLEAN_RECORDINGS = 100
SHORTER = (5.0, 3.0, 1.0)
"""Seconds of the shorter segments that the test is repeated with."""
WAVELET_LEVELS = (1, 2, 3, 4, 5, 6, 7, 8)


def evaluate(folder: Path, each: int) -> dict[str, Any]:
    """Return all figures of Protocol R's test, and write each network's into its card.

    Parameters
    ----------
    folder
        The databases' folder.
    each
        Ten-second segments of each lead of each test record.
    """
    methods: list[Method] = [
        make_method("aprcnn"),
        make_method("dwt"),
        make_method("dwt", baseline=True),
        make_method("bandpass"),
        make_method("autoencoder"),
    ]
    segments = draw_segments(folder, "test", each)
    snrs = output_snrs(methods, segments, held_out_noise(folder))
    clean = {
        "MIT-BIH, unseen records": [segment.recording(segment.clean) for segment in segments],
        "LUDB, unseen hospital": _ludb(folder),
        "PTB-XL, unseen records": _ptbxl(folder),
    }
    harm = {
        method.label: {
            source: harm_on_clean(method, recordings)
            for source, recordings in clean.items()
            if recordings
        }
        for method in methods
    }
    for method in methods:
        if isinstance(method, NetworkMethod):
            figures = {
                "output SNR in dB at an input SNR of, mean of noise kinds": headline(
                    snrs[method.label]
                ),
                "output SNR in dB, by noise kind and input SNR": snrs[method.label],
                "clean input left alone": harm[method.label],
            }
            card = models.catalogue()[NETWORKS[method.key]]
            write_card({**card.raw, "figures": figures})
    few = segments[:: max(1, each // 2)]
    by_length = {
        f"{seconds:g}": {
            label: headline(table)
            for label, table in output_snrs(
                methods[:3],
                draw_segments(folder, "test", max(1, each // 2), seconds=seconds),
                held_out_noise(folder),
            ).items()
        }
        for seconds in SHORTER
    }
    levels = [Wavelet(level=level) for level in WAVELET_LEVELS]
    by_level = {
        str(method.level): headline(
            output_snrs([method], few, held_out_noise(folder))[method.label]
        )
        for method in levels
    }
    return {
        "segments": len(segments),
        "output_snr_db": snrs,
        "headline": {label: headline(table) for label, table in snrs.items()},
        "harm": harm,
        "dwt_levels": by_level,
        "by_length": by_length,
    }


def _ludb(folder: Path) -> list[Recording]:
    paths = sorted((folder / "ludb" / "data").glob("*.hea"))[:CLEAN_RECORDINGS]
    return [open_recording(path) for path in paths]


def _ptbxl(folder: Path) -> list[Recording]:
    paths = sorted((folder / "ptbxl" / "records500").glob("*/*.hea"))
    unseen = [path for path in paths if ptbxl_part(str(int(path.name[:5]))) == "test"]
    return [open_recording(path) for path in unseen[:CLEAN_RECORDINGS]]
