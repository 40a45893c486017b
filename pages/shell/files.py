"""What files to download are called and packed like, on every page."""

from __future__ import annotations

import io
import re
import zipfile

from ecgkit.recording import Recording


def file_stem(name: str) -> str:
    """Return a recording's name with nothing in it that a file name cannot hold."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_") or "recording"


def wfdb_zip(recording: Recording, stem: str) -> bytes:
    """Return a recording's WFDB files, packed together."""
    from ecgkit.io import write_wfdb

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in write_wfdb(recording, stem).items():
            archive.writestr(name, content)
    return packed.getvalue()
