"""The component of view 2: everything that shows one second, and changes with it in the browser.

The second is chosen in the browser, which has the pictures of all of them: playing, clicking and
sliding move windows over what is there and ask nothing of the server. It is told afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.shell.component import CSS, SHARED_JS, text_beside

_component = st.components.v2.component(
    "ecgkit.rhythm",
    html='<div class="view rhythm"></div>',
    css=CSS + text_beside(__file__, "view.css"),
    js=SHARED_JS + text_beside(__file__, "view.js"),
)


def show_parts(
    parts: dict[str, str],
    key: str,
    *,
    token: str = "",
    on_second: Callable[[], None] | None = None,
    on_seek: Callable[[], None] | None = None,
) -> Any:
    """Show drawings of :mod:`ecgkit.drawing` together; those that have not changed stay in place.

    Parameters
    ----------
    parts
        Name -> HTML, from top to bottom. Nothing checks it: every text in it is already escaped.
    token
        What is shown: with another one, the view begins at the first second again.
    on_second, on_seek
        Called once a second has been chosen, and when an overview was clicked; the values then
        stand in ``st.session_state[key]``.
    """
    return _component(
        data={"parts": parts, "order": list(parts), "token": token},
        key=key,
        on_second_change=on_second or _nothing,
        on_seek_change=on_seek or _nothing,
    )


def _nothing() -> None:
    """Be the callback of what cannot be clicked: Streamlit wants one."""
