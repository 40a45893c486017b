"""From databases in their official layouts to a trained network, on a handful of recordings."""

import csv
import math
import shutil
from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from ecgkit.io import write_wfdb
from ecgkit.modules.temporal_pooling import RhythmOutput
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.rhythm.classes import RHYTHMS, sinus_class
from ecgkit.rhythm.network_1d import Cnn1dConfig
from ecgkit.rhythm.network_2d import Cnn2d, Cnn2dConfig
from ecgkit.rhythm.preprocessing import FS
from ecgkit.training.datasets.rhythm import (
    RhythmData,
    labelled_recordings,
    load_rhythm_data,
    mean_rate,
    rr_features,
)
from ecgkit.training.rhythm import augment
from ecgkit.training.rhythm.augment import Targets, plain_batch, training_batch
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

ORDER = list(RHYTHMS)
TINY = Recipe(
    Cnn1dConfig(channels=(4, 4, 4, 4), context=0, hidden=4, dropout=0.0), 2, 1e-2, bfloat16=False
)


def put(folder, name, dx=None, *, rate=75.0, rhythm="sinus", seconds=10.0, seed=0, nu=False):
    """Write a WFDB record, with a «Dx» line as the Challenge's headers have it."""
    folder.mkdir(parents=True, exist_ok=True)
    recording = generate_ecg(seconds, 250.0, heart_rate=rate, rhythm=rhythm, seed=seed)
    for file, content in write_wfdb(replace(recording, calibrated=not nu), name).items():
        lines = f"#Age: 50\n#Dx: {dx}\n#Rx: Unknown\n" if dx and file.endswith(".hea") else ""
        (folder / file).write_bytes(content + lines.encode())


def write_table(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


@pytest.fixture(scope="module")
def databases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("databases")
    ptbxl = [
        (1, {"NORM": 100.0, "SR": 0.0}, {"rate": 75}),
        (2, {"SBRAD": 0.0, "SR": 0.0}, {"rate": 48}),
        (3, {"AFIB": 0.0, "IMI": 50.0}, {"rate": 80, "rhythm": "afib"}),
        (4, {"NORM": 80.0}, {}),
        (5, {"STACH": 0.0}, {"rate": 125}),
        (6, {"SR": 0.0}, {"rate": 48}),
        (7, {"SR": 0.0}, {"rate": 60}),
        (8, {"SR": 0.0, "PACE": 100.0}, {}),
    ]
    rows = []
    for number, codes, signal in ptbxl:
        place = f"records500/00000/{number:05d}_hr"
        put((folder / "ptbxl" / place).parent, f"{number:05d}_hr", seed=number, **signal)
        rows.append({"ecg_id": number, "scp_codes": codes, "strat_fold": 10, "filename_hr": place})
    rows.append({**rows[0], "ecg_id": 99, "filename_hr": "records500/00000/00099_hr"})
    write_table(folder / "ptbxl" / "ptbxl_database.csv", rows)

    ludb = [
        (1, "Sinus rhythm", "", {"rate": 70}),
        (2, "Atrial fibrillation", "", {"rhythm": "afib"}),
        (3, "Sinus bradycardia\nSinus arrhythmia", "", {"rate": 50}),
        (4, "Sinus rhythm", "Unipolar atrial pacing\n", {}),
        (5, "Irregular sinus rhythm", "", {"rate": 80}),
    ]
    for number, _, _, signal in ludb:
        put(folder / "ludb" / "data", str(number), seed=20 + number, **signal)
    write_table(
        folder / "ludb" / "ludb.csv",
        [{"ID": f"{n}\n", "Rhythms": r, "Cardiac pacing": p} for n, r, p, _ in ludb],
    )

    cinc = folder / "cinc2021"
    put(cinc, "E00001", "426783006", seed=40)
    put(cinc, "A0001", "426783006,59118001", seed=40)  # the same signal
    put(cinc, "Q0001", "426783006", seconds=4.0, seed=41)
    put(cinc, "Q0002", "164889003,59118001", rhythm="afib", seed=42)
    put(cinc, "JS00001", "426761007", rate=150, seed=43)
    (cinc / "E00002.hea").write_text("E00002 12 500 5000\n#Dx: 426783006\n")
    put(folder / "ptbxl_zscored", "HR00009", "427084000", rate=130, seed=44, nu=True)
    shaoxing = folder / "ecg-arrhythmia" / "WFDBRecords" / "01" / "010"
    put(shaoxing, "JS00002", "164890007", rhythm="afib", seed=45)
    put(shaoxing, "JS00003", "164890007,426177001", seed=46)
    put(shaoxing, "JS00004", "426177001", rate=45, seconds=7.0, seed=47)
    return folder


@pytest.fixture(scope="module")
def data(databases, tmp_path_factory):
    return load_rhythm_data(databases, tmp_path_factory.mktemp("cache") / "deep" / "data.npz")


def bare(labels, sources=None, written=None):
    """Return data of which only labels and sources matter."""
    labels = np.asarray(labels)
    values = {field.name: np.zeros(labels.size) for field in fields(RhythmData)}
    values["labels"] = labels
    values["written"] = labels if written is None else np.asarray(written)
    values["sources"] = np.asarray(["ludb"] * labels.size if sources is None else sources)
    return RhythmData(**values)


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


def test_folds_are_stratified_disjoint_complete_and_stable():
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


def test_a_source_left_out_is_in_no_training():
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


def test_stretching_keeps_the_class():
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


def test_beats_and_rate_follow_the_stretched_signal():
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
