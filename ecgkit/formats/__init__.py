"""File formats: every recording that a person may have, opened by its content; and writers."""

from ecgkit.formats.csv_writer import write_csv
from ecgkit.formats.edf_writer import write_edf
from ecgkit.formats.opening import open_recording
from ecgkit.formats.saving import save_recording
from ecgkit.formats.wfdb_writer import write_wfdb

__all__ = ["open_recording", "save_recording", "write_csv", "write_edf", "write_wfdb"]
