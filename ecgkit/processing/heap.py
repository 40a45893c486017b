"""Giving back memory that is free, but that the C library keeps."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any


def release_free_memory() -> None:
    """Return the heap's free pages to the system, where the C library is glibc; else do nothing.

    The buffers of a page are some hundred megabytes in pieces of other sizes than the page's
    before. What glibc has freed in between small things that live on, it keeps: a process that
    reads many pages, in several threads above all, grew to a multiple of what it used.
    """
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


@cache
def _glibc() -> Any | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") else None
