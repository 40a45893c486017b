"""The plot of probability said against share right, of the three networks."""

from __future__ import annotations

from typing import Any

from ecgkit.training.rhythm.document import TITLES


def reliability_svg(results: dict[str, Any]) -> str:
    """Return the reliability plot of the three networks as SVG."""
    size, pad = 260, 42
    panels = []
    for number, (key, title) in enumerate(TITLES.items()):
        bins = results["networks"][key]["calibration"]["after"]["bins"]
        left = pad + number * (size + pad)

        def at(x: float, y: float, left: int = left) -> tuple[float, float]:
            return round(left + x * size, 1), round(pad + (1 - y) * size, 1)

        dots = "".join(
            f'<circle cx="{at(said, met)[0]}" cy="{at(said, met)[1]}" '
            f'r="{2.5 + min(9.0, count**0.5 / 4):.1f}" fill="#0063a6" fill-opacity="0.75"/>'
            for count, said, met in bins
        )
        diagonal = "{},{} {},{}".format(*at(0, 0), *at(1, 1))
        line = " ".join("{},{}".format(*at(said, met)) for _, said, met in bins)
        ticks = "".join(
            f'<text x="{left + v * size:.0f}" y="{pad + size + 16}" text-anchor="middle">{v:g}'
            f'</text><text x="{left - 6}" y="{pad + (1 - v) * size + 4:.0f}" '
            f'text-anchor="end">{v:g}</text>'
            for v in (0, 0.5, 1)
        )
        panels.append(
            f'<rect x="{left}" y="{pad}" width="{size}" height="{size}" fill="none" '
            f'stroke="#999"/><polyline points="{diagonal}" fill="none" stroke="#999" '
            f'stroke-dasharray="4 4"/><polyline points="{line}" fill="none" stroke="#0063a6"/>'
            f'{dots}{ticks}<text x="{left + size / 2}" y="{pad - 12}" text-anchor="middle" '
            f'font-weight="bold">{title}</text><text x="{left + size / 2}" '
            f'y="{pad + size + 34}" text-anchor="middle">probability said</text>'
        )
    width, height = pad + 3 * (size + pad), size + 2 * pad + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12" role="img"><title>Share right against the '
        "probability said, cross-validated, by network; the size of a dot grows with the number "
        f'of recordings</title><rect width="{width}" height="{height}" fill="#fff"/>'
        + "".join(panels)
        + "</svg>\n"
    )
