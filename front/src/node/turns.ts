// Turns: of several tabs, one sends and one writes a given draft. Where the page
// is secure the browser's own locks say whose turn it is. On plain http there are
// none, so a lease lies on the device instead: a name, a tab, and until when. A
// tab that was put to sleep may lose its lease in the middle; that is harmless,
// because what it sends carries the same idempotency key from whichever tab.

import { amend } from "./disk.ts";
import { newId } from "./ids.ts";

const LEASE_MS = 3_000;
const tab = newId();
const locks = () => (navigator.locks as LockManager | undefined) ?? null;

interface Lease {
  name: string;
  tab: string;
  until: number;
}

async function leased(name: string): Promise<boolean> {
  const now = Date.now();
  const kept = await amend<Lease>("device", `lease ${name}`, (held) =>
    // One that ends too far ahead was written before this device's clock went back.
    !held || held.tab === tab || held.until < now || held.until > now + 2 * LEASE_MS
      ? { name: `lease ${name}`, tab, until: now + LEASE_MS }
      : undefined,
  );
  return kept?.tab === tab;
}

const letGo = (name: string) =>
  amend<Lease>("device", `lease ${name}`, (held) => (held?.tab === tab ? null : undefined));

/** Do `work` while no other tab does work of this name; waits for its turn. */
export async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (locks()) return locks()!.request(`dreamweave ${name}`, work) as Promise<T>;
  while (!(await leased(name))) await new Promise((go) => setTimeout(go, 250));
  const renew = setInterval(() => leased(name), LEASE_MS / 3);
  try {
    return await work();
  } finally {
    clearInterval(renew);
    await letGo(name);
  }
}

/** Take a name for as long as this page lives, or until `release`. False: another tab has it. */
export async function hold(name: string): Promise<(() => void) | null> {
  const lm = locks();
  if (lm) {
    return new Promise((answer) => {
      lm.request(`dreamweave ${name}`, { ifAvailable: true }, (lock) => {
        if (!lock) return answer(null);
        return new Promise<void>((release) => answer(release));
      });
    });
  }
  if (!(await leased(name))) return null;
  const renew = setInterval(() => leased(name), LEASE_MS / 3);
  return () => {
    clearInterval(renew);
    letGo(name);
  };
}

/** Do `work` once, when and if this tab comes first; it stays first for as long as it lives. */
export function lead(name: string, work: () => void): void {
  const lm = locks();
  if (lm) {
    lm.request(`dreamweave ${name}`, () => {
      work();
      return new Promise<void>(() => {});
    });
    return;
  }
  let leads = false;
  const look = async () => {
    const mine = await leased(name);
    if (mine && !leads) work();
    leads ||= mine;
  };
  look();
  setInterval(look, LEASE_MS / 3);
}
