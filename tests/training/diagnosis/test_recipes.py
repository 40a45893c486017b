from dataclasses import replace

import numpy as np
import pytest
import torch

from ecgkit.training.diagnosis import recipes
from ecgkit.training.diagnosis.answers import answers
from ecgkit.training.diagnosis.recipes import ALL_DATA, drawn, label_loss, run_training, split


def test_every_recording_is_left_out_once(data):
    apart = [split(data, f"fold{fold}")[1] for fold in range(5)]
    assert sorted(np.concatenate(apart)) == data.ptbxl.tolist()
    for fold in range(5):
        rows, test = split(data, f"fold{fold}")
        assert not set(rows) & set(test)
    assert split(data, ALL_DATA)[1].size == 0


def test_an_epoch_shows_every_recording_once():
    rows, others = np.arange(12), np.array([50, 51])
    steps = [drawn(rows, others, 8, 0.25, (0, step)) for step in range(2)]
    own = np.concatenate([step[:6] for step in steps])
    assert sorted(own) == rows.tolist()
    assert set(np.concatenate([step[6:] for step in steps])) <= {50, 51}


def test_unknown_labels_do_not_count():
    logits = torch.tensor([[3.0, -2.0]])
    known = torch.tensor([[1.0, 0.0]])
    a = label_loss(logits, torch.tensor([[1.0, 1.0]]), known)
    b = label_loss(logits, torch.tensor([[1.0, 0.0]]), known)
    assert a == b
    assert label_loss(logits, torch.tensor([[0.0, 0.0]]), known) > a


@pytest.mark.slow
@pytest.mark.parametrize("name", ["signal", "mobilenetv2", "regions"])
def test_training_keeps_answers_and_goes_on_where_it_stopped(
    name, tiny, data, tmp_path, monkeypatch
):
    recipe = tiny[name]
    monkeypatch.setitem(recipes.RECIPES, name, recipe)
    monkeypatch.setattr(recipes, "EVERY", 1)
    run_training(name, replace(recipe, steps=1), "fold0", data, tmp_path)
    half = torch.load(tmp_path / f"{name}-fold0" / "checkpoint.pt", weights_only=True)
    assert half["step"] == 1
    network = run_training(name, recipe, "fold0", data, tmp_path)
    apart = split(data, "fold0")[1]
    with np.load(tmp_path / f"{name}-fold0" / "answers.npz") as stored:
        np.testing.assert_array_equal(stored["rows"], apart)
        logits = stored["3x4+1"]
    assert logits.shape == (apart.size, 11)
    assert np.isfinite(logits).all()
    again = answers(network, data, apart, "3x4+1")
    np.testing.assert_allclose(logits, again, atol=1e-5)
    loaded = recipes.trained(name, tmp_path / f"{name}-fold0")
    np.testing.assert_allclose(answers(loaded, data, apart, "3x4+1"), logits, atol=1e-5)


def test_the_loss_is_the_mean_over_what_is_known():
    logits = torch.zeros(1, 4)
    known = torch.tensor([[1.0, 1.0, 0.0, 0.0]])
    assert float(label_loss(logits, torch.ones(1, 4), known)) == pytest.approx(np.log(2))
    assert float(label_loss(logits, torch.ones(1, 4), torch.zeros(1, 4))) == 0
