"""EDF, EDF+ and BDF: what is read, and what the writer makes of any recording."""

from __future__ import annotations

import contextlib

import edfio
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ecgkit.io import open_recording, write_edf
from ecgkit.recording import Recording, RecordingError

RNG = np.random.default_rng(0)


def signal(label: str, unit: str, seconds=4, fs=250, size=500.0, **more) -> edfio.EdfSignal:
    data = RNG.uniform(-size, size, round(seconds * fs))
    return edfio.EdfSignal(
        data, fs, label=label, physical_dimension=unit, physical_range=(-size, size), **more
    )


def opened(*signals: edfio.EdfSignal, **more) -> Recording:
    return open_recording({"night.edf": edfio.Edf(signals, **more).to_bytes()})


@pytest.mark.parametrize(("unit", "factor"), [("uV", 1e-3), ("mV", 1.0), ("V", 1e3), ("nV", 1e-6)])
def test_units(unit: str, factor: float) -> None:
    one = signal("ECG II", unit)
    read = opened(one)
    np.testing.assert_allclose(read.signal[0], one.data * factor, rtol=1e-5, atol=1e-7 * factor)
    assert read.leads == ("II",)
    assert read.fs == 250
    assert read.name == "night"
    assert not read.notes


def test_an_empty_unit_means_uncalibrated() -> None:
    assert not opened(signal("ECG", "")).calibrated


def test_of_a_sleep_study_the_ecg_is_read_and_the_rest_named() -> None:
    read = opened(
        signal("EEG C3", "uV", fs=500), signal("ECG", "mV"), signal("EMG chin", "uV"),
        signal("SaO2", "%", fs=1), annotations=[edfio.EdfAnnotation(1, None, "wake")],
    )  # fmt: skip
    assert read.leads == ("ECG",)
    assert read.fs == 250
    assert all(any(name in note for note in read.notes) for name in ("EEG C3", "EMG chin", "SaO2"))


def test_leads_of_differing_rates_meet_at_the_highest() -> None:
    read = opened(signal("I", "mV", fs=250), signal("II", "mV", fs=500))
    assert read.fs == 500
    assert read.signal.shape == (2, 2000)
    assert any("Resampled" in note for note in read.notes)


def test_bdf() -> None:
    data = RNG.uniform(-2, 2, 1000)
    one = edfio.BdfSignal(data, 250, label="V1", physical_dimension="mV", physical_range=(-2, 2))
    read = open_recording({"x": edfio.Bdf([one]).to_bytes()})
    np.testing.assert_allclose(read.signal[0], data, atol=1e-6)


def test_names_and_dates_of_patients_stay_behind() -> None:
    patient = edfio.Patient(code="MCH-0234567", name="Doe_Jane")
    read = opened(signal("I", "mV"), patient=patient, annotations=[])
    assert "Doe" not in str(read.to_dict())
    assert "0234567" not in str(read.to_dict())


def test_where_an_interrupted_recording_pauses_samples_are_missing() -> None:
    one = signal("I", "mV", seconds=4)
    edf = edfio.Edf([one], annotations=[], data_record_duration=1)
    content = edf.to_bytes().replace(b"EDF+C", b"EDF+D")
    content = content.replace(b"+2\x14\x14", b"+5\x14\x14").replace(b"+3\x14\x14", b"+6\x14\x14")
    read = open_recording({"x.edf": content})
    assert read.duration == 7
    assert np.isnan(read.signal[0, 500:1250]).all()
    np.testing.assert_allclose(read.signal[0, 1250:], one.data[500:], atol=1e-4)
    assert any("no samples for 3.0 s" in note for note in read.notes)


def test_interrupted_recordings_without_times_or_backwards_are_refused() -> None:
    edf = edfio.Edf([signal("I", "mV")], annotations=[], data_record_duration=1)
    content = edf.to_bytes().replace(b"EDF+C", b"EDF+D")
    with pytest.raises(RecordingError, match="data record 3 begins"):
        open_recording({"x.edf": content.replace(b"+2\x14\x14", b"x2\x14\x14")})
    with pytest.raises(RecordingError, match="overlap"):
        open_recording({"x.edf": content.replace(b"+2\x14\x14", b"+0\x14\x14")})
    notes = [edfio.EdfAnnotation(0.5, None, "a long one")]
    edf = edfio.Edf([signal("I", "mV")], annotations=notes, data_record_duration=1)
    late = edf.to_bytes().replace(b"EDF+C", b"EDF+D")
    late = late.replace(b"+3\x14\x14" + bytes(6), b"+999999\x14\x14\0")
    with pytest.raises(RecordingError, match="hours"):
        open_recording({"x.edf": late})


def test_a_file_that_was_cut_off_is_read_and_that_is_said() -> None:
    content = edfio.Edf([signal("I", "mV")], data_record_duration=1).to_bytes()
    read = open_recording({"x.edf": content[:-700]})
    assert read.duration == 2
    assert any("ends after 2 s of the 4 s" in note for note in read.notes)
    with pytest.raises(RecordingError, match="no samples"):
        open_recording({"x.edf": content[:520]})


def with_field(place: int, text: str, width: int = 8) -> bytes:
    content = bytearray(edfio.Edf([signal("I", "mV")], data_record_duration=1).to_bytes())
    content[place : place + width] = text.encode().ljust(width)
    return bytes(content)


@pytest.mark.parametrize(
    ("place", "text", "width"),
    [
        (252, "9999", 4), (252, "0", 4), (252, "-1", 4), (252, "abcd", 4), (244, "0", 8),
        (244, "-1", 8), (244, "nan", 8), (244, "inf", 8), (244, "1e-9", 8), (244, "99999999", 8),
        (184, "99999999", 8), (184, "-1", 8), (236, "x", 8), (472, "0", 8), (472, "-5", 8),
        (472, "99999999", 8), (360, "x", 8), (376, "1.5", 8),
    ],
)  # fmt: skip
def test_hostile_headers_are_refused(place: int, text: str, width: int) -> None:
    with pytest.raises(RecordingError) as caught:
        open_recording({"x.edf": with_field(place, text, width)})
    assert caught.value.remedy


def test_equal_limits_mean_uncalibrated() -> None:
    read = open_recording({"x.edf": with_field(360, "500")})
    assert not read.calibrated


def test_an_outsider_reads_what_the_writer_makes(maker) -> None:
    recording = maker(seconds=9.1, fs=360)
    edf = edfio.read_edf(write_edf(recording))
    assert edf.labels[:2] == ("ECG I", "ECG II")
    assert edf.is_continuous
    assert edf.patient.name == "X"
    for one, row in zip(edf.signals, recording.signal, strict=True):
        np.testing.assert_allclose(one.data / 1000, row, atol=5e-5)
        assert one.physical_dimension == "uV"
        assert one.sampling_frequency == pytest.approx(360, abs=1e-3)


@pytest.mark.parametrize("n_samples", [1, 2, 7, 3607, 5000, 650_000, 650_011])
@pytest.mark.parametrize("fs", [100, 257, 360, 1000 / 3, 333.25])
def test_any_length_and_sampling_frequency_is_kept(n_samples: int, fs: float) -> None:
    before = Recording(RNG.normal(0, 1, (1, n_samples)), fs, ("II",))
    after = open_recording({"x.edf": write_edf(before)})
    assert after.fs == pytest.approx(fs, rel=1e-6)
    kept = after.signal[:, :n_samples]
    np.testing.assert_allclose(kept, before.signal, atol=2e-4)
    assert np.isnan(after.signal[:, n_samples:]).all()
    assert after.n_samples - n_samples < 2 * fs


def test_padding_is_the_exception() -> None:
    before = Recording(RNG.normal(0, 1, (2, 650_000)), 360, ("MLII", "V5"))
    after = open_recording({"x.edf": write_edf(before)})
    assert (after.n_samples, after.fs, after.leads) == (650_000, 360, ("MLII", "V5"))


def test_gaps_survive_as_annotations() -> None:
    signal = RNG.normal(0, 1, (2, 1000))
    signal[0, 10:20] = signal[0, 999] = signal[1, :500] = np.nan
    before = Recording(signal, 250, ("II", "a very long name of a lead"))
    content = write_edf(before)
    texts = [note.text for note in edfio.read_edf(content).annotations]
    assert texts.count("Missing samples: ECG II") == 2
    after = open_recording({"x.edf": content})
    np.testing.assert_array_equal(np.isnan(after.signal), np.isnan(before.signal))
    np.testing.assert_allclose(after.signal, before.signal, atol=1e-4)


def test_too_many_gaps_and_too_high_values_are_refused() -> None:
    holes = RNG.normal(0, 1, (1, 50_000))
    holes[0, ::2] = np.nan
    with pytest.raises(RecordingError, match="25,000 gaps"):
        write_edf(Recording(holes, 250, ("I",)))
    with pytest.raises(RecordingError, match="reaches"):
        write_edf(Recording(np.array([[0, 1e30]]), 250, ("I",)))


def test_odd_names_become_labels() -> None:
    leads = ("EDF Annotations", "µ" * 20, "µ" * 20 + "x", "a\tb", "I", "ECG I ")
    before = Recording(RNG.normal(0, 1, (6, 500)), 250, leads)
    edf = edfio.read_edf(write_edf(before))
    assert len(set(edf.labels)) == len(edf.signals) == 6
    assert all(label.isascii() for label in edf.labels)


values = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 3), st.integers(1, 50)),
    elements=st.floats(-9000, 9000, width=32) | st.floats(-1, 1, width=32) | st.just(np.nan),
)


@given(values, st.sampled_from([128.0, 250.0, 360.0, 500.0]) | st.floats(20, 50_000), st.booleans())
@settings(max_examples=100, deadline=None)
def test_round_trip_keeps_samples_within_the_resolution(
    signal: np.ndarray, fs: float, calibrated: bool
) -> None:
    before = Recording(signal, fs, tuple("abc"[: len(signal)]), calibrated=calibrated)
    after = open_recording({"x.edf": write_edf(before)})
    assert after.calibrated == before.calibrated
    assert after.leads == before.leads
    n = before.n_samples
    # EDF has eight characters for a record's duration: six decimals, under a second.
    assert after.fs == pytest.approx(before.fs, rel=max(1e-6, 5.1e-7 * fs / n))
    assert np.isnan(after.signal[:, n:]).all()
    for got, row in zip(after.signal[:, :n], before.signal, strict=True):
        np.testing.assert_array_equal(np.isnan(got), np.isnan(row))
        if not np.isnan(row).all():
            span = np.nanmax(row) - np.nanmin(row)
            np.testing.assert_allclose(got, row, atol=span / 60_000 + 2e-3, rtol=1e-5)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_files_open_or_are_refused(data: st.DataObject) -> None:
    rng = np.random.default_rng(0)
    recording = Recording(rng.normal(0, 1, (2, 200)), 250, ("I", "II"))
    content = bytearray(write_edf(recording))
    if data.draw(st.booleans()):
        content = content.replace(b"EDF+C", b"EDF+D")
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, min(1100, len(content) - 1)))
        content[place] = data.draw(st.sampled_from(b"0129 -.x\xff\0"))
    del content[data.draw(st.integers(0, len(content))) :]
    with contextlib.suppress(RecordingError):
        open_recording({"x.edf": bytes(content)})
