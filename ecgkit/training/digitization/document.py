"""``docs/results/digitization.md``, from the figures of the command beside it."""

from __future__ import annotations

from typing import Any

from ecgkit.paper.layouts import LAYOUTS
from ecgkit.rendering.degradation.levels import LEVELS
from ecgkit.training.digitization.scores import WORST
from ecgkit.training.digitization.summary import RESAMPLES

Figures = dict[str, Any]

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
    """Return the results as Markdown."""
    parts = [
        "# Reading paper ECGs",
        f"Written by this command, on {results['threads']} thread:\n\n"
        f"```bash\n{results['command']}\n```",
        _method(results),
        _aims(results["aims"]),
        *(_group(results[key], *titles) for key, titles in GROUPS.items()),
        _without_grid(results["without a grid"]),
        _refusals(results["refusals"]),
        _times(results),
        _limits(),
    ]
    return "\n\n".join(parts) + "\n"


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


def _method(results: dict[str, Any]) -> str:
    levels = "; ".join(f"**{level}** {words}" for level, words in LEVELS.items())
    network, sha256 = results["network"]["name"], results["network"]["sha256"][:12]
    return (
        "## What is measured\n\n"
        "Pages are drawn at random (layout, grid, colours, fonts, pen, speed, voltage scale, source "
        "frequency) of recordings that no network has seen, degraded at four levels "
        f"({levels}), 600 to 1,200 px wide where they are scanned or photographed, and read by the "
        "whole way that a person's photo takes: rectification, UNet "
        f"(`{network}`, SHA-256 {sha256}…), leads. PTB-XL: the test part, held out by record from "
        "every training (patients are not known; about one record in eight has a sibling of the "
        "same patient). LUDB and CinC 2021 (Georgia, CPSC, Shaoxing): nothing was trained on them. "
        "30 % of the pages are drawn from the recording at 100 Hz. Paper speed and voltage scale "
        "are given, as a person gives them; everything else is found. Pages without any grid are "
        "counted apart below. Where a grid is there but could not be measured "
        f"({results['scale source'].get('rows', 0)} pages), the scale is that of rows held to be "
        "250 mm long, and the reader says so.\n\n"
        "- **Dice**: the mask at 0.5 against the traces drawn anew, through the page's true "
        "geometry and the rectification that was found, with the page's own pen but none thinner "
        "than 0.3 mm; where something lies on the trace, or glare has burnt it out, there is none. "
        "Median over the pages that were straightened. Traces are 1.5 to 2.4 px wide here, so that "
        "half a pixel of width weighs much: **within 1 px** counts a pixel where the other mask "
        "has one in its 3 × 3 neighbourhood. **UNet alone**: on four patches of every "
        "page, straightened by the truth but for up to 2° and 8 %, as in training.\n"
        "- **SNR** of each lead against what the page shows of it, "
        "`10 log10(sum(x²) / sum((s − x)²))`, at 500 Hz, over the samples that both have. "
        "**Aligned**: after the best shift of that lead within ±50 ms and with both means taken "
        "off; a page whose beginning was cut off is first shifted as a whole (at most 1.5 s). "
        "**As read**: nothing is shifted, nothing is taken off. A lead that was not found, or is "
        f"worse, counts {WORST:g} dB. **With refusals**: aligned, and each lead of a page that was "
        f"refused counts {WORST:g} dB.\n"
        "- **Scale**: the larger error along x and y over the traces' field, and the share of "
        "pages within 2 %. **Heart rate**: within 2 per minute of what the same detector finds on "
        "what the page shows.\n"
        "- **Refused**: the reader said that it could not go on, and why.\n\n"
        f"In brackets: 95 % bootstrap intervals over pages ({RESAMPLES:,} draws), the leads of a "
        "page staying together."
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
    return (
        "## Against what was aimed at\n\nPTB-XL's test part where nothing else is said.\n\n"
        + table(["", "aim", "measured"], rows)
        + "\n\nPublished, on other pages and with other definitions, so that they only give an "
        "idea: Dice of trace segmentation 0.85 to 0.93; SNR up to 19.7 dB on real scans; 0.8 dB or "
        "less on phone photos for all entrants of the George B. Moody PhysioNet Challenge 2024."
    )


def _group(groups: dict[str, Figures], title: str, head: str) -> str:
    rows = [[_shown(head, name), *_row(found)] for name, found in groups.items()]
    return f"## {title}\n\n" + table([head, *COLUMNS], rows)


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
        return "## Pages without a grid\n\nNone were drawn."
    sources = found["scale source"]
    return (
        "## Pages without a grid\n\n"
        f"Of {found['pages']} pages, {sources.get('rows', 0)} were read by the length of their "
        f"rows, held to be 250 mm, and the reader says so; on {sources.get('grid', 0)} a grid was "
        "found where there is none. Beside it, the same pages with their resolution given:\n\n"
        + table(
            ["", *COLUMNS],
            [
                ["nothing given", *_row(found["alone"])],
                ["resolution given", *_row(found["scale given"])],
            ],
        )
    )


def _refusals(reasons: list[list[Any]]) -> str:
    if not reasons:
        return "## Why pages were refused\n\nNone was."
    rows = [[stage, words, str(count)] for stage, words, count in reasons]
    return "## Why pages were refused\n\n" + table(["stage", "reason", "pages"], rows)


def _times(results: dict[str, Any]) -> str:
    rows = []
    for level, found in results["level"].items():
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
    return (
        f"## Times\n\nIn s, medians, {results['threads']} thread; by the clock, and last what the "
        "processor spent. `timings.md` has the engines side by side.\n\n" + table(head, rows)
    )


def _limits() -> str:
    return (
        "## What these figures do not say\n\n"
        "Pages are renderings: fonts, layouts and damage are invented, and what no one thought of "
        "is not in them. Real photos were looked at, not measured: no truth is known for them. "
        "Speed and voltage scale were given; a page read at the wrong speed is wrong throughout."
    )


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


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
