export default function ({ parentElement, data, setTriggerValue }) {
  const view = parentElement.querySelector(".view");
  const left = [...view.querySelectorAll(".scroll")].map((part) => part.scrollLeft);
  view.innerHTML = data.html;
  view.classList.toggle("paper", Boolean(view.querySelector(".sheet")));
  view.querySelectorAll(".scroll").forEach((part, i) => { part.scrollLeft = left[i] || 0; });
  followTheme(view);
  view.dataset.redrawn = Number(view.dataset.redrawn || 0) + 1;
  linkStrips(view, setTriggerValue);
  linkCaliper(view);
}
