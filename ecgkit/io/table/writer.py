"""Writing recordings as CSV."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecgkit.recording import Recording


def write_csv(recording: Recording) -> bytes:
    """Return a recording as CSV: time in s, then one column a lead with its unit.

    A first line ``# fs: 360.0 Hz, unit: mV`` states what a reader needs; samples carry the digits
    that give the same float32 back, and missing ones are empty cells. An uncalibrated recording
    carries the unit ``NU``. The text is UTF-8.
    """
    unit = "mV" if recording.calibrated else "NU"
    table = pd.DataFrame({"time (s)": np.round(recording.time, 6)})
    for lead, signal in zip(recording.leads, recording.signal, strict=True):
        label = "".join(c if c.isprintable() else " " for c in lead)
        table[f"{label} ({unit})"] = signal
    statement = f"# fs: {recording.fs!r} Hz, unit: {unit}\n"
    return (statement + str(table.to_csv(index=False, lineterminator="\n"))).encode("utf-8")
