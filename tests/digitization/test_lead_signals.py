"""Leads cut out of rows that are drawn by hand: sign, gain, drift, ends and time."""

import numpy as np
import pytest

from ecgkit.digitization.lead_signals import FS, TracedPage, lead_signals
from ecgkit.digitization.tracing.layout_detection import DetectedLayout
from ecgkit.digitization.tracing.rows import Rows
from ecgkit.digitization.tracing.trace_path import TracePath
from ecgkit.paper.layouts import Place

WIDTH, PEN, PX_PER_S, PX_PER_MV = 600, 2.0, 125.0, 40.0
X = np.arange(WIDTH)
EDGES = np.array([0.0, 300.0, 600.0])


def place(lead, row=0, column=0, columns=2, inverted=False):
    return Place(lead, inverted, row, column, columns, columns == 1)


def read(places, heights, drift=0.0, simultaneous=False):
    """Read rows whose traces run at these heights in px."""
    paths = [
        TracePath(np.zeros(WIDTH, int), y - PEN / 2, y + PEN / 2, np.ones(WIDTH)) for y in heights
    ]
    lines = np.stack([np.full(WIDTH, float(np.median(y))) for y in heights])
    page = TracedPage(
        (paths, [np.zeros(WIDTH, np.bool_) for _ in paths]),
        Rows(lines, 100.0),
        np.full(WIDTH, drift) if np.isscalar(drift) else drift,
        PEN,
        0.0,
        PX_PER_S,
        PX_PER_MV,
    )
    detected = DetectedLayout("3x4", tuple(places), EDGES, 1.0, ())
    return lead_signals(detected, page, simultaneous)


@pytest.mark.parametrize("inverted", [False, True])
def test_a_lead_is_in_mv_upright_and_without_the_papers_drift(inverted):
    wave = 0.5 * np.sin(2 * np.pi * X / 150)
    drift = 0.08 * X
    found = read(
        [place("I", columns=1, inverted=inverted)], [100 + drift - PX_PER_MV * wave], drift
    )
    signal = found["I"].signal
    at = np.arange(signal.size) / FS * PX_PER_S
    expected = 0.5 * np.sin(2 * np.pi * at / 150) * (-1 if inverted else 1)
    seen = np.isfinite(signal)
    assert seen.mean() > 0.98
    assert np.abs(signal - expected)[seen].max() < 0.03


@pytest.mark.parametrize("simultaneous", [False, True])
def test_a_column_begins_where_the_page_or_the_column_begins(simultaneous):
    found = read([place("I"), place("aVR", column=1)], [np.full(WIDTH, 100.0)], 0.0, simultaneous)
    first = 0 if simultaneous else round(300 / PX_PER_S * FS)
    seen = np.flatnonzero(np.isfinite(found["aVR"].signal))
    assert seen[0] == pytest.approx(first, abs=10)
    assert found["aVR"].signal.size == first + round(300 / PX_PER_S * FS)
    assert np.flatnonzero(np.isfinite(found["I"].signal))[0] < 10


def test_the_next_leads_ink_is_no_part_of_a_lead():
    y = np.where(X < 299, 100.0, 60.0)  # the next lead begins a px early
    found = read([place("I"), place("aVR", column=1)], [y])
    for lead in found.values():
        assert np.nanmax(np.abs(lead.signal)) < 0.1


def test_each_place_reads_its_own_row():
    rise = 20 * np.sin(2 * np.pi * X / 100)
    found = read(
        [place("I", row=0, columns=1), place("II", row=1, columns=1)],
        [np.full(WIDTH, 100.0), 200 - rise],
    )
    assert np.nanmax(found["I"].signal) < 0.05
    assert np.nanmax(found["II"].signal) == pytest.approx(20 / PX_PER_MV, abs=0.05)


@pytest.mark.parametrize("strip_first", [False, True])
def test_of_a_lead_that_stands_there_twice_the_longer_stretch_is_taken(strip_first):
    places = [place("II"), place("II", row=1, columns=1)]
    found = read(places[::-1] if strip_first else places, [np.full(WIDTH, y) for y in (100.0, 200)])
    assert found["II"].seconds == pytest.approx(WIDTH / PX_PER_S)
    assert found["II"].signal.size == pytest.approx(WIDTH / PX_PER_S * FS, abs=1)
