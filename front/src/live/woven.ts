// Woven: a gathering's picture laid out for one sheet, as everything that is drawn of it.
//
// Numbers and words in, design units out; draws nothing and keeps nothing. The same picture
// and words give the same layout, whether they were heard one by one or read at once.

import { chance } from "../chance.ts";
import type { FormatName, Label, SeatMark, Weft } from "../scene.ts";
import { byNumber, CLOSED, type Picture, TELLING } from "./acts.ts";
import { type Dye, DYE_STEPS, dyeOf, type Telling } from "./dye.ts";
import * as geometry from "./geometry.ts";
import { type Sheet, SHEETS, across, passageU, point, thick } from "./geometry.ts";
import { type Measure, placeLabels } from "./naming_knots.ts";
import { ringOf, seatRadius, seatsOf } from "./seating.ts";
import type { Words } from "./words_beside.ts";

export interface KnotPlace {
  k: number; // the act's number
  t: number;
  motif: number;
  warps: number[]; // in lane order, inner to outer
  firm: boolean;
  u: number;
  half: number; // half its patch, in u
  low: number; // v of its patch's edges
  high: number;
}
export interface Woven {
  settled: boolean; // the weave of the whole evening: its warps and knots are others
  sheet: Sheet;
  n: number; // warps
  n_passages: number;
  steps: number; // samples along a warp
  xy: Float32Array; // n * steps * 2
  weight: Float32Array; // n * steps: factor on width
  light: Float32Array[]; // by warp, DYE_STEPS each: how near a meeting or a telling
  dye: Dye[];
  told: Telling[][]; // by warp
  shade: number[]; // 0..255
  open: ReadonlySet<number>;
  now: number; // woven up to this u
  width: readonly [number, number];
  wefts: Weft[];
  weftWidth: readonly [number, number, number]; // firm, light, what the casing adds
  knots: KnotPlace[];
  labels: Label[];
  seats: SeatMark[];
  seatRadius: number;
  ring: [number, number, number][];
  band: [number, number][];
}

const LOOSE = 1.4; // how much further apart the wefts of a light knot lie
const MET_AGAIN = 0.7; // how strong a feeling is where its telling is met again
const FLOAT = 0.67; // half a weft's length, of the gap between two warps

export function lay(picture: Picture, words: Words, format: FormatName, letters: Letters, dyed: Dyed): Woven {
  const sheet = SHEETS[format];
  const n = picture.n_warps;
  const n_passages = Math.max(1, picture.n_passages);
  const lanes = geometry.allLanes(picture.lanes, n, n_passages);
  const told = toldByWarp(picture, words, n);
  const [base, per] = geometry.body(n);
  const width = [base * sheet.small, per * sheet.small] as const;
  const knots = placesOf(picture, sheet, lanes, width[0]);
  const steps = n > 24 ? 289 : 361;
  const xy = new Float32Array(2 * n * steps);
  const weight = new Float32Array(n * steps);
  for (let i = 0; i < n; i++) {
    const grows = weights(told[i], n_passages, steps);
    for (let k = 0; k < steps; k++) {
      const u = k / (steps - 1);
      const at = i * steps + k;
      [xy[2 * at], xy[2 * at + 1]] = point(sheet, u, across(sheet, lanes, i, u));
      weight[at] = grows[k];
    }
  }
  const met = told.map((all, i) => metAgain(picture, all, i));
  const keys = told.map((all, i) =>
    [...all, ...met[i]].map((one) => `${one.t}/${one.feeling}/${one.strength}`).join(" "),
  );
  const dye = told.map((all, i) => {
    const held = dyed.get(i);
    if (held?.key === keys[i]) return held.dye;
    const made = dyeOf(all, met[i], i, n_passages);
    dyed.set(i, { key: keys[i], dye: made });
    return made;
  });
  const next = chance(11);
  const seats = format === "wide" ? seatsOf(picture, words) : [];
  const weft = 2 * sheet.small * Math.min(1.8, Math.max(0.55, base / 3.1));
  return {
    settled: false,
    sheet,
    n,
    n_passages,
    steps,
    xy,
    weight,
    light: lights(picture, knots, n, n_passages),
    dye,
    told,
    shade: Array.from({ length: n }, () => Math.floor(256 * next())),
    open: new Set(picture.open),
    now: wovenTo(picture, n_passages),
    width,
    wefts: knots.flatMap((knot, k) => weftsOf(knot, k, sheet, lanes, told, width[0])),
    weftWidth: [weft, 0.74 * weft, 0.55 * weft],
    knots,
    labels: placeLabels(sheet, knots, words, lanes, width[0], letters.measure, letters.least),
    seats,
    seatRadius: seatRadius(seats.length),
    ring: format === "wide" ? ringOf(picture, words) : [],
    band: geometry.band(sheet, n),
  };
}

// How words are measured on this screen, and the smallest size that reads, design units.
export interface Letters {
  measure: Measure;
  least: number;
}

// Dyes that were worked out before, by warp: most warps stay as they are from event to event.
export type Dyed = Map<number, { key: string; dye: Dye }>;

function toldByWarp(picture: Picture, words: Words, n: number): Telling[][] {
  const out: Telling[][] = Array.from({ length: n }, () => []);
  for (const [r, { warp, passage }] of byNumber(picture.told)) {
    const [feeling, strength] = words.feeling(r);
    out[warp]?.push({ r, t: passage, feeling, strength });
  }
  return out;
}

// Where what somebody told is met again later, their feeling is there too, more quietly.
function metAgain(picture: Picture, told: readonly Telling[], warp: number): Telling[] {
  const out: Telling[] = [];
  for (const [, { passage, warps }] of byNumber(picture.knots)) {
    if (!warps.includes(warp)) continue;
    const last = told.filter((one) => one.t <= passage && one.feeling >= 0).pop();
    if (last && last.t < passage) out.push({ ...last, t: passage, strength: MET_AGAIN * last.strength });
  }
  return out;
}

// The evening is woven up to a little past the newest telling; at its end, whole.
function wovenTo(picture: Picture, n_passages: number): number {
  if (picture.phase > TELLING && picture.phase <= CLOSED) return 1;
  let t = -1;
  for (const one of picture.told.values()) t = Math.max(t, one.passage);
  const at = t < 0 ? geometry.U0 : passageU(t, n_passages);
  return at + 0.45 * geometry.step(n_passages);
}

// A warp that several told on is thicker from there on, by the root of their number. Only
// from there on: what lies before was woven with fewer, and stays.
function weights(told: readonly Telling[], n_passages: number, steps: number): Float32Array {
  const out = new Float32Array(steps).fill(1);
  if (told.length < 2) return out;
  for (let k = 0; k < steps; k++) {
    const tau = geometry.tauOf(k / (steps - 1), n_passages);
    let people = 0;
    for (const one of told) people += Math.min(1, Math.max(0, tau - one.t + 0.5));
    out[k] = Math.min(1.7, 1 + 0.22 * (Math.sqrt(Math.max(1, people)) - 1));
  }
  return out;
}

// How near each step lies to a knot of its warp or to a telling: 1 at a firm knot.
function lights(
  picture: Picture,
  knots: readonly KnotPlace[],
  n: number,
  n_passages: number,
): Float32Array[] {
  const out = Array.from({ length: n }, () => new Float32Array(DYE_STEPS));
  const per = Math.max(0.03, geometry.step(n_passages));
  const near = (i: number, t: number, most: number, wide: number) => {
    const row = out[i];
    if (!row) return;
    const at = passageU(t, n_passages);
    const from = Math.max(0, Math.floor((at - 1.2 * per) * DYE_STEPS));
    const to = Math.min(DYE_STEPS, Math.ceil((at + 1.2 * per) * DYE_STEPS));
    for (let k = from; k < to; k++) {
      const d = (k / (DYE_STEPS - 1) - at) / per;
      row[k] = Math.max(row[k], most * Math.exp(-(d ** 4) / (2 * wide ** 4)));
    }
  };
  for (const knot of knots) for (const i of knot.warps) near(i, knot.t, knot.firm ? 1 : 0.7, 0.45);
  // What is told without meeting anything is seen as well.
  for (const { warp, passage } of picture.told.values()) near(warp, passage, 0.55, 0.34);
  return out;
}

function placesOf(
  picture: Picture,
  sheet: Sheet,
  lanes: readonly (readonly number[])[],
  width: number,
): KnotPlace[] {
  const n_passages = lanes.length;
  const room = (0.34 * 0.75) / Math.max(1, n_passages - 1);
  return byNumber(picture.knots)
    .filter(([, knot]) => knot.passage < picture.lanes.length)
    .map(([k, knot]) => {
      const lane = lanes[knot.passage];
      const warps = knot.warps.filter((i) => i < lane.length).sort((a, b) => lane[a] - lane[b] || a - b);
      const u = passageU(knot.passage, n_passages);
      const v = warps.map((i) => across(sheet, lanes, i, u));
      const reach = floatOf(v, width);
      const half = Math.min(0.0102 + 0.0009 * Math.min(warps.length, 20), Math.max(room, 0.0015));
      return {
        k,
        t: knot.passage,
        motif: knot.motif,
        warps,
        firm: knot.firm > 0,
        u,
        half,
        low: Math.min(...v) - reach,
        high: Math.max(...v) + reach,
      };
    })
    .filter((knot) => knot.warps.length > 0)
    .sort((a, b) => a.t - b.t || a.k - b.k);
}

// How far a weft reaches past its warp on either side.
function floatOf(v: readonly number[], width: number): number {
  let gap = Infinity;
  for (let j = 1; j < v.length; j++) gap = Math.min(gap, v[j] - v[j - 1]);
  return Math.max(Number.isFinite(gap) ? FLOAT * gap : 0, 0.72 * width);
}

function weftsOf(
  knot: KnotPlace,
  at: number,
  sheet: Sheet,
  lanes: readonly (readonly number[])[],
  told: readonly Telling[][],
  width: number,
): Weft[] {
  const v = knot.warps.map((i) => across(sheet, lanes, i, knot.u));
  const felt = knot.warps.map((i) => brings(told[i], knot.t));
  const mid = v.reduce((a, b) => a + b, 0) / v.length;
  const length = 2 * knot.half * geometry.along(sheet, knot.u, mid).perU;
  const pitch = sheet.pitch * (knot.firm ? 1 : LOOSE) * Math.max(1, width / (7 * sheet.small));
  const n = Math.max(3, Math.round(length / pitch));
  const reach = floatOf(v, width) * (knot.firm ? 1 : 0.94);
  const out: Weft[] = [];
  for (let k = 0; k <= n; k++) {
    const u = knot.u + knot.half * ((2 * k) / n - 1);
    for (let j = 0; j < v.length; j++) {
      // Over one warp and under the next.
      if (v.length > 1 && (j + k) % 2) continue;
      const here = across(sheet, lanes, knot.warps[j], u);
      const far = (reach * thick(u)) / thick(knot.u);
      const [x0, y0] = point(sheet, u, here - far);
      const [x1, y1] = point(sheet, u, here + far);
      out.push([10 * x0, 10 * y0, 10 * x1, 10 * y1, felt[k % felt.length], at]);
    }
  }
  return out;
}

// The feeling a warp brings to a knot: that of whoever told on it last by then.
function brings(told: readonly Telling[], t: number): number {
  let feeling = -1;
  for (const one of told) if (one.t <= t && one.feeling >= 0) feeling = one.feeling;
  return feeling;
}
