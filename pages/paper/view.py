"""The component of view 3: pictures that are looked at and pointed at in the browser.

The stepper scrolls, the mask's sliders work, and the frame on the photo moves without asking the
server, which is told once a hand has let go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.shell.component import CSS, SHARED_JS, text_beside

_component = st.components.v2.component(
    "ecgkit.paper",
    html='<div class="view"></div>',
    css=CSS + text_beside(__file__, "diagnoses.css") + text_beside(__file__, "view.css"),
    js=SHARED_JS + text_beside(__file__, "view.js"),
)


def show_picture(
    html: str,
    key: str,
    *,
    edit: dict[str, Any] | None = None,
    on_corners: Callable[[], None] | None = None,
    on_marks: Callable[[], None] | None = None,
) -> None:
    """Show a picture of :mod:`ecgkit.drawing.html.page_stages`.

    Parameters
    ----------
    html
        Nothing checks it: every text in it is already escaped.
    edit
        The frame to move over the photo: ``width`` and ``height`` of the photo in px, ``corners``
        and their ``names``, ``marks`` or None, and a ``token``, with another one of which they are
        taken anew.
    on_corners, on_marks
        Called once they have been moved; they then stand in ``st.session_state[key]``.
    """
    _component(
        data={"html": html, "edit": edit},
        key=key,
        on_corners_change=on_corners or _nothing,
        on_marks_change=on_marks or _nothing,
    )


def _nothing() -> None:
    """Be the callback of what cannot be moved: Streamlit wants one."""
