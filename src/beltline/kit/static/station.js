// A station that counts: scans and steps are counted here at once, without a request each. What is
// packed is counted into the parcel that is open; a parcel that is closed opens the next. The page
// works without this; then every press goes to the server.
import { addRow } from "./rows.js";

const form = document.querySelector("form[data-station]");
const scan = form.querySelector("[name=scan]");
const said = form.querySelector("[data-said]");
const current = form.elements.namedItem("current");

form.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.dataset.step) {
    event.preventDefault();
    step(button.closest("[data-sku]"), Number(button.dataset.step));
  } else if (button?.value === "add") {
    event.preventDefault();
    add(scan.value.trim());
  } else if (button?.value === "more") {
    event.preventDefault();
    open(form.querySelectorAll("[data-row-n]").length + 1);
  } else if (button?.value === "empty") {
    event.preventDefault();
    empty();
  }
});

form.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-open-parcel]");
  if (!button) return;
  const n = Number(button.closest("[data-row-n]").dataset.rowN);
  open(button.dataset.openParcel === "next" ? n + 1 : n);
});

form.addEventListener("input", (event) => {
  // What the server said about a count no longer holds once it changes.
  if (event.target.matches("[data-count]")) clearState(event.target.closest("[data-sku]"));
});
form.addEventListener("filled", showOpen);
showOpen();

function add(code) {
  if (!code) return;
  scan.value = "";
  scan.focus();
  const wanted = code.toLowerCase();
  const lines = [...openParcel().querySelectorAll("[data-sku]")].filter((each) => each.dataset.sku.toLowerCase() === wanted);
  const line = lines.find((each) => counted(each) < mostOf(each));
  if (line) {
    step(line, 1);
    say(told(line), "ok");
    line.scrollIntoView({ block: "nearest" });
  } else {
    say((lines.length ? said.dataset.full : said.dataset.unknown).replace("{code}", code), "crit");
  }
}

/** One unit of sale more or less, never below none. */
function step(line, by) {
  const count = line.querySelector("[data-count]");
  count.value = String(Math.max(Math.round((valueOf(count) + by) * 1000) / 1000, 0));
  // A count is kept like one that is typed.
  count.dispatchEvent(new Event("input", { bubbles: true }));
}

function valueOf(count) {
  return Number(count.value.replaceAll(",", "")) || 0;
}

/** How many of it were counted, into whichever parcel. */
function counted(line) {
  const counts = line.dataset.of ? form.querySelectorAll(`[data-of="${line.dataset.of}"] [data-count]`) : line.querySelectorAll("[data-count]");
  return [...counts].reduce((sum, each) => sum + valueOf(each), 0);
}

function mostOf(line) {
  return Number(line.dataset.most ?? Infinity);
}

function told(line) {
  const most = line.dataset.most ? ` / ${line.dataset.most}` : "";
  return `${line.dataset.sku}: ${counted(line)}${most}`;
}

/** The parcel that scans go into; where there are none, all there is. */
function openParcel() {
  return form.querySelector("[data-row-n][data-current]") ?? form;
}

/** Let scans go into this parcel, which is made if there is none of that number. */
function open(n) {
  if (n > form.querySelectorAll("[data-row-n]").length) addRow(form);
  current.value = String(n);
  showOpen();
  current.dispatchEvent(new Event("input", { bubbles: true }));
  openParcel().scrollIntoView({ block: "nearest" });
  scan.focus();
}

function showOpen() {
  if (!current) return;
  const parcels = [...form.querySelectorAll("[data-row-n]")];
  const chosen = parcels.find((each) => each.dataset.rowN === current.value) ?? parcels[0];
  for (const each of parcels) {
    each.toggleAttribute("data-current", each === chosen);
    each.querySelector("[data-open-parcel=next]").hidden = each !== chosen;
    each.querySelector("[data-open-parcel=this]").hidden = each === chosen;
  }
}

/** Nothing is in any parcel: from here on each piece is scanned. */
function empty() {
  for (const each of form.querySelectorAll("[data-count]")) each.value = "0";
  open(1);
}

function clearState(line) {
  line.querySelector("[data-state]")?.replaceChildren();
  line.querySelector("[data-count]").removeAttribute("aria-invalid");
}

function say(text, tone) {
  const status = document.createElement("span");
  status.className = `st st-${tone}`;
  status.textContent = text;
  said.replaceChildren(status);
}
