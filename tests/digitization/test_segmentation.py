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
    seen: set[tuple[int, int]] = set()

    class Recorder(UNet):
        def forward(
            self, picture: torch.Tensor, canvas: tuple[int, int] | None = None
        ) -> torch.Tensor:
            assert canvas is not None
            height, width = picture.shape[-2:]
            assert canvas[0] >= height
            assert canvas[1] >= width
            seen.add(canvas)
            return picture[:, :1]

    rng = np.random.default_rng(0)
    for _ in range(30):
        size = (int(rng.integers(300, 1400)), int(rng.integers(300, 2200)))
        mask = find_mask(np.zeros((*size, 3), np.uint8), Recorder(UNetConfig(filters=(2, 3))))
        assert mask.shape == size
    assert len(seen) <= 24


def test_every_convolution_sees_the_same_shape_for_pages_of_one_canvas() -> None:
    network = UNet(UNetConfig(filters=(2, 3, 4, 5, 6))).eval()
    shapes: list[set[tuple[int, ...]]] = []
    for part in network.modules():
        if isinstance(part, torch.nn.Conv2d | torch.nn.ConvTranspose2d):
            own: set[tuple[int, ...]] = set()
            part.register_forward_hook(lambda _, inputs, __, own=own: own.add(inputs[0].shape))
            shapes.append(own)
    for size in ((40, 70), (256, 256), (199, 131)):
        find_mask(np.zeros((*size, 3), np.uint8), network)
    assert all(len(own) == 1 for own in shapes)


@pytest.mark.parametrize("size", [(100, 333), (256, 256), (257, 300), (130, 1800)])
def test_a_canvas_or_tiles_do_not_change_the_answer(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    network = UNet(UNetConfig(filters=(4, 6, 8, 8, 8))).eval()
    with torch.no_grad():
        for part in network.modules():  # as after training: each layer adds something of its own
            if isinstance(part, torch.nn.BatchNorm2d):
                part.running_mean.normal_()
                part.running_var.fill_(0.1)
                part.bias.normal_()
            if isinstance(part, torch.nn.ConvTranspose2d):
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
