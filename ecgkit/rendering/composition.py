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
from ecgkit.paper.lettering import text_width
from ecgkit.paper.scale import Box
from ecgkit.processing.gaps import fill_gaps
from ecgkit.processing.resampling import resample
from ecgkit.recording import STANDARD_LEADS, Recording, RecordingError
from ecgkit.rendering.page_style import PageStyle

_PULSE_FOOT = 1.5
_PULSE_AIR = 2.0
_LINE = 1.7
"""From one line of text to the next, in heights of a capital."""


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


@dataclass(frozen=True)
class Text:
    """A line of text: left end of its base line and height of a capital, in mm."""

    text: str
    x: float
    y: float
    height: float


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
    origin, field, size = _frame(style, rows)
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
        pulses=_pulses(style, origin, rows),
        separators=_separators(style, origin, places),
        texts=_texts(style, field, size),
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


def _frame(style: PageStyle, rows: int) -> tuple[tuple[float, float], Box, tuple[float, float]]:
    """Return where the first row begins (left end, upper edge), the field and the page's size."""
    left, top, right, bottom = style.margins
    pulse = style.pulse_width + 2 * _PULSE_FOOT + _PULSE_AIR
    gutter = pulse if style.pulse == "left" else 2.0
    if style.label == "beside":
        gutter += 3.2 * style.label_height
    lines = max((len(block) for block in style.header), default=0)
    head = (lines + 1) * _LINE * style.header_height if lines else 0.0
    foot = 2 * _LINE * style.header_height if style.footer else 0.0
    field = (
        left,
        top + head,
        left + gutter + style.width + (pulse if style.pulse == "right" else 2.0),
        top + head + rows * style.row_height,
    )
    size = (field[2] + right, field[3] + foot + bottom)
    return (left + gutter, field[1]), field, size


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
    zero = top + style.row_height * (0.56 if style.label == "above" else 0.5)
    times = np.arange(first, first + len(values)) / shown.fs - start
    points = np.stack(
        [left + times * style.speed, zero - values.astype(np.float64) * style.gain], axis=1
    )
    label = _label(style, place, left, zero)
    return Strip(place, box, zero, start, start + span - gap, first, values, points, label)


def _label(style: PageStyle, place: Place, left: float, zero: float) -> Box:
    height = style.label_height
    width = height * text_width(place.label, style.font, bold=style.bold)
    x, base = left + 0.8, zero - 0.6 * height
    if style.label == "above":
        base = zero - min(0.42 * style.row_height, 8.0 + height)
    elif style.label == "below":
        base = zero + min(0.42 * style.row_height, 7.0)
    elif style.label == "beside":
        base = zero + 0.5 * height
        if place.column == 0:
            x = left - 0.8 - width
    return (x, base - height, x + width, base)


def _pulses(
    style: PageStyle, origin: tuple[float, float], rows: int
) -> tuple[NDArray[np.float64], ...]:
    if style.pulse == "none":
        return ()
    foot, wide = _PULSE_FOOT, style.pulse_width
    x = np.array([0, foot, foot, foot + wide, foot + wide, 2 * foot + wide])
    y = -style.gain * np.array([0.0, 0, 1, 1, 0, 0])
    if style.pulse == "left":
        beside = 3.2 * style.label_height if style.label == "beside" else 0.0
        x = x + origin[0] - _PULSE_AIR - beside - x[-1] + 0.5
    else:
        x = x + origin[0] + style.width + 0.5 * _PULSE_AIR
    chosen = range(rows) if style.pulse_rows == "all" else (rows - 1,)
    share = 0.56 if style.label == "above" else 0.5
    return tuple(
        np.stack([x, origin[1] + (row + share) * style.row_height + y], axis=1) for row in chosen
    )


def _separators(
    style: PageStyle, origin: tuple[float, float], places: tuple[Place, ...]
) -> tuple[tuple[float, float, float], ...]:
    if style.separator == "none":
        return ()
    inner = [place for place in places if not place.rhythm]
    columns = max(place.columns for place in inner)
    rows = 1 + max(place.row for place in inner)
    result = []
    for column in range(1, columns):
        x = origin[0] + column * style.width / columns - style.gap / 2
        if style.separator in ("dotted", "dashed", "solid"):
            height = rows * style.row_height
            result.append((x, origin[1] + 0.1 * style.row_height, origin[1] + height))
            continue
        share = 0.56 if style.label == "above" else 0.5
        zeros = [origin[1] + (row + share) * style.row_height for row in range(rows)]
        reach = {"tick": (-9.0, -6.0), "bar": (-4.0, 4.0), "dashes": (-9.0, 9.0)}
        up, down = reach[style.separator]
        result += [(x, zero + up, zero + down) for zero in zeros]
    return tuple(result)


def _texts(style: PageStyle, field: Box, size: tuple[float, float]) -> tuple[Text, ...]:
    height = style.header_height
    texts = []
    x = style.margins[0] + 2
    for block in style.header:
        wide = height * max(text_width(text, style.font) for text in block)
        if x + wide > size[0]:
            break  # no room for more
        for line, text in enumerate(block, start=1):
            texts.append(Text(text, x, style.margins[1] + line * _LINE * height, height))
        x += wide + 0.06 * size[0]
    if style.footer:
        texts.append(Text(style.footer, field[0] + 4, field[3] + 1.4 * _LINE * height, height))
    return tuple(texts)
