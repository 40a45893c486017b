import json
from pathlib import Path

from ecgkit.training.denoising.document import document, readme_part, write


def test_report_is_written_from_result_files_alone(tmp_path):
    entry = {"title": "APR-CNN", "parameters": 1, "snr_db": 7.125, "mse": 0.01, "curve": []}
    results = {"aprcnn": {"-4": entry}}
    (tmp_path / "denoising_protocol_p.json").write_text(json.dumps(results))
    write(tmp_path)
    text = (tmp_path / "denoising.md").read_text()
    assert "| APR-CNN | SNR, dB | ours | 7.125 | – | – | – |" in text
    assert "| APR-CNN | SNR, dB | paper | 5.564 | 5.966 | 7.449 | 9.841 |" in text


ROOT = Path(__file__).parents[3]
RESULTS = ROOT / "docs" / "results"


def test_the_committed_document_is_what_its_figures_give():
    paper, unseen = (
        json.loads((RESULTS / f"denoising_protocol_{name}.json").read_text(encoding="utf-8"))
        for name in ("p", "r")
    )
    assert document(paper, unseen) == (RESULTS / "denoising.md").read_text(encoding="utf-8")
    assert readme_part(unseen).rstrip() in (ROOT / "README.md").read_text(encoding="utf-8")
