"""What kind of file some bytes are, by their content; the name is only a last hint."""

from __future__ import annotations

import io
import re
import struct
import zipfile

from ecgkit.io.wfdb.header import looks_like_header

_MAGIC = (
    (b"%PDF", "PDF"),
    (b"\x89PNG\r\n\x1a\n", "PNG picture"),
    (b"\xff\xd8\xff", "JPEG picture"),
    (b"GIF8", "GIF picture"),
    (b"II*\0", "TIFF picture"),
    (b"MM\0*", "TIFF picture"),
    (b"BM", "BMP picture"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "7z archive"),
    (b"Rar!", "RAR archive"),
    (b"BZh", "bzip2 archive"),
    (b"\xfd7zXZ\0", "xz archive"),
    (b"\x93NUMPY", "npy"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"MATLAB 7.3", "hdf5"),
    (b"MATLAB", "mat"),
    (b"\xffBIOSEMI", "bdf"),
    (b"fLaC", "signal file"),
    (b"\xd0\xcf\x11\xe0", "Office document"),
    (b"{\\rtf", "text document"),
)
_MARKUP = re.compile(rb"\s*<(\?xml|!doctype|html|svg|\w+[\s>])", re.IGNORECASE)
_BARE_DICOM = re.compile(rb"[\x02\x08]\0[\0-\xff]\0(UL|UI|CS|OB|[\0-\xff]\0\0\0)", re.DOTALL)
_MAT4_ITEM_BYTES = (8, 4, 4, 2, 2, 1)


def kind_of(content: bytes, name: str) -> str:
    """Return the kind of a file.

    Returns
    -------
    str
        ``"wfdb header"``, ``"text"``, ``"edf"``, ``"bdf"``, ``"dicom"``, ``"mat"``, ``"npy"`` and
        ``"npz"`` are for readers, ``"zip"`` is to be unpacked; ``"empty"``, ``"signal file"``,
        ``"unknown"`` and all others name what cannot be read.
    """
    if not content.strip():
        return "empty"
    if content[128:132] == b"DICM":
        return "dicom"
    if content.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in content[:4096]:
        return "Office document"
    if content.startswith(b"PK\x03\x04") and _is_npz(content):
        return "npz"
    for magic, kind in _MAGIC:
        if content.startswith(magic) and (magic != b"BM" or _is_bitmap(content)):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WebP picture"
    if content[4:8] == b"ftyp":
        return "HEIC picture" if content[8:12] in (b"heic", b"heix", b"mif1") else "video"
    if content[512:520] == b"\x89HDF\r\n\x1a\n":
        return "hdf5"
    if re.match(rb"0 {7}[\x20-\xff]{80}", content) and len(content) >= 256:
        return "edf"
    if content[16:22] == b"SCPECG":
        return "SCP-ECG file"
    if _MARKUP.match(content[:200].removeprefix(b"\xef\xbb\xbf")):
        is_page = re.match(rb"\s*<(!doctype )?html", content[:200], re.IGNORECASE)
        return "web page" if is_page else "XML file"
    if is_mat4(content):
        return "mat"
    if _BARE_DICOM.match(content):
        return "dicom"
    return _text_or_not(content, name)


def _is_npz(content: bytes) -> bool:
    """Say whether a .zip is NumPy's: nothing but ``.npy`` members in no folder."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except Exception:  # any damage: whoever unpacks it refuses it in words
        return False
    return len(names) > 0 and all(name.endswith(".npy") and "/" not in name for name in names)


def is_mat4(content: bytes) -> bool:
    """Say whether bytes begin as a MATLAB level 4 matrix, as the CinC databases' .mat files do."""
    if len(content) < 22:
        return False
    kind, rows, columns, imaginary, length = struct.unpack("<5i", content[:20])
    if not (0 <= kind < 53 and kind % 10 < 3 and kind // 10 < 6 and imaginary in (0, 1)):
        return False
    name = content[20 : 20 + max(0, length)]
    if not re.fullmatch(rb"[A-Za-z]\w{0,62}\0", name):
        return False
    size = rows * columns * _MAT4_ITEM_BYTES[kind // 10] * (1 + imaginary)
    return bool(rows > 0 and columns > 0 and len(content) >= 20 + length + size)


def _text_or_not(content: bytes, name: str) -> str:
    ending = name.lower().rpartition(".")[2]
    head = content[:4096]
    is_utf16 = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    odd = sum(byte < 32 and byte not in b"\t\n\v\f\r\x1a\x1b" for byte in head)
    if is_utf16 or not odd:
        if looks_like_header(content) or (ending == "hea" and not is_utf16):
            return "wfdb header"
        return "signal file" if ending == "dat" and not _has_numbers(head) else "text"
    return "signal file" if ending in ("dat", "mat") else "unknown"


def _has_numbers(head: bytes) -> bool:
    return re.search(rb"\d", head) is not None and all(b < 128 for b in head)


def _is_bitmap(content: bytes) -> bool:
    return len(content) > 26 and content[6:10] == b"\0\0\0\0"
