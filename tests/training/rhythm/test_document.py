import json
from pathlib import Path

from ecgkit.training.rhythm.document import document, readme_part
from ecgkit.training.rhythm.reliability_plot import reliability_svg

ROOT = Path(__file__).parents[3]
RESULTS = ROOT / "docs" / "results"


def test_the_committed_document_is_what_its_figures_give():
    results = json.loads((RESULTS / "rhythm.json").read_text(encoding="utf-8"))
    assert document(results) == (RESULTS / "rhythm.md").read_text(encoding="utf-8")
    assert readme_part(results).rstrip() in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_committed_plot_is_what_the_figures_give():
    results = json.loads((RESULTS / "rhythm.json").read_text(encoding="utf-8"))
    plot = ROOT / "docs" / "images" / "rhythm_reliability.svg"
    assert reliability_svg(results) == plot.read_text(encoding="utf-8")


def test_what_was_not_measured_is_left_out():
    results = json.loads((RESULTS / "rhythm.json").read_text(encoding="utf-8"))
    text = document({**results, "pooling": [], "fewer": {}})
    assert "How ten seconds" not in text
    assert "Fewer leads" not in text
    assert "## Calibration" in text
    assert "\n\n\n" not in text
