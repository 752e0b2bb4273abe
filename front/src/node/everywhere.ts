// What every page of a node does, the one for telling too: send what waits, say
// how much does, keep the page for offline, and clear up when somebody signs out.

import { choose } from "./choosing.ts";
import { all, one, tell } from "./dom.ts";
import { diskTrouble, drop } from "./disk.ts";
import { allWaiting, letGo } from "./holding.ts";
import { me, meet } from "./me.ts";
import { announce, onNews } from "./news.ts";
import { keepSending, onOutcome, outcome, send } from "./sending.ts";
import { say } from "./strings.ts";
import { isOf, letGoOfTellings, tellingsHere } from "./tellings_here.ts";
import { isUnsent, type Waiting } from "./waiting.ts";

const SIGN_OUT_PATIENCE_MS = 15_000;

/** `current` is what is being written on this page, which says for itself where it is. */
export function everywhere(current: () => string = () => ""): void {
  open = current;
  worker();
  left();
  meet().then(showWaiting, () => {});
  keepSending();
  onOutcome(showWaiting);
  onNews((news) => {
    if ("out" in news) out = true;
    showWaiting();
  });
  for (const form of all<HTMLFormElement>("form[data-sign-out]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      signOut(form);
    });
  }
}

async function ownUnsent(): Promise<Waiting[]> {
  const owner = await me();
  return (await allWaiting()).filter((w) => w.owner === owner && isUnsent(w));
}

let open = () => "";
let out = false;
/** Somebody signed out on this device: a page from before writes nothing down any more. */
export const isOut = () => out;

let asked = 0;
async function showWaiting(): Promise<void> {
  const at = one("[data-waiting]");
  if (!at) return;
  const mine = ++asked;
  const n = (await ownUnsent()).filter((w) => w.id !== open()).length;
  if (mine !== asked) return;
  at.setAttribute("role", "status");
  at.hidden = !n;
  tell(at, n ? say(outcome === "out" ? "node.waiting_out" : "node.waiting", { n }) : "");
}

/** Keep the page for telling on this device, where the browser allows it. */
function worker(): void {
  const address = document.documentElement.dataset.worker;
  if (!address || !isSecureContext || !navigator.serviceWorker) return;
  const kinds = (globalThis as any).trustedTypes;
  // The page's policy lets a script's address pass only through a named rule: ours knows one address.
  const rule = kinds?.createPolicy("dreamweave", {
    createScriptURL: (said: string) => {
      if (said !== "/service-worker.js") throw new TypeError("not the node's own worker");
      return said;
    },
  });
  const begin = async () => {
    try {
      await navigator.serviceWorker.register(rule ? rule.createScriptURL(address) : address);
      const ready = await navigator.serviceWorker.ready;
      ready.active?.postMessage({ lang: document.documentElement.lang });
    } catch {
      // A browser that will not keep it: everything else works.
    }
  };
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin);
}

const senders: (() => Promise<unknown>)[] = [];

/** What this page can send beside reports is tried once more before somebody signs out. */
export const sendsToo = (one: () => Promise<unknown>) => void senders.push(one);

/** Reports and tellings in gatherings of whoever is signed in that no node has. */
async function nUnsent(): Promise<number> {
  const owner = await me();
  const tellings = (await tellingsHere()).filter((row) => isOf(row, owner));
  return (await ownUnsent()).length + tellings.length;
}

/** Sign out; what is on this device goes with it, and never unasked when the node lacks it. */
async function signOut(form: HTMLFormElement): Promise<void> {
  if (await nUnsent()) {
    const sent = Promise.all([send, ...senders].map((one) => one()));
    await Promise.race([sent, new Promise((go) => setTimeout(go, SIGN_OUT_PATIENCE_MS))]);
    const n = await nUnsent();
    if (n) {
      const said = await choose(say("node.sign_out_unsent", { n }), [
        ["stay", say("node.stay")],
        ["out", say("node.sign_out_anyway")],
      ]);
      if (said === "stay") return;
    }
  }
  await clear();
  form.submit();
}

/** Whoever left for good is not asked about unsent words: they are cleared when the node has let go. */
function left(): void {
  const leaving = "dreamweave leaving";
  for (const form of all<HTMLFormElement>("form[data-leave]")) {
    form.addEventListener("submit", () => sessionStorage.setItem(leaving, "yes"));
  }
  if (!sessionStorage.getItem(leaving)) return;
  sessionStorage.removeItem(leaving);
  if (!document.body.dataset.me) clear();
}

/** This dreamer's drafts and tellings and the device's memory of them go; the key too, when nobody
 * else needs it. */
export async function clear(): Promise<void> {
  out = true;
  const owner = await me();
  let others = await letGoOfTellings(owner);
  for (const w of await allWaiting()) {
    if (w.owner === owner) await letGo(w.id);
    else others++;
  }
  if (!others) await drop("device", IDBKeyRange.only("key"));
  await drop("device", IDBKeyRange.only("me"));
  announce({ out: true }, false);
}

/** Whether this browser was asked to keep what is here when it runs out of room. */
export async function keepStorage(): Promise<void> {
  try {
    if (!diskTrouble() && !(await navigator.storage?.persisted?.())) await navigator.storage?.persist?.();
  } catch {
    // It was asked; that is all we can do.
  }
}
