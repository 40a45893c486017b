"""What was computed for a session, kept as long as there is room."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")
MOST_RESULTS = 48
MOST_BYTES = 100_000_000
"""Of one session and store: a noise bench of a day's recording alone holds as much as this."""


class Results:
    """The latest results, by what tells them apart; older ones go when the room is used up.

    The latest is kept whatever its size. A result's size is what is asked of arrays, texts and the
    like in it: what they weigh, not the objects around them.
    """

    def __init__(self, most: int = MOST_RESULTS, most_bytes: int = MOST_BYTES) -> None:
        self.most = most
        self.most_bytes = most_bytes
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._kept

    def __iter__(self) -> Any:
        return iter(self._kept)

    @property
    def bytes(self) -> int:
        """What is held, in bytes."""
        return sum(size for _, size in self._kept.values())

    def get(self, key: Hashable) -> Any:
        """Return a result, or None where it is not there; it then counts as the latest."""
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def get_or_make(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return a result, made now where it is not there."""
        if key not in self._kept:
            made = make()
            self._kept[key] = (made, size_of(made))
            while len(self) > 1 and (len(self) > self.most or self.bytes > self.most_bytes):
                self._kept.popitem(last=False)
        return self.get(key)  # type: ignore[no-any-return]


def size_of(value: object) -> int:
    """Return about how many bytes the arrays and texts in a value hold, each counted once."""
    seen: set[int] = set()

    def size(part: object) -> int:
        if id(part) in seen:
            return 0
        seen.add(id(part))
        if isinstance(own := getattr(part, "nbytes", None), int):
            return own
        if isinstance(part, (str, bytes)):
            return len(part)
        if isinstance(part, Mapping):
            return sum(size(inner) for inner in part.values())
        if isinstance(part, (list, tuple, set, frozenset)):
            return sum(size(inner) for inner in part)
        if dataclasses.is_dataclass(part) or type(part).__module__.startswith("ecgkit"):
            return sum(size(inner) for inner in getattr(part, "__dict__", {}).values())
        return 0

    return size(value)
