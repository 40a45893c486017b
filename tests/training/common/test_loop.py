import json

import numpy as np
import pytest
import torch
from torch import nn

from ecgkit.denoising.aprcnn import AprCnn, AprCnnConfig
from ecgkit.training.common.loop import LoopSettings, averaged_weights, train
from ecgkit.training.denoising.protocol_r import mean_snr_db, relative_error_loss

TINY = AprCnnConfig(channels=(4, 4, 4, 4))


def batch(step):
    rng = np.random.default_rng(step)
    time = np.arange(256) / 360
    phase, rate = rng.uniform(0, 6, (16, 1)), rng.uniform(1, 3, (16, 1))
    clean = np.sin(2 * np.pi * rate * time + phase)
    noisy = clean + rng.standard_normal(clean.shape)
    return tuple(torch.from_numpy(side[:, None]).float() for side in (noisy, clean))


def run(folder, steps, every=20):
    torch.manual_seed(0)
    settings = LoopSettings(
        steps=steps,
        learning_rate=3e-3,
        schedule=lambda done: 1.0,
        average=0.9,
        every=every,
        best="snr",
        bfloat16=False,
    )
    noisy, clean = (side.numpy() for side in batch(10**6))

    def validate(network):
        return {"snr": mean_snr_db(network, noisy, clean)}

    return train(AprCnn(TINY), batch, relative_error_loss, validate, settings, folder)


@pytest.mark.slow
def test_training_learns(tmp_path):
    network, curve = run(tmp_path, 120)
    noisy, clean = batch(10**6 + 1)
    before = 10 * np.log10(float(clean.square().sum() / (noisy - clean).square().sum()))
    assert mean_snr_db(network, noisy.numpy(), clean.numpy()) > before + 3
    assert [point["step"] for point in curve] == [20, 40, 60, 80, 100, 120]
    assert json.loads((tmp_path / "curve.json").read_text()) == curve


@pytest.mark.slow
def test_a_stopped_run_goes_on_as_if_it_had_not(tmp_path):
    whole, _ = run(tmp_path / "whole", 40)
    settings_steps = 20
    run(tmp_path / "parts", settings_steps)
    resumed, curve = run(tmp_path / "parts", 40)
    assert len(curve) == 2
    for first, second in zip(whole.parameters(), resumed.parameters(), strict=True):
        torch.testing.assert_close(first, second, atol=1e-6, rtol=1e-4)


class Line(nn.Module):
    """One weight, from zero on; what is asked of it is its gradient."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return self.weight * x


def walk(folder, gradients, average):
    """Train one weight by Adam at 0.1, with a gradient for each step."""
    settings = LoopSettings(
        steps=len(gradients),
        learning_rate=0.1,
        schedule=lambda done: 1.0,
        average=average,
        every=len(gradients),
        bfloat16=False,
    )
    return train(
        Line(),
        lambda step: (torch.ones(1), torch.tensor([gradients[step]])),
        lambda output, gradient: (output * gradient).sum(),
        lambda network: {"weight": network.weight.item()},
        settings,
        folder,
    )


def test_the_averaged_weights_are_those_that_come_back(tmp_path):
    """Adam steps by its rate under a gradient of one: -0.1, -0.2, -0.3; half of each average."""
    network, curve = walk(tmp_path, [1.0, 1.0, 1.0], 0.5)
    assert network.weight.item() == pytest.approx(-0.225)
    assert curve[-1]["weight"] == pytest.approx(-0.225)
    assert not network.training
    assert float(averaged_weights(tmp_path)["weight"]) == pytest.approx(-0.225)


def test_gradients_are_clipped_to_a_norm_of_one(tmp_path):
    """Unclipped, the thousand would still weigh in Adam's second moment: -0.167 in all."""
    network, _ = walk(tmp_path, [1000.0, 1.0], 0.0)
    assert network.weight.item() == pytest.approx(-0.2, abs=1e-4)


def test_batch_statistics_are_averaged_with_the_weights(tmp_path):
    """The raw network's last mean is 3; halving averages of 0, 1, 2 and 3 are at 2.125."""
    network = nn.BatchNorm1d(1, momentum=1.0)
    settings = LoopSettings(
        steps=4, learning_rate=0.0, schedule=lambda done: 1.0, average=0.5, bfloat16=False
    )
    kept, _ = train(
        network,
        lambda step: (torch.tensor([[step - 1.0], [step + 1.0]]), torch.zeros(2, 1)),
        lambda output, target: (output - target).square().mean(),
        lambda network: {},
        settings,
        tmp_path,
    )
    assert float(network.running_mean) == 3
    assert float(kept.running_mean) == pytest.approx(2.125)
    assert float(averaged_weights(tmp_path)["running_mean"]) == pytest.approx(2.125)
