// Keeping: how much of its own light each stretch of a warp keeps.
//
// What is not woven yet steps back toward the ground; so does, while something is lit,
// everything else. One table says so to every drawing.

import type { Picture } from "./acts.ts";
import { passageU, step } from "./geometry.ts";
import type { Woven } from "./woven.ts";

export const KEEP_STEPS = 256; // along a warp
const FUTURE = 0.38; // what is left of a stretch that is not woven yet
const FADES = 0.03; // over so much of u
const DIM = 0.26; // what is left of what is not lit

export interface Lit {
  report?: number;
  motif?: number;
  passage?: number;
  warp?: number;
  path?: readonly number[];
}

// Stretches of warps, from u to u, and the knots that are lit, by place in `woven.knots`.
export interface LitPlaces {
  stretches: readonly (readonly [warp: number, from: number, to: number])[];
  knots: ReadonlySet<number>;
}

export function litPlaces(lit: Lit, woven: Woven, picture: Picture): LitPlaces {
  const stretches: [number, number, number][] = [];
  const knots = new Set<number>();
  const { n_passages } = woven;
  // Half the way to the next passage: somebody's stretch of a warp that others share.
  const reach = 1.4 * step(n_passages);
  const report = (r: number) => {
    const told = picture.told.get(r);
    if (!told) return;
    const u = passageU(told.passage, n_passages);
    const alone = (woven.told[told.warp]?.length ?? 0) < 2;
    stretches.push(alone ? [told.warp, 0, 1] : [told.warp, u - reach, u + reach]);
  };
  const knot = (at: number) => {
    knots.add(at);
    const { warps, u } = woven.knots[at];
    for (const i of warps) stretches.push([i, u - reach, u + reach]);
  };
  const each = (wanted: (k: Woven["knots"][number]) => boolean) =>
    woven.knots.forEach((k, at) => wanted(k) && knot(at));
  if (lit.report !== undefined) {
    const told = picture.told.get(lit.report);
    report(lit.report);
    if (told) each((k) => k.t === told.passage && k.warps.includes(told.warp));
  }
  if (lit.motif !== undefined) each((k) => k.motif === lit.motif);
  if (lit.passage !== undefined) {
    each((k) => k.t === lit.passage);
    for (const [r, told] of picture.told) if (told.passage === lit.passage) report(r);
  }
  if (lit.warp !== undefined) {
    stretches.push([lit.warp, 0, 1]);
    woven.knots.forEach((k, at) => k.warps.includes(lit.warp!) && knots.add(at));
  }
  const path = lit.path ?? [];
  path.forEach(report);
  for (let j = 1; j < path.length; j++) {
    const [a, b] = [picture.told.get(path[j - 1])?.warp, picture.told.get(path[j])?.warp];
    if (a !== undefined && b !== undefined) each((k) => k.warps.includes(a) && k.warps.includes(b));
  }
  return { stretches, knots };
}

export function keepTable(woven: Woven, now: number, places: LitPlaces | null): Uint8Array {
  const out = new Uint8Array(woven.n * KEEP_STEPS);
  const full = new Float32Array(KEEP_STEPS);
  for (let k = 0; k < KEEP_STEPS; k++) {
    const f = Math.min(1, Math.max(0, (k / (KEEP_STEPS - 1) - now) / FADES));
    full[k] = 255 * (1 - (1 - FUTURE) * f * f * (3 - 2 * f));
  }
  for (let i = 0; i < woven.n; i++)
    for (let k = 0; k < KEEP_STEPS; k++) out[i * KEEP_STEPS + k] = full[k] * (places ? DIM : 1);
  for (const [i, from, to] of places?.stretches ?? []) {
    if (i >= woven.n) continue;
    for (let k = 0; k < KEEP_STEPS; k++) {
      const u = k / (KEEP_STEPS - 1);
      const f = Math.min(1, Math.max(0, Math.min(u - from, to - u) / 0.012 + 1));
      const at = i * KEEP_STEPS + k;
      out[at] = Math.max(out[at], Math.max(full[k], 140) * f);
    }
  }
  return out;
}
