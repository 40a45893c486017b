"""The README's short tables, each between its own markers."""

from __future__ import annotations

from pathlib import Path

README = Path("README.md")


def put(marker: str, part: str, path: Path = README) -> None:
    """Write a part of the README anew: what stands between ``<!-- marker -->`` and its end."""
    start, end = f"<!-- {marker} -->", f"<!-- end {marker} -->"
    before, rest = path.read_text(encoding="utf-8").split(start)
    after = rest.split(end)[1]
    text = f"{before}{start}\n{part.rstrip()}\n{end}{after}"
    path.write_text(text, encoding="utf-8")
