"""MATLAB level 5 files («version 6» and «7»): the arrays and texts in them.

Format: "MAT-File Format", The MathWorks. It is read here because ``scipy.io.loadmat``, which reads
the plainer level 4 well, ends the whole process on some damaged files of level 5 (SciPy 1.17).
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgkit.io.limits import check_bytes

Arrays = dict[str, NDArray[Any]]

_MATRIX, _COMPRESSED = 14, 15
_STORED = {
    **{1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4"},
    **{7: "f4", 9: "f8", 12: "i8", 13: "u8"},
}
_ENCODINGS = {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
_CELL, _STRUCT, _CHAR = 1, 2, 4
_NUMBERS = range(6, 16)
_COMPLEX = 1 << 11
_HEADER = 128
_DEEPEST = 4


class MatlabReader:
    """Reads one file; any exception means that it is damaged.

    Parameters
    ----------
    content
        Of the file.
    where
        Its name, for the error where it unpacks to more than 200 MB.
    """

    def __init__(self, content: bytes, where: str) -> None:
        self.content, self.where, self.unpacked = content, where, 0
        self.order = "<" if content[126:128] == b"IM" else ">"

    def arrays(self) -> Arrays:
        """Return numbers and texts by name; those in a structure go by their field's name."""
        arrays: Arrays = {}
        for kind, data in self._elements(memoryview(self.content)[_HEADER:]):
            if kind == _COMPRESSED:
                inner = self._elements(memoryview(self._unpack(data)))
                kind, data = next(inner, (0, data))
            if kind == _MATRIX:
                name, found = self._matrix(data, 0)
                for field, array in found.items():
                    arrays.setdefault(field or name, array)
        return arrays

    def _elements(self, data: memoryview) -> Iterator[tuple[int, memoryview]]:
        """Yield type and data of each element."""
        place = 0
        while place + 8 <= len(data):
            kind, size = struct.unpack(f"{self.order}2I", data[place : place + 8])
            if kind >> 16:  # a small element: its size in the upper half, its data in the tag
                size, kind, start, step = kind >> 16, kind & 0xFFFF, place + 4, 8
            else:
                start, step = place + 8, 8 + size + (-size % 8 if kind != _COMPRESSED else 0)
            if start + size > len(data):
                raise ValueError("an element reaches beyond the end")
            yield kind, data[start : start + size]
            place += step

    def _unpack(self, data: memoryview) -> bytes:
        """Inflate, counting bytes as they come."""
        unpacker, chunks, rest = zlib.decompressobj(), [], bytes(data)
        while rest and not unpacker.eof:
            chunks.append(unpacker.decompress(rest, 1024 * 1024))
            self.unpacked += len(chunks[-1])
            check_bytes(self.unpacked, f"{self.where} (unpacked)")
            rest = unpacker.unconsumed_tail
        return b"".join(chunks)

    def _matrix(self, data: memoryview, depth: int) -> tuple[str, Arrays]:
        """Return a matrix's name, and its arrays: by field in a structure, else under ``""``."""
        if not data or depth > _DEEPEST:
            return "", {}
        parts = self._elements(data)
        flags = int(self._numbers(*next(parts))[0])
        shape = tuple(int(side) for side in self._numbers(*next(parts)))
        name = bytes(next(parts)[1]).decode("latin-1")
        kind, count = flags & 0xFF, math.prod(shape)
        if min(shape, default=0) < 0 or len(shape) > 8:
            raise ValueError("a shape is impossible")
        if kind in _NUMBERS and not flags & _COMPLEX:
            return name, {"": self._numbers(*next(parts), count).reshape(shape, order="F")}
        if kind == _CHAR:
            return name, {"": self._texts(*next(parts), shape)}
        if kind == _CELL:
            cells = [self._matrix(inner, depth + 1)[1].get("") for _, inner in parts]
            texts = [str(cell[0]) for cell in cells if cell is not None and cell.dtype.kind == "U"]
            return name, {"": np.array(texts)} if texts and len(texts) == count else {}
        if kind == _STRUCT and count == 1:
            width = int(self._numbers(*next(parts))[0])
            raw = bytes(next(parts)[1])
            fields = [raw[i : i + width].split(b"\0")[0] for i in range(0, len(raw), width)]
            found: Arrays = {}
            for field, (_, inner) in zip(fields, parts, strict=False):
                array = self._matrix(inner, depth + 1)[1].get("")
                if array is not None:
                    found[field.decode("latin-1")] = array
            return name, found
        return name, {}

    def _numbers(self, kind: int, data: memoryview, count: int = -1) -> NDArray[Any]:
        """Return numbers as they are stored, which may be narrower than their class."""
        return np.frombuffer(data, dtype=self.order + _STORED[kind], count=count)

    def _texts(self, kind: int, data: memoryview, shape: tuple[int, ...]) -> NDArray[np.str_]:
        encoding = _ENCODINGS[kind]
        if encoding in ("utf-16", "utf-32"):
            encoding += "-le" if self.order == "<" else "-be"
        text = bytes(data).decode(encoding, errors="replace")
        rows = shape[0] if len(shape) == 2 else 1
        return np.array([text[row::rows].strip() for row in range(rows)] if rows else [""])
