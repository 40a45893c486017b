"""From databases in their official layouts to trained label networks, by the command."""

import json

import numpy as np
import pytest
import torch

from ecgkit import models
from ecgkit.training.datasets.diagnosis import load_diagnosis_data
from ecgkit.training.diagnosis import recipes
from ecgkit.training.diagnosis.__main__ import main
from ecgkit.training.diagnosis.augment import plain_batch
from ecgkit.training.diagnosis.drawn_pages.mask_drawing import (
    plain_page,
)
from ecgkit.training.diagnosis.drawn_pages.page_store import keep_page


@pytest.fixture
def databases(diagnosis_databases):
    return diagnosis_databases


@pytest.mark.slow
def test_the_command_trains_predicts_and_reports(databases, tmp_path, monkeypatch, tiny, read_like):
    for name, recipe in (("signal", tiny["signal"]), ("resnet18", tiny["mobilenetv2"])):
        monkeypatch.setitem(recipes.RECIPES, name, recipe)
    start = ["--data", str(databases), "--runs", str(tmp_path / "runs")]
    main([*start, "train", "--network", "signal", "resnet18", "--steps", "1"])
    data = load_diagnosis_data(databases, tmp_path / "runs" / "data")
    for row in data.ptbxl[:15]:
        drawn_page = plain_page(data.signals[row].astype(np.float32))
        signal = plain_batch(data, [row], "3x4+1").numpy()
        page = read_like(drawn_page, signal)
        keep_page(page, tmp_path / "runs" / "pages" / f"{data.names[row]}.npz")
    main([*start, "predict", "--network", "signal", "resnet18"])
    results_folder = tmp_path / "results"
    main([*start, "report", "--results", str(results_folder)])
    results = json.loads((results_folder / "diagnosis.json").read_text(encoding="utf-8"))
    assert set(results["networks"]) == {
        "signal, page",
        "resnet18, page",
        "signal, whole",
        "blend, page",
    }
    assert results["pages"]["blend, scale said"]["kinds"]["scan"]["pages"] == 15
    # A page at the usual scale is read alike, whether its scale is said or not.
    assert (
        results["pages"]["resnet18, scale said"]["kinds"]["all"]
        == results["pages"]["resnet18, nothing said"]["kinds"]["all"]
    )
    assert results["decisions"]["signal, whole"]["NORM"]["positives"] == 10
    text = (results_folder / "diagnosis.md").read_text(encoding="utf-8")
    assert "train --network signal resnet18" in text
    assert "nan" not in text
    # Shipped as it answers, but for what half precision leaves.
    monkeypatch.setattr(models, "_loaded", {})
    monkeypatch.setenv("ECGKIT_WEIGHTS", str(tmp_path))
    main([*start, "train", "--network", "signal", "--run", "all-data", "--steps", "1"])
    main([*start, "ship", "--network", "signal", "--results", str(results_folder)])
    card = models.catalogue()["diagnosis-signal"]
    assert card.decision["whole"]["NORM"]["positives"] == 10
    shares = card.decision["blend"]["weights"]
    assert set(shares) <= {"diagnosis-signal", "diagnosis-resnet18"}
    assert sum(shares.values()) == pytest.approx(1)
    assert set(card.decision["blend"]) == {"weights", "scale said", "nothing said"}
    own = recipes.trained("signal", tmp_path / "runs" / "signal-all-data")
    x = plain_batch(data, data.ptbxl[:2])
    with torch.inference_mode():
        torch.testing.assert_close(
            models.load("diagnosis-signal")(x).labels, own(x).labels, atol=0.02, rtol=0.02
        )
