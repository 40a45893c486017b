"""The component that shows drawings and tables: their HTML, in the page's light or dark colours.

Streamlit's own HTML element takes no SVG. This one also keeps what is on the page in place while it
changes, measures with a caliper, and tells where the overview strip was clicked.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from ecgkit.drawing.html.report import STYLE_SHEET
from ecgkit.drawing.style import dark_variables


def text_beside(module: str, name: str) -> str:
    """Return a file's text that stands beside a module, given by its ``__file__``."""
    return Path(module).with_name(name).read_text(encoding="utf-8")


CSS = f"{STYLE_SHEET}\n.view.dark{{{dark_variables()}}}\n{text_beside(__file__, 'view.css')}"
SHARED_JS = text_beside(__file__, "shared.js")
"""Light or dark as the page is, clicks on strips, and the caliper: for every component."""

_component = st.components.v2.component(
    "ecgkit.view",
    html='<div class="view"></div>',
    css=CSS,
    js=SHARED_JS + text_beside(__file__, "view.js"),
)


def show(html: str, key: str, on_seek: Callable[[], None] | None = None) -> Any:
    """Show a drawing or a table of :mod:`ecgkit.drawing`.

    ``html`` must come from there alone: nothing checks it, so every text in it is already escaped.
    ``on_seek`` is called when the overview strip is clicked; the time in seconds then stands in
    ``st.session_state[key]["seek"]``.
    """
    return _component(data={"html": html}, key=key, on_seek_change=on_seek or _nothing)


def _nothing() -> None:
    """Be the callback of a drawing that has no strip: Streamlit wants one."""
