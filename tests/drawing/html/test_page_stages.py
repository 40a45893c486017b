import numpy as np
import pytest

from ecgkit.digitization.rectification.rectify import Rectified
from ecgkit.drawing.html.page_stages import (
    Step,
    draw_mask,
    draw_page,
    draw_photo,
    draw_steps,
    page_frame,
)


def turned() -> Rectified:
    """A page that the photo shows turned by 20 degrees, partly out of sight."""
    angle = np.deg2rad(20)
    matrix = np.array(
        [
            [np.cos(angle), -np.sin(angle), 100],
            [np.sin(angle), np.cos(angle), -60],
            [0, 0, 1.0],
        ]
    )
    return Rectified(np.zeros((600, 900, 3), np.uint8), matrix, (5.0, 5.0), 0, 1.0)


def test_the_frame_is_a_rectangle_of_the_page_inside_the_photo() -> None:
    corners = np.array(page_frame(turned(), (700, 1000, 3)))
    assert corners.min() >= 0
    assert np.all(corners <= [999, 699])
    sides = np.diff(np.vstack([corners, corners[:1]]), axis=0)
    lengths = np.hypot(*sides.T)
    assert lengths[0] / lengths[1] == pytest.approx(899 / 599, rel=0.01)
    assert abs(sides[0] @ sides[1]) < 0.01 * lengths[0] * lengths[1]
    without = np.array(page_frame(None, (700, 1000, 3)))
    assert without.min() > 0


def test_pictures_carry_words_and_escape_names() -> None:
    photo = draw_photo("data:,", (700, 1000, 3), turned(), "<b>x</b>")
    assert "<b>x" not in photo
    assert "5 mm" in photo
    assert 'class="editor"' not in photo
    assert 'class="editor"' in draw_photo("data:,", (700, 1000, 3), None, "x", edited=True)
    assert "180 by 120 mm" in draw_page("data:,", turned())
    mask = draw_mask("data:,", "data:,", turned(), coverage=0.021)
    assert "2.1 %" in mask
    assert mask.count('type="range"') == 3


def test_steps_say_their_state_in_words() -> None:
    steps = draw_steps([Step("a", "One", "done", "0.1 s"), Step("b", "Two", "failed", "<i>")])
    assert "could not be done" in steps
    assert "✕" in steps
    assert "&lt;i&gt;" in steps
