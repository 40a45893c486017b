import json
from pathlib import Path

import numpy as np

from ecgkit.diagnosis.labels import LABELS
from ecgkit.training.diagnosis.document import STUDY_TABLE_1, document, readme_part
from ecgkit.training.diagnosis.evaluate import (
    by_kind,
    figures,
)

ROOT = Path(__file__).parents[3]
RESULTS = ROOT / "docs" / "results"


def test_the_committed_document_is_what_its_figures_give():
    results = json.loads((RESULTS / "diagnosis.json").read_text(encoding="utf-8"))
    assert document(results) == (RESULTS / "diagnosis.md").read_text(encoding="utf-8")
    assert readme_part(results).rstrip() in (ROOT / "README.md").read_text(encoding="utf-8")


COUNT = 500


def made_up(seed, strength=2.0):
    """Logits of three hundred recordings that tell something of random labels."""
    rng = np.random.default_rng(seed)
    true = np.random.default_rng(0).random((COUNT, len(LABELS))) < 0.25
    return strength * (true - 0.5) + rng.normal(0, 1, true.shape), true


def test_the_document_stands_with_what_is_there():
    logits, true = made_up(8)
    folds, kinds = np.arange(COUNT) % 5, np.array(["scan", "hard"] * (COUNT // 2))
    results = {
        "data": {
            "recordings": COUNT,
            "others": 3,
            "rule": "injury",
            "positives": dict.fromkeys(LABELS, 7),
        },
        "page": "3x4+1",
        "recipes": {"resnet18": {"config": {"height": 160, "width": 288}}},
        "networks": {"resnet18, page": figures(logits, true, folds)},
        "blends": {"pages": {"by fold": [{"signal": 0.6}] * 5, "all": {"signal": 0.7}}},
        "pages": {
            "resnet18": {"kinds": by_kind(logits, true, folds, kinds, {})}
            | figures(logits, true, folds)
        },
        "decisions": {},
        "commands": ["command"],
    }
    text = document(results)
    for label in STUDY_TABLE_1:
        assert f"| {label} |" in text
    assert "0.91 ± 0.02" in text  # the study's AUROC for NORM
    assert "| resnet18 | hard | 250 | 0 |" in text
    found = results["networks"]["resnet18, page"]["Youden's J"]["labels"]["PVC"]["AUROC"]
    assert f"{found[0]:.2f} ± {found[1]:.2f}" in text
