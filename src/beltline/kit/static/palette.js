// The command palette: the pages of the navigation at once, things of the server as one types.

const DELAY_MS = 150;
const LIMIT = 12;

export function startPalette() {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const field = dialog.querySelector("input");
  const list = dialog.querySelector("ul");
  const pages = pagesOfNavigation();
  let timer = 0;
  let asked = 0;

  const show = (found) => {
    list.replaceChildren(...found.slice(0, LIMIT).map(option));
    choose(list, field, 0);
  };
  const search = async () => {
    const words = field.value.trim().toLowerCase();
    const matching = pages.filter((page) => page.label.toLowerCase().includes(words));
    show(matching);
    const source = document.body.dataset.suggest;
    if (!source || words.length < 2) return;
    const mine = ++asked;
    const response = await fetch(`${source}?q=${encodeURIComponent(words)}`, { headers: { Accept: "application/json" } });
    // Only the answer to the latest question may be shown.
    if (response.ok && mine === asked) show([...matching, ...(await response.json()).items]);
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, DELAY_MS);
  });
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      choose(list, field, selectedIndex(list) + step);
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      go(list.children[selectedIndex(list)]);
    }
  });
  list.addEventListener("click", (event) => go(event.target.closest("li")));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("bl:open", () => {
    field.value = "";
    show(pages);
  });
}

function pagesOfNavigation() {
  return Array.from(document.querySelectorAll(".side nav a"), (link) => ({
    label: link.querySelector("span").textContent,
    detail: link.closest("ul").previousElementSibling.textContent,
    path: link.getAttribute("href"),
  }));
}

function option({ label, detail, path }, index) {
  const item = document.createElement("li");
  item.id = `palette-hit-${index}`;
  item.role = "option";
  item.dataset.path = path;
  const hint = document.createElement("span");
  hint.className = "m s";
  hint.textContent = detail ?? "";
  item.append(Object.assign(document.createElement("span"), { className: "grow el", textContent: label }), hint);
  return item;
}

function selectedIndex(list) {
  return [...list.children].findIndex((item) => item.ariaSelected === "true");
}

function choose(list, field, index) {
  const items = [...list.children];
  const chosen = items[Math.min(Math.max(index, 0), items.length - 1)];
  items.forEach((item) => { item.ariaSelected = String(item === chosen); });
  chosen?.scrollIntoView({ block: "nearest" });
  if (chosen) field.setAttribute("aria-activedescendant", chosen.id);
  else field.removeAttribute("aria-activedescendant");
}

function go(item) {
  // Only a path of this site: what a search returns must never lead away.
  if (item?.dataset.path.startsWith("/") && !item.dataset.path.startsWith("//")) location.assign(item.dataset.path);
}
