import numpy as np
import pytest

from ecgkit.diagnosis.image_network import PageImageConfig
from ecgkit.training.diagnosis.batches import training_batch
from ecgkit.training.diagnosis.drawn_pages.mask_drawing import (
    image_of,
    random_drawn,
    regions_of,
)
from ecgkit.training.diagnosis.drawn_pages.pool import DrawnPool


@pytest.mark.slow
def test_pages_drawn_beforehand_are_those_drawn_anew(data, tmp_path):
    config = PageImageConfig("mobilenetv2", 32, 64, 0.24)
    pool = DrawnPool(data, tmp_path, config)
    again = DrawnPool(data, tmp_path, config)  # from the disk
    for row in (0, int(data.others[0])):
        page = random_drawn(
            data.signals[row].astype(np.float32), rng := np.random.default_rng((row, 0))
        )
        image, regions = image_of(page, config, rng), regions_of(page, rng)
        kept = [pool.image(row, np.random.default_rng(seed)) for seed in range(40)]
        assert min(np.abs(image - one).max() for one in kept) < 0.003
        same = [again.regions(row, np.random.default_rng(seed)) for seed in range(40)]
        near = min(same, key=lambda one: np.abs(one.images - regions.images).max())
        np.testing.assert_allclose(near.images, regions.images, atol=0.003)
        np.testing.assert_array_equal(near.leads, regions.leads)
    inputs, _ = training_batch(config, data, np.array([3, 4]), (0, 1), None, 0.0, pool)
    assert inputs.shape == (2, 32, 64)
    assert inputs.any()
