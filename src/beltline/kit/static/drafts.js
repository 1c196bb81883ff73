// What a person counted, typed or photographed in a form and has not sent: in the browser's own
// database with each change, and back in the form when its page opens again. A form says what it
// is of (data-draft); what is sent is no draft any more, in the same transaction. That database ends
// what it was writing when its page ends; what was said stands in the browser's other store, which
// does not, until it is written.
import { growTo } from "./rows.js";

const FIELDS = new Set(["text", "number", "date", "select-one", "textarea"]);
const ECHO = "beltline-draft ";
const FORGOTTEN_MS = 7 * 24 * 3_600_000;

export class Drafts {
  #store;
  #member;
  #changed = new Set();
  #writing = null;

  constructor(store, member) {
    this.#store = store;
    this.#member = member;
  }

  /** Keep every change from now on, and put back what forms of this page had. */
  async start() {
    document.addEventListener("input", (event) => this.#change(event));
    document.addEventListener("draft", (event) => this.#restore(event.target));
    await this.#settle();
    for (const key of await this.#store.getAllKeys("draft")) {
      if ((await this.#store.get("draft", key))?.at < Date.now() - FORGOTTEN_MS) await this.#store.delete("draft", key);
    }
    for (const form of document.querySelectorAll("form[data-draft]")) await this.#restore(form);
  }

  /** Under what the draft of a form is kept; undefined for a form that has none. */
  keyOf(form) {
    return form.dataset.draft && this.#member ? [this.#member, form.dataset.draft] : undefined;
  }

  /** All that was changed is written, or cannot be. */
  async stop() {
    await this.#writing?.catch(() => {});
  }

  /** Its draft is gone: nothing that could not be written comes back in its place. */
  ended(form) {
    if (this.keyOf(form)) localStorage.removeItem(this.#echoOf(form));
  }

  /** What was sent, and shown by the server as refused, is not sent: have it again. */
  async again(form, fields) {
    const key = this.keyOf(form);
    if (key) await this.#store.put("draft", { fields, at: Date.now() }, key);
  }

  /** Let go of what was entered, and open the page as it is without. */
  async forget(form) {
    await this.stop();
    await this.#store.delete("draft", this.keyOf(form));
    this.ended(form);
    location.reload();
  }

  #change(event) {
    const form = event.target.form;
    if (!form || !this.keyOf(form)) return;
    // Photos just chosen come once more when they have been made smaller.
    if (event.isTrusted && event.target.matches("[data-photos]")) return;
    this.#changed.add(form);
    this.#echo(form);
    this.#writing ??= this.#write().finally(() => { this.#writing = null; });
  }

  /** One write at a time: of what changed meanwhile, the latest counts. */
  async #write() {
    for (const form of this.#changed) {
      this.#changed.delete(form);
      await this.#store.put("draft", { fields: fieldsOf(form), at: Date.now() }, this.keyOf(form));
      if (!this.#changed.has(form)) localStorage.removeItem(this.#echoOf(form));
    }
  }

  #echoOf(form) {
    return ECHO + JSON.stringify(this.keyOf(form));
  }

  /** Words and figures only: photos are too much for it, and written a moment later. */
  #echo(form) {
    const fields = fieldsOf(form).filter(([, value]) => typeof value === "string");
    try {
      localStorage.setItem(this.#echoOf(form), JSON.stringify({ fields, at: Date.now() }));
    } catch {
      // Full, or not allowed: what is written a moment later has to do.
    }
  }

  /** Write what was not written when its page ended. */
  async #settle() {
    for (const name of Object.keys(localStorage).filter((each) => each.startsWith(ECHO))) {
      const key = JSON.parse(name.slice(ECHO.length));
      const writing = this.#store.transaction("draft", "readwrite");
      const photos = (await writing.store.get(key))?.fields.filter(([, value]) => typeof value !== "string") ?? [];
      const said = localStorage.getItem(name);
      const echo = JSON.parse(said);
      if (echo) await writing.store.put({ fields: [...echo.fields, ...photos], at: echo.at }, key);
      await writing.done;
      // Another page may be typed into, and have said more meanwhile.
      if (localStorage.getItem(name) === said) localStorage.removeItem(name);
    }
  }

  async #restore(form) {
    const key = this.keyOf(form);
    // What was refused and is put right stands in the form already.
    const draft = key && !form.dataset.again && (await this.#store.get("draft", key));
    if (!draft || !fill(form, draft.fields)) return;
    const note = document.querySelector("#waiting template[data-draft-note]").content.firstElementChild.cloneNode(true);
    const at = new Date(draft.at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    const said = note.querySelector("[data-text]");
    said.textContent = said.dataset.text.replace("{at}", at);
    note.querySelector("button").addEventListener("click", () => this.forget(form));
    form.prepend(note);
  }
}

/** What a form says, but what belongs to its page: keys and tokens. */
function fieldsOf(form) {
  return [...new FormData(form)].filter(([name, value]) => {
    const field = form.elements.namedItem(name);
    return field?.type !== "hidden" && (typeof value === "string" || value.name);
  });
}

/** Put what was said into a form; whether it says anything else than before. */
export function fill(form, fields) {
  growTo(form, fields.map(([name]) => name));
  const before = said(form);
  const files = new Map();
  for (const each of form.elements) if (each.type === "checkbox") each.checked = false;
  for (const [name, value] of fields) {
    const field = form.elements.namedItem(name);
    if (field?.type === "file" && value.name) files.set(field, [...(files.get(field) ?? []), value]);
    else if (field?.type === "checkbox") field.checked = true;
    else if (FIELDS.has(field?.type)) field.value = value;
  }
  for (const [field, kept] of files) {
    const chosen = new DataTransfer();
    for (const file of kept) chosen.items.add(file);
    field.files = chosen.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  form.dispatchEvent(new CustomEvent("filled"));
  return said(form) !== before;
}

function said(form) {
  return JSON.stringify(fieldsOf(form).map(([name, value]) => [name, value.name ?? value]));
}
