import hashlib

import torch

from ecgkit import models
from ecgkit.denoising.aprcnn import AprCnn, AprCnnConfig
from ecgkit.training.common.cards import parameter_count, save_network


def test_a_card_says_what_follows_from_the_network(tmp_path, monkeypatch):
    monkeypatch.setenv("ECGKIT_WEIGHTS", str(tmp_path))
    torch.manual_seed(0)
    network = AprCnn(AprCnnConfig(channels=(4, 4, 4, 4))).eval()
    words = ("title", "task", "description", "data", "split", "command", "licence")
    save_network(network, {"name": "small", **dict.fromkeys(words, "words"), "figures": {}})
    card = models.catalogue()["small"]
    assert card.parameters == parameter_count(network)
    weights = (tmp_path / "small.safetensors").read_bytes()
    assert card.sha256 == hashlib.sha256(weights).hexdigest()
    assert card.config == network.config.to_dict()
