"""Where everything but the traces stands on a page: its field, labels, pulses, separators, text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.layouts import Place
from ecgkit.paper.lettering import text_width
from ecgkit.paper.scale import Box
from ecgkit.rendering.page_style import PageStyle
from ecgkit.rendering.settings import PageSettings

SETTINGS = PageSettings()


@dataclass(frozen=True)
class Text:
    """A line of text: left end of its base line and height of a capital, in mm."""

    text: str
    x: float
    y: float
    height: float


def zero_share(style: PageStyle) -> float:
    """Return how far down its row a zero line lies, 0 to 1."""
    return SETTINGS.zero_below_label if style.label == "above" else SETTINGS.zero


def page_frame(style: PageStyle, rows: int) -> tuple[tuple[float, float], Box, tuple[float, float]]:
    """Return where the first row begins (left end, upper edge), the field and the page's size."""
    left, top, right, bottom = style.margins
    pulse = style.pulse_width + 2 * SETTINGS.pulse_foot + SETTINGS.pulse_air
    gutter = pulse if style.pulse == "left" else 2.0
    if style.label == "beside":
        gutter += 3.2 * style.label_height
    lines = max((len(block) for block in style.header), default=0)
    head = (lines + 1) * SETTINGS.line_spacing * style.header_height if lines else 0.0
    foot = 2 * SETTINGS.line_spacing * style.header_height if style.footer else 0.0
    field = (
        left,
        top + head,
        left + gutter + style.width + (pulse if style.pulse == "right" else 2.0),
        top + head + rows * style.row_height,
    )
    size = (field[2] + right, field[3] + foot + bottom)
    return (left + gutter, field[1]), field, size


def label_box(style: PageStyle, place: Place, left: float, zero: float) -> Box:
    """Return where a place's label stands, in mm."""
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


def pulse_lines(
    style: PageStyle, origin: tuple[float, float], rows: int
) -> tuple[NDArray[np.float64], ...]:
    """Return the corner points of each calibration pulse, in mm."""
    if style.pulse == "none":
        return ()
    foot, wide = SETTINGS.pulse_foot, style.pulse_width
    x = np.array([0, foot, foot, foot + wide, foot + wide, 2 * foot + wide])
    y = -style.gain * np.array([0.0, 0, 1, 1, 0, 0])
    if style.pulse == "left":
        beside = 3.2 * style.label_height if style.label == "beside" else 0.0
        x = x + origin[0] - SETTINGS.pulse_air - beside - x[-1] + 0.5
    else:
        x = x + origin[0] + style.width + 0.5 * SETTINGS.pulse_air
    chosen = range(rows) if style.pulse_rows == "all" else (rows - 1,)
    share = zero_share(style)
    return tuple(
        np.stack([x, origin[1] + (row + share) * style.row_height + y], axis=1) for row in chosen
    )


def separator_lines(
    style: PageStyle, origin: tuple[float, float], places: tuple[Place, ...]
) -> tuple[tuple[float, float, float], ...]:
    """Return x, upper and lower end of each separator between columns, in mm."""
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
        share = zero_share(style)
        zeros = [origin[1] + (row + share) * style.row_height for row in range(rows)]
        reach = {"tick": (-9.0, -6.0), "bar": (-4.0, 4.0), "dashes": (-9.0, 9.0)}
        up, down = reach[style.separator]
        result += [(x, zero + up, zero + down) for zero in zeros]
    return tuple(result)


def page_texts(style: PageStyle, field: Box, size: tuple[float, float]) -> tuple[Text, ...]:
    """Return the lines of header and footer."""
    height = style.header_height
    texts = []
    x = style.margins[0] + 2
    for block in style.header:
        wide = height * max(text_width(text, style.font) for text in block)
        if x + wide > size[0]:
            break  # no room for more
        for line, text in enumerate(block, start=1):
            texts.append(
                Text(text, x, style.margins[1] + line * SETTINGS.line_spacing * height, height)
            )
        x += wide + 0.06 * size[0]
    if style.footer:
        texts.append(
            Text(
                style.footer, field[0] + 4, field[3] + 1.4 * SETTINGS.line_spacing * height, height
            )
        )
    return tuple(texts)
