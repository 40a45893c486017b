"""How a page looks, every choice of it, and pages drawn by lot."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import numpy as np

from ecgkit.leads import CHEST_LEADS, LIMB_LEADS
from ecgkit.paper.layouts import ANY, LAYOUTS, MAX_ROWS, layouts_for
from ecgkit.paper.scale import Colour
from ecgkit.recording import STANDARD_LEADS, RecordingError
from ecgkit.rendering.synthetic_text import footer_text, header_text

GridKind = Literal["lines", "dots", "boxes", "none"]
LabelPlace = Literal["above", "on", "below", "beside"]
Separator = Literal["none", "tick", "bar", "dashes", "dotted", "dashed", "solid"]
PulseSide = Literal["left", "right", "none"]
Word = TypeVar("Word", bound=str)

GRID_COLOURS: dict[str, Colour] = {
    "pink": (238, 150, 180),
    "red": (214, 70, 76),
    "orange": (226, 146, 92),
    "green": (96, 178, 138),
    "blue": (104, 140, 206),
    "brown": (150, 112, 96),
    "grey": (128, 126, 128),
}
INKS: dict[str, Colour] = {
    "black": (18, 18, 20),
    "grey": (66, 64, 68),
    "blue": (34, 36, 110),
    "violet": (58, 36, 88),
}


@dataclass(frozen=True)
class Grid:
    """The printed grid: small boxes of 1 mm, large ones of 5 mm.

    Attributes
    ----------
    kind
        ``"lines"``: both; ``"dots"``: large boxes with a dot at each millimetre in them;
        ``"boxes"``: large ones alone; ``"none"``.
    colour
        Ink, RGB.
    minor, major
        How strong the lines are, 0 to 1.
    minor_width, major_width
        In mm.
    offset
        Where the first large line lies from the page's left and upper edge, in mm.
    """

    kind: GridKind = "lines"
    colour: Colour = GRID_COLOURS["pink"]
    minor: float = 0.5
    major: float = 0.9
    minor_width: float = 0.1
    major_width: float = 0.2
    offset: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class PageStyle:
    """Every choice that makes a page's look. Lengths in mm, colours RGB.

    Attributes
    ----------
    layout, cabrera, rhythm
        See :func:`ecgkit.paper.layouts.arrange`.
    speed, gain
        In mm/s and mm/mV.
    px_per_mm
        Resolution along x and y.
    sequential
        Each column goes on where the one before it ended, else all columns show the same time.
    source_fs
        Sampling frequency in Hz that the recording is brought to first; None leaves it.
    width, row_height
        Of all columns together, and of a row.
    margins
        Left, top, right, bottom, outside the traces, pulses, header and footer.
    field_only
        The grid lies behind the traces alone, not behind header and margins.
    pen, fade
        Width of the trace, and how much paler it is where it runs steeply (0 to 1).
    label, label_height, font, bold
        Lead names: place, height of a capital, a key of :data:`ecgkit.paper.lettering.FONTS`.
    separator, gap
        What stands between columns, and how wide a strip there stays empty.
    pulse, pulse_width, pulse_rows
        Calibration pulse of 1 mV: side, width, in each row or only in the lowest.
    header, footer
        Blocks of lines above, and one line below.
    """

    layout: str = "3x4+1"
    cabrera: bool = False
    rhythm: tuple[str, ...] = ("II", "V1", "V5")
    speed: float = 25.0
    gain: float = 10.0
    px_per_mm: tuple[float, float] = (5.0, 5.0)
    sequential: bool = True
    source_fs: float | None = None
    width: float = 250.0
    row_height: float = 34.0
    margins: tuple[float, float, float, float] = (6.0, 6.0, 6.0, 6.0)
    grid: Grid = field(default_factory=Grid)
    field_only: bool = False
    paper: Colour = (253, 250, 248)
    ink: Colour = INKS["black"]
    pen: float = 0.3
    fade: float = 0.0
    label: LabelPlace = "above"
    label_height: float = 2.6
    font: str = "sans"
    bold: bool = False
    separator: Separator = "tick"
    gap: float = 0.0
    pulse: PulseSide = "left"
    pulse_width: float = 5.0
    pulse_rows: Literal["all", "last"] = "all"
    header: tuple[tuple[str, ...], ...] = ()
    header_height: float = 2.2
    footer: str = ""

    def __post_init__(self) -> None:
        numbers = (self.speed, self.gain, *self.px_per_mm, self.width, self.row_height, self.pen)
        if not all(np.isfinite(number) and number > 0 for number in numbers):
            raise RecordingError(
                "a page's speed, gain, resolution, width, row height and pen must be above zero"
            )


def usual_style(leads: Collection[str], layout: str | None = None) -> PageStyle:
    """Return the page that most people know, in the fullest layout that the leads fill."""
    fitting = layouts_for(leads)
    first = [name for name in ("3x4+1", "limb", ANY) if name in fitting]
    rhythm = tuple(lead for lead in ("II", "V1", "V5") if lead in leads)
    return PageStyle(layout=layout or (first or [ANY])[0], rhythm=rhythm, px_per_mm=(8.0, 8.0))


def random_style(
    rng: np.random.Generator,
    leads: Collection[str] = STANDARD_LEADS,
    *,
    layout: str | None = None,
) -> PageStyle:
    """Draw a page's look by lot, among the layouts that the leads fill.

    Raises
    ------
    RecordingError
        Where the leads fill no layout.
    """
    fitting = layouts_for(leads)
    if not fitting:
        raise RecordingError(
            f"has {len(leads)} leads", remedy=f"Choose at most {MAX_ROWS} for a page."
        )
    if layout is None:
        weights = np.array([_WEIGHTS[name] for name in fitting])
        layout = str(rng.choice(fitting, p=weights / weights.sum()))
    elif layout not in LAYOUTS:
        raise RecordingError(
            f"there is no layout {layout!r}", remedy=f"Choose one of {', '.join(LAYOUTS)}."
        )
    shape = LAYOUTS[layout]
    rows = (shape.rows or len(leads)) + shape.strips
    speed = 50.0 if rng.random() < 0.15 else 25.0
    gain = float(rng.choice((5.0, 10.0, 20.0), p=(0.12, 0.78, 0.1)))
    scale = float(rng.uniform(4.0, 6.0))
    stretch = float(rng.uniform(0.93, 1.07)) if rng.random() < 0.15 else 1.0
    ink = INKS[str(rng.choice(tuple(INKS), p=(0.6, 0.18, 0.12, 0.1)))]
    bare = rng.random() < 0.3  # cut out tightly, as most pictures that people send
    field_only = bool(not bare and rng.random() < 0.4)
    grid = _grid(rng)
    return PageStyle(
        layout=layout,
        cabrera=bool(set(LIMB_LEADS) <= set(leads) and rng.random() < 0.12),
        rhythm=_rhythm(rng, leads),
        speed=speed,
        gain=gain,
        px_per_mm=(scale, scale * stretch),
        sequential=bool(rng.random() < 0.8),
        source_fs=100.0 if rng.random() < 0.3 else None,
        width=float(rng.choice((250.0, rng.uniform(190, 275)), p=(0.75, 0.25))),
        row_height=_row_height(rng, rows, gain),
        margins=_margins(rng, bare),
        grid=grid,
        field_only=field_only,
        paper=_paper(rng, grid.colour),
        ink=ink,
        pen=float(rng.uniform(0.18, 0.48)),
        fade=float(rng.choice((0.0, rng.uniform(0.1, 0.7)), p=(0.6, 0.4))),
        label=_choice(rng, ("above", "on", "below", "beside"), (0.45, 0.3, 0.15, 0.1)),
        label_height=float(rng.uniform(1.8, 3.4)),
        font=str(rng.choice(("serif", "sans", "roman", "modern", "typewriter", "mono", "wide"))),
        bold=bool(rng.random() < 0.4),
        separator=_choice(
            rng,
            ("none", "tick", "bar", "dashes", "dotted", "dashed", "solid"),
            (0.25, 0.12, 0.1, 0.1, 0.25, 0.12, 0.06),
        ),
        gap=float(rng.choice((0.0, rng.uniform(0.5, 3.0)), p=(0.7, 0.3))),
        pulse=_choice(rng, ("left", "right", "none"), (0.6, 0.15, 0.25)),
        pulse_width=float(rng.choice((5.0, 2.5), p=(0.65, 0.35))),
        pulse_rows=_choice(rng, ("all", "last"), (0.85, 0.15)),
        header=() if bare or rng.random() < 0.25 else header_text(rng),
        header_height=float(rng.uniform(1.7, 2.8)),
        footer="" if rng.random() < 0.4 else footer_text(rng, speed, gain),
    )


_WEIGHTS = {
    "3x4": 0.16,
    "3x4+1": 0.3,
    "3x4+3": 0.09,
    "6x2": 0.13,
    "6x2+1": 0.06,
    "12x1": 0.09,
    "4x3": 0.04,
    "4x3+1": 0.03,
    "limb": 0.05,
    "limb-3x2": 0.03,
    ANY: 0.02,
}


def _choice(rng: np.random.Generator, values: tuple[Word, ...], chances: tuple[float, ...]) -> Word:
    return values[int(rng.choice(len(values), p=chances))]


def _rhythm(rng: np.random.Generator, leads: Collection[str]) -> tuple[str, ...]:
    first = "II" if rng.random() < 0.8 else str(rng.choice(CHEST_LEADS))
    three = ("V1", "II", "V5") if rng.random() < 0.5 else ("II", "V2", "V5")
    wanted = three if first == "II" and rng.random() < 0.3 else (first, "II", "V5", "V1")
    return tuple(lead for lead in dict.fromkeys(wanted) if lead in leads)


def _row_height(rng: np.random.Generator, rows: int, gain: float) -> float:
    low, high = (24, 42) if rows <= 4 else (17, 30) if rows <= 7 else (11, 19)
    return float(rng.uniform(low, high)) * (1.15 if gain > 10 else 1.0)


def _margins(rng: np.random.Generator, bare: bool) -> tuple[float, float, float, float]:
    low, high = (0.5, 4.0) if bare else (3.0, 22.0)
    left, top, right, bottom = rng.uniform(low, high, 4)
    return float(left), float(top), float(right), float(bottom)


def _grid(rng: np.random.Generator) -> Grid:
    name = str(rng.choice(tuple(GRID_COLOURS), p=(0.24, 0.16, 0.14, 0.08, 0.06, 0.18, 0.14)))
    tone = np.clip(np.array(GRID_COLOURS[name]) + rng.integers(-22, 23, 3), 0, 255)
    kind: GridKind = _choice(rng, ("lines", "dots", "boxes", "none"), (0.64, 0.24, 0.06, 0.06))
    faint = 0.35 if rng.random() < 0.15 else 1.0
    return Grid(
        kind=kind,
        colour=(int(tone[0]), int(tone[1]), int(tone[2])),
        minor=float(rng.uniform(0.45, 1.0)) * faint,
        major=float(rng.uniform(0.7, 1.0)) * faint,
        minor_width=float(rng.uniform(0.1, 0.2) * (1.9 if kind == "dots" else 1.0)),
        major_width=float(rng.uniform(0.15, 0.35)),
        offset=(float(rng.uniform(0, 5)), float(rng.uniform(0, 5))),
    )


def _paper(rng: np.random.Generator, ink: Colour) -> Colour:
    """Return white, off-white, or a tint of the grid's own colour."""
    base = rng.choice(((255, 255, 255), (254, 250, 246), (252, 249, 240), (240, 240, 240)))
    share = float(rng.choice((0.0, rng.uniform(0.05, 0.3)), p=(0.5, 0.5)))
    tone = np.rint((1 - share) * base + share * np.array(ink))
    return int(tone[0]), int(tone[1]), int(tone[2])
