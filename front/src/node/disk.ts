// Disk: this device's own store (IndexedDB), as promises. Three shelves: reports
// that wait, pieces of voices and photographs, and a few small facts of the
// device. It knows nothing of what lies there; `sealing` hides it, `waiting` says
// what it means.

export type Shelf = "reports" | "pieces" | "device";

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((done, fail) => {
    const ask = indexedDB.open("dreamweave", 1);
    ask.onupgradeneeded = () => {
      ask.result.createObjectStore("reports", { keyPath: "id" });
      ask.result.createObjectStore("pieces", { keyPath: ["report", "what", "i"] });
      ask.result.createObjectStore("device", { keyPath: "name" });
    };
    ask.onsuccess = () => {
      // A newer page in another tab may need a newer shape: let go, and open again when asked.
      ask.result.onversionchange = ask.result.onclose = () => {
        ask.result.close();
        opened = null;
      };
      done(ask.result);
    };
    ask.onerror = ask.onblocked = () => {
      opened = null;
      fail(ask.error);
    };
  });
  return opened;
}

/**
 * One transaction. What `work` hands to `hold` is the answer, given once all of it
 * is on the disk ("strict": a phone whose battery ends has it). `work` may not wait
 * for anything but requests of this transaction.
 */
export async function within<T>(
  shelves: Shelf[],
  mode: IDBTransactionMode,
  work: (shelf: (name: Shelf) => IDBObjectStore, hold: (answer: T) => void) => void,
): Promise<T> {
  const db = await open();
  return new Promise<T>((done, fail) => {
    const all = db.transaction(shelves, mode, mode === "readwrite" ? { durability: "strict" } : undefined);
    let held: T;
    all.oncomplete = () => done(held);
    all.onabort = () => fail(all.error ?? new DOMException("the device kept nothing", "AbortError"));
    work((name) => all.objectStore(name), (answer) => (held = answer));
  });
}

// What the disk would not take (it is full, or a private window has none) is held
// by this page, so that it can still go to the node. `diskTrouble` says so aloud.
const page: Record<Shelf, Map<string, any>> = { reports: new Map(), pieces: new Map(), device: new Map() };
const name = (key: IDBValidKey) => JSON.stringify(key);

export type Trouble = "" | "full" | "none";

/** Why something is held by this page only, or "". */
export function diskTrouble(): Trouble {
  return page.reports.size + page.pieces.size ? why : "";
}
let why: Trouble = "";

async function orElse<T>(ask: Promise<T>, instead: () => T): Promise<T> {
  try {
    return await ask;
  } catch (error) {
    why = (error as DOMException)?.name === "QuotaExceededError" ? "full" : "none";
    return instead();
  }
}

export function read<T>(shelf: Shelf, key: IDBValidKey): Promise<T | undefined> {
  const held = page[shelf].get(name(key));
  if (held) return Promise.resolve(held);
  const ask = within<T | undefined>([shelf], "readonly", (of, hold) => {
    const get = of(shelf).get(key);
    get.onsuccess = () => hold(get.result);
  });
  return orElse(ask, () => undefined);
}

/** All values of a shelf, or those of one report and name, in the order of their keys. */
export async function readAll<T>(shelf: Shelf, range?: IDBKeyRange): Promise<T[]> {
  const ask = within<[IDBValidKey, T][]>([shelf], "readonly", (of, hold) => {
    const keys = of(shelf).getAllKeys(range);
    const values = of(shelf).getAll(range);
    values.onsuccess = () => hold(values.result.map((v, i) => [keys.result[i], v]));
  });
  const found = (await orElse(ask, () => [])).filter(([key]) => !page[shelf].has(name(key)));
  for (const [key, value] of page[shelf]) {
    if (!range || range.includes(JSON.parse(key))) found.push([JSON.parse(key), value]);
  }
  return found.sort(([a], [b]) => indexedDB.cmp(a, b)).map(([, value]) => value);
}

export const put = (shelf: Shelf, key: IDBValidKey, value: unknown) => amend(shelf, key, () => value);

export async function drop(shelf: Shelf, range: IDBKeyRange): Promise<void> {
  for (const key of page[shelf].keys()) if (range.includes(JSON.parse(key))) page[shelf].delete(key);
  await orElse(within<void>([shelf], "readwrite", (of) => void of(shelf).delete(range)), () => {});
}

/**
 * Read, change and write one value as one step, whatever other tabs do. `change`
 * answers the new value, `null` to take it away, or `undefined` to leave it.
 */
export async function amend<T>(
  shelf: Shelf,
  key: IDBValidKey,
  change: (held: T | undefined) => T | null | undefined,
): Promise<T | undefined> {
  const here = page[shelf].get(name(key)) as T | undefined;
  let base: T | undefined;
  let next: T | null | undefined;
  const ask = within<void>([shelf], "readwrite", (of) => {
    const get = of(shelf).get(key);
    get.onsuccess = () => {
      base = here ?? get.result;
      next = change(base);
      if (next === null) of(shelf).delete(key);
      else if ((next ?? here) !== undefined) of(shelf).put(next ?? here);
    };
  }).then(() => void page[shelf].delete(name(key)));
  await orElse(ask, () => {
    next = change(here ?? base);
    if (next === null) page[shelf].delete(name(key));
    else if (next !== undefined) page[shelf].set(name(key), next);
  });
  return next === undefined ? base : (next ?? undefined);
}

/** Everything of one report under one name, in order. */
export function piecesOf(report: string, what?: string): IDBKeyRange {
  return what
    ? IDBKeyRange.bound([report, what, 0], [report, what, Infinity])
    : IDBKeyRange.bound([report], [report, []]);
}
