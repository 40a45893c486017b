const PAUSE = 300;  // ms without a change, after which the server is told
const SECOND = 1000;  // ms: playing shows a second a second

/** Replace the parts whose HTML has changed, drop those that are gone, keep all others as they
 * are: what is in place keeps its scroll position and does not flicker.
 */
function placeParts(view, kept, parts, order) {
  for (const box of [...view.children]) {
    if (!(box.dataset.part in parts)) {
      delete kept.html[box.dataset.part];
      box.remove();
    }
  }
  for (const name of order) {
    let box = view.querySelector(`[data-part="${name}"]`);
    if (!box) {
      box = document.createElement("div");
      box.dataset.part = name;
    }
    view.append(box);
    if (kept.html[name] === parts[name]) continue;
    kept.html[name] = parts[name];
    const left = box.querySelector(".scroll,.thumbs")?.scrollLeft;
    box.innerHTML = parts[name];
    if (left) box.querySelector(".scroll,.thumbs").scrollLeft = left;
  }
}

/** Let everything show one second: the windows over the drawings move, nothing is drawn anew. */
function paintSecond(view, second, times) {
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
  // Where a drawing is wider than the screen, its frame follows.
  for (const mark of view.querySelectorAll(".scroll .now, .thumbs [aria-pressed=true]")) {
    const frame = mark.closest(".scroll,.thumbs");
    const [outer, inner] = [frame, mark].map((part) => part.getBoundingClientRect());
    if (inner.left < outer.left || inner.right > outer.right) {
      frame.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
    }
  }
  const player = view.querySelector(".player");
  const range = player.querySelector("input");
  range.value = second + 1;
  range.setAttribute("aria-valuetext", times[second]);
  player.querySelector("output").textContent = times[second];
  view.dataset.second = second;
}

/** Stop playing, where it plays. */
function stopPlaying(view, kept) {
  clearInterval(kept.timer);
  kept.timer = null;
  const button = view.querySelector(".play");
  if (button) button.textContent = "▶ Play";
}

/** Let the slider, the play button, the thumbnails and clicks on drawings choose the second. */
function linkPlayer(view, kept, tell) {
  const player = view.querySelector(".player");
  if (!player) return;
  const times = JSON.parse(player.dataset.times);
  const button = player.querySelector(".play");
  const choose = (second) => {
    kept.second = Math.min(times.length - 1, Math.max(0, Math.floor(second)));
    paintSecond(view, kept.second, times);
    clearTimeout(kept.telling);
    if (!kept.timer) kept.telling = setTimeout(tell, PAUSE);  // while playing, nothing is told
  };
  const chooseByHand = (second) => {
    stopPlaying(view, kept);
    choose(second);
  };
  const play = () => {
    button.textContent = "■ Stop";
    kept.timer = setInterval(() => {
      if (kept.second >= times.length - 2) stopPlaying(view, kept);  // the last is chosen now
      choose(kept.second + 1);
    }, SECOND);
  };
  if (kept.second >= times.length) kept.second = 0;
  paintSecond(view, kept.second, times);

  const range = player.querySelector("input");
  range.oninput = () => chooseByHand(range.value - 1);
  button.onclick = () => {
    if (kept.timer) {
      chooseByHand(kept.second);
      return;
    }
    if (kept.second === times.length - 1) kept.second = -1;  // from the end, it begins again
    play();
  };
  view.querySelectorAll(".thumb").forEach((thumb) => {
    thumb.onclick = () => chooseByHand(Number(thumb.dataset.second));
  });
  const across = (svg, event) =>
    new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse()).x;
  const timeline = view.querySelector(".timeline");
  if (timeline) timeline.onclick = (event) => {
    chooseByHand((across(timeline, event) - timeline.dataset.left) / timeline.dataset.cell);
  };
  const sheet = view.querySelector(".sheet > svg[data-unit]");
  if (sheet) sheet.onclick = (event) => {
    if (view.caliper) return;  // that was a measurement
    chooseByHand(across(sheet, event) * sheet.dataset.secondsAMm);
  };
  // The timer calls what this drawing knows: it starts anew with every redrawing.
  if (kept.timer) {
    clearInterval(kept.timer);
    play();
  }
}

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const view = parentElement.querySelector(".view");
  const kept = (view.kept ??= { html: {}, second: 0 });  // outlives a drawing: the element stays
  const tell = () => {
    kept.told = kept.second;
    setStateValue("second", kept.second);
  };
  if (kept.token !== data.token) {  // another signal begins at its first second
    stopPlaying(view, kept);
    kept.token = data.token;
    kept.second = 0;
    if (kept.told) tell();
    view.caliper = null;
  }
  placeParts(view, kept, data.parts, data.order);
  const sheets = Boolean(view.querySelector(".sheet"));
  view.classList.toggle("paper", sheets);
  view.classList.toggle("single", !sheets);
  followTheme(view);
  linkStrips(view, setTriggerValue);
  linkCaliper(view);
  linkPlayer(view, kept, tell);
}
