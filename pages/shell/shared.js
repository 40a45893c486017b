/** Show light or dark colours as the page does, and follow it when they change. */
function followTheme(view) {
  const set = () => {
    const [r, g, b] = getComputedStyle(view).color.match(/[\d.]+/g).map(Number);
    view.classList.toggle("dark", 0.3 * r + 0.6 * g + 0.1 * b > 128);
  };
  set();
  view.ontransitionend = set;  // the inherited colour changes with the theme, and tells by this
}

/** A click on an overview strip tells the server the time there in seconds. */
function linkStrips(view, setTriggerValue) {
  view.querySelectorAll("[data-duration]").forEach((strip) => {
    strip.onclick = (event) => {
      const box = strip.getBoundingClientRect();
      const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
      setTriggerValue("seek", share * Number(strip.dataset.duration));
    };
  });
}

/** The caliper: dragging over the paper measures time, rate and voltage. */
function linkCaliper(view) {
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
