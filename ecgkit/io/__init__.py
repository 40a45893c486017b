"""File formats: every recording that a person may have, opened by its content; and writers."""

from ecgkit.io.edf.writer import write_edf
from ecgkit.io.open import open_recording
from ecgkit.io.save import save_recording
from ecgkit.io.table.writer import write_csv
from ecgkit.io.wfdb.writer import write_wfdb

__all__ = ["open_recording", "save_recording", "write_csv", "write_edf", "write_wfdb"]
