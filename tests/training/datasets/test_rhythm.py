"""Databases in their official layouts become recordings with a rhythm."""

import math
import shutil
from dataclasses import fields

import numpy as np
import pytest

from ecgkit.rhythm.classes import RHYTHMS, sinus_class
from ecgkit.rhythm.preprocessing import FS
from ecgkit.training.datasets.rhythm import (
    RhythmData,
    labelled_recordings,
    load_rhythm_data,
    mean_rate,
    rr_features,
)

ORDER = list(RHYTHMS)


@pytest.fixture
def databases(rhythm_databases):
    return rhythm_databases


@pytest.fixture
def data(rhythm_data):
    return rhythm_data


def test_every_layout_is_read_with_its_source_and_its_words(data):
    found = {
        str(name): (str(source), ORDER[written])
        for name, source, written in zip(data.names, data.sources, data.written, strict=True)
    }
    assert found == {
        "ptbxl-1": ("ptbxl", "SR"),
        "ptbxl-2": ("ptbxl", "SB"),
        "ptbxl-3": ("ptbxl", "AFIB"),
        "ptbxl-5": ("ptbxl", "GSVT"),
        "ptbxl-6": ("ptbxl", "SR"),
        "ptbxl-7": ("ptbxl", "SR"),
        "ludb-1": ("ludb", "SR"),
        "ludb-2": ("ludb", "AFIB"),
        "ludb-3": ("ludb", "SB"),
        "ludb-5": ("ludb", "SR"),
        "A0001": ("cpsc", "SR"),
        "Q0002": ("cpsc", "AFIB"),
        "JS00001": ("shaoxing", "GSVT"),
        "HR00009": ("ptbxl_zscored", "GSVT"),
        "JS00002": ("shaoxing", "AFIB"),
        "JS00004": ("shaoxing", "SB"),
    }


def test_what_is_left_out_is_counted(data):
    counts = dict(data.left_out)
    harmonised = [key for key in counts if "harmonised" in key]
    assert counts.pop(harmonised[0]) == int(np.sum(data.labels < 0))
    assert counts == {
        "no or no single class among the four": 4,
        "the same signal twice": 1,
        "shorter than 5 s": 1,
        "not readable": 1,
    }


def test_the_measured_rate_decides_sinus_rhythms(data):
    names = list(data.names)
    assert ORDER[data.labels[names.index("ptbxl-6")]] == "SB"  # as written: SR
    for row, name in enumerate(names):
        label = ORDER[data.labels[row]] if data.labels[row] >= 0 else ""
        if ORDER[data.written[row]] == "AFIB" or name == "JS00001":
            assert label == ORDER[data.written[row]]
        else:
            assert label == sinus_class(float(data.rates[row]), margin=2.0)


def test_signals_are_what_the_networks_see_and_beats_lie_on_them(data):
    count = data.names.size
    assert data.signals.shape == (count, 12, 10 * FS)
    assert data.beats.shape == (count, 5 * FS)
    assert data.features.shape == (count, 8)
    row = list(data.names).index("JS00004")
    assert data.samples[row] == 7 * FS
    assert not data.signals[row, :, 7 * FS :].any()
    assert not data.beats[row, round(3.5 * FS) :].any()
    row = list(data.names).index("ptbxl-1")
    lead = np.abs(data.signals[row, 1].astype(np.float32))
    at = np.flatnonzero(data.beats[row]) * 2
    assert at.size == pytest.approx(12.5, abs=2)
    assert np.median(lead[at]) > 5 * np.median(lead)


def test_the_cache_alone_is_enough_and_the_same(databases, tmp_path):
    part = tmp_path / "data"
    shutil.copytree(databases / "ludb", part / "ludb")
    first = load_rhythm_data(part, tmp_path / "cache.npz")
    shutil.rmtree(part)
    second = load_rhythm_data(part, tmp_path / "cache.npz")
    for field in fields(RhythmData):
        np.testing.assert_array_equal(getattr(first, field.name), getattr(second, field.name))
    assert [path.name for path in tmp_path.iterdir()] == ["cache.npz"]


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no recording with a rhythm"):
        load_rhythm_data(tmp_path, tmp_path / "cache.npz")
    assert list(labelled_recordings(tmp_path)) == []


@pytest.mark.shared
def test_the_databases_at_hand_hold_what_their_description_counts(shared_data):
    from ecgkit.rhythm.classes import written_class

    counts = {}
    for _, source, _, terms in labelled_recordings(shared_data):
        if rhythm := written_class(terms):
            counts[source, rhythm] = counts.get((source, rhythm), 0) + 1
    for source, expected in {
        "ptbxl_zscored": {"SB": 26, "AFIB": 86, "GSVT": 46, "SR": 994},
        "ptbxl": {"SB": 64, "AFIB": 156, "GSVT": 87, "SR": 1748},
    }.items():
        for rhythm, count in expected.items():
            assert counts[source, rhythm] == pytest.approx(count, abs=5)


def test_numbers_of_a_pulse():
    regular = np.full(9, 0.8)
    assert mean_rate(regular) == pytest.approx(75)
    assert math.isnan(mean_rate(np.empty(0)))
    np.testing.assert_allclose(rr_features(regular), [75, 75, 0, 0, 0, 0, 0, 9], atol=1e-9)
    irregular = rr_features(np.array([0.5, 1.1, 0.6, 0.9, 0.4]))
    assert np.all(irregular[2:7] > 0)
    assert irregular[6] == 1
    assert np.isnan(rr_features(np.array([0.8]))).all()
