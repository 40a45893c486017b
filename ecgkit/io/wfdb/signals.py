"""The samples of WFDB signal files.

Formats: https://physionet.org/physiotools/wag/signal-5.htm. They are decoded here and not by the
wfdb package, whose import takes longer than opening a recording does, and which reads from paths
only.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ecgkit.io.limits import readable
from ecgkit.io.wfdb.header import SignalLine
from ecgkit.recording import RecordingError, Signal

_BITS = {"8": 8, "16": 16, "24": 24, "32": 32, "61": 16, "80": 8, "160": 16, "212": 12}
_PACKED = {"310": (0, 0, 1, 1), "311": (0, 0, 1, 2)}
"""Formats of three samples in four bytes: samples in 0, 1, 2 and 3 bytes of the last, cut block."""
_PLAIN = {"8": "i1", "16": "<i2", "32": "<i4", "61": ">i2", "80": "u1", "160": "<u2"}
"""NumPy's name of each format whose samples fill whole bytes, but for 24."""
_FLAC_BLOCK = 2**15
_FLAC = {"508", "516", "524"}
_INVALID = {
    **dict.fromkeys(("80", "508"), -(2**7)),
    **dict.fromkeys(("310", "311"), -(2**9)),
    "212": -(2**11),
    **dict.fromkeys(("16", "61", "160", "516"), -(2**15)),
    **dict.fromkeys(("24", "524"), -(2**23)),
    "32": -(2**31),
}
"""The value that marks a missing sample; format 8, of differences, has none."""
NULL_FORMAT = "0"
FORMATS = frozenset({*_BITS, *_PACKED, *_FLAC, NULL_FORMAT})


def frames_in(content: bytes, group: Sequence[SignalLine], where: str) -> int:
    """Return how many whole frames of the group's signals a signal file holds."""
    first, per_frame = group[0], sum(signal.per_frame for signal in group)
    if first.fmt in _FLAC:
        import soundfile

        with (
            readable(where, "is no readable FLAC signal file", "Copy the file again."),
            soundfile.SoundFile(io.BytesIO(content)) as flac,
        ):
            return max(0, int(flac.frames) - first.offset) // first.per_frame
    size = max(0, len(content) - first.offset)
    if first.fmt in _PACKED:
        return (size // 4 * 3 + _PACKED[first.fmt][size % 4]) // per_frame
    return size * 8 // _BITS[first.fmt] // per_frame


def decode(
    content: bytes, group: Sequence[SignalLine], frames: int, where: str
) -> list[NDArray[np.signedinteger]]:
    """Return the stored integers of the signals that share a file.

    Parameters
    ----------
    content
        Of the file.
    group
        Its signals, in their order in the file.
    frames
        To read, no more than ``frames_in`` found.
    where
        The file, for the error.

    Returns
    -------
    list of ndarray
        One array of ``frames * per_frame`` integers a signal.

    Raises
    ------
    RecordingError
        Where the file is not what its header says.
    """
    first = group[0]
    ends = np.cumsum([signal.per_frame for signal in group])
    with readable(
        where,
        f"is no signal file of format {first.fmt} with {len(group)} signals, as its header says",
        "Header and signal file must belong together; copy both again.",
    ):
        if first.fmt in _FLAC:
            return _from_flac(content, group, frames)
        stored = _unpacked(content[first.offset :], first.fmt, frames * int(ends[-1]))
        parts = np.split(stored.reshape(frames, -1), ends[:-1], axis=1)
        signals = [np.ascontiguousarray(part).reshape(-1) for part in parts]
        if first.fmt == "8":  # differences, from a value that the header gives
            signals = [
                np.cumsum(steps, dtype=np.int32) + np.int32(signal.initial)
                for steps, signal in zip(signals, group, strict=True)
            ]
        return signals


def _unpacked(content: bytes, fmt: str, count: int) -> NDArray[np.signedinteger]:
    """Return the first samples of a format that is not compressed, shape (count,)."""
    if fmt in _PLAIN:
        stored = np.frombuffer(content, _PLAIN[fmt], count)
        if fmt in ("80", "160"):  # offset binary
            return stored.astype(np.int16) - np.int16(128) if fmt == "80" else _signed16(stored)
        return stored.astype(stored.dtype.newbyteorder("="))
    samples, size = {"212": (2, 3), "24": (1, 3)}.get(fmt, (3, 4))
    blocks = -(-count // samples)
    held = content[: blocks * size].ljust(blocks * size, b"\0")
    block = np.frombuffer(held, np.uint8).reshape(blocks, size).astype(np.int32).T
    if fmt == "24":
        return _signed(block[0] | block[1] << 8 | block[2] << 16, 24)
    if fmt == "212":
        low, middle, high = block
        rows = [low | (middle & 0x0F) << 8, high | (middle & 0xF0) << 4]
        return _signed(np.stack(rows, axis=1).reshape(-1)[:count], 12).astype(np.int16)
    first, second = block[0] | block[1] << 8, block[2] | block[3] << 8
    if fmt == "310":
        rows = [first >> 1, second >> 1, first >> 11 & 0x1F | (second >> 11 & 0x1F) << 5]
    else:
        rows = [first, first >> 10 | second << 6, second >> 4]
    return _signed(np.stack(rows, axis=1).reshape(-1)[:count], 10).astype(np.int16)


def _signed(values: NDArray[np.int32], bits: int) -> NDArray[np.int32]:
    """Return the lowest bits of each value as a signed number (two's complement)."""
    spare = np.int32(32 - bits)
    return values << spare >> spare


def _signed16(values: NDArray[np.integer]) -> NDArray[np.int16]:
    return (values.astype(np.int32) - 2**15).astype(np.int16)


def _from_flac(
    content: bytes, group: Sequence[SignalLine], frames: int
) -> list[NDArray[np.signedinteger]]:
    """Return the signals of a FLAC file, a channel each; samples per frame follow each other."""
    import soundfile

    first = group[0]
    if any(signal.per_frame != first.per_frame for signal in group):
        raise ValueError("channels of one FLAC file share a sampling frequency")
    with soundfile.SoundFile(io.BytesIO(content)) as flac:
        bits = {"PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}[flac.subtype]
        if bits > int(first.fmt) - 500 or flac.channels != len(group):
            raise ValueError("a FLAC file of other channels or resolution than the header says")
        dtype, spare = ("int32", 32 - bits) if bits > 16 else ("int16", 16 - bits)
        flac.seek(first.offset)
        left, pieces = frames * first.per_frame, []
        while left:
            # libsndfile fails on blocks of more than 2**24 values.
            piece = flac.read(min(left, _FLAC_BLOCK), dtype=dtype, always_2d=True)
            if not len(piece):
                raise ValueError("fewer samples than announced")
            pieces.append(piece >> spare)
            left -= len(piece)
    return list(np.ascontiguousarray(np.concatenate(pieces).T))


def scaled(stored: NDArray[np.signedinteger], line: SignalLine, factor: float) -> Signal:
    """Return stored integers in physical units times ``factor``, NaN where marked as missing."""
    missing = stored == _INVALID[line.fmt] if line.fmt in _INVALID else None
    values = stored.astype(np.float64)
    values -= line.baseline
    values *= factor / (line.gain or 200.0)
    signal = values.astype(np.float32)
    if missing is not None:
        signal[missing] = np.nan
    if line.skew:
        # A skewed signal was stored late by so many frames; its end is then not in the file.
        late = min(line.skew * line.per_frame, signal.size)
        signal[: signal.size - late] = signal[late:].copy()
        signal[signal.size - late :] = np.nan
    return signal


def check_format(line: SignalLine, where: str) -> None:
    """Refuse a format number that WFDB does not know.

    Raises
    ------
    RecordingError
        With the formats that it knows.
    """
    if line.fmt not in FORMATS:
        known = ", ".join(sorted(FORMATS, key=int))
        raise RecordingError(
            f"gives the unknown signal format {line.fmt}", where=where, remedy=f"WFDB has {known}."
        )
