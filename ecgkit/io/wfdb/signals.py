"""The samples of WFDB signal files, decoded by the wfdb package from a private folder."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import wfdb
from numpy.typing import NDArray

from ecgkit.io.limits import readable, shown
from ecgkit.io.wfdb.header import SignalLine
from ecgkit.recording import RecordingError, Signal

_BITS = {"8": 8, "16": 16, "24": 24, "32": 32, "61": 16, "80": 8, "160": 16, "212": 12}
_PACKED = {"310": (0, 0, 1, 1), "311": (0, 0, 1, 2)}
"""Formats of three samples in four bytes: samples in 0, 1, 2 and 3 bytes of the last, cut block."""
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


@dataclass(frozen=True)
class SignalFiles:
    """Signal files of one upload, laid under safe names into a folder of their own."""

    folder: Path
    contents: Mapping[str, bytes]

    def path(self, name: str) -> Path:
        """Return where a file of the upload lies, written there when first asked for."""
        path = self.folder / f"signal{list(self.contents).index(name)}.dat"
        if not path.exists():
            path.write_bytes(self.contents[name])
        return path


@contextmanager
def private_folder(contents: Mapping[str, bytes]) -> Iterator[SignalFiles]:
    """Give signal files a folder that only this user can read and that does not stay.

    wfdb reads from paths only. The header, which could lead it elsewhere, is never laid there:
    ``decode`` writes its own, of numbers only.
    """
    with tempfile.TemporaryDirectory(prefix="ecgkit-") as folder:
        yield SignalFiles(Path(folder), contents)


def frames_in(content: bytes, group: Sequence[SignalLine], where: str) -> int:
    """Return how many whole frames of the group's signals a signal file holds."""
    first, per_frame = group[0], sum(signal.per_frame for signal in group)
    if first.fmt in _FLAC:
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
    files: SignalFiles, name: str, group: Sequence[SignalLine], frames: int
) -> list[NDArray[np.signedinteger]]:
    """Return the stored integers of the signals that share a file.

    Parameters
    ----------
    files
        Where the file lies.
    name
        Of the file, in the upload.
    group
        Its signals, in their order in the file.
    frames
        To read, no more than ``frames_in`` found.

    Returns
    -------
    list of ndarray
        One array of ``frames * per_frame`` integers a signal.
    """
    path, first = files.path(name), group[0]
    lines = [f"header {len(group)} 250 {frames}"]
    lines += [
        f"{path.name} {first.fmt}x{s.per_frame}+{first.offset} 1(0)/mV 16 0 {s.initial} 0 0 s{row}"
        for row, s in enumerate(group)
    ]
    (path.parent / "header.hea").write_text("\n".join(lines) + "\n", encoding="ascii")
    bits = 16 if _BITS.get(first.fmt, 16) <= 16 and first.fmt not in ("8", "524") else 32
    with readable(
        shown(name),
        f"is no signal file of format {first.fmt} with {len(group)} signals, as its header says",
        "Header and signal file must belong together; copy both again.",
    ):
        record = wfdb.rdrecord(
            str(path.parent / "header"), physical=False, smooth_frames=False, return_res=bits
        )
        signals: list[NDArray[np.signedinteger]] = record.e_d_signal
        if [signal.size for signal in signals] != [frames * s.per_frame for s in group]:
            raise ValueError("fewer samples than announced")
    return signals


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
