"""Clean pages, read back from their own pixels."""

import base64
import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from ecgkit.paper.layouts import LAYOUTS
from ecgkit.processing.resampling import resample
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import STANDARD_LEADS, Recording, RecordingError
from ecgkit.rendering.page import pixel_size, render_page
from ecgkit.rendering.page_style import Grid, PageStyle, random_style, usual_style

CASES = {
    **{name: {"layout": name} for name in LAYOUTS},
    "cabrera": {"layout": "6x2", "cabrera": True},
    "50 mm/s": {"layout": "3x4", "speed": 50.0},
    "5 mm/mV": {"layout": "3x4+1", "gain": 5.0},
    "20 mm/mV": {"layout": "limb", "gain": 20.0},
    "stretched": {"layout": "3x4+1", "px_per_mm": (5.0, 4.3)},
    "100 Hz": {"layout": "3x4+1", "source_fs": 100.0},
    "simultaneous": {"layout": "3x4", "sequential": False},
    "gaps": {"layout": "3x4", "gap": 2.0},
}


def heights(page, index):
    """Return a strip's height in mV at each column of its own mask, as a reader would see it."""
    mask = page.strip_masks[index].astype(float)
    columns = np.flatnonzero(mask.max(axis=0) > 127)
    rows = np.arange(mask.shape[0])[:, None]
    y = (mask[:, columns] * rows).sum(axis=0) / mask[:, columns].sum(axis=0)
    strip = page.sheet.strips[index]
    mm = (y + 0.5) / page.style.px_per_mm[1]
    return columns, (strip.zero - mm) / page.style.gain


@pytest.mark.parametrize("case", CASES)
def test_the_trace_read_back_is_the_signal(recording, case):
    style = replace(PageStyle(px_per_mm=(5.0, 5.0), pen=0.3), **CASES[case])
    page = render_page(recording, style)
    pen_mv = 1.1 * style.pen / style.gain
    pixel = 1.0 / style.px_per_mm[0] / style.speed
    at = style.source_fs or recording.fs
    length = round(style.width / style.speed * recording.fs)
    for index, strip in enumerate(page.sheet.strips):
        columns, read = heights(page, index)
        left = strip.points[0, 0]
        t = ((columns + 0.5) / style.px_per_mm[0] - left) / style.speed
        lead = resample(recording.lead(strip.place.lead)[:length], recording.fs, at)
        lead = (lead - np.median(lead)) * (-1 if strip.place.inverted else 1)
        fine = np.linspace(-1.5 * pixel, 1.5 * pixel, 13)[:, None]
        near = np.interp(strip.start + t + fine, np.arange(len(lead)) / at, lead)
        inner = slice(2, -2)
        assert (read >= near.min(axis=0) - pen_mv)[inner].all()
        assert (read <= near.max(axis=0) + pen_mv)[inner].all()
        assert len(columns) == pytest.approx(
            (strip.stop - strip.start) * style.speed * style.px_per_mm[0], abs=4
        )


def test_what_is_shown_is_the_recording_but_for_its_middle(recording):
    shown = render_page(recording, usual_style(recording.leads)).sheet.shown()
    assert shown.leads == STANDARD_LEADS
    first = recording.window(0, 10).signal[1]
    np.testing.assert_allclose(shown.lead("II")[:5000], first - np.median(first), atol=1e-6)
    for name, start in (("aVR", 1250), ("V1", 2500), ("V6", 3750)):
        first, part = recording.window(0, 10).lead(name), slice(start, start + 1250)
        values = shown.lead(name)
        np.testing.assert_allclose(values[part], (first - np.median(first))[part], atol=1e-6)
        assert np.isnan(values[:start]).all()
        assert np.isnan(values[start + 1252 :]).all()


@pytest.mark.parametrize("kind", ["lines", "dots", "boxes"])
@pytest.mark.parametrize("scale", [(3.7, 3.7), (5.0, 4.61), (8.0, 8.0)])
def test_the_grids_period_in_the_picture_is_the_scale(kind, scale):
    flat = Recording(np.zeros((1, 5000), np.float32), 500.0, ("II",))
    style = PageStyle("strips", grid=Grid(kind=kind), px_per_mm=scale, pulse="none")
    ink = 255.0 - render_page(flat, style).image.min(axis=2)
    box = 5.0
    for axis, px in zip((0, 1), scale, strict=True):
        profile = np.median(ink, axis=axis) if kind != "dots" else ink.mean(axis=axis)
        profile = profile - profile.mean()
        size = 1 << 17
        spectrum = np.abs(np.fft.rfft(profile * np.hanning(len(profile)), size))
        expected = size / (box * px)
        low, high = int(0.8 * expected), int(1.25 * expected)
        found = low + spectrum[low:high].argmax()
        assert size / found == pytest.approx(box * px, rel=3e-3)
        if kind != "boxes":
            tenth = int(5 * expected)
            peak = tenth - 60 + spectrum[tenth - 60 : tenth + 60].argmax()
            assert size / peak == pytest.approx(px, rel=3e-3)


@pytest.mark.parametrize("name", LAYOUTS)
def test_boxes_stay_on_the_page_and_apart(recording, name):
    page = render_page(recording, PageStyle(layout=name))
    height, width = page.shape
    taken = np.zeros((height, width), int)
    for strip in page.sheet.strips:
        quad = page.quad(strip.box)
        (left, top), (right, bottom) = np.round(quad[0] + 0.5), np.round(quad[2] + 0.5)
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        taken[int(top) : int(bottom), int(left) : int(right)] += 1
        label = page.quad(strip.label)
        assert label.min() >= -0.5
        assert (label.max(axis=0) <= (width, height)).all()
    assert taken.max() == 1


def test_masks_by_strip_make_the_mask(recording):
    page = render_page(recording, PageStyle(layout="12x1", row_height=9.0, gain=20.0))
    np.testing.assert_array_equal(np.max(page.strip_masks, axis=0), page.mask)
    index = page.strip_index
    assert set(np.unique(index)) == set(range(13))
    assert ((index > 0) == (page.mask > 63)).all()


def test_ink_lies_where_the_mask_says(recording):
    style = PageStyle(grid=Grid(kind="none"), pulse="none", separator="none", paper=(255,) * 3)
    page = render_page(recording, style)
    dark = page.image.max(axis=2) < 128
    for strip in page.sheet.strips:
        (left, top), _, (right, bottom), _ = page.quad(strip.label).astype(int)
        dark[top - 3 : bottom + 8, left - 3 : right + 4] = (
            page.mask[top - 3 : bottom + 8, left - 3 : right + 4] > 127
        )
    ink = page.mask > 137
    assert (dark & ink).sum() / (dark | ink).sum() > 0.98


def test_labels_stand_in_their_boxes(recording):
    for place in ("above", "on", "below", "beside"):
        style = PageStyle(
            grid=Grid(kind="none"), pulse="none", separator="none", label=place, font="roman"
        )
        quiet = recording.with_signal(np.full_like(recording.signal, np.nan))
        page = render_page(quiet, style)
        dark = page.image.max(axis=2) < 200
        for strip in page.sheet.strips:
            (left, top), _, (right, bottom), _ = np.round(page.quad(strip.label)).astype(int)
            assert dark[top : bottom + 1, left : right + 1].mean() > 0.1, strip.place.label
            dark[top - 2 : bottom + 3, left - 2 : right + 4] = False
        assert not dark.any()


def test_calibration_pulses_are_one_millivolt_tall_and_no_trace(recording):
    for side in ("left", "right"):
        page = render_page(recording, PageStyle(pulse=side, gain=20.0, speed=50.0))
        assert len(page.sheet.pulses) == 4
        for pulse in page.sheet.pulses:
            assert np.ptp(pulse[:, 1]) == pytest.approx(20.0)
            x, y = np.round(page.geometry.to_picture(pulse[2:4].mean(axis=0))).astype(int)
            assert page.image[y, x].max() < 90
            assert page.mask[y, x] == 0
    assert not render_page(recording, PageStyle(pulse="none")).sheet.pulses
    assert len(render_page(recording, PageStyle(pulse_rows="last")).sheet.pulses) == 1


def test_missing_and_short_recordings_leave_gaps():
    whole = generate_ecg(6.0, 500.0)
    signal = whole.signal.copy()
    signal[:, 500:750] = np.nan
    page = render_page(whole.with_signal(signal), PageStyle(layout="12x1", width=250.0))
    columns = page.strip_masks[1].max(axis=0) > 0
    left = page.sheet.strips[1].points[0, 0]
    seconds = ((np.arange(len(columns)) + 0.5) / 5.0 - left) / 25.0
    assert columns[(seconds > 0.05) & (seconds < 0.95)].all()
    assert not columns[(seconds > 1.05) & (seconds < 1.45)].any()
    assert columns[(seconds > 1.55) & (seconds < 5.9)].all()
    assert not columns[seconds > 6.1].any()
    late = render_page(whole, PageStyle(layout="3x4"))
    assert not late.strip_masks[-1].any()  # V6 would begin at 7.5 s


def test_a_page_may_begin_later(recording):
    style = PageStyle(layout="strips", width=50.0)
    later = render_page(recording, style, start=3.0).sheet.shown().lead("V2")
    np.testing.assert_allclose(
        np.diff(later[:1000]), np.diff(recording.window(3, 5).lead("V2")), atol=1e-6
    )
    for start in (-1.0, float("nan"), 12.0):
        with pytest.raises(RecordingError):
            render_page(recording, style, start=start)


def test_what_cannot_be_drawn_is_said(recording):
    few = recording.select(("II", "V5"))
    with pytest.raises(RecordingError, match=r"no lead I, III.*strips"):
        render_page(few, PageStyle(layout="3x4"))
    assert [s.place.lead for s in render_page(few, usual_style(few.leads)).sheet.strips] == [
        "II",
        "V5",
    ]
    bare = replace(recording, calibrated=False)
    with pytest.raises(RecordingError, match="no voltages"):
        render_page(bare, PageStyle())
    with pytest.raises(RecordingError, match="At most 20 megapixels"):
        render_page(recording, PageStyle(px_per_mm=(60.0, 60.0)))
    for change in ({"speed": 0.0}, {"gain": float("nan")}, {"px_per_mm": (5.0, -1.0)}):
        with pytest.raises(RecordingError, match="above zero"):
            PageStyle(**change)
    with pytest.raises(RecordingError, match="13 leads"):
        random_style(np.random.default_rng(0), [str(k) for k in range(13)])


def test_every_style_draws(recording):
    seen = {"layout": set(), "label": set(), "separator": set(), "pulse": set(), "font": set()}
    grids = set()
    for seed in range(120):
        style = random_style(np.random.default_rng(seed), recording.leads)
        small = replace(style, px_per_mm=tuple(scale / 2 for scale in style.px_per_mm))
        page = render_page(recording, small)
        assert page.shape == pixel_size(page.sheet.size, small.px_per_mm)
        assert page.mask.max() == 255
        assert page.image.std() > 3
        grids.add(style.grid.kind)
        for name, values in seen.items():
            values.add(getattr(style, name))
    assert seen["layout"] == set(LAYOUTS)
    assert [len(seen[name]) for name in ("label", "separator", "pulse", "font")] == [4, 7, 3, 7]
    assert len(grids) == 4


@pytest.mark.shared
def test_real_recordings_draw(shared_data):
    from ecgkit.io import open_recording

    for path in ("ludb/data/1.hea", "mitdb/100.hea"):
        record = open_recording(shared_data / path)
        page = render_page(record, usual_style(record.leads))
        assert (page.mask > 127).mean() > 0.002


def test_absurd_voltages_are_cut_off_at_the_page(recording):
    signal = recording.signal.copy()
    signal[1, 1000:1100] = 1e9
    page = render_page(recording.with_signal(signal), PageStyle(layout="12x1"))
    others = render_page(recording, PageStyle(layout="12x1"))
    np.testing.assert_array_equal(page.strip_masks[0], others.strip_masks[0])
    assert page.strip_masks[1].max() > 0


def test_a_page_prints_in_one_line_shows_itself_and_gives_plain_values(recording, tmp_path):
    page = render_page(recording, usual_style(recording.leads, "3x4"))
    height, width = page.shape
    assert "\n" not in repr(page)
    assert f"layout 3x4, clean, {width} x {height} px, 25 mm/s, 10 mm/mV" in repr(page)
    shown = page._repr_html_()
    png = base64.b64decode(shown.partition("base64,")[2].partition('"')[0])
    small = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert small.shape == (round(height * 800 / width), 800, 3)
    assert np.abs(small.mean((0, 1)) - page.image.mean((0, 1))).max() < 1
    assert json.loads(json.dumps(page.to_dict()))["layout"] == "3x4"
    written = page.save(str(tmp_path / "page.png"))
    assert np.array_equal(cv2.imread(str(written), cv2.IMREAD_COLOR_RGB), page.image)


@pytest.mark.parametrize(
    ("name", "problem"), [("page.txt", "no known ending"), ("no/page.png", "cannot be written")]
)
def test_a_page_that_cannot_be_saved_says_why(recording, tmp_path, name, problem):
    page = render_page(recording, usual_style(recording.leads, "limb"))
    with pytest.raises(RecordingError, match=problem):
        page.save(tmp_path / name)


@pytest.mark.parametrize("separator", ["tick", "solid"])
def test_separators_stand_in_the_gap_between_columns(recording, separator):
    page = render_page(recording, PageStyle(layout="3x4", separator=separator, gap=4.0))
    lines = {round(x, 6) for x, _, _ in page.sheet.separators}
    assert len(lines) == 3
    for column, x in enumerate(sorted(lines)):
        strips = [s for s in page.sheet.strips if s.place.column in (column, column + 1)]
        before = max(s.points[-1, 0] for s in strips if s.place.column == column)
        behind = min(s.points[0, 0] for s in strips if s.place.column == column + 1)
        assert before + 1 < x < behind - 1
