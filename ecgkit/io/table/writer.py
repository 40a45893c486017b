"""Writing recordings as CSV."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecgkit.recording import Recording


def write_csv(recording: Recording) -> bytes:
    """Return a recording as CSV: time in s, then one column a lead with its unit.

    The first line names the columns, so that any program opens the file as it is. It also holds
    what a reader needs: ``time [s] at 500 Hz,I [mV],II [mV]``. Samples carry the digits that give
    the same float32 back, and missing ones are empty cells. An uncalibrated recording carries the
    unit ``NU``. The text is UTF-8.
    """
    unit = "mV" if recording.calibrated else "NU"
    fs = f"{recording.fs:g}"
    fs = fs if float(fs) == recording.fs else repr(recording.fs)
    table = pd.DataFrame({f"time [s] at {fs} Hz": np.round(recording.time, 6)})
    for lead, signal in zip(recording.leads, recording.signal, strict=True):
        label = "".join(c if c.isprintable() else " " for c in lead)
        table[f"{label} [{unit}]"] = signal
    return str(table.to_csv(index=False, lineterminator="\n")).encode("utf-8")
