"""The stacked scalograms of a stretch of a recording, second beside second: what is drawn of them.

The transform of a whole recording is worked out from the stretch and what lies around it, as far as
the longest wavelet reaches; beyond that, nothing of the recording counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgkit.recording import STANDARD_LEADS, Recording, RecordingError
from ecgkit.rhythm.preprocessing import FS, Prepared, prepare
from ecgkit.rhythm.scalogram import (
    SETTINGS,
    Mode,
    cone_of_influence,
    log_frequencies,
    scale_of,
    stacks,
)

COLUMNS = 128
"""Columns to a second."""
AROUND = math.ceil(SETTINGS.support * float(scale_of(SETTINGS.low)))
"""Seconds on either side that reach into a stretch."""


@dataclass(frozen=True, eq=False)
class StackedScalograms:
    """Stacked scalograms, one second after the other.

    Attributes
    ----------
    values
        float32, shape (leads × frequencies, seconds × columns), in ``unit``: the first lead on top,
        in each lead the highest frequency on top.
    leads
        What each band is of.
    derived, flat
        Which of them follow from two other leads, and which hold no signal.
    start
        Seconds from the recording's start.
    before, after
        Seconds of signal before the stretch and after it that the transform knew.
    mode
        How it was computed.
    unit
        ``"mV"``, or ``"a.u."`` for a recording without voltages.
    limit
        Frequency in Hz above which the recording's sampling frequency lets nothing through.
    heat
        As ``values``, from 0 to 1: what a network looked at, 0 where it sees nothing. None where
        nothing is known of that.
    """

    values: NDArray[np.float32]
    leads: tuple[str, ...]
    derived: tuple[str, ...]
    flat: tuple[str, ...]
    start: float
    before: float
    after: float
    mode: Mode
    unit: str
    limit: float
    heat: NDArray[np.float64] | None = None

    @property
    def seconds(self) -> int:
        """Whole seconds."""
        return int(self.values.shape[1] // COLUMNS)

    @property
    def top(self) -> float:
        """The value that the colour scale ends at: the largest, rounded up to 1, 2 or 5 × 10ⁿ."""
        largest = float(np.quantile(self.values, 0.9995))
        if largest <= 0:
            return 1.0
        power = 10.0 ** math.floor(math.log10(largest))
        return next(step * power for step in (1, 2, 5, 10) if step * power >= largest * 0.999)

    def only(self, second: int) -> StackedScalograms:
        """Return one second of it."""
        first = second * COLUMNS
        whole = self.mode == "whole"
        return replace(
            self,
            values=self.values[:, first : first + COLUMNS],
            heat=None if self.heat is None else self.heat[:, first : first + COLUMNS],
            start=self.start + second,
            before=self.before + second if whole else 0.0,
            after=self.after + self.seconds - 1 - second if whole else 0.0,
        )


def stack_scalograms(
    recording: Recording, start: float, stop: float, mode: Mode = "whole"
) -> StackedScalograms:
    """Transform the whole seconds between two times.

    A recording with none of the standard leads is transformed with its own, up to twelve.

    Raises
    ------
    RecordingError
        Where there is not one whole second.
    """
    shown = recording.window(start, stop)
    seconds = math.floor(shown.duration + 1e-6)
    if not seconds:
        raise RecordingError(
            f"holds {shown.duration:.2g} s from {start:g} s on",
            where=recording.name,
            remedy="A stacked scalogram needs a whole second.",
        )
    before = min(AROUND, math.floor(start))
    piece = recording.window(start - before, min(recording.duration, stop + AROUND))
    names, prepared, derived = _prepared(piece)
    signal = prepared.signal[[STANDARD_LEADS.index(name) for name in names.values()]]
    if mode == "per_second":
        signal = signal[:, before * FS : (before + seconds) * FS]
    images = _stacks(signal, mode)
    if mode == "whole":
        images = images[before : before + seconds]
    flat = [lead for lead, row in zip(names, signal, strict=True) if not np.ptp(row)]
    return StackedScalograms(
        values=np.concatenate(list(images), axis=1),
        leads=tuple(names),
        derived=derived,
        flat=tuple(flat),
        start=start,
        before=float(before),
        after=piece.duration - before - seconds,
        mode=mode,
        unit="mV" if recording.calibrated else "a.u.",
        limit=recording.fs / 2,
    )


def _prepared(piece: Recording) -> tuple[dict[str, str], Prepared, tuple[str, ...]]:
    """Return lead -> the standard lead in whose place it stands, the signals, and derived leads."""
    prepared = prepare(piece)
    here = {lead for lead, there in zip(STANDARD_LEADS, prepared.present, strict=True) if there}
    names = {lead: lead for lead in STANDARD_LEADS if lead in here or lead in piece}
    if "II" in names and "II" not in piece and "MLII" in piece:
        names = {"MLII" if lead == "II" else lead: lead for lead in names}
    if names:
        return names, prepared, tuple(lead for lead in names if lead not in piece)
    own = piece.leads[: len(STANDARD_LEADS)]
    names = dict(zip(own, STANDARD_LEADS, strict=False))
    renamed = replace(piece.select(own), leads=tuple(names.values()))
    return names, prepare(renamed), ()


def _stacks(signal: NDArray[np.float32], mode: Mode) -> NDArray[np.float32]:
    import torch

    with torch.inference_mode():
        tensor = torch.from_numpy(np.ascontiguousarray(signal))
        images: NDArray[np.float32] = stacks(tensor, FS, log_frequencies(), COLUMNS, mode).numpy()
    return images


def with_heat(
    scalograms: StackedScalograms, heat: NDArray[np.float64], config: Mapping[str, Any]
) -> StackedScalograms:
    """Lay the heat of a network's images over stacked scalograms.

    Parameters
    ----------
    heat
        Shape (seconds, 12 × frequencies, columns), leads in the standard order and the highest
        frequency on top, as :func:`ecgkit.rhythm.explanation.grad_cam` gives it.
    config
        The network's, as its card has it: ``low``, ``high`` and ``frequencies`` of its images.
    """
    seconds, _, columns = heat.shape
    parts = heat.reshape(seconds, len(STANDARD_LEADS), -1, columns)[:, :, ::-1]
    x = (np.arange(COLUMNS) + 0.5) * columns / COLUMNS - 0.5
    wide = np.clip(np.rint(x), 0, columns - 1).astype(int)
    inside = np.log(log_frequencies())
    known = np.log(log_frequencies(config["low"], config["high"], config["frequencies"]))
    step = known[1] - known[0]
    row = np.rint((inside - known[0]) / step).astype(int)
    seen = (row >= 0) & (row < known.size)
    result = np.zeros((len(scalograms.leads), SETTINGS.count, scalograms.seconds, COLUMNS))
    for place, lead in enumerate(scalograms.leads):
        name = "II" if lead == "MLII" else lead
        if name not in STANDARD_LEADS:
            continue
        own = parts[: scalograms.seconds, STANDARD_LEADS.index(name)][:, :, wide]
        result[place, seen, : own.shape[0]] = own[:, row[seen]].transpose(1, 0, 2)
    return replace(scalograms, heat=result[:, ::-1].reshape(scalograms.values.shape))


def cone_columns(scalograms: StackedScalograms) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how many columns from the left and from the right end are under the cone.

    One value a frequency, ascending, not below 0; where both meet, they share the width. With
    ``"per_second"`` the ends are each second's.
    """
    reach = np.asarray(cone_of_influence(log_frequencies()))
    width = scalograms.seconds if scalograms.mode == "whole" else 1
    before, after = (
        (scalograms.before, scalograms.after) if scalograms.mode == "whole" else (0.0, 0.0)
    )
    left, right = np.maximum(reach - before, 0), np.maximum(reach - after, 0)
    shrink = COLUMNS * np.minimum(1, width / np.maximum(left + right, 1e-9))
    return left * shrink, right * shrink
