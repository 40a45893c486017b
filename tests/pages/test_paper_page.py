"""View 3, run without a browser."""

import io
import json
import struct
import time
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from ecgkit.demos import open_demo
from ecgkit.digitization.pipeline import Choices
from ecgkit.drawing.style import NOT_A_DEVICE, PAPER_CAUTION
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import Grid, usual_style

APP = Path(__file__).resolve().parents[2] / "app.py"


def opened_page() -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=120).run()
    app.switch_page("pages/paper/page.py")
    return run(app)


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, app.exception[0].value
    return app


def complete(app: AppTest) -> AppTest:
    """Return the page once the open photo has been read, as far as it can be."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if "paper_report" in app.session_state and "waiting" not in html(app, "paper_steps"):
            return app
        time.sleep(0.3)
        run(app)
    raise AssertionError("the page was not read in time")


@pytest.fixture
def app() -> AppTest:
    """The Paper page with the clean demo page read."""
    return complete(opened_page())


def html(app: AppTest, key: str) -> str:
    """Return what one of the components shows."""
    for element in app.get("bidi_component"):
        if element.proto.id.endswith(f"-{key}"):
            return json.loads(element.proto.json)["html"]
    return ""


def states(app: AppTest) -> list[str]:
    """Return the state of each stage."""
    return [
        next(state for state in ("done", "failed", "waiting", "ahead") if f"step {state}" in item)
        for item in html(app, "paper_steps").split("<li>")[1:]
    ]


def choose(app: AppTest, key: str, value: object) -> AppTest:
    next(group for group in app.get("button_group") if group.key == key).set_value(value)
    return run(app)


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click()
    return run(app)


def give(app: AppTest, content: bytes, name: str) -> AppTest:
    box = next(box for box in app.file_uploader if box.key.startswith("paper_file"))
    box.set_value([(name, content, "application/octet-stream")])
    return run(app)


def said(app: AppTest) -> str:
    groups = (app.markdown, app.caption, app.info, app.warning, app.error)
    return "\n".join(part.value for group in groups for part in group).replace("\\", "")


def report(app: AppTest):
    return app.session_state["paper_report"]


def as_file(picture: np.ndarray, kind: str = "PNG", **settings: object) -> bytes:
    content = io.BytesIO()
    Image.fromarray(picture).save(content, kind, **settings)
    return content.getvalue()


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


def test_the_photo_waits_for_no_network() -> None:
    app = opened_page()
    assert "Demo page, clean" in said(app)
    assert states(app) == ["done", "waiting", "ahead", "ahead", "ahead"]
    assert "data:image/jpeg" in html(app, "paper_photo_waiting")
    assert NOT_A_DEVICE.partition(". ")[0] in said(app)


def test_a_clean_page_is_read(app: AppTest) -> None:
    assert states(app) == ["done"] * 5
    found = report(app)
    assert len(found.traces.recording.leads) == 12
    assert "5 mm" in html(app, "paper_photo_view")
    assert "25 mm across, 10 mm up" in html(app, "paper_page_view")
    assert html(app, "paper_mask_view").count('type="range"') == 3
    leads = html(app, "paper_leads_view")
    assert 'data-signal="tracing"' in leads
    assert leads.count('class="confidence"') >= 12
    assert html(app, "paper_leads_table").count("<tr>") == 13
    assert PAPER_CAUTION in said(app)
    assert "px/mm across" in said(app)
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


def test_hostile_bytes_are_refused_in_one_sentence(app: AppTest) -> None:
    whole = as_file(np.random.default_rng(0).integers(0, 255, (400, 600, 3), np.uint8), "JPEG")
    before = report(app)
    for content, why in (
        (b"This is no picture. " * 40, "no picture"),
        (whole[: len(whole) // 3], "damaged"),
        (as_file(np.zeros((10, 10, 3), np.uint8)), "10 x 10 px"),
        (bomb(), "megapixels"),
        (b"", "empty"),
    ):
        give(app, content, "![x](http://192.0.2.1/x.png)<b>.jpg")
        assert len(app.error) == 1
        assert why in app.error[0].value.replace("\\", "")
        assert "\\<b\\>" in app.error[0].value
        assert report(app) is before  # what was open still is
        assert states(app) == ["done"] * 5
    choose(app, "paper_way", "demo")
    press(app, "paper_clean")
    assert not app.error


def test_a_page_without_a_grid_is_refused_and_correcting_offered(app: AppTest) -> None:
    complete(give(app, as_file(plain_picture()), "plain.png"))
    assert states(app) == ["done", "failed", "ahead", "ahead", "ahead"]
    assert [error.value for error in app.error if "no grid" in error.value]
    assert 'class="editor"' in html(app, "paper_photo_view")
    assert app.session_state["paper_correct"]
    assert app.number_input(key="paper_px_per_mm").value > 0
    box = next(box for box in app.checkbox if str(box.key).startswith("paper_use_scale"))
    assert box.value  # it is the resolution that is asked for
    complete(press(app, "paper_again"))
    assert report(app).rectified is not None
    assert states(app)[:3] == ["done"] * 3
    assert states(app)[3] == "failed"
    assert [error.value for error in app.error if "no trace" in error.value]
    labels = {button.label for button in app.get("download_button")}
    assert "Mask (PNG)" in labels
    assert "Signals (CSV)" not in labels


def test_layout_and_scale_can_be_said_and_taken_back(app: AppTest) -> None:
    found = report(app)
    assert "paper_back_too" not in {button.key for button in app.button}
    choose(app, "paper_gain", 20.0)
    assert report(app).choices == Choices(mm_per_mv=20.0)
    assert report(app).mask is found.mask  # the mask is not looked for again
    assert "20 mm/mV" in said(app)
    app.selectbox(key="paper_layout").set_value("limb-3x2")
    run(app)
    assert report(app).choices == Choices(layout="limb-3x2", mm_per_mv=20.0)
    press(app, "paper_back_too")
    assert app.selectbox(key="paper_layout").value == ""
    assert "10 mm/mV" in said(app)
    assert app.session_state["paper_found"] is found
    assert states(app) == ["done"] * 5


def test_a_page_without_a_grid_is_read_by_its_rows_and_offered_for_correcting(app) -> None:
    recording = open_demo("12-lead")
    page = render_page(recording, replace(usual_style(recording.leads), grid=Grid("none")))
    complete(give(app, as_file(page.image), "bare.png"))
    assert states(app) == ["done"] * 5
    assert "held to be 250 mm" in said(app)
    assert app.session_state["paper_correct"]
    box = next(box for box in app.checkbox if str(box.key).startswith("paper_use_scale"))
    assert box.value
    found = report(app).rectified
    assert found.scale_source == "rows"
    app.number_input(key="paper_px_per_mm").set_value(6.0)
    complete(press(app, "paper_again"))
    assert report(app).rectified.scale_source == "given"
    assert "as given" in said(app)


def test_corners_can_be_given_as_numbers(app: AppTest) -> None:
    app.toggle(key="paper_correct").set_value(True)
    run(app)
    app.number_input(key="paper_x0").set_value(120.0)
    run(app)
    app.number_input(key="paper_y0").set_value(30.0)
    run(app)
    assert app.session_state["paper_draft"].corners[0] == (120.0, 30.0)
    choose(app, "paper_speed", 25.0)
    complete(press(app, "paper_again"))
    choices = report(app).choices
    assert choices.corners is not None
    assert choices.corners[0] == (120.0, 30.0)
    assert choices.mm_per_s == 25.0  # as it was said before
    assert app.session_state["paper_found"].choices == Choices()
    complete(press(app, "paper_back_too"))
    assert app.session_state["paper_found"].choices == Choices()
    assert "paper_given" not in app.session_state


def test_a_known_distance_gives_the_resolution(app: AppTest) -> None:
    app.toggle(key="paper_correct").set_value(True)
    run(app)
    app.toggle(key="paper_marking").set_value(True)
    run(app)
    first = app.number_input(key="paper_px_per_mm").value
    assert first == pytest.approx(8.0, abs=0.1)
    app.number_input(key="paper_distance").set_value(25.0)
    run(app)
    assert app.number_input(key="paper_px_per_mm").value == pytest.approx(2 * first, rel=0.01)


def test_a_document_of_several_pages(app: AppTest) -> None:
    picture = render_page(open_demo("12-lead"), usual_style(open_demo("12-lead").leads)).image
    pages = [Image.fromarray(plain_picture()), Image.fromarray(picture)]
    content = io.BytesIO()
    pages[0].save(content, "PDF", save_all=True, append_images=pages[1:])
    complete(give(app, content.getvalue(), "two.pdf"))
    assert states(app)[1] == "failed"
    box = next(box for box in app.number_input if str(box.key).startswith("paper_page"))
    assert box.max == 2
    box.set_value(2)
    complete(run(app))
    assert states(app)[1] == "done"
    assert app.session_state["paper_photo"].photo.page == 1


def test_bytes_are_let_go_and_a_closed_photo_is_gone(app: AppTest) -> None:
    complete(give(app, as_file(plain_picture()), "mine.png"))
    assert app.session_state["paper_photo"].document is None
    assert all(not box.value for box in app.file_uploader)
    press(app, "paper_close")
    assert any("No photo is open" in info.value for info in app.info)
    for key in ("paper_photo", "paper_report", "paper_found", "paper_draft"):
        assert key not in app.session_state
    assert not app.session_state["paper_results"]


@pytest.mark.parametrize("target", ["denoise", "scalogram"])
def test_the_leads_go_on_to_the_other_views(app: AppTest, target: str) -> None:
    number = app.session_state["recording_number"]
    press(app, f"paper_to_{target}")
    assert app.title[0].value.lower() == target
    assert app.session_state["recording"].name == "Demo page, clean"
    assert app.session_state["recording_number"] == number + 1
    app.switch_page("pages/paper/page.py")
    run(app)
    assert states(app) == ["done"] * 5  # nothing was read anew, nor lost


def test_the_open_recording_is_printed(app: AppTest) -> None:
    choose(app, "paper_way", "print")
    press(app, "paper_print")
    assert "12-lead demo, printed" in said(app)
    complete(app)
    assert report(app).name == "12-lead demo, printed"


def test_the_camera_is_asked_for_only_when_it_is_wanted(app: AppTest) -> None:
    assert not app.get("camera_input")
    choose(app, "paper_way", "camera")
    assert len(app.get("camera_input")) == 1
