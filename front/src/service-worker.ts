// Keeps the node's own files so that the page for telling is ready without a
// network: one page for nobody (`/tell/shell`, fetched without a cookie) and the
// files it names. It keeps nobody's words, no page of anybody's, no answer of the
// JSON doors: those requests it does not touch at all.

declare const STATIC_FILES: string[];

interface Worker {
  addEventListener(kind: string, hear: (event: any) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  location: Location;
}
declare const self: Worker & typeof globalThis;

const KEPT = "dreamweave-files";
const SHELL = "/tell/shell";
const PATIENCE_MS = 4_000;
// What this build serves. A page of a newer build may name others for a moment: those are answered too.
const ours = new Set(STATIC_FILES.map((file) => `/static/${file}`));

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell("").then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("message", (event) => {
  const lang = String(event.data?.lang ?? "");
  if (/^[A-Za-z-]{2,20}$/.test(lang)) event.waitUntil(speak(lang).catch(() => {}));
});

self.addEventListener("fetch", (event) => {
  const request: Request = event.request;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (address.pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (request.mode === "navigate" && address.pathname === "/tell") event.respondWith(telling(request, event));
  else if (request.mode === "navigate" && address.pathname === "/") event.respondWith(first(request));
});

/** Keep the page in the language that the node's pages are read in, once. */
async function speak(lang: string): Promise<void> {
  const kept = await (await caches.open(KEPT)).match(SHELL);
  if (!kept || (await langOf(kept)) !== lang) await keepShell(lang);
}

/** The page for telling: at once from here, and looked after behind it. */
async function telling(request: Request, event: any): Promise<Response> {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(SHELL);
  if (!kept) return fetch(request);
  if (new URL(request.url).search) {
    // An echo to answer, or the door of the dreamless: the node's own page has more on it.
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
    try {
      return await fetch(request, { signal: stop.signal });
    } catch {
      return kept;
    } finally {
      clearTimeout(timer);
    }
  }
  event.waitUntil(keepShell(await langOf(kept.clone())).catch(() => {}));
  return kept;
}

/** The first page is the node's alone; without a network its first door still opens. */
async function first(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (none) {
    if (await (await caches.open(KEPT)).match(SHELL)) return Response.redirect("/tell");
    throw none;
  }
}

/** A file's name says what is in it, so what is kept is right for good. */
async function file(request: Request): Promise<Response> {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(request.url);
  if (kept) return kept;
  const came = await fetch(request);
  if (came.ok) await cache.put(request.url, came.clone());
  return came;
}

/** Keep the page for nobody and its files; the page last, so that it never names a file that is not here. */
async function keepShell(lang: string): Promise<void> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS * 5);
  try {
    const came = await fetch(SHELL + (lang ? `?lang=${lang}` : ""), {
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      signal: stop.signal,
    });
    const text = came.ok ? await came.clone().text() : "";
    // A page that knows somebody is not for everybody: rather none than that.
    if (!text || / data-me=/.test(text)) return;
    const cache = await caches.open(KEPT);
    const named = new Set([...text.matchAll(/"(\/static\/[^"?#]+)"/g)].map((m) => m[1]));
    for (const path of named) {
      if (!(await cache.match(path))) await cache.add(path);
    }
    const sheets = [...named].filter((path) => path.endsWith(".css"));
    for (const sheet of sheets) for (const font of await fontsOf(cache, sheet)) named.add(font);
    await cache.put(SHELL, came);
    for (const held of await cache.keys()) {
      const path = new URL(held.url).pathname;
      if (path !== SHELL && !named.has(path) && !ours.has(path)) await cache.delete(held);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Fonts of plain Latin that a sheet names; others come when a word needs them. */
async function fontsOf(cache: Cache, sheet: string): Promise<string[]> {
  const text = (await (await cache.match(sheet))?.text()) ?? "";
  const fonts = [...text.matchAll(/url\(["']?(?:\.\/|\/static\/)?([^"')]+\.woff2)/g)].map((m) => `/static/${m[1]}`);
  const plain = fonts.filter((path) => !path.includes("-ext-"));
  for (const path of plain) if (!(await cache.match(path))) await cache.add(path).catch(() => {});
  return fonts;
}

async function langOf(shell: Response): Promise<string> {
  return / lang="([A-Za-z-]{2,20})"/.exec(await shell.text())?.[1] ?? "";
}

export {};
