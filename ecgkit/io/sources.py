"""The files that a person gives, as names and bytes: from paths, an upload, or a .zip."""

from __future__ import annotations

import io
import posixpath
import stat
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO

from ecgkit.io.detection import kind_of
from ecgkit.io.limits import MAX_BYTES, MAX_FILES, check_bytes, display_name, readable
from ecgkit.io.wfdb.header import parse_header
from ecgkit.recording import RecordingError

Source = str | Path | Iterable[str | Path] | Mapping[str, bytes]
_READ = 1024 * 1024


def read_sources(source: Source) -> dict[str, bytes]:
    """Return the files that a person gives, archives unpacked: name (``/`` in it) -> content.

    Raises
    ------
    RecordingError
        Where a file cannot be read, or all of them hold more than 200 MB.
    """
    if isinstance(source, str | Path):
        files = _from_paths([Path(source)])
    elif isinstance(source, Mapping):
        check_bytes(sum(len(content) for content in source.values()), "The upload")
        files = {str(name).replace("\\", "/"): bytes(content) for name, content in source.items()}
    else:
        files = _from_paths([Path(path) for path in source])
    if not files:
        raise RecordingError(
            "holds no file", where="The upload", remedy="Choose one recording's file or files."
        )
    if len(files) > MAX_FILES:
        raise RecordingError(
            f"holds {len(files):,} files", where="The upload", remedy=f"{MAX_FILES:,} at most."
        )
    return _unpacked(files)


def _from_paths(paths: Iterable[Path]) -> dict[str, bytes]:
    """Read files, and for a WFDB header those beside it that it names."""
    queue, files, total = list(dict.fromkeys(paths)), dict[str, bytes](), 0
    seen = set(queue)
    names = [path.name for path in queue]
    while queue:
        path = queue.pop(0)
        content = _read(path, MAX_BYTES - total)
        total += len(content)
        key = path.name if names.count(path.name) < 2 else path.as_posix()
        files[key] = content
        if kind_of(content, path.name) == "wfdb header":
            beside = [path.parent / name for name in parse_header(content, path.name).files]
            fresh = [file for file in beside if file not in seen and _is_beside(file, path)]
            seen.update(fresh)
            queue += fresh
    return files


def _is_beside(file: Path, header: Path) -> bool:
    """Say whether a file exists and, links followed, lies in the header's own folder."""
    try:
        return file.is_file() and file.resolve().parent == header.resolve().parent
    except (OSError, RuntimeError):
        return False


def _read(path: Path, limit: int) -> bytes:
    where = display_name(str(path))
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            what = "a folder" if stat.S_ISDIR(mode) else "no ordinary file"
            raise RecordingError(f"is {what}", where=where, remedy="Name one recording's file.")
        check_bytes(path.stat().st_size + MAX_BYTES - limit, where)
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
    except RecordingError:
        raise
    except FileNotFoundError:
        raise RecordingError(
            "does not exist", where=where, remedy="Check the path and its spelling."
        ) from None
    except (OSError, ValueError) as error:
        raise RecordingError(
            "cannot be read", where=where, remedy="Check its permissions and the disk."
        ) from error
    check_bytes(len(content) + MAX_BYTES - limit, where)
    return content


def _unpacked(files: dict[str, bytes]) -> dict[str, bytes]:
    """Replace a .zip by what it holds; a .zip beside other files counts as one of them."""
    result: dict[str, bytes] = {}
    for name, content in files.items():
        if kind_of(content, name) == "zip":
            inner = unzip(content, name, sum(map(len, result.values())))
            result.update(
                {path if path not in result else f"{name}/{path}": inner[path] for path in inner}
            )
        else:
            result[name] = content
    return result


def unzip(content: bytes, name: str, taken: int = 0) -> dict[str, bytes]:
    """Return an archive's files, counting bytes while they unpack.

    Parameters
    ----------
    content, name
        Of the archive.
    taken
        Bytes that other files of the upload hold already.

    Raises
    ------
    RecordingError
        Where it is damaged, encrypted, too large, or names a file outside itself.
    """
    where = display_name(name)
    files: dict[str, bytes] = {}
    with (
        readable(where, "is a damaged .zip archive", "Pack or copy it again."),
        zipfile.ZipFile(io.BytesIO(content)) as archive,
    ):
        entries = archive.infolist()
        if len(entries) > MAX_FILES:
            raise RecordingError(
                f"holds {len(entries):,} files", where=where, remedy=f"{MAX_FILES:,} at most."
            )
        for entry in entries:
            if entry.is_dir() or _is_clutter(entry):
                continue
            path = _checked_path(entry, where)
            if path in files:
                raise RecordingError(
                    f"holds {display_name(path)} twice", where=where, remedy="Pack each file once."
                )
            with archive.open(entry) as stream:
                files[path] = _read_bounded(stream, taken, where)
            taken += len(files[path])
    if not files:
        raise RecordingError("is an empty archive", where=where, remedy="Pack a recording's files.")
    return files


def _read_bounded(stream: IO[bytes], taken: int, where: str) -> bytes:
    # What an archive says of its sizes is not believed: bytes are counted as they come.
    chunks, count = [], 0
    while chunk := stream.read(_READ):
        count += len(chunk)
        check_bytes(taken + count, f"{where} (unpacked)")
        chunks.append(chunk)
    return b"".join(chunks)


def _is_clutter(entry: zipfile.ZipInfo) -> bool:
    parts = entry.filename.split("/")
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    return is_link or "__MACOSX" in parts or parts[-1] in (".DS_Store", "Thumbs.db", "desktop.ini")


def _checked_path(entry: zipfile.ZipInfo, where: str) -> str:
    path = entry.filename.replace("\\", "/")
    if entry.flag_bits & 1:
        raise RecordingError("is encrypted", where=where, remedy="Pack it without a password.")
    if path.startswith("/") or ":" in path.split("/")[0] or ".." in path.split("/"):
        raise RecordingError(
            "names a file outside itself",
            where=where,
            remedy="Pack the recording's folder again, without «..» or absolute paths.",
        )
    return posixpath.normpath(path)
