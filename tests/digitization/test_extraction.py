from __future__ import annotations

import html
import json
from dataclasses import replace

import numpy as np
import pytest

from ecgkit.digitization.extraction import read_traces
from ecgkit.digitization.lead_signals import FS
from ecgkit.errors import PageError
from ecgkit.processing.beats import detect_beats
from ecgkit.processing.metrics import pearson
from ecgkit.recording import STANDARD_LEADS
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import usual_style


def page_of(recording, layout, **changes):
    style = replace(usual_style(recording.leads, layout), px_per_mm=(5.0, 5.0), **changes)
    page = render_page(recording, style)
    return page, page.mask / np.float32(255)


def likeness(found, shown):
    """Correlation of each lead with what the page shows, at the best small shift."""
    result = {}
    for lead in shown.leads:
        a, b = found.lead(lead), shown.lead(lead)
        size = min(a.size, b.size) - 20
        b = b[10 : 10 + size]
        result[lead] = max(pearson(a[10 + k : 10 + k + size], b) for k in range(-10, 11))
    return result


@pytest.mark.parametrize("layout", ["3x4", "3x4+1", "3x4+3", "6x2", "6x2+1", "12x1", "4x3", "limb"])
def test_a_clean_page_gives_its_leads_back(recording, layout):
    page, mask = page_of(recording, layout, row_height=24.0)
    found = read_traces(mask, page.image)
    assert found.layout == layout
    shown = page.sheet.shown()
    assert found.recording.leads == shown.leads
    assert found.recording.fs == FS
    alike = likeness(found.recording, shown)
    assert np.median(list(alike.values())) > 0.97, alike
    assert found.confidence.shape == found.recording.signal.shape
    missing = np.isnan(found.recording.signal)
    assert (found.confidence[missing] == 0).all()
    assert (found.confidence[~missing] > 0).all()
    assert found.confidence.max() <= 1


def test_voltage_heart_rate_and_place_on_the_page(recording):
    page, mask = page_of(recording, "3x4+1")
    found = read_traces(mask, page.image, mm_per_s=25, mm_per_mv=10)
    assert found.warnings == ()
    shown = page.sheet.shown()
    assert found.recording.duration == pytest.approx(shown.duration, abs=0.05)
    for lead in shown.leads:
        span = np.flatnonzero(np.isfinite(shown.lead(lead)))[[0, -1]]
        read = np.flatnonzero(np.isfinite(found.recording.lead(lead)))[[0, -1]]
        assert np.abs(read - span).max() < 0.03 * FS, lead
    height = np.nanpercentile(shown.lead("II"), 99.8)
    assert np.nanpercentile(found.recording.lead("II"), 99.8) == pytest.approx(height, rel=0.1)
    rate = detect_beats(found.recording, "II").heart_rate
    assert rate == pytest.approx(detect_beats(shown, "II").heart_rate, abs=2)


def test_other_scales_and_their_warnings(recording):
    page, mask = page_of(recording, "3x4+1", speed=50.0, gain=5.0)
    guessed = read_traces(mask, page.image)
    assert guessed.mm_per_mv == 5  # as its calibration pulses say
    assert len(guessed.warnings) == 1
    told = read_traces(mask, page.image, mm_per_s=50, mm_per_mv=5)
    assert told.recording.duration == pytest.approx(5, abs=0.05)
    wrong = read_traces(mask, page.image, mm_per_s=50, mm_per_mv=10)
    swing = [np.nanmax(np.abs(traces.recording.lead("II"))) for traces in (wrong, told)]
    assert swing[1] == pytest.approx(2 * swing[0], rel=0.02)
    bare, mask = page_of(recording, "3x4+1", pulse="none")
    assert len(read_traces(mask, bare.image).warnings) == 2
    assert np.median(list(likeness(told.recording, page.sheet.shown()).values())) > 0.9


def test_cabrera_order_and_the_strips_lead_are_read(recording):
    page, mask = page_of(
        recording, "3x4+1", cabrera=True, rhythm=("V5",), label_height=3.0, label="above"
    )
    found = read_traces(mask, page.image)
    assert found.recording.leads == STANDARD_LEADS
    alike = likeness(found.recording, page.sheet.shown())
    assert alike["aVR"] > 0.9
    assert alike["aVL"] > 0.9
    v5 = found.recording.lead("V5")
    assert np.isfinite(v5).mean() > 0.9


def test_columns_of_the_same_time_are_put_at_one_time(recording):
    page, mask = page_of(recording, "3x4+1", sequential=False)
    found = read_traces(mask, page.image)
    assert any("same time" in warning for warning in found.warnings)
    assert np.isfinite(found.recording.lead("V6")[int(0.05 * FS) : int(2 * FS)]).all()


def test_what_is_less_sure_is_less_right(recording):
    page, mask = page_of(recording, "3x4+1", row_height=22.0)
    rng = np.random.default_rng(1)
    mask = mask.copy()
    for _ in range(150):  # fading, breaks and specks
        y, x = int(rng.integers(mask.shape[0])), int(rng.integers(mask.shape[1] - 20))
        mask[max(0, y - 20) : y + 20, x : x + int(rng.integers(2, 9))] *= rng.uniform(0, 1)
    found = read_traces(mask, page.image)
    shown = page.sheet.shown()
    size = min(found.recording.n_samples, shown.n_samples)
    wrong = np.abs(found.recording.signal[:, :size] - shown.signal[:, :size])
    seen = np.isfinite(wrong)
    sure = found.confidence[:, :size] > 0.75
    assert 0.02 < (seen & ~sure).sum() / seen.sum() < 0.6
    assert wrong[seen & ~sure].mean() > 1.3 * wrong[seen & sure].mean()


def test_narrow_peaks_keep_their_height(recording):
    page, mask = page_of(recording, "12x1", row_height=30.0)
    found = read_traces(mask, page.image)
    shown = page.sheet.shown()
    for lead in shown.leads:
        tall = np.ptp(shown.lead(lead))
        assert np.nanmax(found.recording.lead(lead)) - np.nanmin(
            found.recording.lead(lead)
        ) == pytest.approx(tall, rel=0.08, abs=0.03), lead


def test_gaps_and_specks_do_not_lose_the_trace(recording):
    page, mask = page_of(recording, "12x1", row_height=20.0)
    rng = np.random.default_rng(0)
    mask = mask.copy()
    height, width = mask.shape
    for _ in range(60):
        y, x = int(rng.integers(height - 4)), int(rng.integers(width - 4))
        mask[y : y + 4, x : x + 4] = 0.9
    for x in range(100, width, 60):
        mask[:, x : x + 3] = 0
    mask[:, 800:830] = 0
    found = read_traces(mask, page.image)
    assert found.layout == "12x1"
    shown = page.sheet.shown()
    assert np.median(list(likeness(found.recording, shown).values())) > 0.9
    hole = slice(int((805 - found.boxes["I"][0]) * 4), int((825 - found.boxes["I"][0]) * 4))
    assert np.isnan(found.recording.signal[:, hole]).all()


def test_a_layout_that_is_told_is_used(recording):
    page, mask = page_of(recording, "3x4+1")
    assert read_traces(mask, page.image, layout="4x3").layout == "4x3"
    with pytest.raises(PageError, match="no layout") as caught:
        read_traces(mask, page.image, layout="5x5")
    assert caught.value.stage == "layout"


def test_without_a_picture_the_usual_names_are_taken(recording):
    _, mask = page_of(recording, "3x4+1", gap=2.0)
    found = read_traces(mask, None)
    assert found.layout == "3x4+1"
    assert found.recording.leads == STANDARD_LEADS


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_pages_without_a_trace_are_refused(value):
    mask = np.full((400, 600), value, np.float32)
    if value:
        mask[:] = 0
        mask[200:203, 300:303] = 1
    with pytest.raises(PageError) as caught:
        read_traces(mask, None)
    assert caught.value.stage == "layout"
    assert caught.value.remedy


@pytest.mark.parametrize("seed", range(4))
def test_noise_is_refused_or_read_but_never_breaks(seed):
    rng = np.random.default_rng(seed)
    mask = rng.random((120 + 60 * seed, 300)).astype(np.float32) ** (seed + 1)
    picture = rng.integers(0, 256, (*mask.shape, 3)).astype(np.uint8)
    try:
        found = read_traces(mask, picture)
    except PageError:
        return
    assert found.confidence.shape == found.recording.signal.shape


def test_scales_that_no_page_has_are_refused(recording):
    _, mask = page_of(recording, "3x4")
    for scale in (0.0, float("nan"), 1e9):
        with pytest.raises(PageError):
            read_traces(mask, None, mm_per_s=scale)


def test_traces_print_in_one_line_and_give_plain_values(recording):
    page, mask = page_of(recording, "3x4", pulse="none")
    found = read_traces(mask, page.image)
    assert repr(found) == (
        f"<Traces of layout 3x4: 12 leads, {found.recording.duration:.3g} s, 25 mm/s, 10 mm/mV, "
        f"{len(found.warnings)} warnings>"
    )
    assert all(html.escape(warning) in found._repr_html_() for warning in found.warnings)
    values = json.loads(json.dumps(found.to_dict()))
    assert list(values["leads"]) == list(found.recording.leads)
    assert values["leads"]["II"]["seconds"] == pytest.approx(2.5, abs=0.1)
    assert 0 < values["leads"]["II"]["confidence"] <= 1
    assert values["warnings"] == list(found.warnings)
