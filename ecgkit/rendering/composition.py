"""A page before it is drawn: what lies where, in mm of paper.

Everything is known here exactly: which samples a strip shows, where its zero line runs, where its
name stands. Pictures are made of it, and truth is read from it, at any resolution and through any
distortion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.layouts import Place, arrange
from ecgkit.paper.scale import Box
from ecgkit.processing.gaps import fill_gaps
from ecgkit.processing.resampling import resample
from ecgkit.recording import STANDARD_LEADS, Recording, RecordingError
from ecgkit.rendering.page_frame import (
    Text,
    label_box,
    page_frame,
    page_texts,
    pulse_lines,
    separator_lines,
    zero_share,
)
from ecgkit.rendering.page_style import PageStyle


@dataclass(frozen=True, eq=False)
class Strip:
    """One stretch of one lead on the page.

    Attributes
    ----------
    place
        Lead, row, column; whether it is upside down or a rhythm strip.
    box
        The place that the layout gives it; tall waves reach beyond it.
    zero
        Height of the line of 0 mV, in mm from the page's upper edge.
    start, stop
        The time it shows, in s from the page's start.
    first
        Which sample from the page's start its first one is.
    values
        float32, shape (samples,): mV as drawn; NaN where the pen is lifted.
    points
        float64, shape (samples, 2): the same in mm from the page's upper left corner.
    label
        Where the name stands.
    """

    place: Place
    box: Box
    zero: float
    start: float
    stop: float
    first: int
    values: NDArray[np.float32]
    points: NDArray[np.float64]
    label: Box


@dataclass(frozen=True, eq=False)
class Sheet:
    """A page in mm: strips, calibration pulses, separators and text on paper of a size.

    Attributes
    ----------
    size
        Width and height.
    field
        Where the traces and pulses lie, and the grid where the style keeps it to them.
    fs
        Sampling frequency in Hz of the strips' values.
    pulses
        Corner points of each calibration pulse, shape (points, 2).
    separators
        x, upper and lower end of each.
    """

    style: PageStyle
    name: str
    size: tuple[float, float]
    field: Box
    fs: float
    strips: tuple[Strip, ...]
    pulses: tuple[NDArray[np.float64], ...]
    separators: tuple[tuple[float, float, float], ...]
    texts: tuple[Text, ...]

    def shown(self) -> Recording:
        """Return what the page shows, as a recording; NaN where it shows nothing.

        Of a lead that stands on the page twice, the longest stretch. A lead drawn upside down is
        the right way up here.
        """
        longest: dict[str, Strip] = {}
        for strip in self.strips:
            other = longest.get(strip.place.lead)
            if other is None or strip.stop - strip.start > other.stop - other.start + 1e-9:
                longest[strip.place.lead] = strip
        usual = [lead for lead in STANDARD_LEADS if lead in longest]
        longest = {lead: longest[lead] for lead in dict.fromkeys((*usual, *longest))}
        count = max(strip.first + len(strip.values) for strip in self.strips)
        signal = np.full((len(longest), count), np.nan, np.float32)
        for row, strip in zip(signal, longest.values(), strict=True):
            sign = -1 if strip.place.inverted else 1
            row[strip.first : strip.first + len(strip.values)] = sign * strip.values
        return Recording(signal=signal, fs=self.fs, leads=tuple(longest), name=self.name)


def compose(recording: Recording, style: PageStyle, *, start: float = 0.0) -> Sheet:
    """Lay a recording out on a page.

    As an electrocardiograph does, each lead's middle value over the page is put on its row's zero
    line. Where the recording ends before the page does, or misses samples, nothing is drawn.

    Parameters
    ----------
    recording
        In mV.
    style
        The page's look.
    start
        Where in the recording the page begins, in s.

    Raises
    ------
    RecordingError
        Where the recording lacks a lead of the layout, has no voltages, or ends before ``start``.
    """
    if not recording.calibrated:
        raise RecordingError(
            "has no voltages",
            where=recording.name,
            remedy="Paper shows mV; give the unit of the signal.",
        )
    try:
        places = arrange(style.layout, recording.leads, cabrera=style.cabrera, rhythm=style.rhythm)
    except RecordingError as error:
        raise RecordingError(error.problem, where=recording.name, remedy=error.remedy) from None
    if not 0 <= start < np.inf:
        raise RecordingError(f"cannot be shown from {start:g} s", where=recording.name)
    seconds = style.width / style.speed
    shown = _at_frequency(recording.window(start, start + seconds), style.source_fs)
    rows = 1 + max(place.row for place in places)
    origin, field, size = page_frame(style, rows)
    offsets = _middles(shown)
    strips = tuple(
        _strip(shown, style, place, origin, offsets[place.lead], seconds) for place in places
    )
    return Sheet(
        style=style,
        name=recording.name,
        size=size,
        field=field,
        fs=shown.fs,
        strips=strips,
        pulses=pulse_lines(style, origin, rows),
        separators=separator_lines(style, origin, places),
        texts=page_texts(style, field, size),
    )


def _at_frequency(recording: Recording, fs: float | None) -> Recording:
    if fs is None or fs >= recording.fs:
        return recording
    filled, missing = fill_gaps(recording.signal)
    signal = resample(filled, recording.fs, fs)
    nearest = np.round(np.arange(signal.shape[1]) * recording.fs / fs).astype(int)
    signal[missing[:, np.minimum(nearest, recording.n_samples - 1)]] = np.nan
    return Recording(signal=signal, fs=fs, leads=recording.leads, name=recording.name)


def _middles(recording: Recording) -> dict[str, float]:
    return {
        lead: float(np.nanmedian(row)) if np.isfinite(row).any() else 0.0
        for lead, row in zip(recording.leads, recording.signal, strict=True)
    }


def _strip(
    shown: Recording,
    style: PageStyle,
    place: Place,
    origin: tuple[float, float],
    middle: float,
    seconds: float,
) -> Strip:
    span = seconds / place.columns
    start = span * place.column if style.sequential else 0.0
    gap = style.gap / style.speed if place.column < place.columns - 1 else 0.0
    first, last = (int(np.ceil(t * shown.fs - 1e-6)) for t in (start, start + span - gap))
    part = shown.lead(place.lead)[first : min(last + 1, shown.n_samples)]
    values = (part - np.float32(middle)) * np.float32(-1 if place.inverted else 1)
    width = style.width / place.columns
    left, top = origin[0] + place.column * width, origin[1] + place.row * style.row_height
    box = (left, top, left + width, top + style.row_height)
    zero = top + style.row_height * zero_share(style)
    times = np.arange(first, first + len(values)) / shown.fs - start
    points = np.stack(
        [left + times * style.speed, zero - values.astype(np.float64) * style.gain], axis=1
    )
    label = label_box(style, place, left, zero)
    return Strip(place, box, zero, start, start + span - gap, first, values, points, label)
