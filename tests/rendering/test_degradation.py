"""Degraded pages: truth must follow the picture."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from ecgkit.paper.geometry import Camera, Geometry, Wave
from ecgkit.recording import RecordingError
from ecgkit.rendering.degradation.degrade import degrade_page, random_page
from ecgkit.rendering.degradation.levels import LEVELS, Degradation, random_degradation
from ecgkit.rendering.degradation.light import Light
from ecgkit.rendering.degradation.optics import Optics
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import Grid, PageStyle

PLAIN = PageStyle(
    layout="3x4+1",
    grid=Grid(kind="none"),
    paper=(255, 255, 255),
    pulse="none",
    separator="none",
    pen=0.5,
)


def bare(page, level, seed):
    """Return a level's geometry alone: no marks, light, optics or things on the page."""
    degradation = random_degradation(level, page.sheet, np.random.default_rng(seed))
    waves = tuple(
        wave for wave in degradation.waves if wave.kind != "fold"
    )  # folds wear the print off
    return Degradation(
        camera=degradation.camera, waves=waves, slant=degradation.slant, desk="scanner"
    )


@pytest.mark.parametrize("level", ["scan", "photo", "hard"])
@pytest.mark.parametrize("seed", range(4))
def test_the_mask_lies_on_the_ink(recording, level, seed):
    page = render_page(recording, PLAIN)
    photo = degrade_page(page, bare(page, level, seed), np.random.default_rng(seed))
    ink = photo.image.max(axis=2) < 128
    mask = photo.mask > 127
    known = np.zeros(photo.shape, np.uint8)
    cv2.fillPoly(known, [np.round(photo.corners * 16).astype(np.int32)], 1, shift=4)
    known = cv2.erode(known, np.ones((9, 9), np.uint8))
    for strip in photo.sheet.strips:  # letters are ink but no trace
        left, top, right, bottom = strip.label
        quad = photo.quad((left - 0.7, top - 0.7, right + 0.7, bottom + 0.7))
        cv2.fillPoly(known, [np.round(quad).astype(np.int32)], 0)
    ink, mask = ink & (known > 0), mask & (known > 0)
    assert mask.sum() > 1000
    assert (ink & mask).sum() / (ink | mask).sum() > 0.9


@pytest.mark.parametrize("seed", range(6))
def test_points_mapped_forward_lie_on_the_mask(recording, seed):
    page = render_page(recording, replace(PLAIN, px_per_mm=(4.4, 4.4)))
    photo = degrade_page(page, bare(page, "hard", seed), np.random.default_rng(seed))
    height, width = photo.shape
    for strip in photo.sheet.strips:
        points = np.round(photo.points(strip)).astype(int)
        inside = ((points >= 0) & (points < (width, height))).all(axis=1)
        x, y = points[inside].T
        assert (photo.mask[y, x] > 60).mean() > 0.98


def test_forward_and_back_is_where_one_was():
    waves = (
        Wave("wave", 6.0, 0.4, 300.0, (100.0, 60.0)),
        Wave("fold", 2.0, 1.5, 12.0, (140.0, 80.0)),
        Wave("edge", 9.0, 0.7, 40.0, (0.0, 0.0)),
    )
    matrix, _ = Camera(4.0, 20.0, -12.0, 1.2, 1, (0, 0, 290, 170), 1000).view()
    geometry = Geometry(matrix, waves, (0.6, -0.5))
    points = np.random.default_rng(0).uniform((0, 0), (290, 170), (500, 2))
    pixels = geometry.to_picture(points)
    np.testing.assert_allclose(geometry.to_paper(pixels), points, atol=2e-3)
    moved = np.hypot(*(pixels - Geometry(matrix).to_picture(points)).T)
    assert moved.max() > 5  # the bend is no small thing


def test_the_interpolated_map_is_the_map(recording):
    page = render_page(recording, PLAIN)
    photo = degrade_page(page, bare(page, "hard", 2), np.random.default_rng(2))
    x, y = photo.geometry.maps(photo.shape, photo.source)
    pixels = np.random.default_rng(1).integers(0, np.array(photo.shape)[::-1], (300, 2))
    true = photo.source.to_picture(photo.geometry.to_paper(pixels.astype(float)))
    found = np.stack([x[pixels[:, 1], pixels[:, 0]], y[pixels[:, 1], pixels[:, 0]]], axis=1)
    assert np.abs(found - true).max() < 0.1


@pytest.mark.parametrize("quarters", range(4))
def test_quarter_turns_are_clockwise(quarters):
    matrix, (height, width) = Camera(0, 0, 0, 50, quarters, (0, 0, 200, 100), 800).view()
    corners = Geometry(matrix).to_picture(np.array([[0.0, 0], [200, 0], [200, 100], [0, 100]]))
    assert (width, height) == ((800, 400) if quarters % 2 == 0 else (400, 800))
    picture = np.array([[0, 0], [width, 0], [width, height], [0, height]]) - 0.5
    np.testing.assert_allclose(corners, np.roll(picture, -quarters, axis=0), atol=0.6)


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_by_seed(recording, level):
    sizes = set()
    for seed in range(12):
        page = random_page(recording, level, seed)
        again = random_page(recording, level, seed) if seed < 3 else page
        for name in ("image", "mask", "covered"):
            np.testing.assert_array_equal(getattr(page, name), getattr(again, name))
        assert page.image.dtype == page.mask.dtype == np.uint8
        assert page.image.shape == (*page.mask.shape, 3)
        assert (page.mask > 127).sum() > 300
        assert not page.mask[page.covered].any()
        assert page.level == level
        sizes.add(page.shape)
        if level != "clean":
            assert max(page.shape) <= 1200
    assert len(sizes) > 6


def test_chance_comes_from_the_seed_alone(recording):
    first = random_page(recording, "hard", 7)
    np.random.seed(99)  # noqa: NPY002 (that is what must not matter)
    cv2.setRNGSeed(99)
    np.testing.assert_array_equal(random_page(recording, "hard", 7).image, first.image)
    assert not np.array_equal(random_page(recording, "hard", 8).image.shape, first.image.shape)


def test_clean_is_nearly_untouched(recording):
    for seed in range(6):
        page = random_page(recording, None, seed)
        clean = random_page(recording, "clean", seed)
        np.testing.assert_array_equal(clean.mask, page.mask)
        assert np.abs(clean.image.astype(int) - page.image).mean() < 6


def test_masks_by_strip_follow(recording):
    for seed, scale in ((1, 4.5), (4, 11.0)):  # the second is averaged down before it is warped
        page = render_page(recording, replace(PLAIN, px_per_mm=(scale, scale)))
        photo = degrade_page(page, bare(page, "photo", seed), np.random.default_rng(seed))
        whole = np.max(photo.strip_masks, axis=0) > 127
        mask = photo.mask > 127
        assert (whole & mask).sum() / (whole | mask).sum() > 0.99


def test_what_is_covered_is_no_trace(recording):
    page = render_page(recording, PLAIN)
    covering = replace(bare(page, "photo", 3), slips=12, fingers=6)
    photo = degrade_page(page, covering, np.random.default_rng(5))
    free = degrade_page(page, replace(covering, slips=0, fingers=0), np.random.default_rng(5))
    assert 0.02 < photo.covered.mean() < 0.9
    assert not photo.mask[photo.covered].any()
    np.testing.assert_array_equal(photo.mask[~photo.covered], free.mask[~photo.covered])
    assert not free.covered.any()


def test_burnt_out_traces_are_covered(recording):
    page = render_page(recording, PLAIN)
    glare = Degradation(light=Light(glare=1.0), optics=Optics(exposure=400.0))
    photo = degrade_page(page, glare, np.random.default_rng(2))
    burnt = (photo.image.min(axis=2) == 255) & (page.mask > 127)
    assert burnt.sum() > 300
    assert photo.covered[burnt].mean() > 0.7  # all but the rim
    assert not degrade_page(page, Degradation(), np.random.default_rng(2)).covered.any()


def test_marks_change_the_paper_alone(recording):
    page = render_page(recording, PLAIN)
    for kind in ("handwriting", "stamps", "stains"):
        marked = degrade_page(page, Degradation(**{kind: 3}), np.random.default_rng(1))
        assert (marked.image != page.image).any()
        np.testing.assert_array_equal(marked.mask, page.mask)
    hidden = degrade_page(page, Degradation(redactions=4), np.random.default_rng(1))
    assert hidden.covered.any()
    assert (page.image != render_page(recording, PLAIN).image).sum() == 0  # left as it was


def test_the_scale_is_that_of_the_picture(recording):
    page = render_page(recording, PLAIN)
    width, height = page.sheet.size
    camera = Camera(0, 0, 0, 50, 0, (0, 0, width, height), 1000)
    photo = degrade_page(page, Degradation(camera=camera), np.random.default_rng(0))
    assert photo.px_per_mm() == pytest.approx((1000 / width,) * 2, rel=1e-3)


def test_misuse_is_refused(recording):
    page = render_page(recording, PLAIN)
    with pytest.raises(RecordingError, match=r"no level 'awful'.*clean"):
        degrade_page(page, "awful", np.random.default_rng(0))
    photo = degrade_page(page, "photo", np.random.default_rng(0))
    with pytest.raises(ValueError, match="degraded before"):
        degrade_page(photo, "photo", np.random.default_rng(0))
