// The receiving station: scans and steps are counted here at once, without a request each. The
// page works without this; then every press goes to the server.
const form = document.querySelector("form[data-station]");
const scan = form.querySelector("[name=scan]");
const said = form.querySelector("[data-said]");

form.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.dataset.step) {
    event.preventDefault();
    step(button.closest("[data-sku]"), Number(button.dataset.step));
  } else if (button?.value === "add") {
    event.preventDefault();
    add(scan.value.trim());
  }
});

form.addEventListener("input", (event) => {
  // What the server said about a count no longer holds once it changes.
  if (event.target.matches("[data-count]")) clearState(event.target.closest("[data-sku]"));
});

function add(code) {
  if (!code) return;
  scan.value = "";
  scan.focus();
  const wanted = code.toLowerCase();
  const line = [...form.querySelectorAll("[data-sku]")].find((each) => each.dataset.sku.toLowerCase() === wanted);
  if (line) {
    say(`${line.dataset.sku}: ${step(line, 1)}`, "ok");
    line.scrollIntoView({ block: "nearest" });
  } else {
    say(said.dataset.unknown.replace("{code}", code), "crit");
  }
}

/** One unit of sale more or less, never below none; the new count. */
function step(line, by) {
  const count = line.querySelector("[data-count]");
  const now = Number(count.value.replaceAll(",", "")) || 0;
  count.value = String(Math.max(Math.round((now + by) * 1000) / 1000, 0));
  clearState(line);
  return count.value;
}

function clearState(line) {
  line.querySelector("[data-state]").replaceChildren();
  line.querySelector("[data-count]").removeAttribute("aria-invalid");
}

function say(text, tone) {
  const status = document.createElement("span");
  status.className = `st st-${tone}`;
  status.textContent = text;
  said.replaceChildren(status);
}
