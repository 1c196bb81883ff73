// The theme changes in place; the server keeps the choice in a cookie for the next page.

const dark = matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;

export function isDark() {
  return root.dataset.theme === "dark" || (root.dataset.theme === "auto" && dark.matches);
}

export function startTheme() {
  show();
  dark.addEventListener("change", () => root.dataset.theme === "auto" && show());
  const form = document.querySelector("[data-preferences]");
  form?.addEventListener("submit", (event) => {
    if (event.submitter?.name !== "theme") return;
    event.preventDefault();
    root.dataset.theme = event.submitter.value;
    fetch(form.action, { method: "POST", body: new FormData(form, event.submitter), redirect: "manual" });
    show();
  });
}

/** Make the dark sheet, the switch and the charts agree with the chosen theme. */
function show() {
  const theme = root.dataset.theme;
  const medium = { dark: "all", light: "not all" }[theme] ?? "(prefers-color-scheme: dark)";
  document.getElementById("dark-sheet").media = medium;
  root.dataset.bsTheme = isDark() ? "dark" : "light";
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    button.setAttribute("aria-pressed", String(isDark()));
    button.value = isDark() ? "light" : "dark";
  }
  document.dispatchEvent(new CustomEvent("bl:theme"));
}
