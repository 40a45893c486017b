"""What is said of a recording's leads when it is opened, and real databases as they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.io
import wfdb

from ecgkit.io import open_recording, write_edf, write_wfdb
from ecgkit.recording import STANDARD_LEADS, Recording


def notes(recording: Recording) -> str:
    return " ".join(open_recording(write_wfdb(recording, "r")).notes)


def test_a_sound_recording_needs_no_words(maker) -> None:
    assert notes(maker()) == ""
    assert notes(maker(leads=("II", "V5"))) == ""
    assert notes(maker(leads=STANDARD_LEADS[:6])) == ""


def test_missing_standard_leads_are_named(maker) -> None:
    leads = [lead for lead in STANDARD_LEADS if lead not in ("V2", "aVR")]
    assert "aVR, V2 are not in the file" in notes(maker(leads=leads))


def test_flat_saturated_and_missing_leads_are_named(maker) -> None:
    recording = maker(seconds=10)
    signal = recording.signal.copy()
    signal[0] = 0
    signal[1, 500:1000] = np.nan
    signal[2] = np.clip(3 * signal[2], -1, 1)
    signal[2, 100:400] = 1
    said = notes(recording.with_signal(signal))
    assert "Lead I is flat." in said
    assert "Lead II has no samples for 2.0 s" in said
    assert "Lead III is saturated" in said


def test_a_fault_that_leads_share_is_told_once(maker) -> None:
    recording = maker(seconds=10)
    signal = recording.signal.copy()
    signal[:, 500:1000] = np.nan
    said = notes(recording.with_signal(signal))
    assert said.count("no samples") == 1
    assert "Each of the leads I, II, III" in said


@pytest.mark.shared
@pytest.mark.parametrize(
    ("folder", "count"), [("cinc2021", 262), ("ludb/data", 200), ("mitdb", 40), ("nstdb", 3)]
)
def test_every_record_of_a_database_opens(folder: str, count: int, shared_data: Path) -> None:
    headers = sorted((shared_data / folder).glob("*.hea"))
    assert len(headers) >= count
    for header in headers:
        recording = open_recording(header)
        assert recording.calibrated
        assert not any("checksum" in note for note in recording.notes), header
        assert len(recording.leads) == (12 if folder in ("cinc2021", "ludb/data") else 2)


@pytest.mark.shared
def test_samples_agree_with_wfdb_and_with_the_matrix_itself(shared_data: Path) -> None:
    for header in sorted((shared_data / "ptbxl" / "records500").rglob("*.hea"))[::100]:
        theirs = wfdb.rdrecord(str(header.with_suffix("")))
        ours = open_recording(header)
        np.testing.assert_allclose(ours.signal.T, theirs.p_signal, atol=1e-6)
        assert ours.leads == STANDARD_LEADS
    for header in sorted((shared_data / "cinc2021").glob("E*.hea"))[:10]:
        matrix = scipy.io.loadmat(header.with_suffix(".mat"))["val"]
        lines = [line.split() for line in header.read_text().splitlines()[1:13]]
        gains = np.array([[float(words[2].split("/")[0])] for words in lines])
        np.testing.assert_allclose(open_recording(header).signal, matrix / gains, atol=1e-6)


@pytest.mark.shared
def test_standardised_records_are_uncalibrated(shared_data: Path) -> None:
    for header in sorted((shared_data / "ptbxl_zscored").rglob("*.hea"))[::100]:
        recording = open_recording(header)
        assert not recording.calibrated
        assert any("NU" in note for note in recording.notes)


@pytest.mark.shared
def test_half_an_hour_survives_both_binary_formats(shared_data: Path) -> None:
    before = open_recording(shared_data / "mitdb" / "100.hea")
    assert (before.n_samples, before.fs, before.leads) == (650_000, 360, ("MLII", "V5"))
    for files in (write_wfdb(before, "100"), {"100.edf": write_edf(before)}):
        after = open_recording(files)
        assert (after.fs, after.leads) == (before.fs, before.leads)
        np.testing.assert_allclose(after.signal, before.signal, atol=1e-4)
