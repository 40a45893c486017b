import cv2
import numpy as np
import pytest

from ecgkit.diagnosis.page_reading import read_page
from ecgkit.digitization.pipeline import Choices
from ecgkit.digitization.rectification.row_length_scale import (
    SETTINGS,
    rectify_by_rows,
    row_length,
    tilt,
)
from ecgkit.digitization.tracing.rows import Rows
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import Grid, PageStyle


def bare_page(recording, px_per_mm=4.0, **style):
    """A page without a grid."""
    return render_page(
        recording, PageStyle(px_per_mm=(px_per_mm, px_per_mm), grid=Grid("none"), **style)
    )


@pytest.mark.parametrize("px_per_mm", [2.6, 4.0, 7.0])
def test_the_rows_give_the_scale(recording, px_per_mm):
    page = bare_page(recording, px_per_mm)
    found = rectify_by_rows(page.image)
    assert found.photo_px_per_mm == pytest.approx((px_per_mm, px_per_mm), rel=0.05)
    assert found.scale_source == "rows"
    assert found.confidence < 0.5
    assert any(f"{SETTINGS.length:g} mm" in note for note in found.notes)


@pytest.mark.parametrize("degrees", [90.0, 184.0, 3.0])
def test_turned_pages_stand_upright(recording, degrees):
    page = bare_page(recording)
    height, width = page.image.shape[:2]
    around = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    side = int(np.hypot(height, width)) + 2
    around[:, 2] += [(side - width) / 2, (side - height) / 2]
    turned = cv2.warpAffine(page.image, around, (side, side), borderValue=(255, 255, 255))
    found = rectify_by_rows(np.asarray(turned, np.uint8))
    assert found.quarter_turns == round(degrees / 90) % 4
    across = found.photo_points(np.array([[0.0, 0.0], [100.0, 0.0]]))
    angle = np.degrees(np.arctan2(*np.diff(across, axis=0)[0][::-1]))
    assert (angle - degrees + 180) % 360 - 180 == pytest.approx(0.0, abs=0.7)


def test_a_page_without_a_grid_is_read_to_its_leads(recording):
    page = bare_page(recording)
    report = read_page(page.image)
    assert report.error is None
    assert report.rectified.scale_source == "rows"
    assert set(report.traces.recording.leads) == set(recording.leads)
    assert any("No grid" in warning for warning in report.warnings)
    told = read_page(page.image, Choices(px_per_mm=(4.0, 4.0)))
    assert told.rectified.scale_source == "given"


def writing(shape):
    picture = np.full((*shape, 3), 255, np.uint8)
    for line, y in enumerate(range(60, shape[0] - 20, 40)):
        words = f"{line} The quick brown fox jumps over the lazy dog, and runs away."
        cv2.putText(picture, words, (40, y), cv2.FONT_HERSHEY_DUPLEX, 0.9, (30, 30, 30), 2)
    return picture


def noise(shape):
    return np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)


@pytest.mark.parametrize("picture", [writing((700, 1000)), noise((400, 600))])
def test_what_is_no_ecg_has_no_rows(picture):
    assert rectify_by_rows(picture) is None


def test_broken_rows_are_none():
    mask = np.zeros((300, 1000), np.float32)
    rows = Rows(np.array([[100.0] * 1000, [200.0] * 1000]), 100.0)
    assert row_length(mask, rows) is None
    mask[100, 100:900] = mask[200, 100:900] = 1
    assert row_length(mask, rows) == pytest.approx(800, abs=10)
    assert row_length(mask, Rows(rows.lines[:1], 100.0)) is None  # one row may be any line
    mask[:, ::2] = 0
    assert row_length(mask, rows) is None


def test_tilt_is_that_of_the_rows():
    across = np.arange(1000) * np.tan(np.radians(2.0))
    assert tilt(Rows(np.stack([100 + across, 200 + across]), 100.0)) == pytest.approx(2.0)
