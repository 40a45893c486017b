import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from ecgkit.modules.temporal_pooling import RhythmOutput
from ecgkit.rhythm.network_1d import Cnn1dConfig
from ecgkit.rhythm.network_2d import Cnn2d, Cnn2dConfig
from ecgkit.training.rhythm.augment import Targets, plain_batch
from ecgkit.training.rhythm.recipes import (
    FOLDS,
    Recipe,
    chances,
    fold_of,
    make_network,
    rhythm_loss,
    run_training,
    split,
)

TINY = Recipe(
    Cnn1dConfig(channels=(4, 4, 4, 4), context=0, hidden=4, dropout=0.0), 2, 1e-2, bfloat16=False
)


def known(data):
    return np.flatnonzero(data.labels >= 0)


def test_folds_are_stratified_disjoint_complete_and_stable(bare):
    rng = np.random.default_rng(3)
    labels = rng.choice([-1, 0, 1, 2, 3], 600, p=[0.05, 0.1, 0.15, 0.1, 0.6])
    sources = rng.choice(["ludb", "ptbxl", "cpsc"], 600)
    many = bare(labels, sources, np.maximum(labels, 0))
    folds = fold_of(many)
    np.testing.assert_array_equal(folds, fold_of(many))
    for source in set(sources):
        for label in set(labels):
            sizes = np.bincount(folds[(sources == source) & (labels == label)], minlength=FOLDS)
            assert np.ptp(sizes) <= 1
    seen = np.zeros(600, int)
    for fold in range(FOLDS):
        rows, apart = split(many, f"fold{fold}")
        assert not set(rows) & set(apart)
        assert np.all(labels[rows] >= 0)
        assert set(rows) | set(apart) >= set(np.flatnonzero(labels >= 0))
        seen[apart] += 1
    assert np.all(seen == 1)


def test_a_source_left_out_is_in_no_training(bare):
    many = bare([0, 1, 2, 3, -1, 3], ["ludb", "cpsc", "ludb", "cpsc", "cpsc", "georgia"])
    rows, apart = split(many, "without-cpsc")
    assert rows.tolist() == [0, 2, 5]
    assert apart.tolist() == [1, 3, 4]
    rows, apart = split(many, "final")
    assert (rows.tolist(), apart.size) == ([0, 1, 2, 3, 5], 0)


def test_rare_classes_are_drawn_more_often_than_they_occur():
    odds = chances(np.array([3] * 900 + [0] * 100))
    assert odds.sum() == pytest.approx(1)
    assert odds[900:].sum() / odds[:900].sum() == pytest.approx(1 / 3)


def test_the_loss_is_lowest_for_the_truth_and_bears_unknown_rates():
    labels = torch.tensor([0, 3])
    beats = torch.zeros(2, 320)
    beats[:, ::50] = 1
    targets = Targets(labels, beats, torch.tensor([float("nan"), 0.1]))
    one_hot = 10 * torch.nn.functional.one_hot(labels, 4).float()

    def loss(sign, rate):
        seconds = (sign * one_hot)[:, None].expand(2, 5, 4)
        return rhythm_loss(
            RhythmOutput(sign * one_hot, seconds, sign * (20 * beats - 10), torch.full((2,), rate)),
            targets,
        )

    assert torch.isfinite(loss(1, 0.1))
    assert loss(1, 0.1) < loss(1, 0.5) < loss(-1, 0.5)
    assert loss(1, 0.1) < loss(0, 0.1)


def test_a_training_stopped_after_a_step_goes_on_to_the_same_weights(data, tmp_path):
    whole = run_training("tiny", TINY, "without-ludb", data, tmp_path / "whole")
    first = run_training("tiny", replace(TINY, steps=1), "without-ludb", data, tmp_path / "parts")
    resumed = run_training("tiny", TINY, "without-ludb", data, tmp_path / "parts")
    states = [network.state_dict() for network in (whole, resumed, first)]
    assert not whole.training
    for name, value in states[0].items():
        torch.testing.assert_close(value, states[1][name], atol=1e-7, rtol=1e-6)
    assert any(not torch.equal(states[0][name], states[2][name]) for name in states[0])
    with np.load(tmp_path / "whole" / "tiny-without-ludb" / "answers.npz") as answers:
        assert set(data.sources[answers["rows"]]) == {"ludb"}
        assert answers["whole"].shape == (answers["rows"].size, 4)
        assert answers["seconds"].shape == (answers["rows"].size, 10, 4)


def test_the_image_network_begins_with_the_weights_it_is_given(data, tmp_path):
    config = Cnn2dConfig(frequencies=4, scales=(1.0,) * 4, stages=3)
    torch.manual_seed(5)
    official = {f"features.{n}": v for n, v in Cnn2d(config).features.state_dict().items()}
    torch.save({**official, "classifier.1.bias": torch.zeros(3)}, tmp_path / "imagenet.pth")
    recipe = Recipe(config, 1, 1e-3, bfloat16=False)
    network = make_network(recipe, data, known(data), 0, tmp_path / "imagenet.pth")
    for name, value in network.features.state_dict().items():
        assert torch.equal(value, official[f"features.{name}"])
    scales = network.config.scales
    assert len(scales) == 4
    images = network.images(plain_batch(data, known(data)))
    assert all(0 < scale < 1 for scale in scales)
    assert 0.2 < float(images.mean()) < 1.5  # log(1 + magnitude / mean magnitude)


def test_every_part_of_the_loss_has_its_weight():
    """Without a preference each class costs log 4, each beat log 2, a rate off by 1 costs 0.975."""
    output = RhythmOutput(
        torch.zeros(1, 4), torch.zeros(1, 5, 4), torch.zeros(1, 320), torch.ones(1)
    )
    unknown = Targets(torch.tensor([2]), torch.zeros(1, 320), torch.tensor([float("nan")]))
    expected = 1.5 * math.log(4) + 0.5 * math.log(2)
    assert float(rhythm_loss(output, unknown)) == pytest.approx(expected, rel=1e-5)
    known = unknown._replace(log_rate=torch.zeros(1))
    assert float(rhythm_loss(output, known)) == pytest.approx(expected + 0.3 * 0.975, rel=1e-5)
