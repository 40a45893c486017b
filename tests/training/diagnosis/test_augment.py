import numpy as np
import pytest
import torch

from ecgkit.diagnosis.signal_network import (
    complete_limb_leads,
    prepare,
)
from ecgkit.paper.layouts import LAYOUTS
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import STANDARD_LEADS
from ecgkit.training.diagnosis.augment import WHOLE, plain_batch, shown, signal_batch


def test_a_page_shows_each_lead_where_its_layout_has_it(data):
    signal = data.signals[0].astype(np.float32)
    page = shown(signal, "3x4+1")
    seen = np.isfinite(page)
    assert seen[STANDARD_LEADS.index("II")].all()
    v1 = np.flatnonzero(seen[STANDARD_LEADS.index("V1")]) / 256
    assert (v1[0], round(v1[-1], 2)) == (5.0, 7.5)
    assert np.isfinite(shown(signal, "12x1")).all()
    assert not np.isfinite(shown(signal, "limb")[6:]).any()
    together = shown(signal, "3x4", sequential=False)
    np.testing.assert_array_equal(together[8], np.where(np.arange(2560) < 640, signal[8], np.nan))


def test_limb_leads_follow_from_two_seen_together():
    recording = generate_ecg(10.0, 256.0, seed=3)
    whole = prepare(recording)[0]
    some = whole.copy()
    some[[0, 3, 4, 5]] = np.nan  # II and III stay
    some[1, :700] = np.nan
    full = complete_limb_leads(some)
    assert not np.isfinite(full[0, :700]).any()
    difference = full[:6, 700:] - whole[:6, 700:]
    # Each lead's own middle is free: a page does not show the zero line.
    spread = np.ptp(difference, axis=1)
    assert (spread < 0.02).all()
    np.testing.assert_array_equal(full[2], some[2])


def test_batches_depend_on_the_step_alone_and_are_finite_somewhere(data):
    rows = np.arange(8)
    one, targets = signal_batch(data, rows, (0, 5))
    two, _ = signal_batch(data, rows, (0, 5))
    three, _ = signal_batch(data, rows, (0, 6))
    assert torch.equal(one.nan_to_num(9), two.nan_to_num(9))
    assert not torch.equal(one.nan_to_num(9), three.nan_to_num(9))
    assert torch.isfinite(one).flatten(1).any(1).all()
    np.testing.assert_array_equal(targets.labels.numpy(), data.labels[rows])
    # Beats are replayed with the signal: as many as before, within what leaves the window.
    assert abs(int((targets.beats == 1).sum()) - int(data.beats[rows].sum())) <= 16


def test_a_replayed_beat_stays_on_its_beat(data):
    for step in range(5):
        signal, targets = signal_batch(data, np.array([4]), (1, step))
        lead = signal[0, 1].numpy()
        places = np.flatnonzero(targets.beats[0].numpy() == 1) * 4
        near = [lead[max(p - 13, 0) : p + 14] for p in places]
        peaks = [np.nanmax(part) for part in near if np.isfinite(part).all()]
        if peaks:
            assert np.median(peaks) > 0.5 * np.nanmax(lead)


@pytest.mark.parametrize("layout", [WHOLE, "3x4+1", "6x2"])
def test_plain_batches_have_no_chance(data, layout):
    one = plain_batch(data, np.arange(3), layout)
    assert torch.equal(one.nan_to_num(9), plain_batch(data, np.arange(3), layout).nan_to_num(9))


def test_layout_shares_name_layouts_and_sum_to_one():
    from ecgkit.training.diagnosis.augment import LAYOUT_SHARES

    assert sum(LAYOUT_SHARES.values()) == pytest.approx(1)
    assert set(LAYOUT_SHARES) <= {WHOLE, *LAYOUTS}
