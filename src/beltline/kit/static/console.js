// The console in the browser. Every page works without it; this makes it quick: keys, the command
// palette, selection, themes without a reload, charts, time left. No framework, nothing inline.
import { drawCharts } from "./charts.js";
import { startKeys } from "./keys.js";
import { startPalette } from "./palette.js";
import { startTables } from "./tables.js";
import { startTheme } from "./theme.js";
import { startWaiting } from "./waiting.js";

const SECOND = 1000;

startTheme();
startKeys();
startPalette();
startTables();
startWaiting();
startForms();
startUndo();
prepare(document);

// htmx has put new markup on the page.
document.addEventListener("htmx:after:swap", () => prepare(document));
new ResizeObserver(markScrollRegions).observe(document.documentElement);

function prepare(root) {
  drawCharts(root);
  markScrollRegions();
  root.querySelectorAll("[data-drop]:not([data-ready])").forEach(startDrop);
  root.querySelectorAll("details.twin").forEach((twin) => twin.addEventListener("toggle", markScrollRegions));
}

/** A region that scrolls must be reachable by keyboard; one that does not must not be a stop. */
function markScrollRegions() {
  for (const region of document.querySelectorAll("[data-scroll]")) {
    const scrolls = region.scrollWidth > region.clientWidth + 1 || region.scrollHeight > region.clientHeight + 1;
    if (scrolls) region.tabIndex = 0;
    else region.removeAttribute("tabindex");
  }
}

/** While a form is sent: its button says so, keeps its width and cannot be pressed again. */
function startForms() {
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.dataset.busy || event.defaultPrevented) return;
    button.style.minWidth = `${button.offsetWidth}px`;
    button.setAttribute("aria-busy", "true");
    (button.querySelector("span:not(.visually-hidden)") ?? button).textContent = button.dataset.busy;
    // After the browser has collected the form: a disabled button would not be sent.
    setTimeout(() => { button.disabled = true; });
  });
}

/** Count down how long an act can be undone; take the bar away when it no longer can. */
function startUndo() {
  const bar = document.querySelector("[data-undo]");
  if (!bar) return;
  const until = Date.parse(bar.dataset.until);
  const left = bar.querySelector("[data-left]");
  const tick = () => {
    const seconds = Math.floor((until - Date.now()) / SECOND);
    if (seconds < 0) {
      clearInterval(timer);
      bar.hidden = true;
      return;
    }
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    left.textContent = left.dataset.text.replace("{left}", clock);
  };
  const timer = setInterval(tick, SECOND);
  tick();
}

/** Files by drop onto the zone around a file field. */
function startDrop(zone) {
  const input = zone.querySelector("input[type=file]");
  const names = zone.querySelector("[data-drop-names]");
  zone.dataset.ready = "";
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("change", () => {
    names.textContent = Array.from(input.files, (file) => file.name).join(", ");
  });
}
