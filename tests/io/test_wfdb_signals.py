"""The decoding of WFDB signal files, beside the wfdb package's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import wfdb

from ecgkit.errors import RecordingError
from ecgkit.io.wfdb.header import SignalLine, parse_header
from ecgkit.io.wfdb.signals import decode, frames_in

PLAIN = ("8", "16", "24", "32", "61", "80", "160", "212", "310", "311")


def lines(fmt: str, per_frame: list[int], offset: int, frames: int, initial: int) -> str:
    signals = [
        f"a.dat {fmt}x{count}+{offset} 1/mV 16 0 {initial + k} 0 0 s{k}"
        for k, count in enumerate(per_frame)
    ]
    return "\n".join([f"a {len(per_frame)} 250 {frames}", *signals, ""])


def group(text: str) -> tuple[SignalLine, ...]:
    return parse_header(text.encode(), "a.hea").signals


def theirs(folder: Path, text: str, content: bytes, bits: int) -> list[np.ndarray]:
    (folder / "a.hea").write_text(text)
    (folder / "a.dat").write_bytes(content)
    record = wfdb.rdrecord(str(folder / "a"), physical=False, smooth_frames=False, return_res=bits)
    return record.e_d_signal


@pytest.mark.parametrize("fmt", PLAIN)
@pytest.mark.parametrize("per_frame", [[1], [1, 1, 1], [2, 1], [1, 4, 2]])
@pytest.mark.parametrize("offset", [0, 24])
@pytest.mark.parametrize("frames", [1, 2, 5, 300, 301])
def test_any_bytes_are_read_as_wfdb_reads_them(
    fmt: str, per_frame: list[int], offset: int, frames: int, tmp_path: Path
) -> None:
    values = np.random.default_rng(frames).integers(0, 256, offset + 4 * frames * 8, np.uint8)
    if fmt == "311":
        values[offset + 3 :: 4] &= 0x3F  # wfdb takes the two unused bits for part of the sample
    content = values.tobytes()
    text = lines(fmt, per_frame, offset, frames, initial=7)
    signals = group(text)
    found = decode(content, signals, frames, "a.dat")
    if fmt == "61":  # wfdb fails on it: as format 16, its bytes turned round
        content = content[:offset] + values[offset:].view(">i2").astype("<i2").tobytes()
        text = text.replace(" 61x", " 16x")
    expected = theirs(tmp_path, text, content, 32 if fmt in ("8", "24", "32") else 16)
    for ours, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, other)
    assert frames_in(values.tobytes(), signals, "a.dat") >= frames


@pytest.mark.parametrize("fmt", PLAIN)
def test_the_last_block_may_be_cut(fmt: str) -> None:
    content = np.random.default_rng(1).integers(0, 256, 24, np.uint8).tobytes()
    signals = group(lines(fmt, [1], 0, 0, 0))
    whole = decode(content, signals, frames_in(content, signals, ""), "")[0]
    for size in range(4, 24):
        frames = frames_in(content[:size], signals, "")
        cut = decode(content[:size], signals, frames, "")[0]
        np.testing.assert_array_equal(cut, whole[:frames])


@pytest.mark.parametrize("fmt", ["508", "516", "524"])
@pytest.mark.parametrize("per_frame", [1, 3])
def test_flac_is_read_as_wfdb_reads_it(fmt: str, per_frame: int, tmp_path: Path) -> None:
    bits = int(fmt) - 500
    high = 2 ** (bits - 1) - 1
    stored = np.random.default_rng(2).integers(-high, high, (100_002, 2))
    wfdb.wrsamp(
        "b", 250, ["mV", "mV"], ["I", "II"], d_signal=stored, fmt=[fmt] * 2,
        adc_gain=[1.0, 1.0], baseline=[0, 0], write_dir=str(tmp_path),
    )  # fmt: skip
    content = (tmp_path / "b.dat").read_bytes()
    frames = 99_999 // per_frame
    text = lines(fmt, [per_frame] * 2, 0, frames, 0)
    found = decode(content, group(text), frames, "a.dat")
    for ours, other in zip(found, theirs(tmp_path, text, content, 32), strict=True):
        np.testing.assert_array_equal(ours, other)


@pytest.mark.parametrize("signals", [lines("516", [1], 0, 5, 0), lines("516", [1, 2], 0, 5, 0)])
def test_flac_of_other_channels_is_refused(signals: str, tmp_path: Path) -> None:
    stored = np.zeros((50, 2), np.int64)
    wfdb.wrsamp(
        "b", 250, ["mV", "mV"], ["I", "II"], d_signal=stored, fmt=["516"] * 2,
        adc_gain=[1.0, 1.0], baseline=[0, 0], write_dir=str(tmp_path),
    )  # fmt: skip
    with pytest.raises(RecordingError, match="no signal file of format 516"):
        decode((tmp_path / "b.dat").read_bytes(), group(signals), 5, "b.dat")
