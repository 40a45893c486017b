"""Writing WFDB records: a header and one signal file of format 16."""

from __future__ import annotations

import math
import re

import numpy as np

from ecgkit.recording import Recording, Signal

_LARGEST = 2**15 - 1
_INVALID = -(2**15)
_FINEST = 1e5
"""Steps in one mV at most: 10 nV, well below the noise of any amplifier."""


def write_wfdb(recording: Recording, record_name: str) -> dict[str, bytes]:
    """Return a recording as a WFDB record of format 16.

    Parameters
    ----------
    recording
        Each lead gets the finest of the gains 1, 2, 5, 10 … 100 000 steps per mV that its range
        allows: 1 µV or finer up to 65 mV peak to peak. NaN becomes WFDB's mark of a missing sample.
        An uncalibrated recording carries the unit ``NU``.
    record_name
        Reduced to what WFDB allows: letters, digits, ``-`` and ``_``.

    Returns
    -------
    dict
        File name -> content: ``NAME.hea`` and ``NAME.dat``.
    """
    name = record_file_name(record_name)
    unit = "mV" if recording.calibrated else "NU"
    stored = np.empty((recording.n_samples, len(recording.leads)), dtype="<i2")
    lines = [f"{name} {len(recording.leads)} {_plain(recording.fs)} {recording.n_samples}"]
    for column, (lead, signal) in enumerate(zip(recording.leads, recording.signal, strict=True)):
        gain, baseline = _scale(signal)
        values = np.round(signal.astype(np.float64) * gain) + baseline
        stored[:, column] = np.where(np.isnan(values), _INVALID, values)
        total = int(stored[:, column].sum(dtype=np.int64)) % 65536
        label = " ".join("".join(c if c.isprintable() else " " for c in lead).split()) or "lead"
        lines.append(
            f"{name}.dat 16 {_plain(gain)}({baseline})/{unit} 16 0 {stored[0, column]} {total} 0 "
            f"{label}"
        )
    header = "\n".join(lines) + "\n"
    return {f"{name}.hea": header.encode("utf-8"), f"{name}.dat": stored.tobytes()}


def record_file_name(name: str) -> str:
    """Return a name that WFDB allows for a record."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_-")[:100] or "recording"


def _scale(signal: Signal) -> tuple[float, int]:
    """Return the gain (steps per unit) and baseline that fit a lead into 16 bits."""
    if np.isnan(signal).all():
        return 1000.0, 0
    low, high = float(np.nanmin(signal)), float(np.nanmax(signal))
    gain = _round_down(min(_FINEST, (_LARGEST - 1) / max((high - low) / 2, 1e-30)))
    if max(abs(low), abs(high)) * gain <= _LARGEST:
        return gain, 0
    # An offset goes into the baseline, a 32-bit number in WFDB.
    centre = (low + high) / 2
    gain = min(gain, _round_down(2**30 / abs(centre)))
    return gain, -round(centre * gain)


def _round_down(value: float) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten up to a value."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(step * power for step in (0.5, 1, 2, 5) if step * power <= value * (1 + 1e-12))


def _plain(value: float) -> str:
    return repr(int(value)) if value.is_integer() else repr(value)
