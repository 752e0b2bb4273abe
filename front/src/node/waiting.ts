// Waiting: one report on this device, on its way to the node. What it holds and
// every step it takes, as plain functions of a value: no disk, no network, no
// clock. Nothing here is lost by being done twice, and that is the whole idea: a
// write is written down with its idempotency key before it is first sent, and is
// sent again unchanged until the node has answered it.

import type { Box } from "./sealing.ts";

/** What the node is told of a report, but for its version. Names are those of the JSON door. */
export interface Told {
  kind: string;
  night: string;
  told_at: string;
  zone: string;
  text: string;
  title?: string;
  lang?: string;
  feeling?: string;
  intensity?: number;
  tags?: string[];
  drawing?: string;
  kept_out?: string;
  answers?: string;
  voice?: string; // media types of what is kept beside it, or is on its way
  photo?: string;
}

/** A voice or a photograph: its bytes lie on the shelf of pieces. */
export interface Piece {
  media: string;
  once: string;
  ended: boolean; // nothing more will be added
  kept: boolean; // the node has it
}

export interface Waiting {
  id: string;
  owner: string; // who was signed in when it was begun; "" for nobody
  at: string; // when it was last written, for telling drafts apart. Never decides anything.
  n: number; // goes up with every change
  words: Box; // Told, sealed
  empty: boolean; // there is nothing to keep yet
  ready: boolean; // it may go to the node
  finished: boolean; // "keep" was pressed; it is no draft any more
  version: number; // what the node has; 0 for nothing
  n_kept: number; // the `n` that the node has
  words_kept?: Box; // the words it has, to tell a change of ours from one made elsewhere
  sending?: { once: string; n: number; version: number; words: Box };
  forget?: string; // take it away again: the idempotency key of that
  theirs?: { version: number; words: Box | null }; // the node's differs; null: forgotten there
  trouble?: { code: string; sentence: string }; // the node will not have it as it is
  voice?: Piece;
  photo?: Piece;
}

export type What = "voice" | "photo";
export const WHATS: What[] = ["voice", "photo"];

export const pieceWaits = (w: Waiting, what: What) => !!w[what] && w[what]!.ended && !w[what]!.kept;

/** Whether the node lacks anything that is here. */
export function isUnsent(w: Waiting): boolean {
  if (w.forget) return w.version > 0 || !!w.sending;
  if (w.sending || w.theirs) return true;
  return (!w.empty && w.n > w.n_kept) || WHATS.some((what) => w[what] && !w[what]!.kept);
}

/** Whether this device may let go of it. */
export const isOver = (w: Waiting) => (w.finished || !!w.forget) && !isUnsent(w);

/** Written: new words on this device. */
export function written(w: Waiting, words: Box, empty: boolean, at: string): Waiting {
  return { ...w, words, empty, at, n: w.n + 1, trouble: undefined };
}

/** The write that goes next, written down with its key; the same one until it is answered. */
export function prepared(w: Waiting, once: string): Waiting {
  if (w.sending || w.theirs || w.trouble || w.forget || w.empty || !w.ready || w.n === w.n_kept) return w;
  return { ...w, sending: { once, n: w.n, version: w.version + 1, words: w.words } };
}

/** The node has the write, as `version`. */
export function acknowledged(w: Waiting, version: number): Waiting {
  const s = w.sending;
  return s ? { ...w, version, n_kept: s.n, words_kept: s.words, sending: undefined } : w;
}

/** The node has a piece, and with it a newer version of the report. */
export function pieceKept(w: Waiting, what: What, once: string, version: number): Waiting {
  const piece = w[what];
  return piece?.once === once ? { ...w, version, [what]: { ...piece, kept: true } } : w;
}

/** The node will not have the write. It waits for the person. */
export function refused(w: Waiting, code: string, sentence: string): Waiting {
  const stale = !!w.sending && w.n > w.sending.n; // newer words wait behind it: try those first
  return { ...w, sending: undefined, trouble: stale ? undefined : { code, sentence } };
}

/** The node's own version went on, but its words are those it had from here: go on from it. */
export function rebased(w: Waiting, version: number): Waiting {
  return { ...w, version, sending: undefined };
}

/** The node holds other words. Both are kept, and the person is asked. */
export function differed(w: Waiting, theirs: { version: number; words: Box | null }): Waiting {
  return { ...w, sending: undefined, theirs };
}

/** Asked and answered: these words, on top of the node's. */
export function mineChosen(w: Waiting): Waiting {
  return w.theirs ? { ...w, version: w.theirs.version, n: w.n + 1, theirs: undefined, ready: true } : w;
}

/** Asked and answered: the node's words. */
export function theirsChosen(w: Waiting): Waiting {
  const t = w.theirs;
  if (!t?.words) return w;
  return { ...w, words: t.words, words_kept: t.words, version: t.version, n_kept: w.n, theirs: undefined };
}

const SAID = "kind night told_at zone text title lang feeling intensity tags drawing kept_out answers".split(" ");

/** What of a report is somebody's telling, out of the node's answer. */
export function toldOf(report: Record<string, unknown>): Told {
  const held = SAID.filter((name) => {
    const v = report[name];
    return name === "text" || (v !== "" && v != null && !(Array.isArray(v) && !v.length));
  });
  return Object.fromEntries(held.map((name) => [name, report[name]])) as unknown as Told;
}

/** Whether two tellings say the same; what is kept beside them does not count. */
export function same(a: Told | null, b: Told | null): boolean {
  const plain = (told: Told) => JSON.stringify(toldOf(told as unknown as Record<string, unknown>));
  return !!a && !!b && plain(a) === plain(b);
}
