"""Whether a text is a table of numbers; told without the libraries that read one."""

from __future__ import annotations

from ecgkit.errors import RecordingError
from ecgkit.io.limits import check_bytes, readable
from ecgkit.io.table.dialect import find_layout

_FEWEST_LINES = 10
"""Lines of numbers that make a text a recording among others, and not a note with a figure."""


def looks_like_table(content: bytes) -> bool:
    """Say whether a text is a table of numbers."""
    try:
        return find_layout(as_utf8(content, ""), "").lines >= _FEWEST_LINES
    except RecordingError:
        return False


def as_utf8(content: bytes, where: str) -> bytes:
    """Return UTF-16 as UTF-8, everything else as it stands."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        with readable(where, "is no readable UTF-16 text", "Save it as UTF-8."):
            content = content.decode("utf-16").encode("utf-8")
        check_bytes(len(content), where)
    if b"\0" in content:
        raise RecordingError(
            "holds NUL bytes, as no text does",
            where=where,
            remedy="Export the recording as text again, or open it in its binary format.",
        )
    return content
