"""The application as a person meets it: a real server and a real browser."""

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from ecgkit.io import write_csv
from ecgkit.processing.synthetic import generate_ecg

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
WAIT = 60_000
WAITING = "tr.waiting"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server of its own on a free port of this machine."""
    with serving() as found:
        yield found


@contextmanager
def serving() -> Iterator[str]:
    """Start the application, and stop it afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--server.headless=true", "--server.address=127.0.0.1", f"--server.port={port}"]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", *options],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM or not Path(CHROMIUM).exists():
        pytest.skip("no Chromium here (set CHROMIUM)")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@contextmanager
def visit(browser, address: str, width: int = 1280, scheme: str = "light"):
    """Open the application; afterwards, nothing may have been asked of another machine."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    elsewhere: list[str] = []
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((address, "data:", "blob:", address.replace("http", "ws")))
            else elsewhere.append(request.url)
        ),
    )
    page.goto(address)
    page.locator(".sheet").first.wait_for(timeout=WAIT)
    yield page
    assert not page.locator("[data-testid=stException]").count()
    assert elsewhere == []
    context.close()


def cell(page, signal: str, column: int = 0):
    return page.locator(f'tr[data-signal="{signal}"] td').nth(column)


def give(page, name: str, content: bytes) -> None:
    page.locator("[data-testid=stSidebar] input[type=file]").set_input_files(
        files=[{"name": name, "mimeType": "application/octet-stream", "buffer": content}]
    )


def test_first_paint(browser, address: str) -> None:
    with visit(browser, address) as page:
        assert page.get_by_text("NOT A MEDICAL DEVICE").first.is_visible()
        assert cell(page, "input").inner_text() == "0.00"
        drawn = page.locator(".sheet [data-signal=dwt] path").first
        assert drawn.bounding_box()["width"] > 100
        page.locator(WAITING).first.wait_for(state="detached", timeout=WAIT)
        cell(page, "aprcnn").wait_for(timeout=WAIT)
        assert float(cell(page, "aprcnn").inner_text()) > 6


def test_a_millimetre_is_as_long_on_both_axes(browser, address: str) -> None:
    for width in (1280, 400):
        with visit(browser, address, width) as page:
            matrix = page.locator(".sheet > svg").last.evaluate(
                "svg => { const m = svg.getScreenCTM(); return [m.a, m.b, m.c, m.d]; }"
            )
            assert matrix[0] == pytest.approx(matrix[3], rel=1e-3)
            assert matrix[1:3] == [0, 0]
            assert matrix[0] > 2.9


def test_the_slider_changes_metrics_and_traces(browser, address: str) -> None:
    with visit(browser, address) as page:
        path = page.locator(".sheet [data-signal=input] path").first
        before = path.get_attribute("d")
        slider = page.locator("[data-testid=stMain] [data-testid=stSlider] input").first
        slider.focus()
        page.keyboard.press("ArrowLeft")
        page.locator('tr[data-signal="input"] td', has_text="−1.00").wait_for(timeout=WAIT)
        page.wait_for_timeout(300)
        assert path.get_attribute("d") != before


def test_an_upload_opens(browser, address: str) -> None:
    with visit(browser, address) as page:
        give(page, "mine.csv", write_csv(generate_ecg(10.0, 250.0, leads=("I", "aVF"))))
        page.locator("[data-testid=stSidebar]").get_by_text("mine", exact=True).wait_for()
        page.locator(".sheet text", has_text="aVF").first.wait_for(timeout=WAIT)
        assert page.locator("[data-testid=stAlert]").count() == 1  # the caution alone


def test_garbage_is_refused_in_one_sentence(browser, address: str) -> None:
    with visit(browser, address) as page:
        name = "![x](http://192.0.2.1/x.png)<img src=http://192.0.2.1/y.png>.csv"
        give(page, name, np.random.default_rng(0).bytes(4000))
        alert = page.locator("[data-testid=stSidebar] [data-testid=stAlert]")
        alert.wait_for(timeout=WAIT)
        assert alert.count() == 1
        assert "known format" in alert.inner_text()
        assert not alert.locator("img").count()
        assert page.get_by_text("12-lead demo", exact=True).is_visible()
        assert page.locator(".sheet").first.is_visible()


def test_a_hostile_lead_name_stays_text(browser, address: str) -> None:
    with visit(browser, address) as page:
        lead = "<img src=x onerror=document.title='broken'>"
        text = io.StringIO()
        text.write(f"time (s),{lead} (mV)\n")
        values = generate_ecg(5.0, 250.0, leads=("II",)).signal[0]
        for place, value in enumerate(values):
            text.write(f"{place / 250:.4f},{value:.4f}\n")
        give(page, "named.csv", text.getvalue().encode())
        page.locator("[data-testid=stSidebar]").get_by_text("named", exact=True).wait_for()
        page.locator(".sheet text", has_text="<img").first.wait_for(timeout=WAIT)
        assert page.title() != "broken"
        assert not page.locator(".sheet img").count()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_runs_over_at_400_pixels(browser, address: str, scheme: str) -> None:
    with visit(browser, address, 400, scheme) as page:
        wide = page.evaluate(
            "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
            ".map(part => part.scrollWidth)"
        )
        assert max(wide) <= 400
        pills = page.locator("[data-testid=stButtonGroup] button", has_text="V6")
        box = pills.first.bounding_box()
        assert box["x"] + box["width"] <= 400
        scroll = page.locator(".sheet").first.locator("..")
        scroll.evaluate("part => { part.scrollLeft = 1e6; }")
        label = page.locator(".sheet > svg").first.bounding_box()
        assert 0 <= label["x"] < 30  # lead names stay in sight


def test_dark_paper_is_dark(browser, address: str) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        with visit(browser, address, scheme=scheme) as page:
            rect = page.locator(".sheet rect").first
            fill = rect.evaluate("rect => getComputedStyle(rect).fill")
            colours[scheme] = [int(part) for part in fill[4:-1].split(",")]
    assert min(colours["light"]) > 230
    assert max(colours["dark"]) < 60


def test_the_strip_takes_one_there(browser, address: str) -> None:
    with visit(browser, address) as page:
        side = page.locator("[data-testid=stSidebar]")
        side.locator("[data-testid=stSelectbox]").click()
        page.get_by_role("option", name="Holter").click()
        side.get_by_text("ambulatory").wait_for(timeout=WAIT)
        side.get_by_role("button", name="Open demo").click()
        strip = page.locator(".strip")
        strip.wait_for(timeout=WAIT)
        strip.scroll_into_view_if_needed()
        box = strip.bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
        page.locator(".sheet text", has_text="2:30").first.wait_for(timeout=WAIT)


def test_the_caliper_measures(browser, address: str) -> None:
    with visit(browser, address) as page:
        sheet = page.locator(".sheet > svg[data-unit]").first
        sheet.scroll_into_view_if_needed()
        scale = sheet.evaluate("svg => svg.getScreenCTM().a")
        box = sheet.bounding_box()
        x, y = box["x"] + 100, box["y"] + 40
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 20 * scale, y + 10 * scale, steps=4)  # 20 mm by 10 mm
        page.mouse.up()
        assert page.locator(".caliper text").text_content() == "800 ms (75/min) · 1.00 mV"


def test_a_download_holds_the_denoised_recording(browser, address: str) -> None:
    from ecgkit.io import open_recording

    with visit(browser, address) as page:
        page.locator("[data-testid=stButtonGroup] button", has_text="Downloads").click()
        for label, ending in (("CSV", "csv"), ("EDF", "edf"), ("WFDB (zip)", "zip")):
            button = page.get_by_role("button", name=label, exact=False).first
            button.wait_for(timeout=WAIT)
            with page.expect_download(timeout=WAIT) as saved:
                button.click()
            assert saved.value.suggested_filename.endswith(ending)
            content = Path(saved.value.path()).read_bytes()
            recording = open_recording({saved.value.suggested_filename: content})
            assert len(recording.leads) == 12
            assert recording.n_samples == 10_000
        with page.expect_download(timeout=WAIT) as saved:
            page.get_by_role("button", name="Figure (SVG)").click()
        assert b"NOT A MEDICAL DEVICE" in Path(saved.value.path()).read_bytes()


def test_a_deep_link_shows_the_whole_page(browser, address: str) -> None:
    with visit(browser, address) as page:
        page.goto(f"{address}/models")
        page.get_by_role("heading", name="Models").wait_for(timeout=WAIT)
        assert page.get_by_text("NOT A MEDICAL DEVICE").first.is_visible()
        assert page.locator("[data-testid=stSidebarNavLink]").count() == 4


@pytest.mark.parametrize("name", ["Models", "Scalogram", "Paper"])
def test_a_deep_link_works_on_a_server_that_has_shown_nothing_yet(browser, name: str) -> None:
    with serving() as address:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{address}/{name.lower()}")
        page.get_by_role("heading", name=name, exact=True).wait_for(timeout=WAIT)
        assert page.get_by_text("NOT A MEDICAL DEVICE").first.is_visible()
        assert page.locator("[data-testid=stSidebarNavLink]").count() == 4
        assert not page.get_by_text("Page not found").count()
        context.close()


@contextmanager
def scalogram(browser, address: str, width: int = 1280, scheme: str = "light"):
    """Open view 2 and wait until everything on it is drawn."""
    with visit(browser, address, width, scheme) as page:
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


def test_a_second_is_chosen_by_slider_click_and_thumbnail(browser, address: str) -> None:
    with scalogram(browser, address) as page:
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


def test_a_second_is_redrawn_at_once(browser, address: str) -> None:
    with scalogram(browser, address) as page:
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


def test_playing_goes_on_by_itself_and_can_be_stopped(browser, address: str) -> None:
    with scalogram(browser, address) as page:
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
def test_view_2_fits_into_400_pixels(browser, address: str, scheme: str) -> None:
    with scalogram(browser, address, 400, scheme) as page:
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


def test_the_report_is_a_pdf(browser, address: str) -> None:
    with scalogram(browser, address) as page:
        with page.expect_download(timeout=WAIT) as saved:
            page.get_by_role("button", name="One-page report (PDF)").click()
        assert Path(saved.value.path()).read_bytes().startswith(b"%PDF")


@contextmanager
def paper(browser, address: str, width: int = 1280, scheme: str = "light"):
    """Open view 3 and wait until its demo page is read."""
    with visit(browser, address, width, scheme) as page:
        if width < 640:
            page.goto(f"{address}/paper")  # the sidebar would lie over the page
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


def test_the_masks_sliders_work_in_the_browser(browser, address: str) -> None:
    with paper(browser, address) as page:
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


def test_a_corner_is_moved_by_hand_and_by_keys(browser, address: str) -> None:
    with paper(browser, address) as page:
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


def test_mask_and_values_are_downloaded(browser, address: str) -> None:
    from PIL import Image

    with paper(browser, address) as page:
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


def test_a_threshold_is_moved_by_hand_and_back(browser, address: str) -> None:
    with paper(browser, address) as page:
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


def test_the_paper_report_is_a_pdf(browser, address: str) -> None:
    with paper(browser, address) as page:
        with page.expect_download(timeout=WAIT) as saved:
            page.get_by_role("button", name="Report (PDF)").click()
        assert Path(saved.value.path()).read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_view_3_fits_into_400_pixels(browser, address: str, scheme: str) -> None:
    with paper(browser, address, 400, scheme) as page:
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


def test_a_picture_that_is_none_is_refused(browser, address: str) -> None:
    with paper(browser, address) as page:
        page.locator("[data-testid=stMain] input[type=file]").first.set_input_files(
            files=[{"name": "<b>.jpg", "mimeType": "image/jpeg", "buffer": b"no picture" * 90}]
        )
        alert = page.locator("[data-testid=stMain] [data-testid=stAlert]", has_text="known kind")
        alert.wait_for(timeout=WAIT)
        assert "<b>.jpg" in alert.inner_text()
        page.locator(".st-key-paper_stage_signals .sheet").wait_for(timeout=WAIT)
