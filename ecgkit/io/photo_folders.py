"""The pictures in a folder, and in the folders within it."""

from __future__ import annotations

from pathlib import Path

ENDINGS = frozenset(
    {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".heic", ".heif", ".pdf"}
)
"""Of files that hold photos, scans or documents, in lower case."""


def pictures_in(folder: Path) -> list[Path]:
    """Return the files that :func:`ecgkit.io.photo.open_photo` may take, sorted by path.

    Told by their endings, so that nothing is read twice; hidden ones are left out. One that is
    damaged is listed: whoever opens it hears why it cannot be read.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.suffix.lower() in ENDINGS and path.is_file():
            found.append(path)
    return found
