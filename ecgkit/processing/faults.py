"""Faults that spoil a lead: flat, saturated and missing stretches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FLAT_SECONDS = 1.0
RAIL_SECONDS, RAIL_SAMPLES = 0.01, 3
STUCK_SECONDS = 0.4
ABRUPT_STEPS = 8

FaultKind = Literal["flat", "saturated", "missing"]


@dataclass(frozen=True)
class Fault:
    """Something that makes part of a lead, or all of it, useless.

    Attributes
    ----------
    kind
        ``"flat"``: one constant value for a second or more; ``"saturated"``: cut off at the lead's
        largest or smallest value; ``"missing"``: NaN.
    fraction
        Share of the lead's samples, above 0 and up to 1.
    seconds
        The same in seconds.
    """

    kind: FaultKind
    fraction: float
    seconds: float

    def describe(self, lead: str) -> str:
        """Return one sentence about the lead of this name."""
        percent = 100 * self.fraction
        share = "less than 0.1 %" if percent < 0.1 else f"{percent:.1f} %"
        time = "less than 0.1 s" if self.seconds < 0.1 else f"{self.seconds:.1f} s"
        span = f"for {time} ({share} of the recording)"
        whole = self.fraction == 1
        if self.kind == "flat":
            return f"Lead {lead} is flat{'' if whole else ' ' + span}."
        if self.kind == "saturated":
            return f"Lead {lead} is saturated: it stands at the limit of its range {span}."
        return f"Lead {lead} has no samples{'' if whole else ' ' + span}."


def find_faults(signal: NDArray[np.floating], fs: float) -> tuple[tuple[Fault, ...], ...]:
    """Find flat, saturated and missing stretches in each lead.

    A stretch of one constant value is *flat* from a second on. At the lead's largest or smallest
    value it is *saturated* where the signal runs into it abruptly, twice or more, as a wave does
    that is cut off, or where it stays there for 0.4 s. A smooth peak of a coarsely
    digitised recording, which also holds its top value for some samples, is neither.

    Parameters
    ----------
    signal
        Shape (leads, samples), in any unit; NaN where missing.
    fs
        Sampling frequency in Hz.

    Returns
    -------
    tuple of tuple of Fault
        For each lead its faults, none for a sound one; at most one of each kind.
    """
    return tuple(tuple(_faults(np.asarray(row, np.float64), fs)) for row in np.atleast_2d(signal))


def _faults(row: NDArray[np.floating], fs: float) -> list[Fault]:
    missing = int(np.count_nonzero(np.isnan(row)))
    counts: dict[FaultKind, int] = {"flat": 0, "saturated": 0, "missing": missing}
    if missing < row.size:
        steps = np.diff(row)
        starts = np.concatenate([[0], np.flatnonzero(steps != 0) + 1])  # NaN never equals itself
        lengths = np.diff(np.append(starts, row.size))
        counts["flat"], counts["saturated"] = _constant(row, steps, starts, lengths, fs)
    return [Fault(kind, n / row.size, n / fs) for kind, n in counts.items() if n]


def _constant(
    row: NDArray[np.floating],
    steps: NDArray[np.floating],
    starts: NDArray[np.intp],
    lengths: NDArray[np.intp],
    fs: float,
) -> tuple[int, int]:
    """Return how many samples are flat and saturated, given the runs of one value."""
    flat = lengths >= FLAT_SECONDS * fs
    low, high = np.nanmin(row), np.nanmax(row)
    if low == high:  # nothing but the one value, however short
        return int(np.count_nonzero(~np.isnan(row))), 0
    # The digitiser's step; in filtered data, where it is next to nothing, every move is abrupt.
    smallest = np.min(np.abs(steps), where=np.abs(steps) > 0, initial=np.inf)
    values = row[starts]
    saturated = np.zeros(lengths.size, bool)
    off = lengths > row.size / 2  # a lead that is off for half its time, and not at a rail
    for rail in {low, high} - set(values[off]):
        held = (values == rail) & (lengths >= max(RAIL_SAMPLES, RAIL_SECONDS * fs))
        stuck = held & (lengths >= STUCK_SECONDS * fs)
        into = np.abs(steps[np.maximum(starts - 1, 0)])
        out = np.abs(steps[np.minimum(starts + lengths - 1, steps.size - 1)])
        abrupt = held & (np.fmax(into, out) >= ABRUPT_STEPS * smallest)
        if np.count_nonzero(abrupt) > 1 or stuck.any():
            saturated |= abrupt | stuck
    return int(lengths[flat & ~saturated].sum()), int(lengths[saturated].sum())
