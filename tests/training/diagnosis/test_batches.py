import numpy as np
import torch

from ecgkit.training.diagnosis import recipes
from ecgkit.training.diagnosis.batches import training_batch
from ecgkit.training.diagnosis.drawn_pages.mask_drawing import (
    plain_page,
)
from ecgkit.training.diagnosis.drawn_pages.page_store import PageStore, keep_page


def test_pages_that_were_read_are_trained_on(data, tmp_path, tiny, read_like):
    for row in (0, 1):
        signal = np.full((1, 12, 2560), np.nan, np.float32)
        signal[0, row] = np.sin(np.arange(2560) / 20)
        page = read_like(plain_page(data.signals[row].astype(np.float32)), signal)
        keep_page(page, tmp_path / f"{data.names[row]}.npz")
    store = PageStore(data, tmp_path)
    assert store.rows.tolist() == [0, 1]
    rows = np.array([5, 1, 0, 6])
    signal, targets = training_batch(tiny["signal"].config, data, rows, (0, 1), store, 1.0)
    there = torch.isfinite(signal).any(2)
    assert there[1].nonzero().ravel().tolist() == [1]
    assert there[2].nonzero().ravel().tolist() == [0]
    assert there[[0, 3]].sum(1).min() >= 3
    assert torch.isfinite(targets.beats).all(1).tolist() == [True, False, False, True]
    np.testing.assert_array_equal(targets.labels.numpy(), data.labels[rows])
    output = recipes.make_network(tiny["signal"], 0)(signal)
    assert torch.isfinite(recipes.signal_loss(output, targets))
    without, _ = training_batch(tiny["signal"].config, data, rows, (0, 1), None, 1.0)
    assert torch.equal(without[0].nan_to_num(9), signal[0].nan_to_num(9))
    for recipe in (tiny["mobilenetv2"], tiny["regions"]):
        inputs, _ = training_batch(recipe.config, data, rows, (0, 1), store, 1.0)
        assert torch.isfinite(recipes.make_network(recipe, 0).eval()(inputs)).all()
