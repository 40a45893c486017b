import numpy as np
import pytest
import torch

from ecgkit.diagnosis.image_network import PageImageConfig, page_image
from ecgkit.diagnosis.region_network import RegionClassifier, cut_regions, stacked
from ecgkit.training.diagnosis.drawn_pages.mask_drawing import (
    PX_PER_MM,
    plain_image,
    plain_page,
    plain_regions,
    random_image,
    random_regions,
)


def test_images_show_the_page_in_the_middle_at_its_scale():
    mask = np.zeros((700, 1300), np.uint8)
    mask[100:150, 200:700] = 255  # 100 x 10 mm, far from the middle
    config = PageImageConfig(height=160, width=288, px_per_mm=1.0)
    image = page_image(mask, config)
    rows, columns = np.nonzero(image > 0.5)
    assert np.ptp(columns) + 1 == pytest.approx(100, abs=1)
    assert np.ptp(rows) + 1 == pytest.approx(10, abs=1)
    assert columns.mean() == pytest.approx(143.5, abs=1)
    assert rows.mean() == pytest.approx(79.5, abs=1)
    fast = page_image(mask, config, mm_per_s=50, mm_per_mv=5)
    rows, columns = np.nonzero(fast > 0.5)
    assert np.ptp(columns) + 1 == pytest.approx(50, abs=1)
    assert np.ptp(rows) + 1 == pytest.approx(20, abs=1)


def test_images_of_floats_and_bytes_agree_and_large_pages_are_shrunk():
    rng = np.random.default_rng(0)
    mask = (rng.random((900, 2400)) > 0.9).astype(np.uint8) * np.uint8(255)
    config = PageImageConfig()
    bytes_, floats = page_image(mask, config), page_image(mask / np.float32(255), config)
    np.testing.assert_allclose(bytes_, floats, atol=0.01)
    assert (bytes_[:, [2, -3]] > 0).any()  # the whole width is there
    assert not page_image(np.zeros((50, 60), np.float32), config).any()


def test_drawn_pages_look_like_pages(data):
    config = PageImageConfig()
    signal = data.signals[0].astype(np.float32)
    plain = plain_image(signal, config)
    assert plain.shape == (160, 288)
    assert 0.01 < plain.mean() < 0.1
    assert plain.max() <= 1
    # Four rows of ink.
    inked = plain.sum(1) > 0.3 * plain.sum(1).max()
    assert np.sum(np.diff(inked.astype(int)) == 1) == 4
    lots = [random_image(signal, config, np.random.default_rng(seed)) for seed in range(20)]
    assert all(0.001 < image.mean() < 0.3 for image in lots)
    same = random_image(signal, config, np.random.default_rng(3))
    np.testing.assert_array_equal(same, lots[3])


def test_a_record_of_few_leads_can_be_drawn(data):
    signal = data.signals[0].astype(np.float32)
    signal[2:] = np.nan
    assert random_image(signal, PageImageConfig(), np.random.default_rng(0)).any()


def test_regions_show_each_lead_once_and_the_strip_whole(data):
    page = plain_page(data.signals[0].astype(np.float32))
    found = cut_regions(page.mask, page.boxes, px_per_mm=PX_PER_MM)
    assert found.leads.tolist() == [*range(12), 1, 1, 1, -1]
    np.testing.assert_allclose(found.places[[0, 3, 6, 9]], [0, 1, 2, 3], atol=0.02)
    np.testing.assert_allclose(found.places[12:15], [1, 2, 3], atol=0.02)
    assert (found.images[:15].sum((1, 2)) > 50).all()
    assert not found.images[15].any()
    # Half of each trace lies above the middle of its region, half below.
    rows = found.images[:15].sum(2).cumsum(1)
    middles = [int(np.searchsorted(row, row[-1] / 2)) for row in rows]
    np.testing.assert_allclose(middles, 24, atol=1)
    assert cut_regions(page.mask, {}).leads.max() == -1


def test_regions_of_a_known_scale_show_the_same_time_and_voltage():
    mask = np.zeros((400, 1300), np.uint8)
    mask[200, 10:1290] = 255
    mask[150:200, 316] = 255  # 61 mm from the left edge, 10 mm high
    boxes = {"II": (10.0, 150.0, 1290.0, 200.0)}
    usual = cut_regions(mask, boxes)
    fast = cut_regions(mask, boxes, mm_per_s=50, mm_per_mv=20)
    assert (usual.leads >= 0).sum() == 4
    assert (fast.leads >= 0).sum() == 2
    places = [int(found.images[0][:20].sum(0).argmax()) for found in (usual, fast)]
    assert places[0] == pytest.approx(125, abs=1)  # at the end of the first region
    assert places[1] == pytest.approx(62, abs=1)  # half-way through it at twice the speed
    heights = [
        np.ptp(np.flatnonzero(found.images[0][:, place] > 0.1))
        for found, place in zip((usual, fast), places, strict=True)
    ]
    assert heights[0] == pytest.approx(2 * heights[1], abs=2)


def test_region_answers_do_not_hang_on_empty_places(data, tiny):
    torch.manual_seed(0)
    network = RegionClassifier(tiny["regions"].config).eval()
    found = stacked([plain_regions(data.signals[0].astype(np.float32))])
    images = found.images.clone()
    images[:, 15] = 1.0
    with torch.inference_mode():
        one, two = network(found), network(found._replace(images=images))
        nothing = network(stacked([cut_regions(np.zeros((9, 9), np.uint8), {})]))
    torch.testing.assert_close(one, two)
    assert torch.isfinite(nothing).all()


def test_random_regions_are_the_same_for_the_same_seed(data):
    signal = data.signals[1].astype(np.float32)
    one, two = (random_regions(signal, np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(one.images, two.images)
    assert (one.leads >= 0).sum() >= 4
