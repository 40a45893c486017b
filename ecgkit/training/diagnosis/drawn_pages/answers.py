"""What the folds' networks answer on the degraded pages of recordings that they left out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ecgkit.diagnosis.labels import LABELS
from ecgkit.training.datasets.diagnosis import DiagnosisData
from ecgkit.training.diagnosis.answers import page_answer
from ecgkit.training.diagnosis.drawn_pages.page_store import SAID, UNSAID, PageStore
from ecgkit.training.diagnosis.recipes import split, trained


def predict_pages(name: str, folds: Sequence[str], data: DiagnosisData, runs: Path) -> None:
    """Keep each fold's network's logits on the degraded pages of the recordings it left out."""
    store = PageStore(data, runs / "pages")
    for run in folds:
        network = trained(name, runs / f"{name}-{run}")
        rows = np.intersect1d(split(data, run)[1], store.rows)
        found: dict[str, list[Any]] = {SAID: [], UNSAID: []}
        for row in rows:
            page = store.page(int(row))
            for told, answers in found.items():
                answers.append(page_answer(network, page, told))
        values: dict[str, Any] = {
            told: np.array(answers).reshape(-1, len(LABELS)) for told, answers in found.items()
        }
        np.savez(runs / f"{name}-{run}" / "pages.npz", rows=rows, **values)
        print(f"{name} {run}: {rows.size} pages", flush=True)
