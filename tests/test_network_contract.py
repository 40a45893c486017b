"""One contract that every network of the catalogue keeps, trained or not."""

import hashlib
import json

import pytest
import torch
from safetensors.torch import save

from ecgkit import RecordingError, models
from ecgkit.diagnosis.region_network import Regions


def signals(leads, samples):
    return lambda count, generator: 0.3 * torch.randn(count, leads, samples, generator=generator)


def page_images(count, generator):
    return torch.rand(count, 160, 288, generator=generator)


def page_regions(count, generator):
    leads = torch.arange(16 * count).reshape(count, 16) % 13 - 1  # -1: no region
    return Regions(
        torch.rand(count, 16, 48, 128, generator=generator),
        leads,
        4 * torch.rand(count, 16, generator=generator),
    )


def pictures(count, generator):
    return torch.rand(count, 3, 48, 72, generator=generator)


INPUTS = {
    "AprCnn": signals(1, 500),
    "ConvolutionalAutoencoder": signals(1, 500),
    "Cnn1d": signals(12, 5 * 256 + 17),
    "Cnn2d": signals(12, 5 * 256 + 17),
    "SignalClassifier": signals(12, 2560),
    "PageClassifier": page_images,
    "RegionClassifier": page_regions,
    "UNet": pictures,
}
"""Network's class -> what draws a batch for it."""
SHAPES = {
    "AprCnn": [(1, 500)],
    "ConvolutionalAutoencoder": [(1, 500)],
    "Cnn1d": [(4,), (5, 4), (320,), ()],
    "Cnn2d": [(4,), (5, 4), (320,), ()],
    "SignalClassifier": [(11,), (640,), ()],
    "PageClassifier": [(11,)],
    "RegionClassifier": [(11,)],
    "UNet": [(1, 48, 72)],
}
"""What each gives for one of these inputs."""


def draw(network, count, seed=0):
    return INPUTS[type(network).__name__](count, torch.Generator().manual_seed(seed))


def parts(output):
    return list(output) if isinstance(output, tuple) else [output]


def rows(inputs, places):
    """Return some of a batch."""
    if isinstance(inputs, tuple):
        return type(inputs)(*(part[places] for part in inputs))
    return inputs[places]


@pytest.fixture(params=models.catalogue())
def card(request):
    return models.catalogue()[request.param]


@pytest.fixture
def network(card):
    return models.load(card.name)


@pytest.fixture
def untrained(card):
    torch.manual_seed(0)
    return models.build(card.architecture, card.config)


def test_every_architecture_that_ships_is_in_this_suite():
    names = {card.architecture.split(":")[1] for card in models.catalogue().values()}
    assert names == set(INPUTS) == set(SHAPES)


@torch.inference_mode()
def test_output_has_the_shape_and_type_that_it_should(network):
    found = parts(network(draw(network, 2)))
    assert [tuple(part.shape[1:]) for part in found] == SHAPES[type(network).__name__]
    assert all(len(part) == 2 for part in found)
    assert all(part.dtype == torch.float32 for part in found)
    assert all(torch.isfinite(part).all() for part in found)


@torch.inference_mode()
def test_one_alone_is_answered_as_among_many(network):
    many = draw(network, 3)
    together = parts(network(many))
    for place in range(3):
        alone = parts(network(rows(many, slice(place, place + 1))))
        for one, all_of_them in zip(alone, together, strict=True):
            torch.testing.assert_close(one, all_of_them[place : place + 1], atol=1e-4, rtol=1e-3)


@torch.inference_mode()
def test_the_order_of_a_batch_changes_nothing(network):
    many = draw(network, 3)
    turned = parts(network(rows(many, [2, 0, 1])))
    for one, other in zip(parts(network(many)), turned, strict=True):
        torch.testing.assert_close(one[[2, 0, 1]], other, atol=1e-4, rtol=1e-3)


@torch.inference_mode()
def test_the_answer_is_the_same_each_time_and_depends_on_the_input(network):
    assert not network.training
    first, again, other = (parts(network(draw(network, 1, seed))) for seed in (0, 0, 1))
    for one, same, different in zip(first, again, other, strict=True):
        assert torch.equal(one, same)
        assert not torch.allclose(one, different, atol=1e-6)


@torch.inference_mode()
def test_inputs_are_left_as_they_were(network):
    given, kept = draw(network, 1), draw(network, 1)
    network(given)
    for one, same in zip(parts(given), parts(kept), strict=True):
        assert torch.equal(one, same)


@torch.inference_mode()
def test_comes_back_from_its_file_as_it_was(untrained, card, tmp_path, monkeypatch):
    monkeypatch.setenv("ECGKIT_WEIGHTS", str(tmp_path))
    monkeypatch.setattr(models, "_loaded", {})
    content = save({k: v.contiguous() for k, v in untrained.state_dict().items()})
    (tmp_path / f"{card.name}.safetensors").write_bytes(content)
    own = {**card.raw, "sha256": hashlib.sha256(content).hexdigest()}
    (tmp_path / f"{card.name}.json").write_text(json.dumps(own))
    loaded = models.load(card.name)
    assert not loaded.training
    state, kept = loaded.state_dict(), untrained.state_dict()
    assert list(state) == list(kept)
    assert all(torch.equal(state[name], kept[name]) for name in kept)
    untrained.eval()
    inputs = draw(untrained, 1)
    for one, other in zip(parts(untrained(inputs)), parts(loaded(inputs)), strict=True):
        assert torch.equal(one, other)


def test_its_configuration_survives_the_card(untrained, card):
    config = untrained.config
    plain = json.loads(json.dumps(config.to_dict()))
    assert plain == card.config
    assert type(config).from_dict(plain) == config
    assert type(type(untrained).from_config(plain)) is type(untrained)


def test_learning_reaches_every_weight(untrained):
    untrained.train()
    generator = torch.Generator().manual_seed(2)
    found = parts(untrained(draw(untrained, 4)))
    sum((part * torch.randn(part.shape, generator=generator)).sum() for part in found).backward()
    weights = dict(untrained.named_parameters())
    idle = [n for n, w in weights.items() if w.grad is None or not torch.any(w.grad != 0)]
    assert idle == []
    assert all(torch.isfinite(weight.grad).all() for weight in weights.values())


def wrong(inputs):
    """Return inputs with another number of channels, and without the axis of the batch."""
    if isinstance(inputs, Regions):
        yield inputs._replace(images=inputs.images[:, :15])
        yield inputs._replace(images=inputs.images[0])
        return
    if inputs.ndim > 3 or inputs.shape[1] < 100:
        yield torch.cat([inputs, inputs[:, :1]], dim=1)
    else:
        yield inputs[:, None]
    yield inputs[0]
    yield inputs[..., :0]


def test_an_input_of_another_shape_is_refused_in_one_sentence(network):
    for inputs in wrong(draw(network, 2)):
        with pytest.raises(RecordingError, match=r"was given an array of shape \(.*It takes \("):
            network(inputs)
