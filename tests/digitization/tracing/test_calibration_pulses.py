from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ecgkit.digitization.extraction import read_traces
from ecgkit.digitization.tracing.calibration_pulses import find_calibration_pulses
from ecgkit.digitization.tracing.ink import find_ink
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import usual_style


def page_of(recording, **changes):
    style = replace(usual_style(recording.leads, "3x4+1"), px_per_mm=(5.0, 5.0), **changes)
    page = render_page(recording, style)
    return page, page.mask / np.float32(255)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("gain", [5.0, 10.0, 20.0])
@pytest.mark.parametrize("width", [2.5, 5.0, 10.0])
def test_pulses_are_found_with_their_size_and_place(recording, side, gain, width):
    page, mask = page_of(recording, pulse=side, gain=gain, pulse_width=width, row_height=38.0)
    found = find_calibration_pulses(find_ink(page.image, mask))
    assert found is not None
    assert found.mm_per_mv == gain
    assert found.width == width
    assert found.mm_per_s == (50 if width == 10 else None)
    assert found.at_left == (side == "left")
    drawn = [5 * pulse - 0.5 for pulse in page.sheet.pulses]
    assert len(found.feet) == len(drawn)
    for foot, pulse in zip(found.feet, drawn, strict=True):
        assert foot == pytest.approx(pulse[:, 1].max(), abs=4)
    assert found.left == pytest.approx(drawn[0][:, 0].min(), abs=6)
    assert found.right == pytest.approx(drawn[0][:, 0].max(), abs=6)


def test_a_page_without_pulses_has_none(recording):
    page, mask = page_of(recording, pulse="none")
    assert find_calibration_pulses(find_ink(page.image, mask)) is None


def test_boxes_of_a_dark_grid_are_no_pulses():
    ink = np.zeros((600, 1000), np.uint8)
    ink[::25], ink[:, ::25] = 1, 1
    assert find_calibration_pulses(ink) is None


@pytest.mark.parametrize("shape", [(1, 1), (8, 400), (400, 8), (30, 30)])
def test_small_pictures_have_none(shape):
    assert find_calibration_pulses(np.ones(shape, np.uint8)) is None


def test_the_scale_is_read_and_pulses_are_no_trace(recording):
    page, mask = page_of(recording, pulse="left", gain=20.0, row_height=60.0)
    whole = find_ink(page.image, mask).astype(np.float32)
    left = int(5 * page.sheet.strips[0].points[0, 0])
    mask[:, : left - 2] = np.maximum(mask[:, : left - 2], whole[:, : left - 2])
    found = read_traces(mask, page.image)
    assert found.mm_per_mv == 20
    assert not any("mm/mV" in warning for warning in found.warnings)
    assert found.boxes["I"][0] == pytest.approx(5 * page.sheet.strips[0].points[0, 0], abs=4)
