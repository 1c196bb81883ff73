// The hub's door without network: the page that was kept knows the boxes that were announced when it
// was opened. A waybill it was not opened for is looked up among those.
const door = document.querySelector("[data-door]");
const scanned = new URLSearchParams(location.search).get("waybill")?.trim() ?? "";

if (scanned && scanned !== door.dataset.door) {
  const known = [...door.querySelectorAll("template[data-waybill]")];
  const wanted = scanned.toLowerCase();
  const box = known.find((each) => each.dataset.waybill.toLowerCase() === wanted)
    ?? door.querySelector("template[data-stranger]");
  const shown = box.content.cloneNode(true);
  for (const each of shown.querySelectorAll("[data-fill]")) each.textContent = scanned;
  const field = shown.querySelector("input[name=waybill]");
  field.value ||= scanned;
  for (const each of shown.querySelectorAll("[data-draft]")) each.dataset.draft ||= `box ${scanned}`;
  door.querySelector("[data-box]").replaceChildren(shown);
  door.querySelector("[data-box] form").dispatchEvent(new CustomEvent("draft", { bubbles: true }));
  door.querySelector("#waybill").value = scanned;
  document.querySelector(".mbar [data-record]").hidden = false;
}
