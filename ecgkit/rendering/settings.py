"""The numbers that tune the drawing of pages and their degradation, with their units and reasons.

How often and how strongly each thing happens stands with the choice itself, in
:func:`ecgkit.rendering.page_style.random_style` and
:func:`ecgkit.rendering.degradation.levels.random_degradation`: a draw's order belongs to it, since
a seed must give the same page.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PageSettings:
    """How clean pages are laid out and drawn."""

    zero: float = 0.5
    """How far down its row a zero line lies, 0 to 1."""
    zero_below_label: float = 0.56
    """The same where labels stand above the trace and need room."""
    pulse_foot: float = 1.5
    """In mm: length of the level line before and behind a calibration pulse."""
    pulse_air: float = 2.0
    """In mm: from a calibration pulse to the traces."""
    line_spacing: float = 1.7
    """From one line of text to the next, in heights of a capital."""
    most_pixels: int = 20_000_000
    """A larger page is refused: it would be no page, and memory is bounded."""
    most_side: int = 30_000
    """In px: a longer page is refused, as OpenCV's maps reach no farther than 32767."""


@dataclass(frozen=True)
class DegradationSettings:
    """How degraded pages are computed."""

    least_reduction: float = 0.75
    """A page is averaged down before it is warped if the picture is smaller than this share."""
    glare_patch: int = 7
    """In px, side of a square: a trace is burnt out where such a patch shows no ink."""
    glare_level: int = 250
    """Grey level, 0 to 255, from which a patch shows no ink."""
    least_side: int = 600
    """In px: the longer side of photos and scans at least."""
    most_side: int = 1200
    """In px: the longer side of photos and scans at most: what messengers scale pictures to."""
    light_step: int = 4
    """Light is smooth, so that it is computed for every so many px."""
