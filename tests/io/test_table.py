"""Tables as text: separators, decimal marks, encodings, names, time, and what is asked."""

from __future__ import annotations

import contextlib
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ecgkit.io import open_recording, write_csv
from ecgkit.recording import STANDARD_LEADS, Recording, RecordingError

RNG = np.random.default_rng(0)
SIGNAL = RNG.normal(0, 0.5, (300, 2)).round(3)


def table(rows, separator=",", decimal=".", head=(), digits=3) -> bytes:
    lines = list(head)
    for row in np.atleast_2d(rows):
        cells = [f"{v:.{digits}f}".replace(".", decimal) if v == v else "" for v in row]
        lines.append(separator.join(cells))
    return ("\n".join(lines) + "\n").encode()


def read(content: bytes, name="ecg.csv", **given) -> Recording:
    return open_recording({name: content}, **given)


def timed(fs: float, unit: float = 1.0) -> np.ndarray:
    return np.column_stack([np.arange(300) / fs / unit, SIGNAL])


@pytest.mark.parametrize("separator", [",", ";", "\t", " ", "  ", ", "])
@pytest.mark.parametrize("head", [[], ["I{s}II"]])
def test_separators_with_and_without_names(separator: str, head: list[str]) -> None:
    head = [line.replace("{s}", separator) for line in head]
    got = read(table(SIGNAL, separator, head=head), fs=250, unit="mV")
    np.testing.assert_allclose(got.signal.T, SIGNAL, atol=1e-6)
    assert got.leads == (("I", "II") if head else ("lead 1", "lead 2"))
    assert got.name == "ecg"


@pytest.mark.parametrize("separator", [";", "\t", " "])
def test_decimal_comma(separator: str) -> None:
    content = table(timed(500), separator, ",", [separator.join(["Zeit(s)", "I(mV)", "II(mV)"])])
    got = read(content)
    np.testing.assert_allclose(got.signal.T, SIGNAL, atol=1e-6)
    assert got.fs == 500
    assert got.leads == ("I", "II")


def test_decimal_comma_in_a_single_column() -> None:
    np.testing.assert_allclose(
        read(table(SIGNAL[:, :1], "\t", ","), fs=250, unit="mV").signal[0], SIGNAL[:, 0], atol=1e-6
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding: str, newline: str) -> None:
    text = "Zeit (s);I (µV);Bemerkung für µ\n" + "".join(
        f"{k / 250:.3f};{v * 1000:.0f};gut\n" for k, v in enumerate(SIGNAL[:, 0])
    )
    got = read(text.replace("\n", newline).encode(encoding))
    np.testing.assert_allclose(got.signal[0], SIGNAL[:, 0], atol=1e-6)
    assert got.fs == 250
    assert any("Bemerkung" in note for note in got.notes)


@pytest.mark.parametrize(
    ("names", "factor"),
    [
        ("I (mV),II (mV)", 1),
        ("I [uV],II [µV]", 1e-3),
        ("I_mV,II_mV", 1),
        ("I (V),II (V)", 1e3),
        ('"I, uV","II, uV"', 1e-3),
        ("lead i (MV),Lead II (mv)", 1),
        ("I (uV),II (mV)", None),
    ],
)
def test_units_beside_names(names: str, factor: float | None) -> None:
    got = read(table(SIGNAL, head=[names]), fs=100)
    expected = SIGNAL * ([1e-3, 1] if factor is None else factor)
    np.testing.assert_allclose(got.signal.T, expected, rtol=1e-6)
    assert got.leads == ("I", "II")
    assert got.calibrated


@pytest.mark.parametrize(
    "comment",
    [
        "# fs: 360 Hz, unit: uV",
        "# sampling frequency = 360\n# Units: µV",
        "Sample Rate,360 hertz\nUnit,µV\n",
        "% Sampling rate (Hz): 360 unit=uV",
        "#fs=0.36 kHz\n#unit 'uV'",
    ],
)
def test_comments_state_what_a_reader_needs(comment: str) -> None:
    got = read(table(SIGNAL, head=[comment, "MLII,V5"]))
    assert got.fs == 360
    np.testing.assert_allclose(got.signal.T, SIGNAL / 1000, rtol=1e-6)
    assert got.leads == ("MLII", "V5")


def test_a_watch_export_with_one_column_and_its_own_preamble() -> None:
    head = ["Name,Jane Doe", "Recorded Date,2020-01-01", "Sample Rate,512 hertz", "", ""]
    head += ["Lead,Lead I", "Unit,µV", ""]
    got = read(table(SIGNAL[:, :1] * 1000, head=head))
    assert (got.fs, got.leads) == (512, ("I",))
    np.testing.assert_allclose(got.signal[0], SIGNAL[:, 0], rtol=1e-5)
    assert "Jane" not in str(got.to_dict())


def test_physionet_export_with_quotes_units_row_and_clock() -> None:
    head = ["'Elapsed time','MLII','V5'", "'mm:ss.mmm','mV','mV'"]
    rows = [f"'{k // 21600}:{k / 360 % 60:06.3f}',{a},{b}" for k, (a, b) in enumerate(SIGNAL)]
    got = read("\n".join(head + rows).encode())
    assert (got.fs, got.leads) == (360, ("MLII", "V5"))
    np.testing.assert_allclose(got.signal.T, SIGNAL, rtol=1e-6)


@pytest.mark.parametrize("fs", [100, 128, 250, 257, 360, 500, 1000])
@pytest.mark.parametrize(("name", "unit"), [("time (s)", 1), ("t [ms]", 1e-3), ("Time_ms", 1e-3)])
def test_time_columns_give_the_sampling_frequency(fs: int, name: str, unit: float) -> None:
    digits = 3 if unit == 1 and fs <= 500 else 6
    got = read(table(timed(fs, unit), head=[f"{name},I (mV),II (mV)"], digits=digits))
    assert got.fs == pytest.approx(fs, rel=2e-3 if 1000 % fs and digits == 3 else 1e-6)
    np.testing.assert_allclose(got.signal.T, SIGNAL, atol=1e-6)


def test_long_rounded_times_give_the_exact_sampling_frequency() -> None:
    long = np.column_stack([np.arange(100_000) / 360, RNG.normal(0, 1, 100_000)])
    assert read(table(long, head=["time (s),II (mV)"])).fs == 360


@pytest.mark.parametrize(("unit", "said"), [(1, "in s"), (1e-3, "in ms")])
def test_a_nameless_time_column_is_recognised_and_said(unit: float, said: str) -> None:
    got = read(table(timed(250, unit), digits=4), unit="mV")
    assert got.fs == 250
    assert any(said in note for note in got.notes)


def test_gaps_in_time_become_nan() -> None:
    rows = np.delete(timed(250), slice(100, 150), axis=0)
    got = read(table(rows, head=["time (s),I (mV),II (mV)"]))
    assert got.n_samples == 300
    assert np.isnan(got.signal[:, 100:150]).all()
    np.testing.assert_allclose(got.signal[:, 150:].T, SIGNAL[150:], atol=1e-6)
    assert any("no samples for 0.2 s" in note for note in got.notes)


def test_empty_cells_and_words_for_nothing_become_nan() -> None:
    text = table(SIGNAL[:50], head=["I (mV),II (mV)"]).decode() + "NaN,1\n,\nnull,N/A\n-,inf\n"
    got = read(text.encode(), fs=250)
    assert np.isnan(got.signal).sum() == 7
    assert got.n_samples == 54


@pytest.mark.parametrize("first", ["", "sample", "index", "sample #"])
def test_a_column_that_counts_is_left_out(first: str) -> None:
    rows = np.column_stack([np.arange(300), SIGNAL])
    lines = [f"{first},I (mV),II (mV)"] + [f"{k:.0f},{a},{b}" for k, a, b in rows]
    got = read("\n".join(lines).encode(), fs=250)
    assert got.leads == ("I", "II")
    assert any("counts samples" in note for note in got.notes)


def test_twelve_nameless_columns_are_taken_as_the_standard_leads_and_said() -> None:
    got = read(table(RNG.normal(0, 1, (50, 12))), fs=250, unit="mV")
    assert got.leads == STANDARD_LEADS
    assert any("order" in note for note in got.notes)


@pytest.mark.parametrize(
    ("head", "given", "asks"),
    [
        ([], {}, {"fs", "unit"}),
        ([], {"fs": 250}, {"unit"}),
        ([], {"unit": "mV"}, {"fs"}),
        (["I (mV),II (mV)"], {}, {"fs"}),
        (["# fs: 250", "I,II"], {}, {"unit"}),
    ],
)
def test_what_is_not_stated_is_asked_for(head: list[str], given: dict, asks: set[str]) -> None:
    with pytest.raises(RecordingError) as caught:
        read(table(SIGNAL, head=head), **given)
    assert caught.value.asks == asks
    assert read(table(SIGNAL, head=head), **({"fs": 250, "unit": "uV"} | given))


def test_unknown_unit_may_be_said_to_be_unknown() -> None:
    got = read(table(SIGNAL), fs=250, unit="NU")
    assert not got.calibrated


def test_the_files_own_sampling_frequency_goes_first() -> None:
    got = read(table(timed(500), head=["time (s),I (mV),II (mV)"]), fs=250)
    assert got.fs == 500
    assert any("250 Hz was not used" in note for note in got.notes)


@pytest.mark.parametrize("unit", ["furlong", "Hz"])
def test_a_given_unit_must_be_one(unit: str) -> None:
    with pytest.raises(RecordingError, match="no unit of voltage"):
        read(table(SIGNAL), fs=250, unit=unit)


BAD = {
    "not a number": (table(SIGNAL) + b"0.1,oops\n" + table(SIGNAL), "'oops' in row 301"),
    "too many cells": (table(SIGNAL) + b"1,2,3,4\n" + table(SIGNAL), "4 cells in line 301"),
    "words only": (b"This is no table.\nIt is prose, of two lines.\n", "no table of numbers"),
    "names only": (b"time,I,II\n", "no table of numbers"),
    "NUL": (table(SIGNAL) * 9 + b"\0\0\0", "NUL"),
    "one line": (b"1," * 400_000, "no table|columns"),
    "many columns": ((b"1," * 5_000 + b"1\n") * 20, "columns"),
    "falling time": (table(timed(250)[::-1], head=["time (s),I (mV),II (mV)"]), "does not rise"),
    "uneven time": (
        table(np.column_stack([np.cumsum(RNG.exponential(1, 300)), SIGNAL]), head=["t (s),a,b"]),
        "evenly|rise",
    ),
    "contradiction": (
        table(timed(500), head=["# fs: 250 Hz", "time (s),I (mV),II (mV)"]), "states 250 Hz.*500",
    ),
    "time with holes": (
        table(timed(250), head=["time (s),I (mV),II (mV)"]) + b",1,1\n", "empty cells",
    ),
    "nothing but time": (table(timed(250)[:, :1], head=["time (s)"]), "no column of samples"),
    "fs of 0": (table(SIGNAL, head=["# fs: 0 Hz"]), "0 Hz"),
    "empty": (b"", "empty"),
    "blank": (b" \n\n\t\n", "empty"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_tables_are_refused_in_words(case: str) -> None:
    content, words = BAD[case]
    with pytest.raises(RecordingError, match=words):
        read(content, fs=None if "fs" in case or "time" in case else 250, unit="mV")


def test_a_million_lines_are_read_quickly() -> None:
    line = b"0.123,-0.456\n0.223,-0.416\n"
    start = time.perf_counter()
    got = read(b"I (mV),II (mV)\n" + line * 500_000, fs=250)
    assert got.n_samples == 1_000_000
    assert time.perf_counter() - start < 10


def test_more_than_a_day_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(RecordingError, match="hours"):
        read(b"1\n2\n" * 1_000_000, fs=20, unit="mV")


def test_numbers_of_pandas_columns_are_no_samples() -> None:
    rows = [",0,1"] + [f"{k},{a},{b}" for k, (a, b) in enumerate(SIGNAL)]
    assert read("\n".join(rows).encode(), fs=250, unit="mV").n_samples == 300


names = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=30).filter(
    str.isprintable
)


@given(
    hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 4), st.integers(1, 40)),
        elements=st.floats(width=32, allow_infinity=False),
    ),
    st.floats(20, 50_000),
    st.lists(names, min_size=4, max_size=4),
    st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_round_trip_is_exact(signal, fs: float, leads: list[str], calibrated: bool) -> None:
    before = Recording(signal, fs, tuple(leads[: len(signal)]), calibrated=calibrated)
    after = open_recording({"x.csv": write_csv(before)})
    np.testing.assert_array_equal(after.signal, before.signal)
    assert after.fs == before.fs
    assert after.calibrated == before.calibrated
    assert after.leads == before.leads


@pytest.mark.parametrize("calibrated", [True, False])
def test_pandas_opens_what_is_written_at_once(tmp_path, calibrated: bool) -> None:
    signal = SIGNAL.T.astype(np.float32)
    signal[1, 3] = np.nan
    path = tmp_path / "a.csv"
    path.write_bytes(write_csv(Recording(signal, 360, ("II", "x, y"), calibrated=calibrated)))
    table = pd.read_csv(path)
    unit = "mV" if calibrated else "NU"
    assert list(table.columns) == ["time [s] at 360 Hz", f"II [{unit}]", f"x, y [{unit}]"]
    np.testing.assert_array_equal(table.iloc[:, 1:].to_numpy(np.float32).T, signal)
    np.testing.assert_allclose(table.iloc[:, 0], np.arange(300) / 360, atol=1e-6)
    assert open_recording(path).fs == 360


def test_rate_and_unit_of_an_older_file_are_in_its_comment() -> None:
    head = ["# fs: 360.5 Hz, unit: mV", "time (s),II (mV),V 1 (mV)"]
    got = read(table(timed(360.5), head=head, digits=6))
    assert (got.fs, got.leads) == (360.5, ("II", "V 1"))
    assert got.calibrated


@pytest.mark.parametrize(
    "lead", ["fs 300", "unit uV", "sampling rate 50 Hz", "time", "time at 9 Hz", "a [b]", "'", "#"]
)
def test_names_that_look_like_statements_are_names(lead: str) -> None:
    before = Recording(SIGNAL.T, 257.123456789, ("II", lead))
    after = read(write_csv(before))
    assert (after.fs, after.leads) == (before.fs, ("II", lead))
    np.testing.assert_array_equal(after.signal, before.signal)


@pytest.mark.parametrize("name", ["time [s] at 500 Hz", "t (s) at 500 Hz", "Zeit [s] at 500.0 hz"])
def test_a_rate_beside_the_name_of_the_time(name: str) -> None:
    assert read(table(timed(500), head=[f"{name},I [mV],II [mV]"])).fs == 500
    with pytest.raises(RecordingError, match=r"500 Hz.*250"):
        read(table(timed(250), head=[f"{name},I [mV],II [mV]"]))


@given(st.text(max_size=300) | st.binary(max_size=300), st.booleans())
@settings(max_examples=200, deadline=None)
def test_any_text_opens_or_is_refused(noise: str | bytes, as_tail: bool) -> None:
    content = noise if isinstance(noise, bytes) else noise.encode("utf-8", "surrogatepass")
    content = table(SIGNAL[:20]) + content if as_tail else content
    with contextlib.suppress(RecordingError):
        read(content, fs=250, unit="mV")


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_tables_of_odd_cells_open_or_are_refused(data: st.DataObject) -> None:
    cells = st.sampled_from(["1", "-0.5", "", "nan", "x", "1,5", "1e400", '"', "'", "#", "0:01.5"])
    rows = data.draw(st.lists(st.lists(cells, min_size=1, max_size=4), max_size=8))
    separator = data.draw(st.sampled_from([",", ";", "\t", " "]))
    with contextlib.suppress(RecordingError):
        read("\n".join(separator.join(row) for row in rows).encode(), fs=250, unit="mV")


def test_a_lead_that_begins_late_is_kept_and_a_column_of_comments_is_not() -> None:
    lines = [f"{a},,,{b}" for a, b in SIGNAL] + ["0.1,0.2,N,0.3"] * 10
    late = "\n".join(["I (mV),II (mV),note,III (mV)", *lines[:-10], *["0.1,0.2,,0.3"] * 10])
    got = read((late + "\n" * 3).encode(), fs=250)
    assert got.leads == ("I", "II", "III")
    assert np.isnan(got.lead("II")[:300]).all()
    got = read("\n".join(["I (mV),II (mV),note,III (mV)", *lines]).encode(), fs=250)
    assert got.leads == ("I", "II", "III")
    assert any("note" in note for note in got.notes)
