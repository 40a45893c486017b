import cv2
import numpy as np
import pytest

from ecgkit.digitization.rectification.rectify import rectify
from ecgkit.errors import PageError
from ecgkit.paper.geometry import Camera, Wave, transform
from ecgkit.paper.scale import PX_PER_MM
from ecgkit.rendering.degradation.degrade import degrade_page
from ecgkit.rendering.degradation.levels import Damage
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import GRID_COLOURS, Grid, PageStyle


def photograph(recording, grid=None, **camera):
    style = PageStyle(px_per_mm=(5.5, 5.5), grid=grid or Grid(offset=(2.0, 3.0)))
    page = render_page(recording, style)
    left, top, right, bottom = page.sheet.field
    look = {"roll": 0.0, "pitch": 0.0, "yaw": 0.0, "distance": 1.5, "quarters": 0, "longest": 1100}
    focus = (left - 4, top - 4, right + 4, bottom + 4)
    view = Camera(**{**look, "focus": focus, **camera})
    return degrade_page(page, Damage(camera=view), np.random.default_rng(1))


def distances(page, found):
    """Where points of the page lie on the rectified one, less where they should: mm."""
    left, top, right, bottom = page.sheet.field
    x, y = np.meshgrid(np.linspace(left + 5, right - 5, 15), np.linspace(top + 5, bottom - 5, 9))
    paper = np.stack([x, y], axis=-1)
    mm = transform(np.linalg.inv(found.to_photo), page.geometry.to_picture(paper)) / PX_PER_MM
    apart = mm - paper
    return np.hypot(*np.moveaxis(apart - apart.mean(axis=(0, 1)), -1, 0))


def test_bent_paper_is_flattened(recording):
    style = PageStyle(px_per_mm=(5.5, 5.5), grid=Grid(offset=(2.0, 3.0)))
    page = render_page(recording, style)
    view = Camera(3.0, 8.0, -5.0, 1.5, 0, page.sheet.field, 1100)
    waves = (Wave("wave", 4.0, 0.4, 180.0, (90.0, 40.0)),)
    bent = degrade_page(
        page, Damage(camera=view, waves=waves, slant=(0.5, -0.4)), np.random.default_rng(1)
    )
    found = rectify(bent.image)
    height, width = found.picture.shape[:2]
    x, y = np.meshgrid(np.arange(0, width, 20.0), np.arange(0, height, 20.0))
    px = np.stack([x, y], axis=-1)
    left, top, right, bottom = page.sheet.field

    def worst(photo):
        paper = bent.geometry.to_paper(photo)
        inside = ((paper > [left + 8, top + 8]) & (paper < [right - 8, bottom - 8])).all(axis=-1)
        apart = (px / PX_PER_MM - paper)[inside]
        return np.quantile(np.abs(apart - np.median(apart, axis=0)), 0.95)

    assert worst(transform(found.to_photo, px)) > 0.5
    assert worst(found.photo_points(px)) < 0.1
    assert any("bent" in note for note in found.notes)


GRIDS = {
    "lines": Grid(offset=(2.0, 3.0)),
    "dots": Grid("dots", GRID_COLOURS["grey"], minor_width=0.25),
    "boxes": Grid("boxes", GRID_COLOURS["green"]),
    "faint": Grid("lines", GRID_COLOURS["blue"], minor=0.15, major=0.3),
}


@pytest.mark.parametrize("name", GRIDS)
def test_a_tilted_page_becomes_level_and_regular(recording, name):
    page = photograph(recording, GRIDS[name], roll=4.0, pitch=12.0, yaw=-7.0)
    found = rectify(page.image)
    assert distances(page, found).mean() < 0.3
    assert found.quarter_turns == 0
    assert 0.5 < found.confidence <= 1


def test_scale_is_measured_in_the_photo(recording):
    page = photograph(recording)
    found = rectify(page.image)
    assert found.photo_px_per_mm == pytest.approx(page.px_per_mm(), rel=0.005)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_pages_on_their_side_or_head_are_turned_upright(recording, quarters):
    page = photograph(recording, quarters=quarters, roll=2.0)
    found = rectify(page.image)
    assert found.quarter_turns == quarters
    assert distances(page, found).max() < 0.5
    assert any("turned" in note for note in found.notes)


def test_the_map_leads_from_the_picture_to_the_photo(recording):
    page = photograph(recording, roll=-3.0, pitch=8.0, quarters=1)
    found = rectify(page.image)
    height, width = found.picture.shape[:2]
    spots = np.array([[width * 0.3, height * 0.4], [width * 0.6, height * 0.7]])
    for spot in spots:
        x, y = transform(found.to_photo, spot)
        near = cv2.getRectSubPix(page.image, (9, 9), (float(x), float(y))).mean(axis=(0, 1))
        here = cv2.getRectSubPix(found.picture, (9, 9), (float(spot[0]), float(spot[1])))
        assert here.mean(axis=(0, 1)) == pytest.approx(near, abs=12)


def test_a_page_without_a_grid_is_refused_and_taken_with_a_scale(recording):
    page = photograph(recording, Grid("none"))
    with pytest.raises(PageError) as caught:
        rectify(page.image)
    assert caught.value.stage == "rectify"
    assert caught.value.asks == {"px_per_mm", "corners"}
    scale = page.px_per_mm()
    found = rectify(page.image, px_per_mm=scale)
    assert distances(page, found).max() < 1.0
    assert found.photo_px_per_mm == pytest.approx(scale)
    assert found.notes


def test_corners_decide_direction_and_perspective(recording):
    page = photograph(recording, roll=9.0, pitch=15.0, yaw=6.0)
    corners = page.quad((10, 10, 240, 130))
    found = rectify(page.image, corners=corners)
    assert distances(page, found).mean() < 1.0
    given = rectify(page.image, corners=corners, px_per_mm=page.px_per_mm())
    assert given.quarter_turns == 0


def test_corners_make_a_page_without_a_grid_straight(recording):
    page = photograph(recording, Grid("none"), roll=6.0, pitch=10.0)
    corners = page.quad((10, 10, 240, 130))
    sides = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    scale = ((sides[0] + sides[2]) / 2 / 230, (sides[1] + sides[3]) / 2 / 120)
    found = rectify(page.image, corners=corners, px_per_mm=scale)
    assert distances(page, found).max() < 0.1


@pytest.mark.parametrize(
    "given",
    [
        {"px_per_mm": 0.0},
        {"px_per_mm": float("nan")},
        {"px_per_mm": (5.0, 5000.0)},
        {"corners": np.zeros((4, 2))},
        {"corners": np.array([[0, 0], [0, 500], [500, 500], [500, 0]])},
        {"corners": np.array([[0, 0], [500, 0], [500, np.nan], [0, 500]])},
        {"corners": np.zeros((3, 2))},
    ],
)
def test_impossible_wishes_are_refused(given):
    with pytest.raises(PageError):
        rectify(np.full((600, 800, 3), 255, np.uint8), **given)


@pytest.mark.parametrize("kind", ["white", "noise", "gradient", "black"])
def test_pictures_of_nothing_are_refused(kind):
    shape = (500, 900, 3)
    rng = np.random.default_rng(0)
    picture = {
        "white": np.full(shape, 255, np.uint8),
        "black": np.zeros(shape, np.uint8),
        "noise": rng.integers(0, 256, shape, dtype=np.uint8),
        "gradient": np.broadcast_to(
            np.linspace(0, 255, shape[1]).astype(np.uint8)[None, :, None], shape
        ),
    }[kind]
    with pytest.raises(PageError):
        rectify(np.ascontiguousarray(picture))


@pytest.mark.shared
def test_real_photos_are_measured_and_upright(shared_data):
    from ecgkit.io.photo import open_photo

    # px/mm by hand, from boxes counted in the photos
    known = {"ecg00009.jpeg": 9.42, "ecg00018.jpg": 3.46, "ecg00038.jpg": 4.3, "ecg00054.png": 2.34}
    for name, scale in known.items():
        content = (shared_data / "paper_photos" / name).read_bytes()
        found = rectify(open_photo(content, name).picture)
        assert found.photo_px_per_mm == pytest.approx((scale, scale), rel=0.05)
        assert found.quarter_turns == 0
