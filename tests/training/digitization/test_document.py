import json
from pathlib import Path

import pytest

from ecgkit.training.digitization.document import document, readme_part
from ecgkit.training.digitization.summary import summary


@pytest.mark.slow
def test_the_document_states_every_group(row, refused):
    rows = [row(level, n) for level in ("hard", "clean", "scan", "photo") for n in range(2)]
    rows += [
        row("clean", 2, source="LUDB", layout="6x2", fs=100.0, speed=50.0),
        refused("hard", 3),
        refused("hard", 4) | {"grid": "none", "with its scale": row("hard", 4)},
        row("scan", 5, grid="none", **{"scale source": "rows", "with its scale": row("scan", 5)}),
    ]
    results = {
        "command": "python -m ecgkit.training.digitization --seed 0",
        "network": {"name": "paper-unet", "sha256": "0" * 64},
        "threads": 1,
        **summary(rows),
    }
    assert list(results["level"]) == ["clean", "scan", "photo", "hard"]
    assert results["without a grid"]["pages"] == 2
    assert results["without a grid"]["scale source"] == {"rows": 1}
    assert results["without a grid"]["alone"]["refused"] == 1
    assert results["without a grid"]["scale given"]["refused"] == 0
    text = document(results)
    for part in (
        results["command"],
        "| LUDB | 1 |",
        "| 50 mm/s | 1 |",
        "| 100 Hz | 1 |",
        "| 6x2: 6 rows of 2 leads | 1 |",
        "| rectify | shows no grid | 1 |",
        "1 of 10 (10.0 %)",
        "0.93",
        "15 dB",
    ):
        assert part in text
    for line in text.splitlines():
        assert "nan" not in line.split("|")


ROOT = Path(__file__).parents[3]
RESULTS = ROOT / "docs" / "results"


def test_the_committed_document_is_what_its_figures_give():
    results = json.loads((RESULTS / "digitization.json").read_text(encoding="utf-8"))
    assert document(results) == (RESULTS / "digitization.md").read_text(encoding="utf-8")
    assert readme_part(results).rstrip() in (ROOT / "README.md").read_text(encoding="utf-8")
