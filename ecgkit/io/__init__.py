"""File formats: every recording that a person may have, opened by its content; and writers.

Names are imported when they are first used, so that opening one format loads no other's libraries.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecgkit.io.edf.writer import write_edf
    from ecgkit.io.open import open_recording
    from ecgkit.io.save import save_recording
    from ecgkit.io.table.writer import write_csv
    from ecgkit.io.wfdb.writer import write_wfdb

__all__ = ["open_recording", "save_recording", "write_csv", "write_edf", "write_wfdb"]

_MODULES = {
    "open_recording": "open",
    "save_recording": "save",
    "write_csv": "table.writer",
    "write_edf": "edf.writer",
    "write_wfdb": "wfdb.writer",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
