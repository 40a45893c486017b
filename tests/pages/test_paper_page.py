"""View 3, run without a browser."""

import io
import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from ecgkit.demos import open_demo
from ecgkit.digitization.pipeline import Choices
from ecgkit.drawing.style import NOT_A_DEVICE, PAPER_CAUTION
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import Grid, usual_style


@pytest.fixture
def app(open_paper_page):
    """The Paper page with the clean demo page read."""
    return open_paper_page().complete()


def plain_picture() -> np.ndarray:
    """A picture without any grid."""
    return np.full((700, 1000, 3), 200, np.uint8)


def bomb() -> bytes:
    """A small PNG that says it has 3600 megapixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(10_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data)


def test_the_photo_waits_for_no_network(open_paper_page) -> None:
    app = open_paper_page()
    assert "Demo page, clean" in app.said()
    assert app.states() == ["done", "waiting", "ahead", "ahead", "ahead"]
    assert "data:image/jpeg" in app.html("paper_photo_waiting")
    assert NOT_A_DEVICE.partition(". ")[0] in app.said()


def test_a_clean_page_is_read(app) -> None:
    assert app.states() == ["done"] * 5
    found = app.report()
    assert len(found.traces.recording.leads) == 12
    assert "5 mm" in app.html("paper_photo_view")
    assert "25 mm across, 10 mm up" in app.html("paper_page_view")
    assert app.html("paper_mask_view").count('type="range"') == 3
    leads = app.html("paper_leads_view")
    assert 'data-signal="tracing"' in leads
    assert leads.count('class="confidence"') >= 12
    assert app.html("paper_leads_table").count("<tr>") == 13
    assert PAPER_CAUTION in app.said()
    assert "px/mm across" in app.said()
    assert not app.session_state["paper_correct"]
    assert {button.label for button in app.get("download_button")} == {
        "Report (PDF)",
        "Signals (CSV)",
        "Signals (WFDB, zip)",
        "Tracing (SVG)",
        "Mask (PNG)",
        "Rectified page (PNG)",
        "Values (JSON)",
    }


def test_hostile_bytes_are_refused_in_one_sentence(app) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (400, 600, 3), np.uint8)
    jpeg = io.BytesIO()
    Image.fromarray(noise).save(jpeg, "JPEG")
    whole = jpeg.getvalue()
    before = app.report()
    for content, why in (
        (b"This is no picture. " * 40, "no picture"),
        (whole[: len(whole) // 3], "damaged"),
        (np.zeros((10, 10, 3), np.uint8), "10 x 10 px"),
        (bomb(), "megapixels"),
        (b"", "empty"),
    ):
        app.give(content, "![x](http://192.0.2.1/x.png)<b>.jpg")
        assert len(app.error) == 1
        assert why in app.error[0].value.replace("\\", "")
        assert "\\<b\\>" in app.error[0].value
        assert app.report() is before  # what was open still is
        assert app.states() == ["done"] * 5
    app.choose("paper_way", "demo")
    app.press("paper_clean")
    assert not app.error


def test_a_page_without_a_grid_is_refused_and_correcting_offered(app) -> None:
    app.give(plain_picture(), "plain.png").complete()
    assert app.states() == ["done", "failed", "ahead", "ahead", "ahead"]
    assert [error.value for error in app.error if "no grid" in error.value]
    assert 'class="editor"' in app.html("paper_photo_view")
    assert app.session_state["paper_correct"]
    assert app.number_input(key="paper_px_per_mm").value > 0
    box = next(box for box in app.checkbox if str(box.key).startswith("paper_use_scale"))
    assert box.value  # it is the resolution that is asked for
    app.press("paper_again").complete()
    assert app.report().rectified is not None
    assert app.states()[:3] == ["done"] * 3
    assert app.states()[3] == "failed"
    assert [error.value for error in app.error if "no trace" in error.value]
    labels = {button.label for button in app.get("download_button")}
    assert "Mask (PNG)" in labels
    assert "Signals (CSV)" not in labels


def test_layout_and_scale_can_be_said_and_taken_back(app) -> None:
    found = app.report()
    assert "paper_back_too" not in {button.key for button in app.button}
    app.choose("paper_gain", 20.0)
    assert app.report().choices == Choices(mm_per_mv=20.0)
    assert app.report().mask is found.mask  # the mask is not looked for again
    assert "20 mm/mV" in app.said()
    app.selectbox(key="paper_layout").set_value("limb-3x2")
    app.run()
    assert app.report().choices == Choices(layout="limb-3x2", mm_per_mv=20.0)
    app.press("paper_back_too")
    assert app.selectbox(key="paper_layout").value == ""
    assert "10 mm/mV" in app.said()
    assert app.session_state["paper_found"] is found
    assert app.states() == ["done"] * 5


def test_a_page_without_a_grid_is_read_by_its_rows_and_offered_for_correcting(app) -> None:
    recording = open_demo("12-lead")
    page = render_page(recording, replace(usual_style(recording.leads), grid=Grid("none")))
    app.give(page.image, "bare.png").complete()
    assert app.states() == ["done"] * 5
    assert "held to be 250 mm" in app.said()
    assert app.session_state["paper_correct"]
    box = next(box for box in app.checkbox if str(box.key).startswith("paper_use_scale"))
    assert box.value
    found = app.report().rectified
    assert found.scale_source == "rows"
    app.number_input(key="paper_px_per_mm").set_value(6.0)
    app.press("paper_again").complete()
    assert app.report().rectified.scale_source == "given"
    assert "as given" in app.said()


def test_corners_can_be_given_as_numbers(app) -> None:
    app.toggle(key="paper_correct").set_value(True)
    app.run()
    app.number_input(key="paper_x0").set_value(120.0)
    app.run()
    app.number_input(key="paper_y0").set_value(30.0)
    app.run()
    assert app.session_state["paper_draft"].corners[0] == (120.0, 30.0)
    app.choose("paper_speed", 25.0)
    app.press("paper_again").complete()
    choices = app.report().choices
    assert choices.corners is not None
    assert choices.corners[0] == (120.0, 30.0)
    assert choices.mm_per_s == 25.0  # as it was said before
    assert app.session_state["paper_found"].choices == Choices()
    app.press("paper_back_too").complete()
    assert app.session_state["paper_found"].choices == Choices()
    assert "paper_given" not in app.session_state


def test_a_known_distance_gives_the_resolution(app) -> None:
    app.toggle(key="paper_correct").set_value(True)
    app.run()
    app.toggle(key="paper_marking").set_value(True)
    app.run()
    first = app.number_input(key="paper_px_per_mm").value
    assert first == pytest.approx(8.0, abs=0.1)
    app.number_input(key="paper_distance").set_value(25.0)
    app.run()
    assert app.number_input(key="paper_px_per_mm").value == pytest.approx(2 * first, rel=0.01)


def test_a_document_of_several_pages(app) -> None:
    picture = render_page(open_demo("12-lead"), usual_style(open_demo("12-lead").leads)).image
    pages = [Image.fromarray(plain_picture()), Image.fromarray(picture)]
    content = io.BytesIO()
    pages[0].save(content, "PDF", save_all=True, append_images=pages[1:])
    app.give(content.getvalue(), "two.pdf").complete()
    assert app.states()[1] == "failed"
    box = next(box for box in app.number_input if str(box.key).startswith("paper_page"))
    assert box.max == 2
    box.set_value(2)
    app.run().complete()
    assert app.states()[1] == "done"
    assert app.session_state["paper_photo"].photo.page == 1


def test_bytes_are_let_go_and_a_closed_photo_is_gone(app) -> None:
    app.give(plain_picture(), "mine.png").complete()
    assert app.session_state["paper_photo"].document is None
    assert all(not box.value for box in app.file_uploader)
    app.press("paper_close")
    assert any("No photo is open" in info.value for info in app.info)
    for key in ("paper_photo", "paper_report", "paper_found", "paper_draft"):
        assert key not in app.session_state
    assert not app.session_state["paper_results"]


@pytest.mark.parametrize("target", ["denoise", "scalogram"])
def test_the_leads_go_on_to_the_other_views(app, target: str) -> None:
    number = app.session_state["recording_number"]
    app.press(f"paper_to_{target}")
    assert app.title[0].value.lower() == target
    assert app.session_state["recording"].name == "Demo page, clean"
    assert app.session_state["recording_number"] == number + 1
    app.go("paper")
    assert app.states() == ["done"] * 5  # nothing was read anew, nor lost


def test_the_open_recording_is_printed(app) -> None:
    app.choose("paper_way", "print")
    app.press("paper_print")
    assert "12-lead demo, printed" in app.said()
    app.complete()
    assert app.report().name == "12-lead demo, printed"


def test_the_camera_is_asked_for_only_when_it_is_wanted(app) -> None:
    assert not app.get("camera_input")
    app.choose("paper_way", "camera")
    assert len(app.get("camera_input")) == 1
