// Selecting rows: select all, the tint of a selected row, the bar that counts and sums up.

export function startTables() {
  document.addEventListener("change", (event) => {
    const { selectAll, select } = event.target.dataset;
    if (selectAll) {
      for (const box of boxes(selectAll)) box.checked = event.target.checked;
      update(selectAll);
    } else if (select) {
      update(select);
    }
  });
  document.addEventListener("htmx:after:swap", updateAll);
  // The browser may bring back ticks of before.
  addEventListener("pageshow", updateAll);
  updateAll();
}

function updateAll() {
  for (const name of new Set(Array.from(document.querySelectorAll("[data-select]"), (box) => box.dataset.select))) {
    update(name);
  }
}

function boxes(name) {
  return [...document.querySelectorAll(`[data-select="${CSS.escape(name)}"]`)];
}

function update(name) {
  const all = boxes(name);
  const chosen = all.filter((box) => box.checked);
  for (const box of all) {
    const row = box.closest("tr");
    row?.classList.toggle("sel", box.checked);
  }
  for (const head of document.querySelectorAll(`[data-select-all="${CSS.escape(name)}"]`)) {
    head.checked = all.length > 0 && chosen.length === all.length;
    head.indeterminate = chosen.length > 0 && chosen.length < all.length;
  }
  for (const bar of document.querySelectorAll(`[data-bulk="${CSS.escape(name)}"]`)) showBar(bar, chosen);
}

function showBar(bar, chosen) {
  bar.hidden = chosen.length === 0;
  const count = bar.querySelector("[data-bulk-count]");
  count.textContent = count.dataset.text.replace("{n}", chosen.length.toLocaleString("en"));
  const sum = bar.querySelector("[data-bulk-sum]");
  if (sum) sum.textContent = amount(chosen, bar.dataset.currency);
}

/** The sum of the chosen rows' minor units, as money. */
function amount(chosen, currency) {
  const total = chosen.reduce((sum, box) => sum + Number(box.dataset.amount ?? 0), 0);
  const format = new Intl.NumberFormat("en", { style: "currency", currency, currencyDisplay: "narrowSymbol" });
  const digits = format.resolvedOptions().maximumFractionDigits;
  return format.format(total / 10 ** digits);
}
