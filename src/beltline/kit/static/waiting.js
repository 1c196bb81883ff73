// What a person records goes into the browser's own database first and is sent from there, in
// order: nothing is lost with the network or the tab. Each act carries the key it was made with,
// so that sending it again does nothing twice. One that is refused stays, with what was refused,
// until a person sends it again or discards it. Without this script forms go to the server as ever.
import { Drafts, fill } from "./drafts.js";
import { openDB } from "./vendor/idb.js";

const KEPT = { "Beltline-Kept": "1" };
const TO = "Beltline-To";
const ANSWER_MS = 15_000;
// Photos take their time on a dock's network.
const FILES_MS = 90_000;
const AGAIN_MS = 10_000;
const AHEAD_MAX = 20;
// The server, or what is before it, says that time helps.
const LATER = new Set([408, 425, 429, 502, 503, 504]);
const UNDER_WAY = "kit.idempotency_in_flight";

const panel = document.getElementById("waiting");
const member = panel?.dataset.member ?? "";
const beingTaken = new WeakSet();
// What became of acts that this page sent: by id, where an accepted one leads, or null.
const ended = new Map();
let store = null;
let drafts = null;
let standing = null;
let sending = null;

export async function startWaiting() {
  if (!panel) return;
  document.addEventListener("submit", (event) => {
    if (!store || event.defaultPrevented || !event.target.matches("form[data-keep]")) return;
    event.preventDefault();
    take(event.target, event.submitter);
  });
  panel.addEventListener("click", (event) => press(event.target.closest("button[data-act]")));
  keepPage();
  try {
    store = await openDB("beltline", 2, {
      upgrade: (db, from) => {
        if (from < 1) db.createObjectStore("act", { keyPath: "id", autoIncrement: true });
        db.createObjectStore("draft");
      },
      // A page of a later build needs it otherwise: this one has to be opened again.
      blocking: (_from, _to, event) => { event.target.close(); location.reload(); },
    });
  } catch {
    return; // A browser that keeps nothing: its forms go to the server at once.
  }
  addEventListener("online", send);
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  document.addEventListener("visibilitychange", () => document.hidden || send());
  setInterval(async () => (await waiting()).length && send(), AGAIN_MS);
  drafts = new Drafts(store, member);
  await refill();
  await drafts.start();
  await show();
  await send();
  await refill(); // Where it was being sent again when its page was opened.
  document.documentElement.dataset.waiting = "ready";
}

function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Keep what a form says, try to send it, and go on: where it leads, or with the next one. */
async function take(form, submitter) {
  if (beingTaken.has(form)) return;
  beingTaken.add(form);
  // A page that was kept comes again with the key it had, and each act needs its own.
  const key = form.elements.namedItem("key");
  if (key) key.value = newKey();
  const fields = [...new FormData(form, submitter)].filter(([name]) => name !== "_csrf");
  // On the disk before anything else: not even a phone that dies takes it along.
  await drafts.stop();
  const keeping = store.transaction(["act", "draft"], "readwrite", { durability: "strict" });
  if (drafts.keyOf(form)) keeping.objectStore("draft").delete(drafts.keyOf(form));
  const id = await keeping.objectStore("act").add({
    member, fields, label: labelOf(form, fields), at: Date.now(), refused: null,
    path: pathOf(form),
    from: location.pathname + location.search,
    isMultipart: form.enctype === "multipart/form-data",
  });
  await keeping.done;
  drafts.ended(form);
  submitter?.setAttribute("aria-busy", "true");
  if (form.dataset.again) await store.delete("act", Number(form.dataset.again));
  await send();
  if (!ended.has(id) && !standing?.isOffline) await send(); // It came after the sending under way had looked.
  if (ended.get(id)) {
    location.assign(ended.get(id));
  } else if (ended.has(id)) {
    // Refused at once, while the form is in view: the server shows it there, with the remedy.
    await drafts.again(form, fields);
    await store.delete("act", id);
    if (submitter?.name) form.append(hidden(submitter.name, submitter.value));
    form.submit();
  } else if (form.dataset.next && navigator.serviceWorker?.controller) {
    location.assign(form.dataset.next);
  } else {
    submitter?.removeAttribute("aria-busy");
    // Nothing to go on to: this one is kept, and must not be pressed again by mistake.
    for (const each of [...form.elements]) each.disabled = true;
    if ("once" in form.dataset) {
      form.dataset.waits = "yes";
      beingTaken.delete(form);
    }
    panel.scrollIntoView({ block: "nearest" });
  }
}

/** The page of a refused act, opened from it: what was said stands in its form, to be put right. */
async function refill() {
  const act = await store.get("act", Number(location.hash.match(/^#again-(\d+)$/)?.[1] ?? 0));
  const form = [...document.querySelectorAll("form[data-keep]")]
    .find((each) => act?.refused && act.member === member && pathOf(each) === act.path && isOf(each, act));
  if (!form || form.dataset.again) return;
  form.dataset.again = String(act.id);
  fill(form, act.fields);
}

/** Whether a form records what an act did: of the forms of a page that go to one address, one does. */
function isOf(form, act) {
  const said = new Map(act.fields);
  return ["stage", "journeys"].every((name) => (form.elements.namedItem(name)?.value ?? said.get(name)) === said.get(name));
}

function pathOf(form) {
  return new URL(form.getAttribute("action"), location.href).pathname;
}

function hidden(name, value) {
  return Object.assign(document.createElement("input"), { type: "hidden", name, value });
}

/** What was recorded, in the words of its form and the figures in it. */
function labelOf(form, fields) {
  const counts = [...form.querySelectorAll("[data-sku] [data-count]")]
    .filter((each) => Number(each.value))
    .map((each) => [each.closest("[data-sku]").dataset.sku, each.value, each.dataset.count].join(" ").trim());
  const named = Object.fromEntries(fields.filter(([, value]) => typeof value === "string"));
  return [form.dataset.keep.replace(/\{(\w+)\}/g, (_, name) => named[name] ?? ""), ...counts].join(", ");
}

async function waiting() {
  return (await store.getAll("act")).filter((act) => !act.refused && act.member === member);
}

/** Send what waits, unless that is under way; pages of one browser take turns. */
function send() {
  const locked = navigator.locks ? () => navigator.locks.request("beltline-waiting", sendAll) : sendAll;
  sending ??= locked().finally(() => { sending = null; }).then(show);
  return sending;
}

async function sendAll() {
  if (!(await waiting()).length) {
    standing = null;
    return;
  }
  standing = await askStanding();
  if (standing.member !== member) return;
  for (const act of await waiting()) {
    if (!(await sendOne(act))) return;
  }
}

/** Whose session it is now; where nobody answers, `{ isOffline: true }`. */
async function askStanding() {
  try {
    const answer = await fetch("/session", { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) });
    if (answer.ok) return await answer.json();
  } catch {
    // No network, or one that does not answer.
  }
  return { isOffline: true };
}

/** Send one act; false where this and all after it have to wait. */
async function sendOne(act) {
  let answer;
  try {
    const body = act.isMultipart ? new FormData() : new URLSearchParams();
    for (const [name, value] of act.fields) body.append(name, value);
    answer = await fetch(act.path, {
      method: "POST", body, redirect: "manual",
      signal: AbortSignal.timeout(act.isMultipart ? FILES_MS : ANSWER_MS),
      headers: { ...KEPT, "X-CSRF-Token": standing.token },
    });
  } catch {
    standing = { isOffline: true };
    return false;
  }
  if (answer.status === 204) {
    ended.set(act.id, answer.headers.get(TO) ?? act.from);
    await store.delete("act", act.id);
    await show();
    return true;
  }
  const problem = await answer.json().catch(() => ({}));
  if (answer.status === 401) standing = { member: "", token: "" };
  if (LATER.has(answer.status) || problem.code === UNDER_WAY || answer.status === 401) return false;
  if (problem.code === "app.cross_site") return false; // Another session began just now: ask again.
  ended.set(act.id, null);
  await store.put("act", { ...act, refused: { status: answer.status, title: problem.title ?? "", detail: problem.detail ?? "" } });
  return true;
}

/** A button of a refused act: send it again, or let it go. */
async function press(button) {
  if (!button) return;
  const id = Number(button.closest("[data-id]").dataset.id);
  const act = await store.get("act", id);
  if (act && button.dataset.act === "again") {
    // A refusal is the answer of its key for ever; a failure has none, and may have had its effect.
    const fields = act.refused.status < 500
      ? act.fields.map(([name, value]) => [name, name === "key" ? newKey() : value]) : act.fields;
    await store.put("act", { ...act, fields, refused: null });
    await send();
  } else if (act && confirm(button.dataset.sure.replace("{label}", act.label))) {
    await store.delete("act", id);
  }
  await show();
}

/** What waits here, why, and what was refused. */
async function show() {
  const acts = await store.getAll("act");
  const mine = acts.filter((act) => act.member === member);
  const unsent = mine.filter((act) => !act.refused);
  const others = member ? acts.length - mine.length : 0;
  const isOut = !member || (standing && standing.member === "");
  const said = [];
  if (unsent.length) said.push(text(standing?.isOffline || !navigator.onLine ? "offline" : isOut ? "signIn" : "sending", unsent.length));
  if (!member && acts.length) said.push(text(navigator.onLine ? "signIn" : "offline", acts.length));
  if (others) said.push(text("others", others));
  panel.querySelector("[data-unsent]").textContent = said.join(" ");
  panel.querySelector("[data-note]").hidden = !said.length;
  panel.querySelector("[data-sign-in-link]").hidden = !(unsent.length && isOut && !standing?.isOffline);
  panel.querySelector("[data-acts]").replaceChildren(...mine.map(entry));
  panel.hidden = !said.length && !mine.length;
  markWaiting(unsent);
  return acts;
}

/** What is done once (data-once) and waits to be sent is not done again meanwhile. */
function markWaiting(unsent) {
  for (const form of document.querySelectorAll("form[data-once]")) {
    if (beingTaken.has(form)) continue;
    const waits = unsent.some((act) => act.path === pathOf(form));
    if (waits) {
      for (const each of form.elements) each.disabled = true;
    } else if (form.dataset.waits) {
      location.reload(); // It was sent, or refused: the page says what is now.
    }
    form.dataset.waits = waits ? "yes" : "";
  }
}

function text(name, count) {
  return panel.dataset[name].replace("{n}", String(count));
}

function entry(act) {
  const item = panel.querySelector("template").content.firstElementChild.cloneNode(true);
  item.dataset.id = String(act.id);
  item.querySelector("[data-label]").textContent = act.label;
  const at = item.querySelector("time");
  at.dateTime = new Date(act.at).toISOString();
  at.textContent = new Date(act.at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  item.querySelector("[data-refused]").hidden = !act.refused;
  if (act.refused) {
    item.querySelector("[data-title]").textContent = act.refused.title || panel.dataset.failed;
    item.querySelector("[data-detail]").textContent = act.refused.detail;
    item.querySelector("[data-open]").href = `${act.from}#again-${act.id}`;
  }
  return item;
}

/** Have the service worker keep this page, if it is one that works without network. */
async function keepPage() {
  if (!navigator.serviceWorker || !document.querySelector("[data-opens-offline]")) return;
  const isFirst = !navigator.serviceWorker.controller;
  await navigator.serviceWorker.register("/worker.js");
  const registration = await navigator.serviceWorker.ready;
  // The first page was loaded before there was a worker to see it.
  await navigator.storage?.persist?.(); // What waits here is not the browser's to throw away.
  if (isFirst) registration.active.postMessage({ keep: location.pathname + location.search });
  // A list takes the pages along that are opened from it, so that one may walk away with them.
  const ahead = [...new Set([...document.querySelectorAll("a[data-ahead]")].map((each) => each.getAttribute("href")))];
  if (ahead.length && !navigator.connection?.saveData) registration.active.postMessage({ ahead: ahead.slice(0, AHEAD_MAX) });
}
