"""``docs/results/digitization.md`` from its figures; its words are ``document.md.j2``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ecgkit.paper.layouts import LAYOUTS
from ecgkit.rendering.degradation.levels import LEVELS
from ecgkit.training.common.markdown import render, table
from ecgkit.training.digitization.scores import WORST
from ecgkit.training.digitization.summary import RESAMPLES

Figures = dict[str, Any]

TEMPLATE = Path(__file__).with_name("document.md.j2")

GROUPS = {
    "level": ("By degradation, PTB-XL's test part", "degradation"),
    "level, other sources": ("By degradation, sources that nothing was trained on", "degradation"),
    "source": ("By source", "source"),
    "layout": ("By layout", "layout"),
    "columns": ("By the columns' time", "columns"),
    "speed": ("By paper speed", "speed"),
    "gain": ("By voltage scale", "scale"),
    "fs": ("By the recording's sampling frequency", "drawn from"),
    "grid": ("By grid", "grid"),
}


def document(results: dict[str, Any]) -> str:
    """Return the results as Markdown.

    Parameters
    ----------
    results
        What ``python -m ecgkit.training.digitization evaluate`` measured, as ``digitization.json``
        holds it.
    """
    return render(
        TEMPLATE,
        results=results,
        levels=LEVELS,
        worst=WORST,
        resamples=RESAMPLES,
        aims=_aims(results["aims"]),
        groups=[(title, _group(results[key], head)) for key, (title, head) in GROUPS.items()],
        without_grid=_without_grid(results["without a grid"]),
        refusals=_refusals(results["refusals"]),
        times=_times(results["level"]),
    )


def readme_part(results: dict[str, Any]) -> str:
    """Return the README's short table."""
    rows = [
        [
            f"{level}: {LEVELS[level]}",
            str(found["pages"]),
            _refused(found),
            spread(found["dice"]),
            number(found["near dice"] and found["near dice"][0], 3),
            spread(found["snr"], 1),
            percent(found["layout right"]),
            percent(found["rate right"]),
        ]
        for level, found in results["level"].items()
    ]
    head = ["pages drawn of unseen PTB-XL recordings", "pages", "refused", "Dice of the mask"]
    head += ["within a pixel", "SNR of a lead, dB, aligned", "layout right"]
    head += ["heart rate within 2 per minute"]
    return (
        "Paper ECGs, read from picture to leads; speed and voltage scale given, medians with 95 % "
        "intervals:\n\n" + table(head, rows)
    )


def _aims(aims: dict[str, Figures]) -> str:
    clean, degraded, photos, every = (aims[k] for k in ("clean", "degraded", "photos", "all"))
    rows = [
        ["Dice of the mask, degraded pages (scan, photo, hard)", "0.93", spread(degraded["dice"])],
        ["the same, mean over pages", "", number(degraded["mean dice"], 3)],
        ["the same, within one pixel (0.2 mm)", "", spread(degraded["near dice"])],
        ["the same, the UNet alone", "", spread(degraded["dice of patches"])],
        ["median SNR of a lead, aligned, clean pages", "15 dB", spread(clean["snr"], 1)],
        ["the same, as read", "", spread(clean["plain snr"], 1)],
        ["median SNR of a lead, aligned, photos (photo, hard)", "10 dB", spread(photos["snr"], 1)],
        ["the same, as read", "", spread(photos["plain snr"], 1)],
        ["heart rate within 2 per minute, all pages", "", percent(every["rate right"])],
        ["pages refused, all levels and sources", "below 5 %", _refused(every)],
        ["photo to mask, median", "2 s", f"{spread(every['seconds to mask'], 2)} s"],
        ["photo to leads, median", "", f"{spread(every['seconds, whole'], 2)} s"],
        ["the same, processor time", "", f"{spread(every['cpu'], 2)} s"],
    ]
    return table(["", "aim", "measured"], rows)


def _group(groups: dict[str, Figures], head: str) -> str:
    rows = [[_shown(head, name), *_row(found)] for name, found in groups.items()]
    return table([head, *COLUMNS], rows)


COLUMNS = [
    "pages",
    "refused",
    "Dice",
    "within 1 px",
    "UNet alone",
    "scale within 2 % (median error)",
    "upright",
    "layout right",
    "leads found",
    "SNR aligned, dB",
    "lower quartile",
    "SNR as read, dB",
    "with refusals, dB",
    "heart rate right",
]


def _row(found: Figures) -> list[str]:
    error = found["scale error"]
    median = "" if error is None else f" ({error[0]:.2f} %)"
    return [
        str(found["pages"]),
        _refused(found),
        spread(found["dice"]),
        spread(found["near dice"]),
        spread(found["dice of patches"]),
        percent(found["scale right"]) + median,
        percent(found["upright"]),
        percent(found["layout right"]),
        percent(found["leads found"]),
        spread(found["snr"], 1),
        number(found["snr, lower quartile"] and found["snr, lower quartile"][0], 1),
        spread(found["plain snr"], 1),
        number(found["snr of all"] and found["snr of all"][0], 1),
        percent(found["rate right"]),
    ]


def _without_grid(found: Figures) -> str:
    if not found["pages"]:
        return ""
    alone, told = (_row(found[key]) for key in ("alone", "scale given"))
    return table(["", *COLUMNS], [["nothing given", *alone], ["resolution given", *told]])


def _refusals(reasons: list[list[Any]]) -> str:
    return table(["stage", "reason", "pages"], reasons) if reasons else ""


def _times(levels: dict[str, Figures]) -> str:
    rows = []
    for level, found in levels.items():
        parts = [spread(found["seconds"][stage], 2) for stage in ("rectify", "mask", "signals")]
        whole = spread(found["seconds, whole"], 2)
        size = number(found["megapixels"] and found["megapixels"][0], 2)
        rows.append([level, size, *parts, whole, spread(found["cpu"], 2)])
    head = [
        "degradation",
        "megapixels at 5 px/mm",
        "rectification",
        "mask",
        "leads",
        "whole",
        "processor time",
    ]
    return table(head, rows)


def _shown(head: str, name: str) -> str:
    return f"{name}: {LAYOUTS[name].title}" if head == "layout" else name


def _refused(found: Figures) -> str:
    share = found["refused"] / found["pages"] if found["pages"] else 0.0
    return f"{found['refused']} of {found['pages']} ({100 * share:.1f} %)"


def spread(values: list[float] | None, digits: int = 3) -> str:
    """Return a figure with its interval in brackets."""
    if values is None:
        return "–"
    middle, low, high = (f"{value:.{digits}f}" for value in values)
    return f"{middle} ({low}–{high})" if float(low) >= 0 else f"{middle} ({low} to {high})"


def number(value: float | None, digits: int) -> str:
    """Return a figure, or a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"


def percent(value: float | None) -> str:
    """Return a share in per cent, or a dash where there is none."""
    return "–" if value is None else f"{100 * value:.0f} %"
