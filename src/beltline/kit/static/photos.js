// Photos chosen for a form: several shots add up, each is shown, and large ones are made smaller
// before they are sent, so that a dock's network carries them. Without this they go as they are.
const SIDE_MAX = 2_000;
const QUALITY = 0.85;
const SENT_AS_IS = 3 << 20;
const KEPT = new Set(["image/jpeg", "image/png", "image/webp"]);
const chosen = new WeakMap();

document.addEventListener("change", (event) => {
  if (event.target.matches?.("input[type=file][data-photos]")) add(event.target);
});

async function add(input) {
  const buttons = [...input.form.elements].filter((each) => each.type === "submit" && !each.disabled);
  for (const each of buttons) each.disabled = true;
  try {
    // One at a time: a phone has no room for a dozen pictures unpacked side by side.
    const more = [];
    for (const file of [...input.files]) more.push(await smaller(file));
    show(input, [...(chosen.get(input) ?? []), ...more]);
  } finally {
    for (const each of buttons) each.disabled = false;
  }
}

/** A photo of at most two thousand pixels a side; what cannot be read here is left to the server. */
async function smaller(file) {
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE_MAX / Math.max(picture.width, picture.height));
    if (scale === 1 && file.size <= SENT_AS_IS && KEPT.has(file.type)) return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    return blob ? new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: blob.type }) : file;
  } catch {
    return file;
  } finally {
    picture?.close();
  }
}

/** Make these the files of the field, with a button each that leaves it out. */
function show(input, files) {
  chosen.set(input, files);
  const kept = new DataTransfer();
  for (const file of files) kept.items.add(file);
  input.files = kept.files;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  const list = input.parentElement.querySelector("[data-photos-chosen]");
  for (const each of list.querySelectorAll("img")) URL.revokeObjectURL(each.src);
  list.replaceChildren(...files.map((file, n) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-q";
    button.setAttribute("aria-label", list.dataset.remove.replace("{n}", String(n + 1)));
    button.append(Object.assign(document.createElement("img"), { src: URL.createObjectURL(file), alt: "" }));
    button.addEventListener("click", () => show(input, files.filter((other) => other !== file)));
    item.append(button);
    return item;
  }));
}
