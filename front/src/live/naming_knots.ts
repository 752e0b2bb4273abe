// Naming knots: where the word of a motif stands beside its knot.
//
// Wide sheets carry words along the arc, in the gap beside a patch; phones carry a few,
// upright. A word that finds no free place is left out: every word stands in the text as
// well. Places are given in the order of passages and look at nothing later than their own,
// so that a word which stands never moves because the evening goes on.

import type { Label } from "../scene.ts";
import { type Sheet, along, point, thick } from "./geometry.ts";
import type { KnotPlace } from "./woven.ts";
import type { Words } from "./words_beside.ts";

export type Measure = (text: string, size: number) => number; // width, design units

export const PHONE_MAX = 9;
const PASSAGE_MAX = 3; // words at one passage of a wide sheet
const AGAIN = 4; // passages
const LETTERS_MAX = { wide: 20, phone: 16 };
const PHONE_SIZE = 13.5;
const PAD = 6; // room around a word: its halo and a breath
const OVER_PATCH = 220;
const COST_MAX = 480;
// Scripts whose letters stand by themselves and so can follow an arc.
const CURVED =
  /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}\p{Script=Georgian}\p{Mn}\p{Nd}\p{P}\p{Zs}]*$/u;

type Box = readonly [u0: number, u1: number, v0: number, v1: number];

export function placeLabels(
  sheet: Sheet,
  knots: readonly KnotPlace[],
  words: Words,
  lanes: readonly (readonly number[])[],
  width: number,
  measure: Measure,
  least: number, // the smallest size that reads, design units
): Label[] {
  const named = knots.filter((knot) => words.motifs.has(knot.motif));
  return sheet.name === "phone"
    ? upright(sheet, named, words, measure, least)
    : onArc(sheet, named, knots, words, lanes, width, measure, least);
}

export function shortened(name: string, letters_max: number): string {
  const whole = name.normalize("NFC").trim().replace(/\s+/g, " ");
  const letters = lettersOf(whole);
  if (letters.length <= letters_max) return whole;
  let kept = letters.slice(0, letters_max - 1);
  const space = kept.lastIndexOf(" ");
  if (letters[letters_max - 1] !== " " && 2 * space >= letters_max) kept = kept.slice(0, space);
  return `${kept.join("").replace(/[ ,;:·/-]+$/, "")}…`;
}

// What a reader takes for letters; browsers without a segmenter cut between code points.
function lettersOf(text: string): string[] {
  if (!("Segmenter" in Intl)) return [...text];
  return [...new Intl.Segmenter().segment(text)].map((one) => one.segment);
}

function onArc(
  sheet: Sheet,
  named: readonly KnotPlace[],
  knots: readonly KnotPlace[],
  words: Words,
  lanes: readonly (readonly number[])[],
  width: number,
  measure: Measure,
  least: number,
): Label[] {
  const out: Label[] = [];
  const taken: Box[] = [];
  const last = new Map<number, [met: number, named: number]>(); // motif -> passages
  let here = [-1, 0]; // a passage, and how many words it has
  const bySize = [...named].sort((a, b) => a.t - b.t || b.warps.length - a.warps.length || a.k - b.k);
  for (const knot of bySize) {
    if (knot.t !== here[0]) here = [knot.t, 0];
    // Once a run: a motif that goes on from passage to passage is named where it began, and
    // again when that is a while ago.
    const [met, told] = last.get(knot.motif) ?? [-2, -AGAIN];
    const goesOn = knot.t - met <= 1 && knot.t - told < AGAIN;
    last.set(knot.motif, [knot.t, goesOn ? told : knot.t]);
    if (goesOn || here[1] === PASSAGE_MAX) continue;
    const { name, lang } = words.motifs.get(knot.motif)!;
    const text = shortened(name, LETTERS_MAX.wide);
    const size = Math.max(least, 15.5 + Math.min(5, 0.6 * knot.warps.length));
    const wide = measure(text, size);
    const straight = !CURVED.test(text);
    const patches = knots
      .filter((other) => other.t <= knot.t)
      .map((o): Box => [o.u - o.half - 0.001, o.u + o.half + 0.001, o.low, o.high]);
    let best: { cost: number; u: number; v: number; box: Box } | null = null;
    for (const [u, v] of places(knot, size)) {
      const half = (wide / 2 + PAD) / along(sheet, u, v).perU;
      const sag = straight ? (wide * wide) / (8 * 330) : 0;
      const box: Box = [u - half, u + half, v - 0.8 * size - sag, v + 0.3 * size + sag];
      if (!allowed(sheet, box) || taken.some((t) => touch(t, box))) continue;
      let cost = 2_600 * Math.abs(u - knot.u) + 4 * Math.max(0, box[2] - knot.high, knot.low - box[3]);
      cost += 10 * under(sheet, lanes[knot.t], box, width);
      // Over a patch only where the whole band is cloth, and a thread or two rather than that.
      cost += OVER_PATCH * patches.filter((p) => touch(p, box)).length;
      if (!best || cost < best.cost - 1e-6) best = { cost, u, v, box };
    }
    if (!best || best.cost > COST_MAX) continue;
    here[1]++;
    taken.push(best.box);
    const { u, v, box } = best;
    const label: Label = { text, lang: lang ?? "", motif: knot.motif, knot: knot.k, size };
    if (straight) {
      const [x, y] = point(sheet, u, v);
      out.push({ ...label, straight, x, y, angle: (along(sheet, u, v).turn * 180) / Math.PI });
    } else {
      const n = Math.max(5, Math.min(17, Math.round(wide / 12)));
      const path = Array.from({ length: n }, (_, k) =>
        point(sheet, box[0] + ((box[1] - box[0]) * k) / (n - 1), v),
      );
      out.push({ ...label, path });
    }
  }
  return out;
}

function* places(knot: KnotPlace, size: number): Generator<[number, number]> {
  const [outer, inner] = [knot.high + 0.8 * size, knot.low - 0.3 * size];
  for (const away of [1, 4, 8, 13])
    for (const shift of [0, -0.009, 0.009, -0.018, -0.027])
      for (const v of [outer + away, inner - away]) yield [knot.u + shift, v];
}

// On the sheet, clear of the seats and of the opening, and readable from left to right.
function allowed(sheet: Sheet, [u0, u1, v0, v1]: Box): boolean {
  if (u0 <= 0.112 || u1 >= 0.888) return false;
  const { x, y, w, h } = sheet.opening;
  for (const u of [u0, (u0 + u1) / 2, u1]) {
    if (v1 >= (sheet.half + 30) * (0.35 + 0.65 * thick(u)) - 12) return false;
    for (const v of [v0, v1]) {
      const [px, py] = point(sheet, u, v);
      if (px < 8 || px > sheet.width - 8 || py < 8 || py > sheet.height - 8) return false;
      if (px > x && px < x + w && py > y && py < y + h) return false;
    }
  }
  return true;
}

function touch(a: Box, b: Box): boolean {
  return a[0] < b[1] && a[1] > b[0] && a[2] < b[3] && a[3] > b[2];
}

// How many warps run under a box, as they lie at its own passage.
function under(sheet: Sheet, lane: readonly number[], box: Box, width: number): number {
  const scale = (sheet.half / 1000) * thick((box[0] + box[1]) / 2);
  let n = 0;
  for (const one of lane) if (one * scale > box[2] - width / 2 && one * scale < box[3] + width / 2) n++;
  return n;
}

function upright(
  sheet: Sheet,
  named: readonly KnotPlace[],
  words: Words,
  measure: Measure,
  least: number,
): Label[] {
  const size = Math.max(least, PHONE_SIZE);
  const out: Label[] = [];
  const taken: Box[] = [];
  const seen = new Set<number>();
  const free = sheet.opening;
  for (const knot of [...named].sort((a, b) => b.warps.length - a.warps.length || a.t - b.t || a.k - b.k)) {
    if (out.length === PHONE_MAX) break;
    if (seen.has(knot.motif)) continue;
    const { name, lang } = words.motifs.get(knot.motif)!;
    const text = shortened(name, LETTERS_MAX.phone);
    const wide = measure(text, size);
    const [x, y] = point(sheet, knot.u, (knot.low + knot.high) / 2);
    for (const dy of [0, -1.1 * size, 1.1 * size]) {
      const middle = y + dy;
      const inOpening = middle > free.y - 12 && middle < free.y + free.h + 12;
      const right = inOpening ? free.x - 2 : sheet.width - 4;
      const cx = Math.min(Math.max(x, wide / 2 + 5), right - wide / 2);
      const box: Box = [cx - wide / 2 - 3, cx + wide / 2 + 3, middle - 0.67 * size, middle + 0.67 * size];
      if (box[0] < 2 || box[3] > sheet.height - 4 || taken.some((t) => touch(t, box))) continue;
      taken.push(box);
      seen.add(knot.motif);
      const baseline = middle + 0.31 * size;
      out.push({ text, lang: lang ?? "", motif: knot.motif, knot: knot.k, size, x: cx, y: baseline });
      break;
    }
  }
  return out;
}
