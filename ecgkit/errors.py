"""The one error that reading a paper ECG raises."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from ecgkit.recording import RecordingError

Stage = Literal["open", "rectify", "mask", "layout", "signals", "labels"]


class PageError(RecordingError):
    """A page of paper cannot be read, and why.

    Parameters
    ----------
    problem, where, remedy
        As :class:`ecgkit.recording.RecordingError`.
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
