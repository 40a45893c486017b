"""The UNet at work on pages of all sizes, and on those larger than it sees at once."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ecgkit.digitization.segmentation import SETTINGS, find_mask
from ecgkit.digitization.unet import UNet, UNetConfig


def test_bands_of_a_page_join_without_a_seam() -> None:
    torch.manual_seed(0)
    network = UNet(UNetConfig(filters=(4, 6, 8))).eval()
    height = SETTINGS.band_px + 400
    picture = np.random.default_rng(0).integers(0, 256, (height, 64, 3)).astype(np.uint8)
    told: list[float] = []
    whole = find_mask(picture, network, told.append)
    part = find_mask(picture[SETTINGS.band_px - 256 :], network)
    assert whole.shape == (height, 64)
    assert whole.dtype == np.float32
    assert 0 <= whole.min() <= whole.max() <= 1
    # Where both see enough around a pixel they say the same, on either side of the seam.
    assert np.abs(whole[SETTINGS.band_px - 128 :] - part[128:]).max() < 0.02
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_pages_of_all_sizes_come_to_the_network_in_few_shapes() -> None:
    torch.manual_seed(0)
    network = UNet(UNetConfig(filters=(2, 3, 4, 5, 6))).eval()
    shapes: set[tuple[int, ...]] = set()
    for convolution in (part for part in network.modules() if isinstance(part, torch.nn.Conv2d)):
        convolution.register_forward_hook(
            lambda layer, inputs, _: shapes.add((layer.stride, *inputs[0].shape[1:]))
        )
    rng = np.random.default_rng(0)
    sizes = [(int(rng.integers(300, 1400)), int(rng.integers(300, 2200))) for _ in range(30)]
    for height, width in sizes:
        assert find_mask(np.zeros((height, width, 3), np.uint8), network).shape == (height, width)
    convolutions = {shape[1] for shape in shapes}
    assert len(convolutions) > 3
    seen = {shape[-2:] for shape in shapes}
    assert len(seen) <= 5 * 24  # levels of the network, and shapes of the canvas


@pytest.mark.parametrize("size", [(100, 333), (256, 256), (257, 300), (130, 1800)])
def test_a_canvas_or_tiles_do_not_change_the_answer(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    network = UNet(UNetConfig(filters=(4, 6, 8, 8, 8))).eval()
    with torch.no_grad():
        for part in network.modules():  # as after training: each layer adds something of its own
            if isinstance(part, torch.nn.BatchNorm2d):
                part.running_mean.normal_()
                part.bias.normal_()
    picture = np.random.default_rng(1).integers(0, 256, (*size, 3)).astype(np.uint8)
    tensor = torch.from_numpy(picture).permute(2, 0, 1)[None] / 255
    with torch.inference_mode():
        canvas = (-(-size[0] // 256) * 256, -(-size[1] // 256) * 256)
        plain = network(tensor)
        torch.testing.assert_close(network(tensor, canvas=canvas), plain, atol=1e-4, rtol=1e-4)
    whole = torch.sigmoid(plain)[0, 0].numpy()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ecgkit.digitization.segmentation._bfloat16", lambda: False)
        np.testing.assert_allclose(find_mask(picture, network), whole, atol=1e-4)
