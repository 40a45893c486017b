from dataclasses import replace

import numpy as np

from ecgkit.training.diagnosis import recipes
from ecgkit.training.diagnosis.answers import page_answer
from ecgkit.training.diagnosis.augment import plain_batch
from ecgkit.training.diagnosis.drawn_pages.mask_drawing import (
    plain_page,
)
from ecgkit.training.diagnosis.drawn_pages.page_store import SAID, UNSAID, keep_page, page_of


def test_kept_pages_come_back_and_are_answered(data, tmp_path, tiny, read_like):
    signal = data.signals[2].astype(np.float32)
    drawn_page = plain_page(signal)
    page = read_like(drawn_page, plain_batch(data, [2]).numpy())
    keep_page(page, tmp_path / f"{data.names[2]}.npz")
    back = page_of(data, 2, tmp_path / "nowhere", tmp_path)
    np.testing.assert_array_equal(back.mask, page.mask)
    assert back.boxes == page.boxes
    assert (back.speed, back.gain, back.level) == (25.0, 10.0, "scan")
    np.testing.assert_allclose(back.signals[UNSAID], page.signals[UNSAID], atol=0.01)
    lost = replace(page, mask=None, boxes={}, signals={}, error="shows no page")
    keep_page(lost, tmp_path / f"{data.names[3]}.npz")
    gone = page_of(data, 3, tmp_path / "nowhere", tmp_path)
    assert (gone.mask, gone.boxes, gone.signals, gone.error) == (None, {}, {}, "shows no page")
    for name, recipe in (
        ("signal", tiny["signal"]),
        ("m", tiny["mobilenetv2"]),
        ("regions", tiny["regions"]),
    ):
        network = recipes.make_network(recipe, 0).eval()
        assert np.isfinite(page_answer(network, back, SAID)).all(), name
        assert np.isnan(page_answer(network, gone, UNSAID)).all(), name
