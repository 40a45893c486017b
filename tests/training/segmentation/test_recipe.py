from __future__ import annotations

import torch

from ecgkit.digitization.unet import UNet, UNetConfig


def test_the_network_takes_pages_of_any_size() -> None:
    network = UNet(UNetConfig(filters=(4, 6, 8))).eval()
    for height, width in ((33, 50), (64, 64), (1, 7)):
        with torch.inference_mode():
            assert network(torch.rand(2, 3, height, width)).shape == (2, 1, height, width)
