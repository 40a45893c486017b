"""What the report says: the figures of the three networks, as ``rhythm.json`` holds them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ecgkit.training.common.classification_metrics import NAMES
from ecgkit.training.datasets.rhythm import RhythmData
from ecgkit.training.rhythm.evaluate import (
    against_baseline,
    baseline_figures,
    evaluate,
    fewer,
    heart_rate_baseline,
    left_out_sources,
)
from ecgkit.training.rhythm.pooling_comparison import pooling_figures
from ecgkit.training.rhythm.recipes import RECIPES


def results_of(data: RhythmData, runs: Path) -> dict[str, Any]:
    """Return the figures of every network, from the answers that its trainings kept."""
    forest = heart_rate_baseline(data)
    results: dict[str, Any] = {
        "data": counts_of(data),
        "networks": {},
        "decisions": {},
        "left out": {},
        "fewer": {},
        "pooling": pooling_figures(data, runs),
        "baseline": baseline_figures(data, forest),
        "against the baseline": {},
        "recipes": {name: asdict(recipe) for name, recipe in RECIPES.items()},
    }
    for name in RECIPES:
        print(f"evaluating {name}", flush=True)
        figures, decision = evaluate(data, runs, name)
        results["networks"][name], results["decisions"][name] = figures, decision
        results["against the baseline"][name] = against_baseline(data, runs, name, forest)
        results["left out"][name] = left_out_sources(data, runs, name)
        results["fewer"][name] = fewer(data, runs, name)
    return results


def counts_of(data: RhythmData) -> dict[str, Any]:
    """Return how many recordings each source has of each class, and how many were left out."""
    sources = {str(source): data.sources == source for source in sorted(set(data.sources))}
    sources["all"] = data.labels >= -1
    return {
        "sources": {
            source: {
                "written": [int((data.written[here] == c).sum()) for c in range(len(NAMES))],
                "harmonised": [int((data.labels[here] == c).sum()) for c in range(len(NAMES))],
                "near a limit": int((data.labels[here] < 0).sum()),
            }
            for source, here in sources.items()
        },
        "left out": dict(data.left_out),
    }
