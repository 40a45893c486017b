"""The component of view 3: pictures that are looked at and pointed at in the browser.

The stepper scrolls, the mask's sliders work, and the frame on the photo moves without asking the
server, which is told once a hand has let go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.paper.look import FINDINGS_CSS
from pages.shell.component import CSS, SHARED_JS

_CSS = (
    CSS
    + FINDINGS_CSS
    + """
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.steps{display:flex;flex-wrap:wrap;gap:.5rem;list-style:none;margin:0;padding:2px}
.steps li{flex:1 1 9rem}
.step{width:100%;height:100%;display:grid;grid-template-columns:auto 1fr;gap:0 .6rem;
  align-items:center;text-align:left;font:inherit;color:inherit;cursor:pointer;padding:.4rem .7rem;
  border:1px solid var(--line);border-radius:.4rem;background:var(--st-secondary-background-color)}
.step b{grid-row:1/3;font-size:1.1rem;opacity:.75}
.step span{font-weight:600}
.step small{opacity:.85;font-variant-numeric:tabular-nums;min-height:1.2em}
.step i{font-style:normal;margin-right:.3em}
.step.failed{border:2px solid var(--ecg-for,#c24a00)}
.step.ahead{border-style:dashed;opacity:.7}
.photo{position:relative;overflow:clip;overflow-clip-margin:12px;margin:0 auto;
  aspect-ratio:var(--w)/var(--h);width:min(100%,70vh*var(--w)/var(--h))}
.picture{display:block;width:100%;height:auto;max-height:80vh;border-radius:3px}
.photo .picture{max-height:none}
.picture path{fill:none;stroke:#00508a;stroke-width:1.6px;vector-effect:non-scaling-stroke}
.picture path[stroke]{stroke:#fff;stroke-width:4px}
.picture path.thick{stroke-width:2.6px}.picture path.thick[stroke]{stroke-width:6px}
.picture circle{fill:#00508a;stroke:#fff;stroke-width:1.5px;vector-effect:non-scaling-stroke}
.picture text{font-family:sans-serif;font-weight:600;fill:#00508a;stroke:#fff;
  stroke-width:.3em;paint-order:stroke}
.wide{width:100%;min-width:calc(var(--mm)*3px);
  max-width:min(var(--mm)*5px,max(var(--mm)*3px,90vh*var(--ratio)))}
.sliders{display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;margin-bottom:.4rem;font-size:.875rem}
.sliders label{display:flex;align-items:center;gap:.6rem;flex:1 1 15rem}
.sliders input{flex:1;min-width:5rem;accent-color:var(--st-primary-color)}
.sliders output{min-width:3.2rem;font-variant-numeric:tabular-nums}
.pile{position:relative;background:var(--ecg-paper,#fffdfc);overflow:hidden;border-radius:3px}
.pile img,.pile .over,.veil{position:absolute;inset:0;width:100%;height:100%}
.pile .over{background:#0055ff;-webkit-mask-size:100% 100%;mask-size:100% 100%}
.veil{background:var(--ecg-paper,#fffdfc)}
.pile.bare .over{background:var(--ecg-tracing,#1d1b1a)}
.divider{position:absolute;top:0;bottom:0;width:44px;margin-left:-22px;cursor:ew-resize;
  touch-action:none;display:flex;justify-content:center;align-items:center;
  background:linear-gradient(90deg,#0000 calc(50% - 2px),#fff 0 calc(50% - 1px),#00508a 0
  calc(50% + 1px),#fff 0 calc(50% + 2px),#0000 0)}
.divider i{font-style:normal;background:#00508a;color:#fff;border:2px solid #fff;
  border-radius:1rem;padding:0 .3rem;font-size:.9rem;line-height:1.5rem}
.editor{position:absolute;inset:0}
.editor svg{position:absolute;inset:0;width:100%;height:100%;overflow:visible;pointer-events:none}
.editor path{fill:#0063a622;stroke:#00508a;stroke-width:2px;vector-effect:non-scaling-stroke}
.editor path.marked{stroke:#a33a00;stroke-dasharray:6 3}
.grip{position:absolute;width:44px;height:44px;margin:-22px;padding:0;border:0;background:none;
  cursor:move;touch-action:none;display:grid;place-items:center}
.grip b{width:22px;height:22px;border-radius:50%;background:#00508a;color:#fff;
  border:2px solid #fff;font:600 12px/22px sans-serif;text-align:center;box-sizing:content-box}
.grip.mark b{background:#a33a00;border-radius:3px}
.grip:focus-visible b{outline:3px solid #d39b00}
.loupe{position:absolute;width:120px;height:120px;border-radius:50%;border:3px solid #fff;
  box-shadow:0 0 0 1px #0008;pointer-events:none;background-repeat:no-repeat;
  background-color:#888;z-index:3}
.loupe::before,.loupe::after{content:"";position:absolute;background:#a33a00}
.loupe::before{left:50%;top:10%;bottom:10%;width:1px}
.loupe::after{top:50%;left:10%;right:10%;height:1px}
.meter{display:inline-block;width:4rem;height:.55rem;margin-right:.5rem;
  border:1px solid var(--line);border-radius:2px;overflow:hidden;vertical-align:baseline}
.meter i{display:block;height:100%;background:var(--ecg-shade,#0063a6)}
"""
)

_JS = (
    SHARED_JS
    + """
const PAUSE = 400;  // ms without a change, after which the server is told
const LOUPE = 3;    // times larger than on the page

function steps(view) {
  view.querySelectorAll("[data-goto]").forEach((step) => {
    step.onclick = () => {
      const place = document.querySelector(`.st-key-${CSS.escape(step.dataset.goto)}`);
      place?.scrollIntoView({ behavior: "smooth", block: "start" });
    };
  });
}

function layers(view, kept) {
  const pile = view.querySelector(".pile");
  if (!pile) return;
  const ranges = [...view.querySelectorAll(".sliders input")];
  kept.sliders ??= {};
  const paint = () => {
    const value = { fade: 100, divide: 0 };  // where a picture has no slider for it
    for (const range of ranges) {
      value[range.className] = kept.sliders[range.className] = Number(range.value);
      range.parentElement.querySelector("output").textContent = `${range.value} %`;
    }
    const over = pile.querySelector(".over");
    over.style.opacity = value.opacity / 100;
    pile.style.setProperty("--opacity", over.style.opacity);
    over.style.clipPath = `inset(0 0 0 ${value.divide}%)`;
    // What is faded lies right of the divider alone: left of it stands the photo as it is.
    const veil = (100 - value.fade) / 100;
    const sheet = pile.querySelector(".veil");
    if (!sheet) return;
    sheet.style.opacity = veil;
    sheet.style.clipPath = over.style.clipPath;
    pile.classList.toggle("bare", veil > 0.9);
    pile.querySelector(".divider").style.left = `clamp(12px,${value.divide}%,100% - 12px)`;
  };
  for (const range of ranges) {
    if (range.className in kept.sliders) range.value = kept.sliders[range.className];
    range.oninput = paint;
  }
  const divide = ranges.find((range) => range.className === "divide");
  const handle = pile.querySelector(".divider");
  if (handle) handle.onpointerdown = (event) => {
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    handle.onpointermove = (move) => {
      const box = pile.getBoundingClientRect();
      divide.value = (100 * (move.clientX - box.left)) / box.width;
      paint();
    };
    handle.onpointerup = handle.onpointercancel = () => { handle.onpointermove = null; };
  };
  paint();
}

function editor(view, kept, edit, setStateValue) {
  const area = view.querySelector(".editor");
  if (!area || !edit) return;
  const { width, height } = edit;
  if (kept.token !== edit.token) {
    kept.token = edit.token;
    kept.points = { corners: edit.corners.map((p) => [...p]) };
  }
  if (!edit.marks) delete kept.points.marks;
  else kept.points.marks ??= edit.marks.map((p) => [...p]);
  area.innerHTML = `<svg viewBox="-0.5 -0.5 ${width} ${height}" preserveAspectRatio="none">
    <path class="frame"/><path class="marked"/></svg>`;
  const frame = area.querySelector(".frame");
  const marked = area.querySelector(".marked");
  const along = (points) => points.map((p) => p.join(" ")).join("L");
  const tell = (name) => {
    clearTimeout(kept.telling);
    setStateValue(name, kept.points[name].map((p) => [...p]));
  };
  const paint = () => {
    frame.setAttribute("d", `M${along(kept.points.corners)}Z`);
    marked.setAttribute("d", kept.points.marks ? `M${along(kept.points.marks)}` : "");
    for (const grip of area.querySelectorAll(".grip")) {
      const [x, y] = kept.points[grip.dataset.name][grip.dataset.place];
      grip.style.left = `${(100 * (x + 0.5)) / width}%`;
      grip.style.top = `${(100 * (y + 0.5)) / height}%`;
      grip.setAttribute("aria-label", `${grip.dataset.title}: x ${Math.round(x)}, ` +
        `y ${Math.round(y)} px; arrow keys move it, with Shift by ten`);
    }
  };
  const put = (name, place, x, y) => {
    kept.points[name][place] = [
      Math.min(width - 1, Math.max(0, x)), Math.min(height - 1, Math.max(0, y)),
    ].map((value) => Math.round(value * 10) / 10);
    paint();
  };
  const image = view.querySelector(".picture image").getAttribute("href");
  const loupe = (x, y, shown) => {
    let glass = area.querySelector(".loupe");
    if (!shown) { glass?.remove(); return; }
    if (!glass) {
      glass = document.createElement("div");
      glass.className = "loupe";
      glass.style.backgroundImage = `url("${image}")`;
      area.append(glass);
    }
    const box = area.getBoundingClientRect();
    const [px, py] = [((x + 0.5) / width) * box.width, ((y + 0.5) / height) * box.height];
    glass.style.backgroundSize = `${LOUPE * box.width}px ${LOUPE * box.height}px`;
    glass.style.backgroundPosition = `${60 - LOUPE * px}px ${60 - LOUPE * py}px`;
    glass.style.left = `${px < box.width / 2 ? Math.min(px + 50, box.width - 126) : px - 176}px`;
    glass.style.top = `${Math.max(0, Math.min(box.height - 126, py - 150))}px`;
  };
  const grip = (name, place, title, sign) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = name === "marks" ? "grip mark" : "grip";
    Object.assign(button.dataset, { name, place, title });
    button.innerHTML = `<b aria-hidden="true">${sign}</b>`;
    button.onpointerdown = (event) => {
      event.preventDefault();
      button.focus();
      button.setPointerCapture(event.pointerId);
      // The grip stays under the finger where it was taken, not by its middle.
      const box = area.getBoundingClientRect();
      const [x0, y0] = kept.points[name][place];
      const at = (move) => [
        x0 + ((move.clientX - event.clientX) / box.width) * width,
        y0 + ((move.clientY - event.clientY) / box.height) * height,
      ];
      button.onpointermove = (move) => {
        put(name, place, ...at(move));
        loupe(...kept.points[name][place], true);
      };
      button.onpointerup = button.onpointercancel = () => {
        button.onpointermove = button.onpointerup = button.onpointercancel = null;
        loupe(0, 0, false);
        tell(name);
      };
    };
    button.onkeydown = (event) => {
      const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1],
        ArrowDown: [0, 1] }[event.key] ?? [];
      if (x === undefined) return;
      event.preventDefault();
      const far = event.shiftKey ? 10 : 1;
      const [x0, y0] = kept.points[name][place];
      put(name, place, x0 + far * x, y0 + far * y);
      clearTimeout(kept.telling);
      kept.telling = setTimeout(() => tell(name), PAUSE);
    };
    area.append(button);
  };
  const focused = kept.focus;
  edit.names.forEach((title, place) =>
    grip("corners", place, `Corner ${place + 1}, the page's ${title}`, place + 1));
  (kept.points.marks ?? []).forEach((_, place) =>
    grip("marks", place, `Mark ${"AB"[place]}`, "AB"[place]));
  paint();
  area.onfocusin = (event) => {
    kept.focus = [event.target.dataset.name, event.target.dataset.place];
  };
  area.onfocusout = () => { kept.focus = null; };
  if (focused) {
    area.querySelector(`[data-name="${focused[0]}"][data-place="${focused[1]}"]`)?.focus();
  }
}

export default function ({ parentElement, data, setStateValue }) {
  const view = parentElement.querySelector(".view");
  const kept = (view.kept ??= {});
  const focus = kept.focus;
  if (kept.html !== data.html) {
    kept.html = data.html;
    const left = [...view.querySelectorAll(".scroll")].map((part) => part.scrollLeft);
    view.innerHTML = data.html;
    view.querySelectorAll(".scroll").forEach((part, i) => { part.scrollLeft = left[i] || 0; });
  }
  kept.focus = focus;
  shade(view);
  steps(view);
  layers(view, kept);
  editor(view, kept, data.edit, setStateValue);
}
"""
)

_component = st.components.v2.component(
    "ecgkit.paper", html='<div class="view"></div>', css=_CSS, js=_JS
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
