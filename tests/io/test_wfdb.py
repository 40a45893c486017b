"""WFDB: every coding, headers good and bad, one segment and many."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import numpy as np
import pytest
import wfdb
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ecgkit.io import open_recording, write_wfdb
from ecgkit.io.wfdb.header import parse_header
from ecgkit.recording import Recording, RecordingError

WRITABLE = ["80", "212", "16", "24", "32", "508", "516", "524"]


def header(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def record(name: str, stored: np.ndarray, fs=250, unit="mV", leads=None, gain="1000") -> dict:
    """Return a record of format 16, from integers of shape (samples, leads)."""
    leads = leads or [f"L{k}" for k in range(stored.shape[1])]
    lines = [f"{name} {stored.shape[1]} {fs} {stored.shape[0]}"]
    lines += [f"{name}.dat 16 {gain}/{unit} {lead}" for lead in leads]
    return {f"{name}.hea": header(*lines), f"{name}.dat": stored.astype("<i2").tobytes()}


@pytest.mark.parametrize("fmt", WRITABLE)
@pytest.mark.parametrize("n_samples", [500, 501, 502])
def test_every_coding_gives_what_wfdb_reads(fmt: str, n_samples: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    limit = 100 if fmt in ("80", "508") else 2000
    stored = rng.integers(-limit, limit, (n_samples, 3))
    wfdb.wrsamp(
        "r", 250, ["mV", "uV", "V"], ["I", "II", "V1"], d_signal=stored, fmt=[fmt] * 3,
        adc_gain=[100.0, 0.5, 2000.0], baseline=[3, 0, -7], write_dir=str(tmp_path),
    )  # fmt: skip
    read = open_recording(tmp_path / "r.hea")
    expected = (stored - [3, 0, -7]) / [100.0, 0.5, 2000.0] * [1, 1e-3, 1e3]
    np.testing.assert_allclose(read.signal.T, expected, rtol=1e-6, atol=1e-7)
    assert read.leads == ("I", "II", "V1")
    assert read.fs == 250
    assert not read.notes


@pytest.mark.parametrize("fmt", ["310", "311"])
def test_ten_bit_codings(fmt: str) -> None:
    stored = np.random.default_rng(0).integers(-500, 500, 300)
    low = stored.reshape(-1, 3) & 0x3FF
    if fmt == "310":
        first = (low[:, 0] << 1) | ((low[:, 2] & 0x1F) << 11)
        second = (low[:, 1] << 1) | ((low[:, 2] >> 5) << 11)
        packed = np.stack([first, second], axis=1).astype("<u2").tobytes()
    else:
        packed = (low[:, 0] | (low[:, 1] << 10) | (low[:, 2] << 20)).astype("<u4").tobytes()
    files = {"r.hea": header("r 1 250 300", f"r.dat {fmt} 100/mV 10 0 0 0 0 I"), "r.dat": packed}
    np.testing.assert_allclose(open_recording(files).signal[0], stored / 100, atol=1e-6)


def test_differences_and_offset_codings() -> None:
    steps = np.random.default_rng(0).integers(-50, 50, 400).astype(np.int8)
    files = {
        "r.hea": header("r 1 250 400", "r.dat 8 100/mV 8 0 17 0 0 I"),
        "r.dat": steps.tobytes(),
    }
    expected = (17 + np.cumsum(steps.astype(int))) / 100
    np.testing.assert_allclose(open_recording(files).signal[0], expected, atol=1e-6)
    offset = (steps.astype(np.int32) + 32768).astype("<u2").tobytes()
    files = {"r.hea": header("r 1 250 400", "r.dat 160 100/mV"), "r.dat": offset}
    np.testing.assert_allclose(open_recording(files).signal[0], steps / 100, atol=1e-6)


def test_the_challenge_headers_that_wfdb_refuses() -> None:
    stored = np.random.default_rng(0).integers(-900, 900, (500, 2)).astype("<i2")
    text = header(
        "E00009.mat 2 500 500 05-May-2020 14:50:55",
        "E00009.mat 16+24 1000/mV 16 0 136 -28477 0 I",
        "E00009.mat 16+24 1000/mV 16 0 87 545 0 AVR",
        "#Age: 60", "#Dx: 426783006",
    )  # fmt: skip
    files = {"x/E00009.hea": text, "x/E00009.mat": bytes(24) + stored.tobytes()}
    read = open_recording(files)
    np.testing.assert_allclose(read.signal.T, stored / 1000, atol=1e-7)
    assert read.leads == ("I", "aVR")
    assert read.name == "E00009"
    assert "repaired" in read.notes[0]


def test_missing_samples_become_nan_and_are_named() -> None:
    stored = np.random.default_rng(0).integers(-900, 900, (1000, 2))
    stored[100:350, 1] = -32768
    read = open_recording(record("r", stored, leads=["I", "II"]))
    assert np.isnan(read.lead("II")[100:350]).all()
    assert np.isnan(read.signal).sum() == 250
    assert any("II has no samples for 1.0 s" in note for note in read.notes)


def test_unit_that_is_no_voltage() -> None:
    stored = np.random.default_rng(0).integers(-900, 900, (1000, 2))
    read = open_recording(record("r", stored, unit="NU"))
    assert not read.calibrated
    np.testing.assert_allclose(read.signal.T, stored / 1000, atol=1e-6)
    assert any("NU" in note and "arbitrary" in note for note in read.notes)


@pytest.mark.parametrize("scale", ["0/mV", ""])
def test_a_gain_of_zero_or_none_means_uncalibrated(scale: str) -> None:
    text = header("r 1 250 500", f"r.dat 16 {scale}".strip())
    stored = np.random.default_rng(0).integers(-900, 900, 500).astype("<i2")
    read = open_recording({"r.hea": text, "r.dat": stored.tobytes()})
    assert not read.calibrated
    np.testing.assert_allclose(read.signal[0], stored / 200, atol=1e-6)


def test_channels_that_are_no_voltage_are_left_out_and_named() -> None:
    stored = np.random.default_rng(0).integers(-900, 900, (500, 3)).astype("<i2")
    text = header(
        "r 3 250 500", "r.dat 16 1000/mV II", "r.dat 16 20(-100)/mmHg ABP", "r.dat 16 500/NU RESP"
    )
    read = open_recording({"r.hea": text, "r.dat": stored.tobytes()})
    assert read.leads == ("II",)
    assert read.calibrated
    assert any("ABP (mmHg)" in note and "RESP (NU)" in note for note in read.notes)


def test_leads_of_differing_rates_meet_at_the_highest() -> None:
    time = np.arange(1000) / 500
    slow, fast = np.sin(2 * np.pi * 3 * time[::2]), np.cos(2 * np.pi * 3 * time)
    frames = np.column_stack([slow, fast[::2], fast[1::2]])
    stored = (frames * 1000).round().astype("<i2")
    text = header("r 2 250 500", "r.dat 16 1000/mV 16 0 I", "r.dat 16x2 1000/mV 16 0 II")
    read = open_recording({"r.hea": text, "r.dat": stored.tobytes()})
    assert read.fs == 500
    np.testing.assert_allclose(read.lead("II"), fast, atol=1e-3)
    np.testing.assert_allclose(read.lead("I")[50:-50], np.sin(6 * np.pi * time)[50:-50], atol=5e-3)
    assert any("Resampled" in note and "I" in note for note in read.notes)


def test_skewed_signals_are_aligned() -> None:
    time = np.arange(500)
    late = np.concatenate([np.full(3, 9), time[:-3]])
    stored = np.column_stack([time, late, np.concatenate([[9], time[:-1]])]).astype("<i2")
    text = header("r 3 250 500", "r.dat 16 1/mV I", "r.dat 16:3 1/mV II", "r.dat 16:1 1/mV III")
    read = open_recording({"r.hea": text, "r.dat": stored.tobytes()})
    np.testing.assert_array_equal(read.lead("II")[:-3], time[:-3])
    np.testing.assert_array_equal(read.lead("III")[:-1], time[:-1])
    assert np.isnan(read.lead("II")[-3:]).all()


def test_a_signal_file_that_was_cut_off_is_read_as_far_as_it_goes() -> None:
    stored = np.random.default_rng(0).integers(-900, 900, (1000, 2))
    files = record("r", stored)
    files["r.dat"] = files["r.dat"][:1601]
    read = open_recording(files)
    assert read.n_samples == 400
    assert any("ends after 1.6 s of the 4 s" in note for note in read.notes)


def test_of_two_files_the_shorter_one_ends_in_nan() -> None:
    rng = np.random.default_rng(0)
    text = header("r 2 250 500", "a.dat 16 1000/mV I", "b.dat 16 1000/mV II")
    a, b = (rng.integers(-900, 900, n).astype("<i2").tobytes() for n in (500, 100))
    read = open_recording({"r.hea": text, "a.dat": a, "b.dat": b})
    assert not np.isnan(read.lead("I")).any()
    assert np.isnan(read.lead("II")[100:]).all()
    assert not np.isnan(read.lead("II")[:100]).any()


def test_a_damaged_sample_is_found_by_the_checksum(maker) -> None:
    files = write_wfdb(maker(), "r")
    assert not open_recording(files).notes
    damaged = bytearray(files["r.dat"])
    damaged[1000] ^= 0x10
    notes = open_recording({**files, "r.dat": bytes(damaged)}).notes
    assert sum("checksum" in note for note in notes) == 1


def test_no_sampling_frequency_means_250_and_is_said() -> None:
    stored = np.random.default_rng(0).integers(-900, 900, 500).astype("<i2")
    read = open_recording({"r.hea": header("r 1", "r.dat 16 1000/mV"), "r.dat": stored.tobytes()})
    assert read.fs == 250
    assert read.n_samples == 500
    assert any("250 Hz" in note for note in read.notes)


def segments(layout: bool) -> dict[str, bytes]:
    rng = np.random.default_rng(0)
    parts = {
        **record("s1", rng.integers(-900, 900, (300, 2)), leads=["II", "V1"]),
        **record("s2", rng.integers(-900, 900, (200, 2)), leads=["V1", "II"] if layout else None),
    }
    if not layout:
        return {"m.hea": header("m/2 2 250 500", "s1 300", "s2 200"), **parts}
    return {
        "m.hea": header("m/4 3 250 600", "lay 0", "s1 300", "~ 100", "s2 200"),
        "lay.hea": header("lay 3 250 0", "~ 0 1000/mV II", "~ 0 1000/mV V1", "~ 0 20/mmHg ABP"),
        **parts,
    }


def test_segments_of_fixed_layout_follow_each_other() -> None:
    files = segments(layout=False)
    read = open_recording(files)
    one, two = (
        open_recording({k: v for k, v in files.items() if k[:2] == s}) for s in ("s1", "s2")
    )
    np.testing.assert_array_equal(read.signal, np.hstack([one.signal, two.signal]))
    assert read.leads == ("II", "V1")
    assert read.name == "m"


def test_segments_of_variable_layout_are_laid_by_name_with_gaps() -> None:
    files = segments(layout=True)
    read = open_recording(files)
    one, two = (
        open_recording({k: v for k, v in files.items() if k[:2] == s}) for s in ("s1", "s2")
    )
    assert read.leads == ("II", "V1")
    np.testing.assert_array_equal(read.lead("II")[:300], one.lead("II"))
    np.testing.assert_array_equal(read.lead("II")[400:], two.lead("II"))
    assert np.isnan(read.signal[:, 300:400]).all()
    assert any("ABP" in note for note in read.notes)


def test_multi_segment_record_agrees_with_wfdb(tmp_path: Path) -> None:
    files = segments(layout=True)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    theirs = wfdb.rdrecord(str(tmp_path / "m"))
    ours = open_recording(tmp_path / "m.hea")
    for lead in ours.leads:
        column = theirs.p_signal[:, theirs.sig_name.index(lead)]
        np.testing.assert_allclose(ours.lead(lead), column, atol=1e-6)


@pytest.mark.parametrize("lost", ["s1.hea", "s2.dat", "lay.hea"])
def test_a_missing_segment_file_is_named(lost: str) -> None:
    files = segments(layout=True)
    del files[lost]
    with pytest.raises(RecordingError, match=lost):
        open_recording(files)


def test_missing_signal_file_is_named_and_so_is_a_missing_header(maker) -> None:
    files = write_wfdb(maker(), "abc")
    with pytest.raises(RecordingError, match=r"abc\.dat"):
        open_recording({"abc.hea": files["abc.hea"]})
    with pytest.raises(RecordingError, match=r"without its header.*abc\.hea"):
        open_recording({"abc.dat": files["abc.dat"]})


def test_one_record_of_several_must_be_chosen(maker) -> None:
    both = write_wfdb(maker(), "first") | write_wfdb(maker(seed=1), "second")
    with pytest.raises(RecordingError, match=r"2 records.*first, second"):
        open_recording(both)


def test_siblings_come_from_the_headers_own_folder(tmp_path: Path, maker) -> None:
    (tmp_path / "deep").mkdir()
    files = write_wfdb(maker(), "r")
    (tmp_path / "deep" / "r.hea").write_bytes(files["r.hea"])
    (tmp_path / "r.dat").write_bytes(files["r.dat"])
    with pytest.raises(RecordingError, match=r"r\.dat"):
        open_recording(tmp_path / "deep" / "r.hea")
    (tmp_path / "deep" / "r.dat").symlink_to(tmp_path / "r.dat")
    with pytest.raises(RecordingError, match=r"r\.dat"):
        open_recording(tmp_path / "deep" / "r.hea")
    (tmp_path / "deep" / "r.dat").unlink()
    (tmp_path / "deep" / "r.dat").write_bytes(files["r.dat"])
    assert open_recording(str(tmp_path / "deep" / "r.hea")).n_samples == 500


HOSTILE = [
    ("r 1 250 500", "../../etc/passwd 16 1000/mV"),
    ("r 1 250 500", "/etc/passwd 16 1000/mV"),
    ("r 1 250 500", "..\\r.dat 16 1000/mV"),
    ("r 1 250 500", ".. 16 1000/mV"),
    ("r 1 250 500", "s3://bucket/r.dat 16 1000/mV"),
    ("r/1 1 250 500", "../r 500"),
    ("r/1 1 250 500", "r 500"),
    ("r/999999999 1 250 500", "s 500"),
    ("r 1 250 1000000000", "r.dat 16 1000/mV"),
    ("r 1 250 99999999999999999999", "r.dat 16 1000/mV"),
    ("r 1 250 500", "r.dat 16x999999 1000/mV"),
    ("r 10000 250 500", *["r.dat 16 1000/mV"] * 10000),
    ("r 0 250 500", "r.dat 16 1000/mV"),
    ("r -1 250 500", "r.dat 16 1000/mV"),
    ("r 2 250 500", "r.dat 16 1000/mV"),
    ("r 1 0 500", "r.dat 16 1000/mV"),
    ("r 1 inf 500", "r.dat 16 1000/mV"),
    ("r 1 nan 500", "r.dat 16 1000/mV"),
    ("r 1 -250 500", "r.dat 16 1000/mV"),
    ("r 1 1e9 500", "r.dat 16 1000/mV"),
    ("r 1 250 -5", "r.dat 16 1000/mV"),
    ("r 1 250 500", "r.dat 99 1000/mV"),
    ("r 1 250 500", "r.dat sixteen 1000/mV"),
    ("r 1 250 500", "r.dat 516 1000/mV"),
    ("r 1 250 500", "r.dat 16 nan/mV"),
    ("r 1 250 500", "r.dat 16 1e999/mV"),
    ("r 1 250 500", "r.dat 16 1000(x)/mV"),
    ("r 1 250 500", "r.dat 16+999999 1000/mV"),
    ("r 2 250 500", "r.dat 16 1000/mV", "r.dat 212 1000/mV"),
    ("r", "r.dat 16 1000/mV"),
    ("", ""),
]


@pytest.mark.parametrize("lines", HOSTILE, ids=lambda lines: " | ".join(lines)[:60])
def test_hostile_headers_are_refused_in_words(lines: tuple[str, ...]) -> None:
    files = {"r.hea": header(*lines), "r.dat": bytes(1000)}
    with pytest.raises(RecordingError) as caught:
        open_recording(files)
    assert caught.value.remedy
    assert len(str(caught.value)) < 300


def test_negative_gain_turns_the_signal_over() -> None:
    stored = np.random.default_rng(0).integers(-900, 900, (500, 1))
    read = open_recording(record("r", stored, gain="-1000"))
    np.testing.assert_allclose(read.signal.T, -stored / 1000, atol=1e-6)


def test_no_file_is_left_behind(tmp_path: Path, monkeypatch, maker) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    files = write_wfdb(maker(), "r")
    open_recording(files)
    with pytest.raises(RecordingError):
        open_recording({"r.hea": header("r 1 250 500", "r.dat 516 1/mV"), "r.dat": bytes(500)})
    assert not list(tmp_path.iterdir())


def test_writer_chooses_names_and_gains_that_wfdb_reads(tmp_path: Path) -> None:
    signal = np.array([np.linspace(-1, 1, 500), np.linspace(99.5, 100.5, 500), np.zeros(500)])
    read = Recording(signal, 333.25, ("II", "a lead – «π»", "x"))
    files = write_wfdb(read, "../my record/é")
    assert sorted(files) == ["my_record.dat", "my_record.hea"]
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    theirs = wfdb.rdrecord(str(tmp_path / "my_record"))
    np.testing.assert_allclose(theirs.p_signal.T, signal, atol=3e-5)
    assert theirs.fs == 333.25
    back = open_recording(files)
    assert back.leads == read.leads


def test_uncalibrated_stays_uncalibrated(maker) -> None:
    back = open_recording(write_wfdb(maker(calibrated=False), "r"))
    assert not back.calibrated


values = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 4), st.integers(1, 60)),
    elements=st.floats(-50, 50, width=32) | st.just(float("nan")),
)


@given(values, st.floats(20, 50_000))
@settings(max_examples=60, deadline=None)
def test_round_trip_keeps_samples_to_a_microvolt(signal: np.ndarray, fs: float) -> None:
    leads = [f"lead {k}" for k in range(len(signal))]
    before = Recording(signal, fs, tuple(leads))
    after = open_recording(write_wfdb(before, "r"))
    assert after.fs == before.fs
    assert after.leads == before.leads
    # 100 mV peak to peak at most: steps of 2 µV or finer, so 1 µV off at most, and float32.
    np.testing.assert_allclose(after.signal, before.signal, atol=1.01e-3, rtol=1e-6)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_any_offset_and_size_can_be_written(offset: float, step: float) -> None:
    signal = np.float32(offset) + np.float32(step) * np.arange(-5, 5, dtype=np.float32)
    before = Recording(signal[np.newaxis], 250.0, ("I",))
    after = open_recording(write_wfdb(before, "r"))
    span = np.nanmax(before.signal) - np.nanmin(before.signal)
    tolerance = max(float(span) / 2000, 1e-5, 1e-6 * float(np.abs(signal).max()))
    np.testing.assert_allclose(after.signal, before.signal, atol=tolerance)


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_header_bytes_open_or_are_refused(noise: bytes) -> None:
    for content in (noise, b"r 1 250 500\n" + noise, b"r 1 250 500\nr.dat 16 " + noise):
        with contextlib.suppress(RecordingError):
            open_recording({"r.hea": content, "r.dat": bytes(1000)})


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_flipped_bits_and_cuts_open_or_are_refused(data: st.DataObject) -> None:
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        fmt = data.draw(st.sampled_from(["516", "16", "212"]))
        stored = rng.integers(-900, 900, (200, 2))
        wfdb.wrsamp("r", 250, ["mV"] * 2, ["I", "II"], d_signal=stored, fmt=[fmt] * 2,
                    adc_gain=[100.0] * 2, baseline=[0] * 2, write_dir=folder)  # fmt: skip
        files = {p.name: bytearray(p.read_bytes()) for p in Path(folder).iterdir()}
    for content in files.values():
        for _ in range(data.draw(st.integers(0, 3))):
            content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(
                st.integers(0, 7)
            )
        if data.draw(st.booleans()):
            del content[data.draw(st.integers(0, len(content))) :]
    with contextlib.suppress(RecordingError):
        open_recording({name: bytes(content) for name, content in files.items()})


def test_descriptions_may_begin_with_figures_and_be_missing() -> None:
    parsed = parse_header(
        header("r 3 250", "r.dat 16 1/mV 12 0 5 7 0 12 lead", "r.dat 16", "r.dat 16 1/uV\tV1"), "r"
    )
    assert [line.name for line in parsed.signals] == ["12 lead", "signal 2", "V1"]
    assert parsed.signals[0].initial == 5
    assert parsed.signals[0].checksum == 7
