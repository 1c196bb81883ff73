// The service worker: pages that ask for it (header Beltline-Offline) open without network after
// they were opened once, with the files they need. Nothing else is kept, nothing of the API; the
// server's word goes first wherever it answers. The server puts before this `TOLD`: which build it
// is of, and the files. Signing in or out forgets every page: they are one member's.
const FILES = `files-${TOLD.build}`;
const PAGES = `pages-${TOLD.build}`;
const HEADER = "Beltline-Offline";
const MOST_PAGES = 60;
const ANSWER_MS = 6_000;
const FRESH_MS = 300_000;
// What was scanned is no address of its own: its page opens and shows what it knows of it.
const SCANNED = ["waybill", "done"];

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const files = await caches.open(FILES);
    await files.addAll(TOLD.files);
    // As nobody: it is shown to whoever is there.
    await files.put("/offline", await fetch("/offline", { credentials: "omit" }));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => ![FILES, PAGES].includes(name));
    const kept = old.filter((name) => name.startsWith("pages-"));
    const addresses = (await Promise.all(kept.map(async (name) => (await caches.open(name)).keys()))).flat();
    // Pages of another build name files that go with it: they are asked for again.
    await Promise.allSettled(addresses.map(({ url }) => fetch(url).then(keep)));
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener("message", (event) => {
  if (event.data?.keep) event.waitUntil(fetch(event.data.keep).then(keep, () => {}));
  if (event.data?.ahead) event.waitUntil(keepAhead(event.data.ahead));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (url.pathname === "/logout" || url.pathname === "/login") {
    event.respondWith(forget().then(() => fetch(request)).catch(offline));
  } else if (request.method === "GET" && url.pathname.startsWith("/static/")) {
    event.respondWith(file(request, url));
  } else if (request.method === "GET" && request.mode === "navigate") {
    event.respondWith(page(event, request, url));
  }
});

async function page(event, request, url) {
  const kept = await find(url);
  try {
    const answer = await (kept ? within(ANSWER_MS, fetch(request)) : fetch(request));
    event.waitUntil(keep(answer.clone()));
    return answer;
  } catch {
    return kept ?? offline();
  }
}

async function find(url) {
  const pages = await caches.open(PAGES);
  // Answers vary by language and member; here is one browser, and signing in forgets them.
  return (await pages.match(url, { ignoreVary: true })) ?? pages.match(bareOf(url), { ignoreVary: true });
}

function bareOf(url) {
  const bare = new URL(url);
  for (const name of SCANNED) bare.searchParams.delete(name);
  return bare.href;
}

async function keep(answer) {
  const addresses = answer.ok && answer.headers.get(HEADER);
  if (!addresses) return;
  const pages = await caches.open(PAGES);
  // Each once: a page that is put in the place of another is not there for a moment.
  const all = new Set([bareOf(answer.url), ...addresses.split(" ").map((each) => new URL(each, location).href)]);
  for (const address of all) await pages.put(address, answer.clone());
  for (const old of (await pages.keys()).slice(0, -MOST_PAGES)) await pages.delete(old);
}

/** Keep pages that may be wanted, one after the other: those that were kept just now are. */
async function keepAhead(addresses) {
  const pages = await caches.open(PAGES);
  for (const address of addresses) {
    const kept = await pages.match(new URL(address, location), { ignoreVary: true });
    if (Date.now() - Date.parse(kept?.headers.get("Date") ?? 0) < FRESH_MS) continue;
    try {
      await keep(await fetch(address));
    } catch {
      return; // No network: so it is for the others.
    }
  }
}

async function forget() {
  for (const name of await caches.keys()) {
    if (name.startsWith("pages-")) await caches.delete(name);
  }
}

async function offline() {
  return (await caches.match("/offline", { ignoreVary: true })) ?? Response.error();
}

async function file(request, url) {
  const files = await caches.open(FILES);
  const kept = await files.match(url, { ignoreVary: true });
  if (kept) return kept;
  try {
    return await fetch(request);
  } catch {
    // Of another build: the one there is serves better than none.
    return (await files.match(url.pathname.replace(/^\/static\/\w+\//, `/static/${TOLD.build}/`), { ignoreVary: true })) ?? Response.error();
  }
}

function within(milliseconds, promise) {
  const late = new Promise((_, fail) => { setTimeout(() => fail(new Error("late")), milliseconds); });
  return Promise.race([promise, late]);
}
