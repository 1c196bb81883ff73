// Keys: `/` search, Ctrl-K commands, `j` `k` rows, `x` select, Enter open, `z` undo, `?` help,
// "g q" to go, and a button's own key (data-key). Single keys can be switched off (WCAG 2.1.4).

const OFF = "bl-keys-off";
const GO_WINDOW_MS = 1200;
let going = 0;

export function startKeys() {
  const toggle = document.getElementById("keys-on");
  if (toggle) {
    toggle.checked = !areOff();
    toggle.addEventListener("change", () => {
      localStorage.setItem(OFF, toggle.checked ? "" : "1");
      document.documentElement.classList.toggle("keys-off", areOff());
    });
  }
  document.documentElement.classList.toggle("keys-off", areOff());
  document.addEventListener("keydown", onKey);
  document.querySelectorAll("[data-open]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => openDialog(button.dataset.open));
  });
}

export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  // At once, not with the late `toggle` event: people type on before that comes.
  dialog.dispatchEvent(new CustomEvent("bl:open"));
  dialog.showModal();
}

function areOff() {
  return localStorage.getItem(OFF) === "1";
}

function onKey(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openDialog("palette");
    return;
  }
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing;
  if (!isPlain || areOff() || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (act(event.key, event.target)) event.preventDefault();
}

/** Whether the key meant something here. */
function act(key, target) {
  if (going && Date.now() < going) {
    going = 0;
    return click(`[data-go="g ${CSS.escape(key)}"]`);
  }
  switch (key) {
    case "/": return focus("[data-search]");
    case "?": openDialog("keys"); return true;
    case "j": return moveRow(1);
    case "k": return moveRow(-1);
    case "x": return click("tr.cur [data-select]");
    case "Enter": return !target.closest("a, button, input, summary") && click("tr.cur [data-row-link], tr.cur a");
    case "z": return click("[data-undo]:not([hidden]) button[type=submit]");
    case "g": going = Date.now() + GO_WINDOW_MS; return true;
    default: return key.length === 1 && clickKey(key);
  }
}

function clickKey(key) {
  const wanted = `[data-key="${CSS.escape(key)}"]:not([disabled])`;
  return click(`tr.cur ${wanted}`) || click(wanted);
}

function isTyping(target) {
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return target.matches("input") && !["checkbox", "radio", "button", "submit"].includes(target.type);
}

function click(selector) {
  const element = document.querySelector(selector);
  element?.click();
  return Boolean(element);
}

function focus(selector) {
  const element = document.querySelector(selector);
  element?.focus();
  return Boolean(element);
}

/** Move the cursor bar through the rows of the first table that takes it. */
function moveRow(step) {
  const current = document.querySelector("tr.cur");
  const table = current?.closest("table") ?? document.querySelector("table[data-rows] tbody tr")?.closest("table");
  if (!table) return false;
  const rows = [...table.tBodies[0].rows];
  const index = Math.min(Math.max(rows.indexOf(current) + step, 0), rows.length - 1);
  current?.classList.remove("cur");
  rows[index].classList.add("cur");
  rows[index].scrollIntoView({ block: "nearest" });
  (rows[index].querySelector("[data-select], [data-row-link], a, button") ?? rows[index]).focus();
  return true;
}
