// The theme changes in place. The cookie is written here, so that a page opened in the same moment
// has it already; the server keeps the choice for the member's other devices.

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
    const body = new FormData(form, event.submitter);
    root.dataset.theme = event.submitter.value;
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `bl_theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax${secure}`;
    // Kept alive: leaving the page at once must not call the choice back.
    fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true });
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
