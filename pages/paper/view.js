const PAUSE = 400;  // ms without a change, after which the server is told
const LOUPE = 3;    // times larger than on the page
const LOUPE_SIZE = 120;  // px, as in view.css, without its border

/** The stepper: a click scrolls to the stage. */
function linkSteps(view) {
  view.querySelectorAll("[data-goto]").forEach((step) => {
    step.onclick = () => {
      const stage = document.querySelector(`.st-key-${CSS.escape(step.dataset.goto)}`);
      stage?.scrollIntoView({ behavior: "smooth", block: "start" });
    };
  });
}

/** The mask over the page, with its sliders; `kept` holds their values from drawing to drawing. */
function linkSliders(view, kept) {
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
  const divider = pile.querySelector(".divider");
  if (divider) divider.onpointerdown = (event) => {
    event.preventDefault();
    divider.setPointerCapture(event.pointerId);
    divider.onpointermove = (move) => {
      const box = pile.getBoundingClientRect();
      divide.value = (100 * (move.clientX - box.left)) / box.width;
      paint();
    };
    divider.onpointerup = divider.onpointercancel = () => { divider.onpointermove = null; };
  };
  paint();
}

/** Show what lies under a moved point enlarged, beside the finger that hides it. */
function showLoupe(area, image, x, y, edit) {
  let loupe = area.querySelector(".loupe");
  if (!loupe) {
    loupe = document.createElement("div");
    loupe.className = "loupe";
    loupe.style.backgroundImage = `url("${image}")`;
    area.append(loupe);
  }
  const box = area.getBoundingClientRect();
  const px = ((x + 0.5) / edit.width) * box.width;
  const py = ((y + 0.5) / edit.height) * box.height;
  const half = LOUPE_SIZE / 2;
  const whole = LOUPE_SIZE + 6;  // with its border
  const left = px < box.width / 2 ? Math.min(px + 50, box.width - whole) : px - whole - 50;
  loupe.style.backgroundSize = `${LOUPE * box.width}px ${LOUPE * box.height}px`;
  loupe.style.backgroundPosition = `${half - LOUPE * px}px ${half - LOUPE * py}px`;
  loupe.style.left = `${left}px`;
  loupe.style.top = `${Math.max(0, Math.min(box.height - whole, py - 150))}px`;
}

/** Draw the frame, the marked distance and the grips where `points` says that they are. */
function paintEditor(area, points, edit) {
  const along = (line) => line.map((point) => point.join(" ")).join("L");
  area.querySelector(".frame").setAttribute("d", `M${along(points.corners)}Z`);
  area.querySelector(".marked").setAttribute("d", points.marks ? `M${along(points.marks)}` : "");
  for (const grip of area.querySelectorAll(".grip")) {
    const [x, y] = points[grip.dataset.name][grip.dataset.place];
    grip.style.left = `${(100 * (x + 0.5)) / edit.width}%`;
    grip.style.top = `${(100 * (y + 0.5)) / edit.height}%`;
    grip.setAttribute("aria-label", `${grip.dataset.title}: x ${Math.round(x)}, ` +
      `y ${Math.round(y)} px; arrow keys move it, with Shift by ten`);
  }
}

/** Return a button that moves one point of the photo by pointer and by arrow keys.
 *
 * `movePoint(name, place, x, y)` takes the point there; `tell(name)` lets the server know.
 */
function makeGrip(area, kept, edit, image, { name, place, title, sign }, movePoint, tell) {
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
    button.onpointermove = (move) => {
      const x = x0 + ((move.clientX - event.clientX) / box.width) * edit.width;
      const y = y0 + ((move.clientY - event.clientY) / box.height) * edit.height;
      movePoint(name, place, x, y);
      showLoupe(area, image, ...kept.points[name][place], edit);
    };
    button.onpointerup = button.onpointercancel = () => {
      button.onpointermove = button.onpointerup = button.onpointercancel = null;
      area.querySelector(".loupe")?.remove();
      tell(name);
    };
  };
  button.onkeydown = (event) => {
    const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1],
      ArrowDown: [0, 1] }[event.key] ?? [];
    if (x === undefined) return;
    event.preventDefault();
    const step = event.shiftKey ? 10 : 1;
    const [x0, y0] = kept.points[name][place];
    movePoint(name, place, x0 + step * x, y0 + step * y);
    clearTimeout(kept.telling);
    kept.telling = setTimeout(() => tell(name), PAUSE);
  };
  return button;
}

/** The frame that is moved over the photo. `kept.points` is the browser's own copy of it, which
 * holds until the server sends another token: what it sends in the meantime is what it was told.
 */
function linkEditor(view, kept, edit, setStateValue) {
  const area = view.querySelector(".editor");
  if (!area || !edit) return;
  const { width, height } = edit;
  if (kept.token !== edit.token) {
    kept.token = edit.token;
    kept.points = { corners: edit.corners.map((point) => [...point]) };
  }
  if (!edit.marks) delete kept.points.marks;
  else kept.points.marks ??= edit.marks.map((point) => [...point]);
  // The middle of the first pixel is at 0: the picture begins half a pixel before it.
  area.innerHTML = `<svg viewBox="-0.5 -0.5 ${width} ${height}" preserveAspectRatio="none">
    <path class="frame"/><path class="marked"/></svg>`;
  const tell = (name) => {
    clearTimeout(kept.telling);
    setStateValue(name, kept.points[name].map((point) => [...point]));
  };
  const movePoint = (name, place, x, y) => {
    kept.points[name][place] = [
      Math.min(width - 1, Math.max(0, x)), Math.min(height - 1, Math.max(0, y)),
    ].map((value) => Math.round(value * 10) / 10);
    paintEditor(area, kept.points, edit);
  };
  const image = view.querySelector(".picture image").getAttribute("href");
  const focused = kept.focus;
  const corners = edit.names.map((title, place) => ({
    name: "corners", place, title: `Corner ${place + 1}, the page's ${title}`, sign: place + 1,
  }));
  const marks = (kept.points.marks ?? []).map((_, place) => ({
    name: "marks", place, title: `Mark ${"AB"[place]}`, sign: "AB"[place],
  }));
  for (const point of [...corners, ...marks]) {
    area.append(makeGrip(area, kept, edit, image, point, movePoint, tell));
  }
  paintEditor(area, kept.points, edit);
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
  const kept = (view.kept ??= {});  // outlives a drawing: the element stays
  const focus = kept.focus;  // replacing the HTML takes the focus away, and would forget it
  if (kept.html !== data.html) {
    kept.html = data.html;
    const left = [...view.querySelectorAll(".scroll")].map((part) => part.scrollLeft);
    view.innerHTML = data.html;
    view.querySelectorAll(".scroll").forEach((part, i) => { part.scrollLeft = left[i] || 0; });
  }
  kept.focus = focus;
  followTheme(view);
  linkSteps(view);
  linkSliders(view, kept);
  linkEditor(view, kept, data.edit, setStateValue);
}
