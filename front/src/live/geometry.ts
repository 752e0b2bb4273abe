// Geometry: where on the sheet a warp runs, from horn to horn.
//
// The crescent of `dreamscape/crescent.py` for an evening that is still going on: lanes up to
// the newest passage come from the node, what lies beyond is strung evenly and woven by
// nobody yet. `u` runs along the crescent, 0 to 1, and `v` across it, inner edge to outer.

import type { FormatName } from "../scene.ts";

export interface Sheet {
  name: FormatName;
  width: number;
  height: number;
  half: number; // half the band's width at its thickest
  braid: number; // how far warps swing in the horns
  cord: number; // and at their very tip
  glow: number; // how far the glow reaches past the outermost warp
  pitch: number; // from weft to weft
  small: number; // how much smaller a body is than on the wide sheet
  casing: number; // what the casing adds to a body's width
  // The free room for title and words: `opening` in `dreamscape/crescent.py` works it out.
  opening: { x: number; y: number; w: number; h: number };
}

export const SHEETS: Record<FormatName, Sheet> = {
  wide: {
    name: "wide",
    width: 1600,
    height: 1000,
    half: 168,
    braid: 10,
    cord: 1.5,
    glow: 16,
    pitch: 4.1,
    small: 1,
    casing: 2.3,
    opening: { x: 508, y: 56, w: 584, h: 384.97 },
  },
  phone: {
    name: "phone",
    width: 390,
    height: 844,
    half: 66,
    braid: 5,
    cord: 0.8,
    glow: 7,
    pitch: 2.6,
    small: 0.435,
    casing: 1.3,
    opening: { x: 194.9, y: 268, w: 181.1, h: 336 },
  },
};

export const U0 = 0.125;
export const U1 = 0.875;
const HOLD = 0.23; // a warp runs straight for this part of the way on either side of a passage
const GOLDEN = 2.399; // horns are braided so that neighbours are never in step

export function passageU(t: number, n_passages: number): number {
  return n_passages > 1 ? U0 + ((U1 - U0) * t) / (n_passages - 1) : 0.5;
}

// From one passage to the next.
export function step(n_passages: number): number {
  return (U1 - U0) / Math.max(1, n_passages - 1);
}

// Where on the evening u lies, in passages.
export function tauOf(u: number, n_passages: number): number {
  return n_passages > 1 ? ((u - U0) / (U1 - U0)) * (n_passages - 1) : (u - 0.5) / (U1 - U0);
}

export function thick(u: number): number {
  return 0.1 + 0.9 * Math.max(0, Math.sin(Math.PI * Math.min(1, Math.max(0, u)))) ** 0.72;
}

export function point(sheet: Sheet, u: number, v: number): [number, number] {
  if (sheet.name === "wide") {
    const a = Math.PI * (1.125 - 1.25 * u);
    const r = 497 + 18 * Math.sin(Math.PI * u) + v;
    return [800 + 1.085 * r * Math.cos(a), 222 + r * Math.sin(a)];
  }
  const a = Math.PI * (-0.6 + 1.2 * u);
  return [318 - (232 + v) * Math.cos(a), 452 + (322 + 0.9 * v) * Math.sin(a)];
}

// The way along the arc at (u, v): design units for one of u, and its direction in radians.
export function along(sheet: Sheet, u: number, v: number): { perU: number; turn: number } {
  const e = 5e-4;
  const [x0, y0] = point(sheet, u - e, v);
  const [x1, y1] = point(sheet, u + e, v);
  return { perU: Math.hypot(x1 - x0, y1 - y0) / (2 * e), turn: Math.atan2(y1 - y0, x1 - x0) };
}

// How wide the band is for so many warps: few people, a slender moon.
export function slender(n: number): number {
  return Math.min(1, 0.565 + 0.0435 * Math.max(0, n - 5));
}

// A warp's width on the wide sheet, undyed, and what full dye adds.
export function body(n: number): [number, number] {
  if (n <= 5) return [13, 5];
  const many = 24 / n;
  return n <= 24 ? [3.1 * many ** 0.75, 2.5 * many ** 0.5] : [3.1 * many ** 0.5, 2.5 * many ** 0.4];
}

// Lanes of every passage: those laid, and for what is to come the newest ones, easing apart.
export function allLanes(laid: readonly (readonly number[])[], n: number, n_passages: number): number[][] {
  const newest = laid.length ? laid[laid.length - 1] : null;
  const order = Array.from({ length: n }, (_, i) => i);
  if (newest) order.sort((a, b) => newest[a] - newest[b] || a - b);
  const reach = newest ? Math.max(...newest.map(Math.abs), 1) : 940 * slender(n);
  const even = new Array<number>(n);
  order.forEach((i, place) => (even[i] = n > 1 ? ((2 * place) / (n - 1) - 1) * reach : 0));
  return Array.from({ length: n_passages }, (_, t) => {
    if (t < laid.length) return [...laid[t]];
    if (!newest) return even;
    const apart = Math.min(1, (t - laid.length + 1) / 2);
    return even.map((e, i) => newest[i] + (e - newest[i]) * apart);
  });
}

// v of warp i at u. Between passages a warp eases from lane to lane and is straight near
// both, so that patches are straight; in the horns all braid into one cord.
export function across(sheet: Sheet, lanes: readonly (readonly number[])[], i: number, u: number): number {
  const n_passages = lanes.length;
  const span = tauOf(u, n_passages) * (n_passages > 1 ? 1 : 0);
  const at = Math.min(Math.max(0, n_passages - 2), Math.max(0, Math.floor(span)));
  const hold = HOLD * Math.min(1, Math.max(0.35, 20 / n_passages));
  let g = Math.min(1, Math.max(0, (span - at - hold) / (1 - 2 * hold)));
  g = n_passages <= 20 ? g * g * g * (g * (6 * g - 15) + 10) : g * g * (3 - 2 * g);
  const after = Math.min(at + 1, n_passages - 1);
  const lane = lanes[at][i] + (lanes[after][i] - lanes[at][i]) * g;
  const v = ((lane * sheet.half) / 1000) * thick(u);
  const e = Math.max((U0 - u) / U0, (u - U1) / (1 - U1), 0);
  const k = e * e * (3 - 2 * e);
  const braided = Math.sin(120 * u + GOLDEN * i) * (sheet.braid * (1 - e) + sheet.cord);
  return v * (1 - k) + braided * k;
}

// Over and under, -1..1, so that crossings alternate.
export function depth(i: number, u: number): number {
  return Math.sin(52 * u + 1.7 * i);
}

// The closed outline of the glow behind the warps.
export function band(sheet: Sheet, n_warps: number, n = 120): [number, number][] {
  const fill = 0.5 + 0.5 * slender(n_warps);
  const edge = (side: number) =>
    Array.from({ length: n }, (_, k) => {
      const u = k / (n - 1);
      const taper = Math.min(1, u / U0, (1 - u) / (1 - U1));
      return point(sheet, u, side * (sheet.half * fill + sheet.glow) * thick(u) * taper);
    });
  return [...edge(-1), ...edge(1).reverse()];
}
