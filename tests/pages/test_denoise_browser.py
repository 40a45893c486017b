"""The application and view 1 as a person meets it: a real server and a real browser."""

import io
from pathlib import Path

import numpy as np
import pytest

from ecgkit.io import write_csv
from ecgkit.processing.synthetic import generate_ecg

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WAIT = 60_000
WAITING = "tr.waiting"


def cell(page, signal: str, column: int = 0):
    return page.locator(f'tr[data-signal="{signal}"] td').nth(column)


def give(page, name: str, content: bytes) -> None:
    page.locator("[data-testid=stSidebar] input[type=file]").set_input_files(
        files=[{"name": name, "mimeType": "application/octet-stream", "buffer": content}]
    )


def test_first_paint(visit) -> None:
    with visit() as page:
        assert page.get_by_text("NOT A MEDICAL DEVICE").first.is_visible()
        assert cell(page, "input").inner_text() == "0.00"
        drawn = page.locator(".sheet [data-signal=dwt] path").first
        assert drawn.bounding_box()["width"] > 100
        page.locator(WAITING).first.wait_for(state="detached", timeout=WAIT)
        cell(page, "aprcnn").wait_for(timeout=WAIT)
        assert float(cell(page, "aprcnn").inner_text()) > 6


def test_a_millimetre_is_as_long_on_both_axes(visit) -> None:
    for width in (1280, 400):
        with visit(width) as page:
            matrix = page.locator(".sheet > svg").last.evaluate(
                "svg => { const m = svg.getScreenCTM(); return [m.a, m.b, m.c, m.d]; }"
            )
            assert matrix[0] == pytest.approx(matrix[3], rel=1e-3)
            assert matrix[1:3] == [0, 0]
            assert matrix[0] > 2.9


def test_the_slider_changes_metrics_and_traces(visit) -> None:
    with visit() as page:
        path = page.locator(".sheet [data-signal=input] path").first
        before = path.get_attribute("d")
        slider = page.locator("[data-testid=stMain] [data-testid=stSlider] input").first
        slider.focus()
        page.keyboard.press("ArrowLeft")
        page.locator('tr[data-signal="input"] td', has_text="−1.00").wait_for(timeout=WAIT)
        page.wait_for_timeout(300)
        assert path.get_attribute("d") != before


def test_an_upload_opens(visit) -> None:
    with visit() as page:
        give(page, "mine.csv", write_csv(generate_ecg(10.0, 250.0, leads=("I", "aVF"))))
        page.locator("[data-testid=stSidebar]").get_by_text("mine", exact=True).wait_for()
        page.locator(".sheet text", has_text="aVF").first.wait_for(timeout=WAIT)
        assert page.locator("[data-testid=stAlert]").count() == 1  # the caution alone


def test_garbage_is_refused_in_one_sentence(visit) -> None:
    with visit() as page:
        name = "![x](http://192.0.2.1/x.png)<img src=http://192.0.2.1/y.png>.csv"
        give(page, name, np.random.default_rng(0).bytes(4000))
        alert = page.locator("[data-testid=stSidebar] [data-testid=stAlert]")
        alert.wait_for(timeout=WAIT)
        assert alert.count() == 1
        assert "known format" in alert.inner_text()
        assert not alert.locator("img").count()
        assert page.get_by_text("12-lead demo", exact=True).is_visible()
        assert page.locator(".sheet").first.is_visible()


def test_a_hostile_lead_name_stays_text(visit) -> None:
    with visit() as page:
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
def test_nothing_runs_over_at_400_pixels(visit, scheme: str) -> None:
    with visit(400, scheme) as page:
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


def test_dark_paper_is_dark(visit) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        with visit(scheme=scheme) as page:
            rect = page.locator(".sheet rect").first
            fill = rect.evaluate("rect => getComputedStyle(rect).fill")
            colours[scheme] = [int(part) for part in fill[4:-1].split(",")]
    assert min(colours["light"]) > 230
    assert max(colours["dark"]) < 60


def test_the_strip_takes_one_there(visit) -> None:
    with visit() as page:
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


def test_the_caliper_measures(visit) -> None:
    with visit() as page:
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


def test_a_download_holds_the_denoised_recording(visit) -> None:
    from ecgkit.io import open_recording

    with visit() as page:
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


def test_a_deep_link_shows_the_whole_page(visit, address: str) -> None:
    with visit() as page:
        page.goto(f"{address}/models")
        page.get_by_role("heading", name="Models").wait_for(timeout=WAIT)
        assert page.get_by_text("NOT A MEDICAL DEVICE").first.is_visible()
        assert page.locator("[data-testid=stSidebarNavLink]").count() == 4


@pytest.mark.parametrize("name", ["Models", "Scalogram", "Paper"])
def test_a_deep_link_works_on_a_server_that_has_shown_nothing_yet(
    browser, serving, name: str
) -> None:
    with serving() as address:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{address}/{name.lower()}")
        page.get_by_role("heading", name=name, exact=True).wait_for(timeout=WAIT)
        assert page.get_by_text("NOT A MEDICAL DEVICE").first.is_visible()
        assert page.locator("[data-testid=stSidebarNavLink]").count() == 4
        assert not page.get_by_text("Page not found").count()
        context.close()
