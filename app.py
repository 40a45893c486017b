"""The workbench: page set-up and navigation. Run with ``streamlit run app.py``.

Each page is a folder in ``pages/``. Until this script has run once, Streamlit takes every file
right in ``pages/`` for a page of its own, and says «page not found» to any other address: the small
files there bring whoever opens a deep link first to this script.
"""

from pathlib import Path

import streamlit as st

from ecgkit.drawing.style import NOT_A_DEVICE
from pages.shell.session import keep_choices
from pages.shell.sidebar import show_sidebar

SHELL = Path(__file__).parent / "pages" / "shell"

st.set_page_config(
    "ecgkit", page_icon=(SHELL / "icon.svg").read_text(encoding="utf-8"), layout="wide"
)
st.html(SHELL / "app.css")
page = st.navigation(
    [
        st.Page(
            "pages/denoise/page.py",
            title="Denoise",
            icon=":material/ecg_heart:",
            url_path="denoise",
            default=True,
        ),
        st.Page(
            "pages/rhythm/page.py",
            title="Scalogram",
            icon=":material/graphic_eq:",
            url_path="scalogram",
        ),
        st.Page(
            "pages/paper/page.py",
            title="Paper",
            icon=":material/document_scanner:",
            url_path="paper",
        ),
        st.Page(
            "pages/models/page.py",
            title="Models",
            icon=":material/network_node:",
            url_path="models",
        ),
    ]
)
keep_choices()
show_sidebar()
first, _, rest = NOT_A_DEVICE.partition(". ")
st.caption(f"**{first}.** {rest}")
page.run()
