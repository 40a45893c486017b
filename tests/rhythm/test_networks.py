"""What is particular to the rhythm networks; tests/test_network_contract.py holds the rest."""

import numpy as np
import pytest
import torch

from ecgkit import models
from ecgkit.modules.temporal_pooling import CLASSES, BeatAutocorrelation, TemporalPooling
from ecgkit.rhythm.preprocessing import FS
from ecgkit.rhythm.report import NETWORKS, card_name

LENGTHS = range(5, 11)


@pytest.fixture(params=NETWORKS)
def card(request):
    return models.catalogue()[card_name(request.param)]


@pytest.fixture
def network(card):
    return made(card)


def made(card):
    """Return a network with random weights, whose norms have met signals, as after a training."""
    torch.manual_seed(1)
    network = models.build(card.architecture, card.config)
    for module in network.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.momentum = None
    with torch.no_grad():
        network(signal(4, 5, seed=9))
    return network.eval()


def signal(count, seconds, seed=0, rest=0):
    generator = torch.Generator().manual_seed(seed)
    return 0.2 * torch.randn(count, 12, seconds * FS + rest, generator=generator)


@pytest.mark.parametrize("seconds", LENGTHS)
@torch.inference_mode()
def test_answers_for_every_second_and_for_the_recording(network, seconds):
    answer = network(signal(2, seconds, rest=17))
    assert answer.recording.shape == (2, CLASSES)
    assert answer.seconds.shape == (2, seconds, CLASSES)
    assert answer.beats.shape == (2, 64 * seconds)
    assert answer.log_rate.shape == (2,)
    assert all(torch.isfinite(part).all() for part in answer)


@torch.inference_mode()
def test_each_second_counts_for_the_recording(network):
    plain = signal(1, 5)
    answer = network(plain).recording
    for second in range(5):
        changed = plain.clone()
        changed[..., second * FS : (second + 1) * FS] *= 4
        assert not torch.allclose(network(changed).recording, answer, atol=1e-5)


@pytest.mark.parametrize("leads", [(), (1,), (0, 1, 2, 3, 4, 5), (6, 10)])
@torch.inference_mode()
def test_absent_leads_are_no_trouble(network, leads):
    some = torch.zeros(1, 12, 5 * FS)
    some[:, list(leads)] = signal(1, 5)[:, list(leads)]
    assert all(torch.isfinite(part).all() for part in network(some))


@pytest.mark.parametrize("kind", ["mean", "attention", "recurrent"])
@torch.inference_mode()
def test_every_join_answers_and_takes_what_describes_the_whole(kind):
    join = TemporalPooling(8, kind, extra=3, hidden=6, dropout=0.5).eval()
    frames = torch.randn(2, 8, 5 * 4)
    whole, each, rate = join(frames, 5, torch.zeros(2, 3))
    assert (whole.shape, each.shape, rate.shape) == ((2, 4), (2, 5, 4), (2,))
    other, seconds, _ = join(frames, 5, torch.ones(2, 3))
    assert not torch.allclose(other, whole)
    torch.testing.assert_close(seconds, each)  # it counts for the recording only


@torch.inference_mode()
def test_the_mean_joins_the_logits_of_the_seconds_alike():
    join = TemporalPooling(8, "mean", extra=0, hidden=6, dropout=0.5).eval()
    whole, each, _ = join(torch.randn(2, 8, 20), 5, None)
    torch.testing.assert_close(whole, each.mean(1))


@torch.inference_mode()
def test_only_recurrence_carries_the_rhythm_across_seconds():
    torch.manual_seed(0)
    frames = torch.randn(1, 8, 20)
    changed = frames.clone()
    changed[..., :4] += 1
    for kind, carried in (("attention", False), ("recurrent", True)):
        join = TemporalPooling(8, kind, extra=0, hidden=6, dropout=0.5).eval()
        first, second = join(frames, 5, None)[1], join(changed, 5, None)[1]
        assert torch.allclose(first[:, 1:], second[:, 1:]) != carried


@torch.inference_mode()
def test_the_pulse_sees_a_regular_train_apart_from_an_irregular_one():
    class Passed(torch.nn.Module):
        def forward(self, x):
            return 20 * x - 10

    pulse = BeatAutocorrelation(1, 64, 8).eval()
    pulse.beats, pulse.read = Passed(), torch.nn.Identity()
    rng = np.random.default_rng(0)
    regular, irregular = (torch.zeros(1, 1, 640) for _ in range(2))
    regular[..., ::50] = 1
    irregular[..., np.cumsum(rng.integers(26, 75, 12))] = 1
    (_, first), (_, second) = pulse(regular), pulse(irregular)
    assert int(first[0, :-1].argmax()) + 1 in (50, 100)  # the RR interval, or twice that
    assert float(first[0, :-1].max()) > 2 * float(second[0, :-1].max())
    assert float(first[0, -1]) == pytest.approx(13 / 10, rel=0.1)  # beats a second
