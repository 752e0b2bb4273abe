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

export function read<T>(shelf: Shelf, key: IDBValidKey): Promise<T | undefined> {
  return within<T | undefined>([shelf], "readonly", (of, hold) => {
    const ask = of(shelf).get(key);
    ask.onsuccess = () => hold(ask.result);
  });
}

export function readAll<T>(shelf: Shelf, range?: IDBKeyRange): Promise<T[]> {
  return within<T[]>([shelf], "readonly", (of, hold) => {
    const ask = of(shelf).getAll(range);
    ask.onsuccess = () => hold(ask.result);
  });
}

export function put(shelf: Shelf, value: unknown): Promise<void> {
  return within<void>([shelf], "readwrite", (of) => void of(shelf).put(value));
}

export function drop(shelf: Shelf, key: IDBValidKey | IDBKeyRange): Promise<void> {
  return within<void>([shelf], "readwrite", (of) => void of(shelf).delete(key));
}

/**
 * Read, change and write one value as one step, whatever other tabs do. `change`
 * answers the new value, `null` to take it away, or `undefined` to leave it.
 */
export function amend<T>(
  shelf: Shelf,
  key: IDBValidKey,
  change: (held: T | undefined) => T | null | undefined,
): Promise<T | undefined> {
  return within<T | undefined>([shelf], "readwrite", (of, hold) => {
    const ask = of(shelf).get(key);
    ask.onsuccess = () => {
      const next = change(ask.result);
      hold(next === undefined ? ask.result : next === null ? undefined : next);
      if (next === null) of(shelf).delete(key);
      else if (next !== undefined) of(shelf).put(next);
    };
  });
}

/** Everything of one report under one name, in order. */
export function piecesOf(report: string, what?: string): IDBKeyRange {
  return what
    ? IDBKeyRange.bound([report, what, 0], [report, what, Infinity])
    : IDBKeyRange.bound([report], [report, []]);
}
