import cv2
import numpy as np
import pytest

from ecgkit.digitization.extraction import read_traces
from ecgkit.digitization.rectification.rectify import Rectified, rectify
from ecgkit.paper.scale import PX_PER_MM
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import Recording
from ecgkit.rendering.degradation.degrade import random_page
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import PageStyle
from ecgkit.training.digitization.document import document
from ecgkit.training.digitization.evaluate import measure, result_page, tasks
from ecgkit.training.digitization.scores import (
    FS,
    WORST,
    dice,
    lead_snr,
    near_dice,
    page_errors,
    page_shift,
    plain_snr,
    signal_scores,
    to_rectified,
    true_mask,
)
from ecgkit.training.digitization.summary import figures, summary

STYLE = PageStyle(layout="3x4+1", px_per_mm=(5.0, 5.0), separator="none", pulse="none")


@pytest.fixture(scope="module")
def recording():
    return generate_ecg(10.0, 500.0, seed=4)


@pytest.fixture(scope="module")
def page(recording):
    return render_page(recording, STYLE)


def straight(page, scale=(1.0, 1.0)):
    """A page as a perfect rectification gives it, or one that is wrong by factors."""
    width, height = (round(length * PX_PER_MM) for length in page.sheet.size)
    from_mm = np.array(
        [[PX_PER_MM * scale[0], 0, -0.5], [0, PX_PER_MM * scale[1], -0.5], [0, 0, 1.0]]
    )
    to_photo = page.geometry.matrix @ np.linalg.inv(from_mm)
    picture = cv2.warpPerspective(
        page.image, to_photo, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    return Rectified(picture, to_photo, page.px_per_mm(), 0, 1.0)


def test_a_shift_is_found_and_undone_up_to_50_ms(recording):
    shown = recording.lead("II")
    for shift in (0, 7, -25):
        moved = np.roll(shown, shift)
        assert lead_snr(moved + 0.3, shown, 0) > 30
    assert lead_snr(np.roll(shown, 60), shown, 0) < 10
    assert lead_snr(np.roll(shown, 60), shown, -60) > 30


def test_snr_is_the_one_asked_for(recording):
    shown = recording.lead("II").astype(np.float64)
    shown -= shown.mean()
    noise = np.random.default_rng(0).normal(0, 1, shown.size)
    noise -= noise.mean()
    noise *= np.sqrt(np.sum(shown**2) / np.sum(noise**2)) * 10 ** (-12 / 20)
    assert plain_snr(shown + noise, shown) == pytest.approx(12, abs=1e-6)
    assert lead_snr(shown + noise + 5, shown, 0) == pytest.approx(12, abs=1e-6)
    assert plain_snr(shown + 100, shown) == WORST
    assert plain_snr(np.full(shown.size, np.nan), shown) == WORST
    assert lead_snr(shown[:50], shown, 0) == WORST


def test_a_page_cut_off_is_shifted_as_a_whole(recording):
    cut = Recording(recording.signal[:, 200:], FS, recording.leads)
    assert page_shift(cut, recording) == pytest.approx(200, abs=2)
    assert page_shift(recording, recording) == 0


def test_near_dice_forgives_one_pixel_and_no_more():
    true = np.zeros((20, 30), bool)
    true[10] = True
    for off, expected in ((0, 1.0), (1, 1.0), (2, 0.0)):
        assert near_dice(np.roll(true, off, axis=0), true) == pytest.approx(expected)
    half = true.copy()
    half[:, 15:] = False
    assert near_dice(half, true) == pytest.approx(2 * (16 / 30) / (1 + 16 / 30))
    assert near_dice(np.zeros_like(true), true) == 0.0
    assert np.isnan(near_dice(np.zeros_like(true), np.zeros_like(true)))


def test_dice():
    one, other = np.zeros((4, 4), bool), np.zeros((4, 4), bool)
    assert np.isnan(dice(one, other))
    one[0], other[:, 0] = True, True
    assert dice(one, other) == 2 / 8
    assert dice(one, one) == 1


def test_the_true_mask_is_where_the_page_drew(page):
    found = straight(page)
    mask = true_mask(page, found)
    assert mask.shape == found.picture.shape[:2]
    assert dice(mask > 127, page.mask[: mask.shape[0], : mask.shape[1]] > 127) > 0.97


@pytest.mark.parametrize("level", ["photo", "hard"])
def test_the_true_mask_follows_a_photo_and_leaves_out_what_is_hidden(recording, level):
    page = random_page(recording, level, 11, layout="3x4+1")
    found = straight(page)
    mask = true_mask(page, found)
    size = found.picture.shape[1::-1]
    seen = cv2.warpPerspective(
        page.mask, found.to_photo, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    assert dice(mask > 127, seen > 100) > 0.7  # resampled ink is paler and wider
    beyond = cv2.warpPerspective(
        np.full(page.shape, 255, np.uint8), found.to_photo, size, flags=cv2.WARP_INVERSE_MAP
    )
    assert not mask[beyond == 0].any()


def test_errors_of_a_rectified_page(page):
    exact = page_errors(page, straight(page))
    assert max(map(abs, exact.scale)) < 1e-6
    assert (exact.displacement, exact.turns) == (pytest.approx(0, abs=1e-6), 0)
    wrong = page_errors(page, straight(page, (1.03, 0.98)))
    assert wrong.scale == pytest.approx((0.03, -0.02), abs=1e-6)
    turned = straight(page)
    width = turned.picture.shape[1]
    quarter = np.array([[0, -1.0, width - 1], [1, 0, 0], [0, 0, 1]])
    found = Rectified(np.rot90(turned.picture), turned.to_photo @ quarter, (5.0, 5.0), 1, 1.0)
    assert page_errors(page, found).turns != 0


def test_points_on_a_bent_page_come_back(recording):
    page = random_page(recording, "photo", 3, layout="3x4+1")
    found = rectify(page.image)
    assert found.bend is not None
    points = page.points(page.sheet.strips[0])
    back = found.photo_points(to_rectified(found, points))
    assert np.nanmax(np.abs(back - points)) < 0.01
    assert page_errors(page, found).displacement < 0.5


def test_scores_of_a_page_read_from_its_true_mask(page):
    found = straight(page)
    mask = true_mask(page, found).astype(np.float32) / 255
    scores = signal_scores(page, read_traces(mask, found.picture, mm_per_s=25.0, mm_per_mv=10.0))
    assert scores.layout_right
    assert scores.leads_found == 1
    assert len(scores.aligned) == len(scores.plain) == 12
    assert np.median(scores.aligned) > 12
    assert np.median(scores.aligned) >= np.median(scores.plain) - 0.5
    assert scores.rate_error < 2


def row(level, number, **values):
    usual = {
        "source": "PTB-XL",
        "level": level,
        "number": number,
        "layout": "3x4",
        "columns": "one after the other",
        "speed": 25.0,
        "gain": 10.0,
        "fs": 500.0,
        "grid": "lines",
        "refused": None,
        "reason": None,
        "scale source": "grid",
        "cpu": 1.0,
        "seconds": {"rectify": 0.1, "mask": 0.5, "signals": 0.2},
        "dice": 0.9,
        "near dice": 0.99,
        "dice of patches": 0.95,
        "scale error": 0.01,
        "upright": True,
        "megapixels": 1.2,
        "layout right": True,
        "leads found": 1.0,
        "snr": [10.0, 20.0],
        "plain snr": [1.0, 2.0],
        "rate error": 1.0,
        "rate known": True,
    }
    return usual | values


def refused(level, number):
    whole = row(level, number, refused="rectify", reason="shows no grid", seconds={})
    gone = (
        "dice",
        "near dice",
        "scale error",
        "upright",
        "megapixels",
        "layout right",
        "leads found",
        "snr",
    )
    for key in (*gone, "plain snr", "rate error", "rate known"):
        del whole[key]
    return whole | {"leads shown": 12, "scale source": None}


def test_figures_of_a_group():
    rows = [row("photo", 0), row("photo", 1, snr=[14.0, 14.0], dice=0.8), refused("photo", 2)]
    found = figures(rows)
    assert (found["pages"], found["refused"]) == (3, 1)
    assert found["dice"][0] == pytest.approx(0.85)
    assert found["dice"][1:] == [0.8, 0.9]
    assert found["snr"][0] == 14
    assert found["snr of all"][0] == WORST
    assert found["scale right"] == found["rate right"] == 1
    assert found["seconds to mask"][0] == pytest.approx(0.6)
    late = row("photo", 3, **{"rate error": None, "scale error": 0.021})
    assert figures([*rows, late])["rate right"] == pytest.approx(2 / 3, abs=1e-3)
    assert figures([*rows, late])["scale right"] == pytest.approx(2 / 3, abs=1e-3)
    unknown = row("photo", 3, **{"rate error": None, "rate known": False})
    assert figures([*rows, unknown])["rate right"] == 1


def test_the_document_states_every_group():
    rows = [row(level, n) for level in ("hard", "clean", "scan", "photo") for n in range(2)]
    rows += [
        row("clean", 2, source="LUDB", layout="6x2", fs=100.0, speed=50.0),
        refused("hard", 3),
        refused("hard", 4) | {"grid": "none", "with its scale": row("hard", 4)},
        row("scan", 5, grid="none", **{"scale source": "rows", "with its scale": row("scan", 5)}),
    ]
    results = {
        "command": "python -m ecgkit.training.digitization --seed 0",
        "network": {"name": "paper-unet", "sha256": "0" * 64},
        "threads": 1,
        **summary(rows),
    }
    assert list(results["level"]) == ["clean", "scan", "photo", "hard"]
    assert results["without a grid"]["pages"] == 2
    assert results["without a grid"]["scale source"] == {"rows": 1}
    assert results["without a grid"]["alone"]["refused"] == 1
    assert results["without a grid"]["scale given"]["refused"] == 0
    text = document(results)
    for part in (
        results["command"],
        "| LUDB | 1 |",
        "| 50 mm/s | 1 |",
        "| 100 Hz | 1 |",
        "| 6x2: 6 rows of 2 leads | 1 |",
        "| rectify | shows no grid | 1 |",
        "1 of 10 (10.0 %)",
        "0.93",
        "15 dB",
    ):
        assert part in text
    for line in text.splitlines():
        assert "nan" not in line.split("|")


def test_every_page_is_measured_once(tmp_path):
    every = tasks(tmp_path, {"PTB-XL": 2, "LUDB": 1}, seed=0)
    assert len({(t.source, t.level, t.number) for t in every}) == len(every) == 12
    assert every[0].done([{"source": "PTB-XL", "level": "clean", "number": 0}])
    assert every[1].done([{"source": "PTB-XL", "level": "clean", "number": 0}]) is None


@pytest.mark.shared
def test_a_page_of_a_real_recording_is_measured(shared_data):
    paths = sorted((shared_data / "ludb").rglob("*.hea"))[:3]
    page, path = result_page(paths, "clean", (1, 2))
    again, same = result_page(paths, "clean", (1, 2))
    assert path == same
    assert np.array_equal(page.image, again.image)
    found = measure(page, 0)
    assert found["dice of patches"] > 0.5
    assert found["refused"] or found["dice"] > 0.5
