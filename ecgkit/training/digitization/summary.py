"""What came of many pages, in groups: shares, and medians with their intervals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgkit.digitization.rectification.rectify import SCALE_SOURCES
from ecgkit.rendering.degradation.levels import LEVELS
from ecgkit.training.digitization.scores import WORST

SOURCES = ("PTB-XL", "LUDB", "CinC 2021")
"""The first is the one that the UNet learnt from; its test part was kept out."""
RESAMPLES = 1000
DEGRADED, PHOTOS = ("scan", "photo", "hard"), ("photo", "hard")
CLOSE = 2.0
"""A heart rate is right within so many beats per minute, a scale within so many per cent."""

Row = dict[str, Any]
Figures = dict[str, Any]


def summary(rows: list[Row]) -> dict[str, Any]:
    """Return the figures of all pages with a grid, by kind of page, and those without apart."""
    gridded = [row for row in rows if row["grid"] != "none"]
    home = [row for row in gridded if row["source"] == SOURCES[0]]
    abroad = [row for row in gridded if row["source"] != SOURCES[0]]
    return {
        "aims": {
            "clean": figures([row for row in home if row["level"] == "clean"]),
            "degraded": figures([row for row in home if row["level"] in DEGRADED]),
            "photos": figures([row for row in home if row["level"] in PHOTOS]),
            "all": figures(gridded),
        },
        "level": _groups(home, "level"),
        "level, other sources": _groups(abroad, "level"),
        "source": _groups(gridded, "source"),
        "layout": _groups(gridded, "layout"),
        "columns": _groups(gridded, "columns"),
        "speed": _groups(gridded, "speed", "{:g} mm/s"),
        "gain": _groups(gridded, "gain", "{:g} mm/mV"),
        "fs": _groups(gridded, "fs", "{:g} Hz"),
        "grid": _groups(gridded, "grid"),
        "without a grid": _without_grid([row for row in rows if row["grid"] == "none"]),
        "refusals": _reasons(gridded),
        "scale source": _sources(gridded),
    }


def figures(rows: list[Row]) -> Figures:
    """Return the figures of a group of pages.

    Medians stand with the ends of their 95 % bootstrap interval over pages, the leads of a page
    staying together.
    """
    read = [row for row in rows if "snr" in row]
    rated = [row for row in read if row["rate known"]]
    masked = [row for row in rows if row.get("dice") is not None]
    straight = [row for row in rows if "scale error" in row]
    seconds = {
        stage: [row["seconds"][stage] for row in rows if stage in row["seconds"]]
        for stage in ("rectify", "mask", "signals")
    }
    return {
        "pages": len(rows),
        "refused": sum(row["refused"] is not None for row in rows),
        "dice": _median([[row["dice"]] for row in masked]),
        "near dice": _median([[row["near dice"]] for row in masked]),
        "mean dice": _mean([row["dice"] for row in masked]),
        "dice of patches": _median([[row["dice of patches"]] for row in rows]),
        "scale error": _median([[100 * row["scale error"]] for row in straight]),
        "scale right": _share([100 * row["scale error"] <= CLOSE for row in straight]),
        "upright": _share([row["upright"] for row in straight]),
        "layout right": _share([row["layout right"] for row in read]),
        "leads found": _mean([row["leads found"] for row in read]),
        "snr": _median([row["snr"] for row in read]),
        "snr, lower quartile": _quartile([row["snr"] for row in read]),
        "plain snr": _median([row["plain snr"] for row in read]),
        "snr of all": _median([row.get("snr") or [WORST] * row["leads shown"] for row in rows]),
        "rate right": _share(
            [row["rate error"] is not None and row["rate error"] <= CLOSE for row in rated]
        ),
        "seconds": {stage: _median([[s] for s in spent]) for stage, spent in seconds.items()},
        "seconds, whole": _median([[sum(row["seconds"].values())] for row in read]),
        "seconds to mask": _median(
            [[row["seconds"]["rectify"] + row["seconds"]["mask"]] for row in masked]
        ),
        "cpu": _median([[row["cpu"]] for row in read if row["grid"] != "none"]),
        "megapixels": _median([[row["megapixels"]] for row in straight]),
    }


def _groups(rows: list[Row], key: str, name: str = "{}") -> dict[str, Figures]:
    """Return the figures of the rows of each value, levels and sources in their own order."""
    order = [*LEVELS, *SOURCES]
    values = sorted(
        {row[key] for row in rows},
        key=lambda value: (order.index(value), 0) if value in order else (0, value),
    )
    return {name.format(v): figures([row for row in rows if row[key] == v]) for v in values}


def _without_grid(rows: list[Row]) -> dict[str, Any]:
    """Return what came of pages without a grid: read alone, and with their scale given."""
    common = ("grid", "cpu", "dice of patches")
    told = [{key: row[key] for key in common} | row["with its scale"] for row in rows]
    return {
        "pages": len(rows),
        "scale source": _sources(rows),
        "alone": figures(rows),
        "scale given": figures(told),
    }


def _sources(rows: list[Row]) -> dict[str, int]:
    """Return how many pages have their scale from what."""
    found = [row["scale source"] for row in rows]
    return {source: found.count(source) for source in SCALE_SOURCES if source in found}


def _reasons(rows: list[Row]) -> list[list[Any]]:
    """Return stage, words and how many, for each reason of a refusal."""
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        if row["refused"]:
            key = (row["refused"], row["reason"])
            counts[key] = counts.get(key, 0) + 1
    return [[*key, count] for key, count in sorted(counts.items(), key=lambda item: -item[1])]


def _median(groups: list[list[float]]) -> list[float] | None:
    """Return the median of all values, and its interval when groups are drawn anew."""
    return _with_interval(groups, lambda values: float(np.median(values)))


def _quartile(groups: list[list[float]]) -> list[float] | None:
    return _with_interval(groups, lambda values: float(np.percentile(values, 25)))


def _with_interval(
    groups: list[list[float]], figure: Callable[[NDArray[np.float64]], float]
) -> list[float] | None:
    if not groups:
        return None
    parts = [np.asarray(group, np.float64) for group in groups]
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(parts), (RESAMPLES, len(parts)))
    spread = [figure(np.concatenate([parts[k] for k in draw])) for draw in draws]
    low, high = np.percentile(spread, [2.5, 97.5])
    return [round(float(v), 4) for v in (figure(np.concatenate(parts)), low, high)]


def _share(values: list[bool]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None


def _mean(values: list[float]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None
