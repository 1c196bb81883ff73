// Buttons that copy a field: <button data-copy="id of the field" data-done="Copied" hidden>. Without
// this the field can still be selected by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    // Absent on a page served without https; the text is selected then.
    await navigator.clipboard?.writeText(field.value);
    if (navigator.clipboard) button.querySelector("span").textContent = button.dataset.done;
  });
}
