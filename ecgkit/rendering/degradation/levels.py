"""What happens to a page on its way into a picture, drawn at random at four levels."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ecgkit.paper.geometry import Camera, Wave
from ecgkit.recording import RecordingError
from ecgkit.rendering.composition import Sheet
from ecgkit.rendering.degradation.light import Light
from ecgkit.rendering.degradation.optics import Optics
from ecgkit.rendering.degradation.scene import DESKS
from ecgkit.rendering.settings import DegradationSettings

LEVELS = {
    "clean": "as exported: at most saved as a JPEG",
    "scan": "flat-bed scan, photocopy or fax",
    "photo": "phone photo in fair light",
    "hard": "phone photo of a worn page in poor light, partly covered",
}
SETTINGS = DegradationSettings()


@dataclass(frozen=True)
class Degradation:
    """All that is done to a page.

    Attributes
    ----------
    camera
        Where it is looked at from; None leaves the picture as it lies.
    waves, slant
        How the paper is bent; see :class:`ecgkit.paper.geometry.Geometry`.
    handwriting, stamps, stains, redactions
        How many there are on the paper.
    fingers, slips
        How many things lie on it.
    desk
        What it lies on, one of :data:`ecgkit.rendering.degradation.scene.DESKS`.
    light, optics
        How it is lit, and what camera and file do.
    """

    camera: Camera | None = None
    waves: tuple[Wave, ...] = ()
    slant: tuple[float, float] = (0.0, 0.0)
    handwriting: int = 0
    stamps: int = 0
    stains: int = 0
    redactions: int = 0
    fingers: int = 0
    slips: int = 0
    desk: str = "plain"
    light: Light = field(default_factory=Light)
    optics: Optics = field(default_factory=Optics)


def random_degradation(level: str, sheet: Sheet, rng: np.random.Generator) -> Degradation:
    """Return at random what happens to a page.

    Parameters
    ----------
    level
        A key of :data:`LEVELS`.

    Raises
    ------
    RecordingError
        Where there is no such level.
    """
    if level == "clean":
        quality = (int(rng.integers(80, 98)),) if rng.random() < 0.4 else ()
        return Degradation(optics=Optics(jpeg=quality))
    if level == "scan":
        return _scan(sheet, rng)
    if level in LEVELS:
        return _photo(sheet, rng, hard=level == "hard")
    raise RecordingError(
        f"there is no level {level!r}", remedy=f"Choose one of {', '.join(LEVELS)}."
    )


def _chance(rng: np.random.Generator, probability: float) -> bool:
    return bool(rng.random() < probability)


def _uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _longest(rng: np.random.Generator, low: int) -> int:
    """Return the longest side of a picture in px: often just what messengers scale to."""
    return (
        SETTINGS.most_side if _chance(rng, 0.4) else int(rng.integers(low, SETTINGS.most_side + 1))
    )


def _quarters(rng: np.random.Generator, chance: float) -> int:
    return int(rng.integers(1, 4)) if _chance(rng, chance) else 0


def _scan(sheet: Sheet, rng: np.random.Generator) -> Degradation:
    width, height = sheet.size
    edges = rng.uniform(-0.02, 0.02, 4) * (width, height, width, height)
    camera = Camera(
        roll=float(rng.normal(0, 1.0)),
        pitch=0.0,
        yaw=0.0,
        distance=50.0,
        quarters=_quarters(rng, 0.06),
        focus=(edges[0], edges[1], width + edges[2], height + edges[3]),
        longest=_longest(rng, SETTINGS.least_side),
    )
    copy, fax = _chance(rng, 0.22), _chance(rng, 0.1)
    folds = _folds(sheet, rng, int(rng.integers(1, 3)), 0.3) if _chance(rng, 0.25) else ()
    return Degradation(
        camera=camera,
        waves=folds,
        slant=(0.0, 0.05),
        handwriting=int(rng.integers(1, 4)) if _chance(rng, 0.3) else 0,
        stamps=int(_chance(rng, 0.15)),
        stains=int(_chance(rng, 0.08)),
        redactions=int(rng.integers(1, 3)) if _chance(rng, 0.2) else 0,
        slips=int(_chance(rng, 0.06)),
        desk="scanner",
        light=Light(
            level=_uniform(rng, 0.92, 1.0),
            tint=_tint(rng, 0.04),
            slope=(_uniform(rng, 0, 0.08), _uniform(rng, 0, 6.3)),
            relief=1.2,
        ),
        optics=Optics(
            defocus=_uniform(rng, 0.3, 1.0),
            noise=_uniform(rng, 6, 20) if copy else _uniform(rng, 0, 5),
            sharpen=_uniform(rng, 0.5, 2.0) if copy or _chance(rng, 0.3) else 0.0,
            black=_uniform(rng, 0, 40),
            white=_uniform(rng, 240, 275),
            gamma=_uniform(rng, 1.3, 2.6) if copy else _uniform(rng, 0.85, 1.3),
            grey=copy or _chance(rng, 0.12),
            fax=fax,
            jpeg=(int(rng.integers(40, 96)),),
        ),
    )


def _photo(sheet: Sheet, rng: np.random.Generator, *, hard: bool) -> Degradation:
    strong = 1.7 if hard else 1.0
    waves, slant = _bends(sheet, rng, strong)
    camera = Camera(
        roll=float(rng.normal(0, 2.5 * strong)),
        pitch=float(np.clip(rng.normal(0, 8 * strong), -28, 28)),
        yaw=float(np.clip(rng.normal(0, 6 * strong), -22, 22)),
        distance=_uniform(rng, 1.0, 2.2),
        quarters=_quarters(rng, 0.14 if hard else 0.08),
        focus=_focus(sheet, rng),
        longest=_longest(rng, SETTINGS.least_side if hard else 800),
    )
    fax = hard and _chance(rng, 0.04)
    qualities = (int(rng.integers(30, 80)), int(rng.integers(50, 90)))
    return Degradation(
        camera=camera,
        waves=waves,
        slant=slant,
        handwriting=int(rng.integers(1, 4)) if _chance(rng, 0.18 * strong) else 0,
        stamps=int(_chance(rng, 0.06 * strong)),
        stains=int(rng.integers(1, 3)) if _chance(rng, 0.06 * strong) else 0,
        redactions=int(rng.integers(1, 4)) if _chance(rng, 0.12 * strong) else 0,
        fingers=int(_chance(rng, 0.08 * strong)),
        slips=int(_chance(rng, 0.05 * strong)),
        desk=str(rng.choice(DESKS[:4])),
        light=Light(
            level=0.95,
            tint=_tint(rng, 0.1 * strong),
            slope=(_uniform(rng, 0.05, 0.3 * strong), _uniform(rng, 0, 6.3)),
            vignette=_uniform(rng, 0, 0.25),
            relief=_uniform(rng, 0.3, 0.9),
            shadows=int(rng.integers(0, 3 if hard else 2)),
            depth=_uniform(rng, 0.1, 0.3 * strong),
            glare=_uniform(rng, 0.2, 0.5 * strong) if _chance(rng, 0.2 * strong) else 0.0,
        ),
        optics=Optics(
            exposure=_uniform(rng, 105, 205) if hard else _uniform(rng, 145, 215),
            saturation=_uniform(rng, 0.3, 1.05),
            defocus=_uniform(rng, 0.2, 0.8 * strong),
            motion=(_uniform(rng, 1.5, 4.5), _uniform(rng, 0, 180))
            if _chance(rng, 0.12 * strong)
            else (0.0, 0.0),
            noise=_uniform(rng, 1, 3 if fax else 6 * strong),
            colour_noise=_uniform(rng, 0, 2.5 * strong),
            sharpen=_uniform(rng, 0.4, 1.8) if _chance(rng, 0.7) else 0.0,
            black=_uniform(rng, 0, 30),
            white=_uniform(rng, 235, 262),
            gamma=_uniform(rng, 0.75, 1.3),
            grey=_chance(rng, 0.05),
            fax=fax,
            jpeg=qualities if hard or _chance(rng, 0.3) else qualities[1:],
        ),
    )


def _tint(rng: np.random.Generator, spread: float) -> tuple[float, float, float]:
    """Return factors of a light between warm and cold."""
    warm, green = rng.normal(0, spread / 2), rng.normal(0, spread / 5)
    return (
        1 + float(np.clip(warm, -0.2, 0.2)),
        1 + float(green),
        1 - float(np.clip(warm, -0.2, 0.3)),
    )


def _focus(sheet: Sheet, rng: np.random.Generator) -> tuple[float, float, float, float]:
    """Return what the picture is to show: mostly the traces alone, now and then the whole page."""
    width, height = sheet.size
    if _chance(rng, 0.25):
        edge = rng.uniform(0.01, 0.12, 4) * width
        return -edge[0], -edge[1], width + edge[2], height + edge[3]
    left, top, right, bottom = sheet.field
    edge = rng.uniform(-0.04, 0.04, 4) * width
    return left - edge[0], top - edge[1], right + edge[2], bottom + edge[3]


def _folds(sheet: Sheet, rng: np.random.Generator, count: int, height: float) -> tuple[Wave, ...]:
    """Return folds across or along the page, as from a pocket or an envelope."""
    width, tall = sheet.size
    folds = []
    for _ in range(count):
        angle = float(rng.choice((0.0, np.pi / 2)) + rng.normal(0, 0.03))
        if _chance(rng, 0.2):
            angle = _uniform(rng, 0, np.pi)
        crest = rng.uniform(0.15, 0.85, 2) * (width, tall)
        sign = float(rng.choice((-1, 1)))
        folds.append(
            Wave(
                "fold",
                sign * height * _uniform(rng, 0.5, 1.5),
                angle,
                _uniform(rng, 6, 30),
                (crest[0], crest[1]),
            )
        )
    return tuple(folds)


def _bends(
    sheet: Sheet, rng: np.random.Generator, strong: float
) -> tuple[tuple[Wave, ...], tuple[float, float]]:
    width, height = sheet.size
    waves: list[Wave] = []
    for _ in range(int(rng.integers(1, 4))):
        reach = _uniform(rng, 0.6, 2.0) * width
        crest = rng.uniform(0, 1, 2) * (width, height)
        steep = _uniform(rng, 0.008, 0.04) * strong
        angle = _uniform(rng, 0, np.pi)
        waves.append(Wave("wave", steep * reach / 2, angle, reach, (crest[0], crest[1])))
    if _chance(rng, 0.35 * strong):
        waves += _folds(sheet, rng, int(rng.integers(1, 4)), 1.2 * strong)
    if _chance(rng, 0.25 * strong):
        corner = rng.choice((0.0, 1.0), 2)
        inward = np.arctan2((0.5 - corner[1]) * height, (0.5 - corner[0]) * width)
        crest = corner * (width, height)
        rise = _uniform(rng, 2, 8) * strong
        angle = float(inward + rng.normal(0, 0.4))
        waves.append(Wave("edge", rise, angle, _uniform(rng, 25, 70), (crest[0], crest[1])))
    slant = rng.normal(0, 0.4, 2)
    return tuple(waves), (float(np.clip(slant[0], -0.7, 0.7)), float(np.clip(slant[1], -0.7, 0.7)))
