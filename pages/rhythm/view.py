"""The component of view 2: everything that shows one second, and changes with it in the browser.

The second is chosen in the browser, which has the pictures of all of them: playing, clicking and
sliding move windows over what is there and ask nothing of the server. It is told afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.shell.component import CSS, SHARED_JS

_CSS = (
    CSS
    + """
:host{container-type:inline-size}
.rhythm{display:grid;grid-template-columns:minmax(0,1fr);gap:.7rem 1.4rem}
.rhythm>*{min-width:0}
.now{pointer-events:none}
.player{display:flex;align-items:center;gap:.8rem;flex-wrap:wrap}
.player input{flex:1;min-width:8rem;accent-color:var(--st-primary-color)}
.player output{font-variant-numeric:tabular-nums;min-width:13.5rem}
.player button,.thumb{font:inherit;color:inherit;cursor:pointer;border:1px solid var(--line);
  border-radius:.4rem;background:var(--st-secondary-background-color)}
.player button{padding:.3rem .9rem;min-width:6rem}
.thumbs{display:flex;gap:5px;overflow-x:auto;padding:3px}
.thumb{flex:1 0 56px;max-width:120px;padding:3px;display:flex;flex-direction:column;gap:3px;
  align-items:stretch}
.thumb svg{display:block;width:100%;height:88px;border-radius:2px}
.thumb[aria-pressed=true]{outline:3px solid var(--ecg-now,#d39b00);outline-offset:-1px}
.thumb .when{font-size:.75rem;opacity:.85;text-align:center}
.chip{display:inline-block;border-radius:.3rem;padding:0 .45em;font-weight:600;font-size:.8rem;
  line-height:1.5;text-align:center}
.thumb .chip{padding:0;font-size:.74rem;overflow:hidden}
.chip.none{opacity:.6;font-weight:400}
.stack,.timeline{display:block;width:100%;height:auto}
.stack{max-width:760px}.timeline{max-width:640px;cursor:pointer}
.of-second td b{font-weight:700}
.answers{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:.8rem}
.answer{border:1px solid var(--line);border-radius:.4rem;padding:.5rem .8rem .6rem;
  display:grid;grid-template-columns:1fr auto;align-items:center;gap:.2rem .6rem}
.answer h4,.answer p{margin:0;font-size:.88rem}
.answer h4{font-weight:600}
.answer>:nth-child(n+3),.answer .waiting{grid-column:1/-1}
.answer .head{display:flex;align-items:center;gap:.5rem;font-size:1.1rem}
.answer .head .chip{font-size:1rem;padding:.05em .55em}
.bar{display:flex;height:.5rem;border-radius:2px;overflow:hidden;gap:1px}
.bar i{display:block}
.shares{display:flex;justify-content:space-between;flex-wrap:wrap;gap:0 .6rem;font-size:.78rem;
  font-variant-numeric:tabular-nums}
.shares b{font-weight:600}
.lanes{cursor:pointer;border:1px solid var(--line);border-radius:3px;overflow:hidden}
.lane{position:relative;border-top:1px solid var(--line)}
.lane:first-child{border:0}
.lane svg{display:block;width:100%;height:20px}
.lane b{position:absolute;left:5px;top:1px;font-size:.74rem;line-height:18px;
  color:var(--ecg-ink,#2b2523);pointer-events:none;
  text-shadow:0 0 3px var(--ecg-paper,#fff),0 0 3px var(--ecg-paper,#fff),
  0 0 2px var(--ecg-paper,#fff)}
@container (min-width:860px){
  .rhythm{grid-template-columns:minmax(0,6fr) minmax(0,5fr);
    grid-template-areas:"tracing tracing" "player player" "thumbs thumbs" "stack second"
      "stack timeline";grid-template-rows:repeat(4,auto) 1fr}
  [data-part=tracing]{grid-area:tracing}[data-part=player]{grid-area:player}
  [data-part=thumbs]{grid-area:thumbs}[data-part=stack]{grid-area:stack}
  [data-part=second]{grid-area:second}[data-part=timeline]{grid-area:timeline}
  .rhythm.single{display:block}
}
"""
)

_JS = (
    SHARED_JS
    + """
const PAUSE = 300;  // ms without a change, after which the server is told
export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const view = parentElement.querySelector(".view");
  const kept = (view.kept ??= { html: {}, second: 0 });
  const tell = () => {
    kept.told = kept.second;
    setStateValue("second", kept.second);
  };
  const stop = () => {
    clearInterval(kept.timer);
    kept.timer = null;
    const button = view.querySelector(".play");
    if (button) button.textContent = "▶ Play";
  };
  if (kept.token !== data.token) {
    stop();
    kept.token = data.token;
    kept.second = 0;
    if (kept.told) tell();
    view.caliper = null;
  }
  for (const box of [...view.children]) {
    if (!(box.dataset.part in data.parts)) {
      delete kept.html[box.dataset.part];
      box.remove();
    }
  }
  for (const name of data.order) {
    let box = view.querySelector(`[data-part="${name}"]`);
    if (!box) {
      box = document.createElement("div");
      box.dataset.part = name;
    }
    view.append(box);
    if (kept.html[name] === data.parts[name]) continue;
    kept.html[name] = data.parts[name];
    const left = box.querySelector(".scroll,.thumbs")?.scrollLeft;
    box.innerHTML = data.parts[name];
    if (left) box.querySelector(".scroll,.thumbs").scrollLeft = left;
  }
  const sheets = Boolean(view.querySelector(".sheet"));
  view.classList.toggle("paper", sheets);
  view.classList.toggle("single", !sheets);
  shade(view);
  seek(view, setTriggerValue);
  measure(view);

  const player = view.querySelector(".player");
  if (!player) return;
  const times = JSON.parse(player.dataset.times);
  const range = player.querySelector("input");
  const paint = () => {
    const second = kept.second;
    view.querySelectorAll("svg.cut").forEach((cut) => {
      cut.viewBox.baseVal.x = second * cut.dataset.step;
    });
    view.querySelectorAll(".now").forEach((mark) => {
      mark.dataset.from ??= mark.getAttribute("x");
      mark.setAttribute("x", Number(mark.dataset.from) + second * mark.dataset.step);
    });
    view.querySelectorAll(".thumb").forEach((thumb) => {
      thumb.setAttribute("aria-pressed", Number(thumb.dataset.second) === second);
    });
    view.querySelectorAll(".of-second").forEach((table) => {
      table.hidden = Number(table.dataset.second) !== second;
    });
    for (const mark of view.querySelectorAll(".scroll .now, .thumbs [aria-pressed=true]")) {
      const frame = mark.closest(".scroll,.thumbs");
      const [outer, inner] = [frame, mark].map((part) => part.getBoundingClientRect());
      if (inner.left < outer.left || inner.right > outer.right) {
        frame.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
      }
    }
    range.value = second + 1;
    range.setAttribute("aria-valuetext", times[second]);
    player.querySelector("output").textContent = times[second];
    view.dataset.second = second;
  };
  const choose = (second) => {
    kept.second = Math.min(times.length - 1, Math.max(0, Math.floor(second)));
    paint();
    clearTimeout(kept.telling);
    if (!kept.timer) kept.telling = setTimeout(tell, PAUSE);
  };
  if (kept.second >= times.length) kept.second = 0;
  paint();

  range.oninput = () => { stop(); choose(range.value - 1); };
  player.querySelector(".play").onclick = (event) => {
    if (kept.timer) {
      stop();
      choose(kept.second);
      return;
    }
    event.target.textContent = "■ Stop";
    if (kept.second === times.length - 1) kept.second = -1;
    kept.timer = setInterval(() => {
      const last = kept.second >= times.length - 2;
      if (last) stop();
      choose(kept.second + 1);
    }, 1000);
  };
  if (kept.timer) player.querySelector(".play").textContent = "■ Stop";
  view.querySelectorAll(".thumb").forEach((thumb) => {
    thumb.onclick = () => { stop(); choose(Number(thumb.dataset.second)); };
  });
  const timeline = view.querySelector(".timeline");
  const place = (svg, event) =>
    new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse()).x;
  if (timeline) timeline.onclick = (event) => {
    stop();
    choose((place(timeline, event) - timeline.dataset.left) / timeline.dataset.cell);
  };
  const sheet = view.querySelector(".sheet > svg[data-unit]");
  if (sheet) sheet.onclick = (event) => {
    if (view.caliper) return;  // that was a measurement
    stop();
    choose(place(sheet, event) * sheet.dataset.secondsAMm);
  };
  // The timer calls what this drawing knows: it starts anew with every redrawing.
  if (kept.timer) {
    clearInterval(kept.timer);
    kept.timer = setInterval(() => {
      if (kept.second >= times.length - 2) stop();
      choose(kept.second + 1);
    }, 1000);
  }
}
"""
)

_component = st.components.v2.component(
    "ecgkit.rhythm", html='<div class="view rhythm"></div>', css=_CSS, js=_JS
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
