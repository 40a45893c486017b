"""View 2 as a person meets it: a real server and a real browser."""

from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WAIT = 60_000


@contextmanager
def scalogram(visit, width: int = 1280, scheme: str = "light"):
    """Open view 2 and wait until everything on it is drawn."""
    with visit(width, scheme) as page:
        if width < 640:
            page.locator("[data-testid=stExpandSidebarButton]").click()
        page.locator("[data-testid=stSidebarNavLink]", has_text="Scalogram").click()
        page.locator(".stack").wait_for(timeout=WAIT)
        page.locator(".answers article[data-model]").nth(2).wait_for(timeout=WAIT)
        page.locator(".timeline").wait_for(timeout=WAIT)
        yield page


def second(page) -> str:
    """Return what the player says, which all drawings must agree with."""
    said = page.locator(".player output").inner_text()
    place = int(said.split()[1]) - 1
    seen = page.locator("svg.stack svg.cut").nth(1)
    box = seen.evaluate("cut => [cut.viewBox.baseVal.x, cut.viewBox.baseVal.width]")
    assert box[0] == place * box[1]
    now = page.locator(".sheet .now")
    assert now.evaluate("mark => mark.x.baseVal.value") == 25 * place
    assert page.locator(".thumb[aria-pressed=true]").get_attribute("data-second") == str(place)
    tables = page.locator(".of-second:visible")
    assert tables.count() == 1
    assert tables.get_attribute("data-second") == str(place)
    return said


def test_a_second_is_chosen_by_slider_click_and_thumbnail(visit) -> None:
    with scalogram(visit) as page:
        assert second(page) == "second 1 of 10: 0 s to 1 s"
        page.locator(".player input").focus()
        page.keyboard.press("ArrowRight")
        assert second(page) == "second 2 of 10: 1 s to 2 s"
        page.locator(".thumb").nth(6).click()
        assert second(page) == "second 7 of 10: 6 s to 7 s"
        sheet = page.locator(".sheet > svg[data-unit]")
        sheet.scroll_into_view_if_needed()
        scale = sheet.evaluate("svg => svg.getScreenCTM().a")
        box = sheet.bounding_box()
        page.mouse.click(box["x"] + 25 * 4.5 * scale, box["y"] + 60)
        assert second(page) == "second 5 of 10: 4 s to 5 s"
        page.get_by_role("button", name="Scalogram of second 5 (SVG)").wait_for(timeout=WAIT)
        with page.expect_download(timeout=WAIT) as saved:
            page.get_by_role("button", name="Scalogram of second 5 (SVG)").click()
        content = Path(saved.value.path()).read_bytes()
        assert b"4 s to 5 s" in content
        assert b"NOT A MEDICAL DEVICE" in content


def test_a_second_is_redrawn_at_once(visit) -> None:
    with scalogram(visit) as page:
        taken = page.locator(".thumbs").evaluate("""async (thumbs) => {
          const taken = [];
          for (const place of [3, 8, 1, 5, 9]) {
            const begin = performance.now();
            thumbs.children[place].click();
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            taken.push(performance.now() - begin);
          }
          return taken;
        }""")
        assert sorted(taken)[2] < 300


def test_playing_goes_on_by_itself_and_can_be_stopped(visit) -> None:
    with scalogram(visit) as page:
        play = page.locator(".play")
        play.click()
        page.locator("output", has_text="second 3 of 10").wait_for(timeout=10_000)
        assert "Stop" in play.inner_text()
        play.click()
        stopped = second(page)
        page.wait_for_timeout(1500)
        assert second(page) == stopped
        assert "Play" in play.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_view_2_fits_into_400_pixels(visit, scheme: str) -> None:
    with scalogram(visit, 400, scheme) as page:
        wide = page.evaluate(
            "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
            ".map(part => part.scrollWidth)"
        )
        assert max(wide) <= 400
        for part in (".stack", ".timeline", ".answers"):
            box = page.locator(part).bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 400
        paper = page.locator(".sheet rect").first
        fill = paper.evaluate("rect => getComputedStyle(rect).fill")
        light = min(int(part) for part in fill[4:-1].split(",")) > 200
        assert light == (scheme == "light")


def test_the_report_is_a_pdf(visit) -> None:
    with scalogram(visit) as page:
        with page.expect_download(timeout=WAIT) as saved:
            page.get_by_role("button", name="One-page report (PDF)").click()
        assert Path(saved.value.path()).read_bytes().startswith(b"%PDF")
