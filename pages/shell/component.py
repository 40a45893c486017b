"""The component that shows drawings and tables: their HTML, in the page's light or dark colours.

Streamlit's own HTML element takes no SVG. This one also keeps what is on the page in place while it
changes, measures with a caliper, and tells where the overview strip was clicked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from ecgkit.drawing.html.report import STYLE_SHEET
from ecgkit.drawing.style import dark_variables

CSS = (
    STYLE_SHEET
    + """
.view{color:var(--st-text-color);font-family:var(--st-font);--line:var(--st-border-color)}
.view{transition:color 1ms}
.view.dark{DARK}
.view.paper .sheet{border:1px solid var(--st-border-color);border-radius:3px}
.view .sheet>svg:last-of-type{cursor:crosshair;touch-action:pan-x pan-y}
.caliper rect{fill:var(--ecg-shade,#0063a6);fill-opacity:.14;stroke:var(--ecg-shade,#0063a6);
  stroke-width:.25}
.caliper text{font:600 3.2px sans-serif;fill:var(--ecg-ink,#2b2523);stroke:var(--ecg-paper,#fff);
  stroke-width:.8;paint-order:stroke}
.strip{cursor:pointer}
.strip svg{display:block;width:100%;height:56px;border:1px solid var(--st-border-color);
  border-radius:3px;box-sizing:border-box}
.ends{display:flex;justify-content:space-between;font-size:.78rem;opacity:.8}
""".replace("DARK", dark_variables())
)

SHARED_JS = """
function shade(view) {
  const set = () => {
    const [r, g, b] = getComputedStyle(view).color.match(/[\\d.]+/g).map(Number);
    view.classList.toggle("dark", 0.3 * r + 0.6 * g + 0.1 * b > 128);
  };
  set();
  view.ontransitionend = set;  // the inherited colour changes with the theme, and tells by this
}

function seek(view, setTriggerValue) {
  view.querySelectorAll("[data-duration]").forEach((strip) => {
    strip.onclick = (event) => {
      const box = strip.getBoundingClientRect();
      const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
      setTriggerValue("seek", share * Number(strip.dataset.duration));
    };
  });
}

function measure(view) {
  const sheet = view.querySelector(".sheet > svg[data-unit]");
  if (!sheet) return;
  const draw = ({ x, y, w, h }) => {
    sheet.querySelector(".caliper")?.remove();
    const seconds = Math.abs(w) * sheet.dataset.secondsAMm;
    const value = Math.abs(h) * sheet.dataset.unitsAMm;
    const rate = seconds > 0.2 ? ` (${(60 / seconds).toFixed(0)}/min)` : "";
    const group = document.createElementNS("http://www.w3.org/2000/svg", "g");
    group.setAttribute("class", "caliper");
    const top = Math.min(y, y + h);
    const begin = Math.min(x, x + w);
    const size = `width="${Math.abs(w)}" height="${Math.abs(h)}"`;
    group.innerHTML = `<rect x="${begin}" y="${top}" ${size}/>
      <text x="${begin}" y="${top < 5 ? top + Math.abs(h) + 4 : top - 1.2}"></text>`;
    group.querySelector("text").textContent =
      `${(1000 * seconds).toFixed(0)} ms${rate} · ${value.toFixed(2)} ${sheet.dataset.unit}`;
    sheet.append(group);
  };
  if (view.caliper) draw(view.caliper);
  const point = (event) =>
    new DOMPoint(event.clientX, event.clientY).matrixTransform(sheet.getScreenCTM().inverse());
  sheet.onpointerdown = (event) => {
    if (event.pointerType === "touch" || event.button !== 0) return;  // a finger scrolls
    const from = point(event);
    view.caliper = null;
    sheet.querySelector(".caliper")?.remove();
    sheet.setPointerCapture(event.pointerId);
    sheet.onpointermove = (move) => {
      const to = point(move);
      const size = { w: to.x - from.x, h: to.y - from.y };
      if (!view.caliper && Math.hypot(size.w, size.h) < 1) return;  // a click is no measurement
      view.caliper = { x: from.x, y: from.y, ...size };
      draw(view.caliper);
    };
    sheet.onpointerup = () => { sheet.onpointermove = null; };
  };
}
"""
"""Light or dark as the page is, clicks on strips, and the caliper: for every component."""

_JS = (
    SHARED_JS
    + """
export default function ({ parentElement, data, setTriggerValue }) {
  const view = parentElement.querySelector(".view");
  const left = [...view.querySelectorAll(".scroll")].map((part) => part.scrollLeft);
  view.innerHTML = data.html;
  view.classList.toggle("paper", Boolean(view.querySelector(".sheet")));
  view.querySelectorAll(".scroll").forEach((part, i) => { part.scrollLeft = left[i] || 0; });
  shade(view);
  view.dataset.redrawn = Number(view.dataset.redrawn || 0) + 1;
  seek(view, setTriggerValue);
  measure(view);
}
"""
)

_component = st.components.v2.component(
    "ecgkit.view", html='<div class="view"></div>', css=CSS, js=_JS
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
