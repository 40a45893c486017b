"""Checks of what a caller gives: each returns the value, or says what is allowed."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from numbers import Real
from typing import Any

import numpy as np

from ecgkit.recording import Recording, RecordingError


def checked_number(
    value: Any, what: str, *, low: float = -math.inf, high: float = math.inf, unit: str = ""
) -> float:
    """Return a finite number between two limits, both allowed.

    Parameters
    ----------
    what
        What to call it in an error («the low edge»).
    unit
        Of the limits, as an error says them.

    Raises
    ------
    RecordingError
        Where the value is no number, not finite or beyond a limit.
    """
    is_number = isinstance(value, Real) and not isinstance(value, (bool, np.bool_))
    if not is_number or not (math.isfinite(value) and low <= value <= high):
        raise RecordingError(
            f"{what} is {_shown(value)}", remedy=f"Give {_range(low, high, unit)}."
        )
    return float(value)


def checked_count(value: Any, what: str, *, low: int = 0, high: int | None = None) -> int:
    """Return a whole number from ``low`` to ``high``; otherwise as :func:`checked_number`."""
    is_count = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not is_count or value < low or (high is not None and value > high):
        limit = f"of {low} or more" if high is None else f"from {low} to {high}"
        raise RecordingError(f"{what} is {_shown(value)}", remedy=f"Give a whole number {limit}.")
    return int(value)


def checked_flag(value: Any, what: str) -> bool:
    """Return True or False, refusing what merely counts as one of them."""
    if not isinstance(value, (bool, np.bool_)):
        raise RecordingError(f"{what} is {_shown(value)}", remedy="Give True or False.")
    return bool(value)


def checked_choice(value: Any, what: str, allowed: Iterable[str]) -> str:
    """Return one of some words.

    Raises
    ------
    RecordingError
        Where the value is none of them; it names them.
    """
    words = list(allowed)
    if not isinstance(value, str) or value not in words:
        raise RecordingError(
            f"{what} {_shown(value)} is unknown", remedy=f"Choose one of {', '.join(words)}."
        )
    return value


def checked_choices(value: Any, what: str, allowed: Collection[str]) -> tuple[str, ...]:
    """Return one or more of some words; a text alone is refused, as it would be letters."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise RecordingError(
            f"{_shown(value)} is no list of {what}s",
            remedy=f"Give some of {', '.join(allowed)} in a list.",
        )
    words = tuple(checked_choice(one, f"the {what}", allowed) for one in value)
    if not words:
        raise RecordingError(
            f"no {what} is asked", remedy=f"Give one or more of {', '.join(allowed)}."
        )
    return words


def checked_recording(value: Any, what: str = "what was given") -> Recording:
    """Return a recording; anything else is refused by its type."""
    if not isinstance(value, Recording):
        raise RecordingError(
            f"{what} is no recording but {_kind(value)}",
            remedy="Give a Recording, as ecgkit.io.open_recording returns it.",
        )
    return value


def _shown(value: Any) -> str:
    """Return a value as an error shows it: short, on one line."""
    if isinstance(value, np.generic):
        value = value.item()
    text = repr(value)
    return text if len(text) <= 60 and "\n" not in text else _kind(value)


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"a value of type {type(value).__name__}"


def _range(low: float, high: float, unit: str) -> str:
    after = f" {unit}" if unit else ""
    if math.isfinite(low) and math.isfinite(high):
        return f"a number from {low:g} to {high:g}{after}"
    if math.isfinite(low):
        return f"a finite number of {low:g}{after} or more"
    if math.isfinite(high):
        return f"a finite number of {high:g}{after} or less"
    return "a finite number"
