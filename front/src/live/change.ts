// Change: from one layout to the next, as section 6 of the look has it happen.
//
// What differs between the two is what is shown: a warp that lies elsewhere eases there, a
// feeling runs out from its telling both ways, a knot's wefts are laid one by one, and what
// was taken back returns to linen. Works out moments; draws nothing.

import type { Weft } from "../scene.ts";
import { DYE_STEPS, PLIES, ROW_BYTES } from "./dye.ts";
import { tauOf } from "./geometry.ts";
import type { Woven } from "./woven.ts";

const EASE_MS = 1_100;
const DYE_MS = 1_400;
const FADE_MS = 1_200;
const WEFT_MS = 60;
const WEFTS_MS_MAX = 1_500; // a large knot is laid no longer than this, whatever its wefts
const SETTLE_MS = 4_000;

// When a stroke is laid: its place in the order, or that it lies, or that it goes.
const LIES = -1;
const LEAVES = -2;
export interface Stroke {
  before: Weft;
  after: Weft;
  firm: boolean;
  knot: number; // its place in `knots` of what comes
  order: number;
}

interface Running {
  warp: number;
  from: Uint8Array;
  to: Uint8Array;
  late: Float32Array | null; // 0..1 by step: how late it takes its dye; null: all together
}

// Where the warps of what comes were, how thick, and what dyed them.
export interface Origin {
  xy: Float32Array;
  weight: Float32Array;
  rows: Uint8Array;
}

export class Change {
  readonly ms: number;
  readonly eases: number; // how long warps ease; 0: none moves
  readonly strokes: Stroke[];
  private running: Running[];
  private dyes: number;
  private weftMs = WEFT_MS;

  constructor(
    readonly before: Woven,
    readonly after: Woven,
    readonly origin: Origin,
    rows: Uint8Array,
  ) {
    const moved =
      differs(origin.xy, after.xy, 0.02) || differs(origin.weight, after.weight, 0.002);
    const settles = after.settled && !before.settled;
    this.eases = settles ? SETTLE_MS : moved ? EASE_MS : 0;
    this.running = runnings(before, after, settles, origin.rows, rows);
    const runs = this.running.some((one) => one.late);
    this.dyes = settles ? SETTLE_MS : !this.running.length ? 0 : runs ? DYE_MS : FADE_MS;
    this.strokes = strokes(before, after, settles);
    const n_laid = Math.max(0, ...this.strokes.map((one) => one.order + 1));
    if (n_laid) this.weftMs = Math.min(WEFT_MS, WEFTS_MS_MAX / n_laid);
    const goes = this.strokes.some((one) => one.order === LEAVES) ? FADE_MS : 0;
    const dawns = before.now !== after.now ? EASE_MS : 0;
    this.ms = Math.max(this.eases + n_laid * this.weftMs, this.dyes, goes, dawns);
  }

  ease(ms: number): number {
    if (!this.eases) return 1;
    const f = Math.min(1, ms / this.eases);
    return f < 0.5 ? 4 * f ** 3 : 1 - (2 - 2 * f) ** 3 / 2;
  }

  laid(ms: number): number {
    return Math.max(0, ms - this.eases) / this.weftMs;
  }

  left(ms: number): number {
    return Math.min(1, ms / FADE_MS);
  }

  // How far it is woven at this moment.
  now(ms: number): number {
    const f = Math.min(1, ms / EASE_MS);
    return this.before.now + (this.after.now - this.before.now) * f * f * (3 - 2 * f);
  }

  // The rows of dye that are on their way at this moment.
  *rows(ms: number): Generator<[warp: number, row: Uint8Array]> {
    const p = this.dyes ? Math.min(1, ms / this.dyes) : 1;
    for (const { warp, from, to, late } of this.running) {
      const row = new Uint8Array(ROW_BYTES);
      for (let k = 0; k < DYE_STEPS; k++) {
        const f = Math.min(1, Math.max(0, late ? (p * 1.3 - late[k]) / 0.3 : p));
        const share = f * f * (3 - 2 * f);
        for (let ply = 0; ply < PLIES; ply++) {
          const at = 4 * (ply * DYE_STEPS + k);
          for (let c = at; c < at + 4; c++) row[c] = from[c] + (to[c] - from[c]) * share;
        }
      }
      yield [warp, row];
    }
  }
}

function differs(a: Float32Array, b: Float32Array, by: number): boolean {
  if (a === b) return false;
  for (let k = 0; k < a.length; k++) if (Math.abs(a[k] - b[k]) > by) return true;
  return false;
}

function runnings(
  before: Woven,
  after: Woven,
  settles: boolean,
  was: Uint8Array,
  rows: Uint8Array,
): Running[] {
  const out: Running[] = [];
  for (let warp = 0; warp < after.n; warp++) {
    const from = was.subarray(warp * ROW_BYTES, (warp + 1) * ROW_BYTES);
    const to = rows.subarray(warp * ROW_BYTES, (warp + 1) * ROW_BYTES);
    if (from.every((byte, k) => byte === to[k])) continue;
    const t = settles ? null : newlyFelt(before, after, warp);
    out.push({ warp, from, to, late: t === null ? null : lateness(t, after.n_passages) });
  }
  return out;
}

// The passage of a telling whose feeling was not known before, or null.
function newlyFelt(before: Woven, after: Woven, warp: number): number | null {
  const known = new Set((before.told[warp] ?? []).map((one) => `${one.r} ${one.feeling}`));
  const fresh = after.told[warp].filter((one) => one.feeling >= 0 && !known.has(`${one.r} ${one.feeling}`));
  return fresh.length ? fresh[fresh.length - 1].t : null;
}

// Dye runs a passage back and a long way on, slower the farther it is.
function lateness(t: number, n_passages: number): Float32Array {
  return Float32Array.from({ length: DYE_STEPS }, (_, k) => {
    const d = tauOf(k / (DYE_STEPS - 1), n_passages) - t;
    return Math.min(1, d < 0 ? -d / 1.3 : (d / 8) ** 0.6);
  });
}

// Strokes of what is woven and stays.
export function lying(woven: Woven): Stroke[] {
  return woven.wefts.map((weft) => {
    const { firm } = woven.knots[weft[5]];
    return { before: weft, after: weft, firm, knot: weft[5], order: LIES };
  });
}

function strokes(before: Woven, after: Woven, settles: boolean): Stroke[] {
  const known = new Map<number, Weft[]>();
  before.wefts.forEach((weft) => {
    const k = before.knots[weft[5]].k;
    known.set(k, [...(known.get(k) ?? []), weft]);
  });
  const counts = new Map<number, number>();
  for (const weft of after.wefts) counts.set(weft[5], (counts.get(weft[5]) ?? 0) + 1);
  const seen = new Map<number, number>();
  const out: Stroke[] = [];
  let order = 0;
  let [last, x] = [-1, NaN];
  for (const weft of after.wefts) {
    const { k, firm } = after.knots[weft[5]];
    const old = settles ? undefined : known.get(k);
    const place = seen.get(weft[5]) ?? 0;
    seen.set(weft[5], place + 1);
    // All strokes of one weft are laid together; those of the next come after it.
    const middle = weft[0] + weft[2];
    if (!old && (weft[5] !== last || Math.abs(middle - x) > 1)) order++;
    [last, x] = [weft[5], middle];
    const moves = old?.length === counts.get(weft[5]);
    out.push({
      before: moves ? old![place] : weft,
      after: weft,
      firm,
      knot: weft[5],
      order: old ? LIES : order - 1,
    });
  }
  const stays = new Set(after.knots.map((knot) => knot.k));
  for (const weft of before.wefts) {
    const { k, firm } = before.knots[weft[5]];
    if (!settles && stays.has(k)) continue;
    out.push({ before: weft, after: weft, firm, knot: -1, order: LEAVES });
  }
  return out;
}
