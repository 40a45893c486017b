import math
from dataclasses import replace

import numpy as np
import torch

from ecgkit.rhythm.classes import RHYTHMS
from ecgkit.rhythm.preprocessing import FS
from ecgkit.training.rhythm import augment
from ecgkit.training.rhythm.augment import plain_batch, training_batch
from ecgkit.training.rhythm.recipes import (
    chances,
)

ORDER = list(RHYTHMS)


def known(data):
    return np.flatnonzero(data.labels >= 0)


def test_a_batch_is_the_same_for_the_same_step_and_another_for_the_next(data):
    rows = known(data)
    odds = chances(data.labels[rows])
    first, targets = training_batch(data, rows, odds, 8, (0, 1))
    again, same = training_batch(data, rows, odds, 8, (0, 1))
    torch.testing.assert_close(first, again, atol=0, rtol=0)
    for one, other in zip(targets, same, strict=True):
        torch.testing.assert_close(one, other, atol=0, rtol=0, equal_nan=True)
    lengths = set()
    for step in range(40):
        signal, targets = training_batch(data, rows, odds, 8, (0, step))
        seconds, rest = divmod(signal.shape[-1], FS)
        lengths.add(seconds)
        assert (signal.shape[:2], rest) == ((8, 12), 0)
        assert targets.beats.shape == (8, 64 * seconds)
        assert torch.isfinite(signal).all()
        assert signal.abs().amax((1, 2)).min() > 0  # never without any lead
    assert lengths <= set(range(5, 11))
    assert len(lengths) > 3


def test_stretching_keeps_the_class(bare):
    cases = [("SB", 59.8), ("SB", 57.0), ("SB", 30.0), ("SR", 60.2), ("SR", 62.1), ("SR", 80.0)]
    cases += [("SR", 97.5), ("SR", 99.9), ("GSVT", 100.2), ("GSVT", 102.5), ("GSVT", 180.0)]
    cases += [("AFIB", 61.0), ("AFIB", 150.0), ("SR", 140.0), ("SR", math.nan)]
    one = bare([ORDER.index(rhythm) for rhythm, _ in cases])
    rates = np.array([rate for _, rate in cases])
    one = replace(one, rates=rates)
    for seconds in (5, 8, 10):
        for seed in range(200):
            rng = np.random.default_rng(seed)
            factors = augment._factors(one, np.arange(len(cases)), 10 / seconds, rng)
            assert np.all(factors >= 0.8)
            assert np.all(factors <= min(1.25, 10 / seconds) + 1e-9)
            for (rhythm, rate), factor in zip(cases, factors, strict=True):
                low, high = augment.LIMITS[rhythm]
                assert factor == 1 or low < rate * factor < high
            assert factors[-1] == factors[-2] == 1  # unknown, or beyond its class already


def test_beats_and_rate_follow_the_stretched_signal(bare):
    """Spikes at known places: the targets must lie where the stretched signal has them."""
    places = np.array([100, 400, 750, 1000, 1300, 1700, 2000, 2400])
    signal = np.zeros((1, 12, 10 * FS), np.float16)
    for place in places:
        signal[0, :, place - 6 : place + 7] = np.hanning(13).astype(np.float16)
    beats = np.zeros((1, 5 * FS), bool)
    beats[0, places // 2] = True
    one = replace(
        bare([3]),
        signals=signal,
        beats=beats,
        rates=np.array([75.0]),
        present=np.ones((1, 12), bool),
    )
    row = np.array([0])
    for start, factor, seconds in ((0.0, 1.0, 10), (300.0, 1.2, 6), (50.0, 0.85, 9)):
        args = (one, row, np.array([start]), np.array([factor]))
        replayed = augment._replayed(*args, seconds * FS)[0, 0]
        target = augment._beats(*args, seconds)[0].numpy()
        expected = (places - start) / factor
        expected = expected[(expected > 8) & (expected < seconds * FS - 8)]
        found = np.flatnonzero(target == 1) * (FS / 64)
        for place in expected:
            nearest = found[np.abs(found - place).argmin()]
            assert abs(nearest - place) <= FS / 64
            around = slice(int(place) - 8, int(place) + 9)
            assert abs(int(replayed[around].argmax()) - 8) <= 1
        assert abs(found.size - expected.size) <= 1  # one may be cut at an end
        assert np.all(target[np.maximum(np.flatnonzero(target == 1) - 1, 0)] >= 0.5)
    batch, targets = training_batch(one, row, np.array([1.0]), 4, (0, 0))
    stretched = 80 * np.exp(targets.log_rate.numpy()) / 75
    assert np.all((stretched >= 0.8 - 1e-6) & (stretched <= 1.25 + 1e-6))
    assert batch.shape[0] == 4


def test_absent_leads_stay_absent(data):
    here = np.zeros((3, 12), bool)
    here[:, [1, 7]] = True
    signal = np.random.default_rng(0).standard_normal((3, 12, 1280)).astype(np.float32)
    for seed in range(30):
        worse = augment._degraded(signal.copy(), here, np.random.default_rng(seed))
        assert not worse[:, ~here[0]].any()
        assert np.isfinite(worse).all()
        assert worse.any(axis=(1, 2)).all()
    assert plain_batch(data, known(data)[:3]).shape == (3, 12, 10 * FS)
