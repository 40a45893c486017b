"""View 3 as a person meets it: a real server and a real browser."""

import json
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WAIT = 60_000


@contextmanager
def paper(visit, width: int = 1280, scheme: str = "light"):
    """Open view 3 and wait until its demo page is read."""
    with visit(width, scheme) as page:
        if width < 640:
            page.goto(f"{page.url.rstrip('/')}/paper")  # the sidebar would lie over the page
        else:
            page.locator("[data-testid=stSidebarNavLink]", has_text="Paper").click()
        page.locator(".photo").wait_for(timeout=WAIT)
        page.locator(".st-key-paper_stage_signals .sheet").wait_for(timeout=2 * WAIT)
        yield page


def drag(page, part, across: float, down: float) -> None:
    """Take a part of the page by its middle and move it by so many px."""
    part.scroll_into_view_if_needed()
    box = part.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + across, y + down, steps=4)
    page.mouse.up()


def test_the_masks_sliders_work_in_the_browser(visit) -> None:
    with paper(visit) as page:
        over = page.locator(".over")
        assert float(over.evaluate("part => part.style.opacity")) == 0.85
        page.locator("input.opacity").evaluate(
            "range => { range.value = 20; range.dispatchEvent(new Event('input')); }"
        )
        assert float(over.evaluate("part => part.style.opacity")) == 0.2
        pile = page.locator(".pile").bounding_box()
        drag(page, page.locator(".divider"), pile["width"] / 2, 0)
        share = float(page.locator("input.divide").input_value())
        assert 40 < share < 60
        assert f"{share:g}%" in over.evaluate("part => part.style.clipPath")
        page.locator("input.divide").focus()
        page.keyboard.press("ArrowRight")
        assert float(page.locator("input.divide").input_value()) == share + 1


def test_a_corner_is_moved_by_hand_and_by_keys(visit) -> None:
    with paper(visit) as page:
        page.locator("label", has_text="Correct by hand").click()
        grip = page.locator(".grip").first
        grip.wait_for(timeout=WAIT)
        assert page.locator(".grip").count() == 4
        scale = page.locator(".photo").bounding_box()["width"] / 2192  # px of the demo page
        before = place(grip)
        drag(page, grip, 200 * scale, 100 * scale)
        x, y = place(grip)
        assert x == pytest.approx(before[0] + 200, abs=4)
        assert y == pytest.approx(before[1] + 100, abs=4)
        page.wait_for_timeout(1000)  # the server draws the page anew, and the corner stays
        assert place(grip) == (x, y)
        grip.focus()
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("ArrowDown")
        assert place(grip) == (x + 10, y + 1)
        page.wait_for_timeout(1000)
        page.get_by_role("button", name="Corners as numbers").click()
        field = page.get_by_label("1, upper left: x (px)")
        field.wait_for(timeout=WAIT)
        assert float(field.input_value()) == pytest.approx(x + 10, abs=0.6)


def place(grip) -> tuple[int, int]:
    """Return where a grip says it is, in px of the photo."""
    said = grip.get_attribute("aria-label")
    x, y = said.partition(": x ")[2].partition(" px")[0].split(", y ")
    return int(x), int(y)


def test_mask_and_values_are_downloaded(visit) -> None:
    from PIL import Image

    with paper(visit) as page:
        with page.expect_download(timeout=WAIT) as saved:
            page.get_by_role("button", name="Values (JSON)").click()
        values = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
        assert len(values["leads"]) == 12
        assert values["error"] is None
        with page.expect_download(timeout=WAIT) as saved:
            page.get_by_role("button", name="Mask (PNG)").click()
        mask = Image.open(saved.value.path())
        assert mask.size == (values["rectified"]["width"], values["rectified"]["height"])
        assert {value for _, value in mask.getcolors()} == {0, 255}


def test_a_threshold_is_moved_by_hand_and_back(visit) -> None:
    with paper(visit) as page:
        rows = page.locator(".finding[data-label]")
        rows.first.wait_for(timeout=WAIT)
        label = rows.first.get_attribute("data-label")
        row = page.locator(f'.finding[data-label="{label}"]')
        before = row.locator(".mark").evaluate("mark => mark.style.left")
        slider = page.locator("[class*=st-key-paper_threshold]", has_text=f"Threshold of {label}")
        slider.scroll_into_view_if_needed()
        slider.locator("input").focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        row.locator(".own").first.wait_for(timeout=WAIT)
        page.wait_for_timeout(1000)
        after = row.locator(".mark").evaluate("mark => mark.style.left")
        assert float(after.rstrip("%")) > float(before.rstrip("%")) + 3
        page.get_by_role("button", name="Reset all thresholds").click()
        row.locator(".own").first.wait_for(state="detached", timeout=WAIT)
        assert row.locator(".mark").evaluate("mark => mark.style.left") == before


def test_the_paper_report_is_a_pdf(visit) -> None:
    with paper(visit) as page:
        with page.expect_download(timeout=WAIT) as saved:
            page.get_by_role("button", name="Report (PDF)").click()
        assert Path(saved.value.path()).read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_view_3_fits_into_400_pixels(visit, scheme: str) -> None:
    with paper(visit, 400, scheme) as page:
        page.locator("label", has_text="Correct by hand").click()
        page.locator(".grip").first.wait_for(timeout=WAIT)
        wide = page.evaluate(
            "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
            ".map(part => part.scrollWidth)"
        )
        assert max(wide) <= 400
        page.locator(".findings").wait_for(timeout=WAIT)
        for part in (".steps", ".photo", ".sliders", ".findings", ".group .finding .nums"):
            box = page.locator(part).first.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 400


def test_a_picture_that_is_none_is_refused(visit) -> None:
    with paper(visit) as page:
        page.locator("[data-testid=stMain] input[type=file]").first.set_input_files(
            files=[{"name": "<b>.jpg", "mimeType": "image/jpeg", "buffer": b"no picture" * 90}]
        )
        alert = page.locator("[data-testid=stMain] [data-testid=stAlert]", has_text="known kind")
        alert.wait_for(timeout=WAIT)
        assert "<b>.jpg" in alert.inner_text()
        page.locator(".st-key-paper_stage_signals .sheet").wait_for(timeout=WAIT)
