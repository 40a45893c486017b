"""The workbench: page set-up and navigation. Run with ``streamlit run app.py``.

Each page is a folder in ``pages/``. Until this script has run once, Streamlit takes every file
right in ``pages/`` for a page of its own, and says «page not found» to any other address: the small
files there bring whoever opens a deep link first to this script.
"""

import streamlit as st

from ecgkit.drawing.style import NOT_A_DEVICE
from pages.shell.session import keep_choices
from pages.shell.sidebar import show_sidebar

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" '
    'rx="6" fill="#fbe9e6"/><path d="M2 18h7l2-4 2 4h2l2 6 3-20 3 14h7" fill="none" '
    'stroke="#0063a6" stroke-width="2.4" stroke-linejoin="round"/></svg>'
)
LAYOUT = """<style>
.stMainBlockContainer{padding:4rem 2rem 3rem}
@media (max-width:640px){.stMainBlockContainer{padding:4rem .8rem 3rem}}
[data-testid=stSidebarUserContent]{padding-bottom:2rem}
h1{padding-top:.2rem!important}
</style>"""

st.set_page_config("ecgkit", page_icon=ICON, layout="wide")
st.html(LAYOUT)
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
