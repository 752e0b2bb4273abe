// Sending: what waits on this device goes to the node, in the order it was begun,
// by one tab at a time, again and again until each write is answered. A write's
// idempotency key lies on the disk before the write leaves, so a crash, a lost
// answer or a second tab repeats the same request and nothing is kept twice.
// No time is written down: a device's clock may be wrong, and a fresh page tries at once.

import { ask, isLater, isSignedOut, isYes } from "./asking.ts";
import { allWaiting, change, dropPiece, letGo, openTold, pieceHere, sealTold } from "./holding.ts";
import { newId } from "./ids.ts";
import { forgetMeeting, me, meet } from "./me.ts";
import { inTurn } from "./turns.ts";
import * as waiting from "./waiting.ts";
import type { Waiting, What } from "./waiting.ts";

/** How the last round ended: all is sent, later, or only after signing in. */
export type Outcome = "done" | "later" | "out";

const PIECE_PATIENCE_MS = 300_000;
const WAIT_MS_MAX = 60_000;
// A draft that nobody came back to goes to the node by itself after this long.
const LEFT_MS = 600_000;

export let outcome: Outcome = "done";
const listeners: (() => void)[] = [];
export const onOutcome = (hear: () => void) => void listeners.push(hear);

let running = false;
let again = false;
let n_later = 0;
let timer = 0;
let retry_s = 0;

/** Send what waits, now; and later by itself if it must. */
export async function send(): Promise<void> {
  clearTimeout(timer);
  again = running;
  if (running) return;
  running = true;
  try {
    do {
      again = false;
      outcome = await inTurn("send", round);
    } while (again);
  } catch {
    outcome = "later"; // the device itself failed us; the words are where they were
  } finally {
    running = false;
  }
  listeners.forEach((hear) => hear());
  n_later = outcome === "later" ? n_later + 1 : 0;
  if (outcome !== "later") return;
  const wait = Math.min(WAIT_MS_MAX, 1000 * 2 ** Math.min(n_later, 6)) * (0.5 + Math.random() / 2);
  timer = window.setTimeout(send, Math.max(wait, retry_s * 1000));
  retry_s = 0;
}

/** Send at every moment at which it may have become possible. */
export function keepSending(): void {
  addEventListener("online", () => send());
  addEventListener("pageshow", (event) => event.persisted && send());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") send();
  });
  send();
}

async function round(): Promise<Outcome> {
  const ours = (await allWaiting()).filter((w) => waiting.isUnsent(w) || waiting.isOver(w));
  if (!ours.length) return "done";
  const met = await meet();
  if (met !== "in") {
    forgetMeeting();
    return met === "out" ? "out" : "later";
  }
  const owner = await me();
  let worst: Outcome = "done";
  for (const w of ours.filter((w) => w.owner === owner).sort((a, b) => (a.at < b.at ? -1 : 1))) {
    const ended = await sendOne(w.id);
    if (ended === "out") forgetMeeting();
    if (ended !== "done") worst = ended;
    if (ended === "out") break;
  }
  return worst;
}

/** Every step of one report, until nothing is left to do or the node says not now. */
async function sendOne(id: string): Promise<Outcome> {
  for (;;) {
    const once = newId();
    const w = await change(id, (held) => held && waiting.prepared(left(held), once));
    if (!w) return "done";
    const what = waiting.WHATS.find((one) => waiting.pieceWaits(w, one));
    let ended: Outcome | "on";
    if (w.sending) ended = await putReport(w);
    else if (w.forget && w.version > 0) ended = await forget(w);
    else if (what && w.version > 0 && !w.theirs && !w.trouble && !w.forget) ended = await putPiece(w, what);
    else {
      if (waiting.isOver(w)) await letGo(id);
      return "done";
    }
    if (ended !== "on") return ended;
  }
}

function left(w: Waiting): Waiting {
  return w.ready || Math.abs(Date.now() - Date.parse(w.at)) < LEFT_MS ? w : { ...w, ready: true };
}

async function putReport(w: Waiting): Promise<Outcome | "on"> {
  const { once, version, words } = w.sending!;
  const told = await openTold(w.id, words);
  if (!told) {
    // The key of this device is gone, and with it the words. Say so; there is nothing to send.
    await change(w.id, (held) => held && waiting.refused(held, "device.key", ""));
    return "done";
  }
  const answer = await ask(`/api/reports/${w.id}`, { method: "PUT", json: { ...told, version }, once });
  if (isYes(answer)) {
    const kept = Number(answer.body?.version) || version;
    await change(w.id, (held) => held && waiting.acknowledged(held, kept));
    return "on";
  }
  if (isSignedOut(answer)) return "out";
  if (isLater(answer)) return later(answer.retry_s);
  if (["report.changed", "report.forgotten", "report.unknown", "once.reused"].includes(answer.code)) {
    return compare(w, told);
  }
  await change(w.id, (held) => held && waiting.refused(held, answer.code, answer.sentence));
  return "on"; // newer words may be waiting behind it
}

/** The node has another version than we thought: look which, and whether its words are ours. */
async function compare(w: Waiting, told: waiting.Told): Promise<Outcome | "on"> {
  const answer = await ask(`/api/reports/${w.id}`);
  if (isSignedOut(answer)) return "out";
  if (isLater(answer)) return later(answer.retry_s);
  if (!isYes(answer) && answer.code !== "report.unknown") {
    await change(w.id, (held) => held && waiting.refused(held, answer.code, answer.sentence));
    return "on";
  }
  const theirs = isYes(answer) ? waiting.toldOf(answer.body) : null;
  const version = Number(answer.body?.version) || 0;
  const before = w.words_kept ? await openTold(w.id, w.words_kept) : null;
  const box = theirs && (await sealTold(w.id, theirs));
  await change(w.id, (held) => {
    if (!held?.sending) return held;
    if (waiting.same(theirs, told)) return waiting.acknowledged(held, version);
    if (waiting.same(theirs, before)) return waiting.rebased(held, version);
    return waiting.differed(held, { version, words: box });
  });
  return "on";
}

async function putPiece(w: Waiting, what: What): Promise<Outcome | "on"> {
  const piece = w[what]!;
  const data = await pieceHere(w.id, what, piece.media);
  if (!data) {
    await change(w.id, (held) => held && { ...held, [what]: undefined });
    return "on";
  }
  const answer = await ask(`/api/reports/${w.id}/${what}`, {
    method: "PUT",
    data,
    once: piece.once,
    patience_ms: PIECE_PATIENCE_MS,
  });
  if (isYes(answer)) {
    const version = Number(answer.body?.version) || w.version + 1;
    await change(w.id, (held) => held && waiting.pieceKept(held, what, piece.once, version));
    await dropPiece(w.id, what);
    return "on";
  }
  if (isSignedOut(answer)) return "out";
  if (isLater(answer)) return later(answer.retry_s);
  await change(w.id, (held) => held && waiting.refused(held, answer.code, answer.sentence));
  return "done";
}

async function forget(w: Waiting): Promise<Outcome | "on"> {
  const answer = await ask(`/api/reports/${w.id}`, { method: "DELETE", once: w.forget });
  if (isSignedOut(answer)) return "out";
  if (isLater(answer)) return later(answer.retry_s);
  // Forgotten now, or by somebody before us: either way it is gone.
  await letGo(w.id);
  return "done";
}

function later(wait_s: number): Outcome {
  retry_s = Math.max(retry_s, wait_s);
  return "later";
}
