"""Faults are named, and sound leads are not."""

import time

import numpy as np
import pytest
import wfdb
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ecgkit.processing.faults import Fault, find_faults
from ecgkit.processing.resampling import resample
from ecgkit.processing.synthetic import generate_ecg

FS = 500.0


@pytest.fixture(scope="module")
def ecg():
    return generate_ecg(30, FS)


def faults_of(row, fs=FS):
    return {fault.kind: fault for fault in find_faults(np.asarray(row)[np.newaxis], fs)[0]}


def test_a_sound_recording_has_no_faults(ecg):
    assert find_faults(ecg.signal, FS) == ((),) * 12


@pytest.mark.parametrize("step", [0.001, 0.005, 0.02])
@pytest.mark.parametrize("fs", [250.0, 1000.0])
def test_coarse_digitisation_is_no_fault(step, fs):
    coarse = np.round(resample(generate_ecg(30, FS, heart_rate=90).signal, FS, fs) / step) * step
    kinds = [fault.kind for faults in find_faults(coarse, fs) for fault in faults]
    assert "saturated" not in kinds
    if step < 0.02:
        assert not kinds


@pytest.mark.parametrize("level", [0.0, -3.3])
def test_a_flat_lead_is_flat_throughout(level):
    (fault,) = faults_of(np.full(5000, level, np.float32)).values()
    assert fault == Fault("flat", 1.0, 10.0)
    assert fault.describe("V3") == "Lead V3 is flat."


def test_a_flat_stretch_is_measured(ecg):
    row = ecg.lead("II").copy()
    row[2000:4000] = row[2000]
    (fault,) = faults_of(row).values()
    assert fault.kind == "flat"
    assert fault.seconds == pytest.approx(4.0, abs=0.1)
    assert fault.describe("II") == "Lead II is flat for 4.0 s (13.3 % of the recording)."


def test_a_mostly_flat_lead_is_flat_not_saturated(ecg):
    row = np.zeros(ecg.n_samples)
    row[100:900] = np.abs(ecg.lead("II")[100:900]) + 0.01
    assert list(faults_of(row)) == ["flat"]


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("step", [0.0, 0.005])
def test_clipped_waves_are_saturated(ecg, side, step):
    row = ecg.lead("V5").astype(float)
    if step:
        row = np.round(row / step) * step
    clipped = side * np.minimum(row, 0.6)
    (fault,) = faults_of(clipped).values()
    assert fault.kind == "saturated"
    assert fault.seconds == pytest.approx(np.mean(row >= 0.6) * 30, rel=0.4)
    assert "limit of its range" in fault.describe("V5")


def test_a_lead_stuck_at_its_rail_is_saturated(ecg):
    row = ecg.lead("II").copy()
    row[3000:4500] = 5.0
    (fault,) = faults_of(row).values()
    assert (fault.kind, fault.seconds) == ("saturated", 3.0)


def test_missing_samples_are_counted(ecg):
    row = ecg.lead("II").copy()
    row[:3000] = np.nan
    fault = faults_of(row)["missing"]
    assert fault == Fault("missing", 0.2, 6.0)
    assert fault.describe("II") == "Lead II has no samples for 6.0 s (20.0 % of the recording)."
    (fault,) = faults_of(np.full(100, np.nan)).values()
    assert fault.describe("I") == "Lead I has no samples."
    row[:3000] = ecg.lead("II")[:3000]
    row[7] = np.nan
    words = "Lead II has no samples for less than 0.1 s (less than 0.1 % of the recording)."
    assert faults_of(row)["missing"].describe("II") == words


def test_gaps_hide_no_other_fault(ecg):
    row = np.minimum(ecg.lead("V5"), 0.6)
    row[5000:6000] = np.nan
    row[8000:9000] = 0.3
    assert set(faults_of(row)) == {"flat", "saturated", "missing"}


@given(
    signal=arrays(
        np.float32,
        st.tuples(st.integers(1, 3), st.integers(1, 400)),
        elements=st.sampled_from([0.0, 1.0, -1.0, np.nan])
        | st.floats(-(2.0**99), 2.0**99, width=32),
    ),
    factor=st.sampled_from([-2.0, 0.5, 1024.0]),
)
def test_faults_of_anything_are_shares_that_no_gain_changes(signal, factor):
    found = find_faults(signal, 50.0)
    for faults in found:
        assert len({fault.kind for fault in faults}) == len(faults)
        assert all(0 < fault.fraction <= 1 for fault in faults)
        assert sum(fault.fraction for fault in faults) <= 1 + 1e-9
        assert all(fault.describe("X").startswith("Lead X ") for fault in faults)
    assert find_faults(signal.astype(float) * factor, 50.0) == found


def test_half_an_hour_is_checked_quickly():
    signal = np.tile(generate_ecg(60, 360, leads=("II",)).signal, 30)
    start = time.perf_counter()
    find_faults(signal, 360)
    assert time.perf_counter() - start < 0.25


@pytest.mark.shared
def test_no_wolf_is_cried_over_real_recordings(shared_data):
    def faulty(paths):
        for path in paths:
            record = wfdb.rdrecord(str(path.with_suffix("")))
            for lead, faults in zip(
                record.sig_name, find_faults(record.p_signal.T, record.fs), strict=True
            ):
                for fault in faults:
                    yield path.stem, lead, fault.kind

    assert list(faulty(sorted((shared_data / "ludb" / "data").glob("*.hea"))[::4])) == []
    assert list(faulty(sorted((shared_data / "ptbxl").rglob("*_hr.hea"))[::60])) == []
    clipped = [shared_data / "mitdb" / f"{name}.hea" for name in ("100", "101", "116", "223")]
    assert list(faulty(clipped)) == [("116", "MLII", "saturated"), ("223", "V1", "saturated")]
    flat = set(faulty((shared_data / "cinc2021").rglob("JS20008.hea")))
    assert flat == {("JS20008", lead, "flat") for lead in ("V2", "V4", "V6")}
