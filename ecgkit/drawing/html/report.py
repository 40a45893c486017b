"""The report: figures, metrics and settings as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ecgkit.drawing.style import CAUTION, NOT_A_DEVICE
from ecgkit.drawing.svg.ecg_paper import Paper

SHEET = """
.scroll{overflow-x:auto}
.sheet{display:flex;box-sizing:border-box;width:100%;min-width:calc(var(--mm)*3px);max-width:calc(var(--mm)*5px)}
.sheet>svg:first-of-type{width:var(--gutter);flex:none;position:sticky;left:0;z-index:1}
.sheet>svg:last-of-type{flex:1;min-width:0}
svg.part{display:block}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.875rem}
th,td{padding:.28rem .6rem;text-align:right;border-bottom:1px solid var(--line,#0002);
  white-space:nowrap;font-weight:400}
thead th{font-size:.78rem;vertical-align:bottom;opacity:.8}
th:first-child{text-align:left}
tbody th:first-child{font-weight:500}
.unit{display:inline-block;margin-left:.3em;opacity:.7}
.swatch{vertical-align:middle;margin-right:.5em}
.best{font-size:.7rem;border:1px solid currentColor;border-radius:.6em;padding:0 .45em;
  margin-left:.4em;opacity:.75}
.waiting{opacity:.7;font-style:italic}
.legend{opacity:.85}
@media (max-width:640px){table{font-size:.74rem}thead th{font-size:.7rem}
  th,td{padding:.28rem .25rem}
  tbody th:first-child{white-space:normal}th .unit{display:block}.swatch{width:28px}}
"""
"""The style sheet that the drawings and tables need, on the page as in the report."""

_PRINT = """
body{font:15px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#222}
figure{margin:1.5rem 0}figcaption,footer{font-size:.85rem;color:#555}
.notice{border-left:4px solid #c24a00;padding-left:.8rem}
@media print{.scroll{overflow:visible}.sheet{width:calc(var(--mm)*1mm);min-width:0}}
"""


def html_report(
    title: str,
    settings: Sequence[str],
    table: str,
    figures: Sequence[tuple[Paper, str]],
) -> bytes:
    """Return the report as a self-contained HTML file.

    Parameters
    ----------
    settings
        What was done, one sentence each.
    table
        The metrics as :func:`ecgkit.drawing.html.metrics_table.metrics_table` gives them.
    figures
        Drawings with their captions.
    """
    drawn = "".join(
        f"<figure>{paper.html()}<figcaption>{escape(caption)}</figcaption></figure>"
        for paper, caption in figures
    )
    lines = "".join(f"<li>{escape(line)}</li>" for line in settings)
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{SHEET}{_PRINT}</style></head><body>"
        f'<h1>{escape(title)}</h1><p class="notice"><strong>{NOT_A_DEVICE}</strong><br>{CAUTION}'
        f"</p><ul>{lines}</ul>{table}{drawn}<footer>Made with ecgkit. {NOT_A_DEVICE}</footer>"
        "</body></html>"
    ).encode()
