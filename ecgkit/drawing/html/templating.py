"""Jinja2 templates beside the code: every value is escaped unless it is markup already.

A template's lines are joined when it is loaded, so that its indentation is not in the page: with
nothing between tags and tokens, else with a blank. What a value holds stays as it is.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from jinja2.ext import Extension

    class JoinedLines(Extension):
        """Joins the lines of a template."""

        def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
            source = re.sub(r"(?<=[>}])\s*\n\s*(?=[<{]|$)", "", source.strip())
            return re.sub(r"\s*\n\s*", " ", source)

    return Environment(
        loader=PackageLoader("ecgkit.drawing.html", "templates"),
        extensions=[JoinedLines],
        autoescape=True,
        undefined=StrictUndefined,
    )


def render(template: str, **values: object) -> str:
    """Return a template of ``templates/`` filled with values.

    Parameters
    ----------
    template
        The file's name without ``.html.j2``.
    """
    return _environment().get_template(f"{template}.html.j2").render(**values)


@cache
def style_sheet(name: str) -> str:
    """Return a style sheet of ``templates/``: the file's name without ``.css``."""
    file = resources.files("ecgkit.drawing.html").joinpath("templates", f"{name}.css")
    return file.read_text("utf-8")
