"""The errors that a person can cause: with a recording, or with a page of paper."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

Stage = Literal["open", "rectify", "mask", "layout", "signals", "labels"]


class RecordingError(ValueError):
    """Something is wrong with a file, a recording or what is asked of it.

    Parameters
    ----------
    problem
        What is wrong, as a clause («has no sampling frequency»).
    where
        The file, line or lead it is about.
    remedy
        What would be right, as a full sentence («Give the sampling frequency in Hz.»).
    asks
        What the caller could add to make it work: any of ``"fs"`` and ``"unit"``.
    """

    def __init__(
        self, problem: str, *, where: str = "", remedy: str = "", asks: Collection[str] = ()
    ) -> None:
        self.problem, self.where, self.remedy, self.asks = problem, where, remedy, frozenset(asks)
        first = f"{where}: {problem}" if where else problem
        super().__init__(f"{first.rstrip('.')}. {remedy}".strip())

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions are unpickled by calling the class with the message alone, which fails where
        # the class needs more (as PageError does its stage), and breaks a pool of processes.
        return _restored, (type(self), self.args, self.__dict__)


class PageError(RecordingError):
    """A page of paper cannot be read, and why.

    Parameters
    ----------
    problem, where, remedy
        As :class:`RecordingError`.
    stage
        Where on the way from file to labels it happened.
    asks
        What the caller could add to make it work: any of ``"corners"``, ``"px_per_mm"``,
        ``"layout"``, ``"page"``.
    """

    def __init__(
        self,
        problem: str,
        *,
        stage: Stage,
        where: str = "",
        remedy: str = "",
        asks: Collection[str] = (),
    ) -> None:
        self.stage: Stage = stage
        super().__init__(problem, where=where, remedy=remedy, asks=asks)


def _restored(
    kind: type[RecordingError], args: tuple[Any, ...], fields: dict[str, Any]
) -> RecordingError:
    """Return an error as it was before it was pickled or copied, whatever its class takes."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(fields)
    return error
