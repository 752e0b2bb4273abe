// Dye: which feelings, and how much of them, along each warp; and the plies they dye.
//
// The rule of `dreamscape/dyeing.py`: what was said dyes its stretch and lingers a while
// behind it; nothing else does. Two feelings are never averaged: a warp is spun of three
// plies, and each of them takes one feeling or the other, with a ragged edge.

import { noise } from "../chance.ts";
import { type Ground, type Lab, NONE, css, mix } from "../colour.ts";
import { tauOf } from "./geometry.ts";

export const DYE_STEPS = 512; // along a warp
export const PLIES = 3;
export const ROW_BYTES = DYE_STEPS * 4 * PLIES;

export interface Telling {
  r: number;
  t: number; // its passage
  feeling: number; // -1: none was said
  strength: number; // 0..1
}

// Two feelings at each step, the share of the second, and how much dye: bytes.
export interface Dye {
  a: Uint8Array;
  b: Uint8Array;
  share: Uint8Array;
  amount: Uint8Array;
}

// What a layout says of its dye.
export interface Dyeable {
  n: number;
  dye: readonly Dye[];
  shade: readonly number[];
  light: readonly Float32Array[];
}

const [LINGER, LINGER_PASSAGES, LINGER_SHARE] = [0.62, 3.2, 0.7];
// Where a second one tells on a warp, dye keeps to their own stretch and stays behind them for
// a shorter while. From there on only: what lies before is dyed already.
const SHARED = { wide: 0.62, lingers: 0.3 };

export function blank(): Dye {
  const of = (byte: number) => new Uint8Array(DYE_STEPS).fill(byte);
  return { a: of(NONE), b: of(NONE), share: of(0), amount: of(0) };
}

// `met` are tellings that are met again on their warp, at a later passage.
export function dyeOf(
  told: readonly Telling[],
  met: readonly Telling[],
  warp: number,
  n_passages: number,
): Dye {
  const out = blank();
  const felt = [...told, ...met].filter((one) => one.feeling >= 0).sort((x, y) => x.t - y.t || x.r - y.r);
  if (!felt.length) return out;
  const shared = told.map((one) => one.t).sort((x, y) => x - y)[1] ?? Infinity; // from this passage on
  const near = new Float64Array(8);
  const after = new Float64Array(8);
  for (let k = 0; k < DYE_STEPS; k++) {
    const u = k / (DYE_STEPS - 1);
    const tau = tauOf(u, n_passages);
    const edge = 0.1 * (noise(520 * u, warp) - 0.5) + 0.06 * (noise(1700 * u, warp + 9) - 0.5);
    near.fill(0);
    after.fill(0);
    let last = -1;
    const lingers = LINGER_PASSAGES * (shared <= tau + 0.2 ? SHARED.lingers : 1);
    for (const one of felt) {
      const d = tau - one.t + edge;
      const s = (0.4 + 0.22 * one.strength) * (one.t >= shared ? SHARED.wide : 1);
      const dyes = Math.exp(-(d ** 4) / (2 * s ** 4)) * (0.45 + 0.75 * one.strength);
      near[one.feeling] = Math.max(near[one.feeling], dyes);
      if (one.t <= tau + 0.2) last = Math.max(last, one.t);
    }
    if (last >= 0) {
      const uneven = 0.82 + 0.36 * noise(900 * u, warp + 3);
      const fade = LINGER * Math.exp(-Math.max(0, tau - last) / lingers) * uneven;
      for (const one of felt)
        if (one.t === last)
          after[one.feeling] = Math.max(after[one.feeling], (0.6 + 0.4 * one.strength) * fade);
    }
    let [a, b, amount] = [0, 0, 0];
    let [first, second] = [-1, -1];
    for (let e = 0; e < 8; e++) {
      const weight = near[e] + LINGER_SHARE * after[e];
      amount = Math.max(amount, near[e], after[e]);
      if (weight > first) [b, second, a, first] = [a, first, e, weight];
      else if (weight > second) [b, second] = [e, weight];
    }
    if (amount <= 1 / 128) continue;
    const share = second / Math.max(first + second, 1e-9);
    out.a[k] = a;
    out.amount[k] = Math.round(255 * Math.min(1, amount));
    if (share > 1 / 64) {
      out.b[k] = b;
      out.share[k] = Math.round(255 * share);
    }
  }
  return out;
}

// Flax, ash and oat: a warp's own linen, lighter where it meets others.
function linen(ground: Ground, shade: number, light: number): Lab {
  return mix(mix(ground.linenLow, ground.linenHigh, shade / 255), ground.weft, 0.06 + 0.26 * light);
}

// Where a ply turns from the first feeling to the second.
const TURNS = [0.5, 0.24, 0.76];

// A warp's three plies as colours, alpha being the dye: rows of RGBA, one a ply.
export class Vat {
  private made = new Map<number, number>();

  constructor(private ground: Ground) {}

  // All warps of a layout, one after the other.
  rows({ n, dye, shade, light }: Dyeable): Uint8Array {
    const out = new Uint8Array(n * ROW_BYTES);
    for (let i = 0; i < n; i++) out.set(this.plies(dye[i], i, shade[i], light[i]), i * ROW_BYTES);
    return out;
  }

  private plies(dye: Dye, warp: number, shade: number, light: Float32Array): Uint8Array {
    const out = new Uint8Array(ROW_BYTES);
    for (let k = 0; k < DYE_STEPS; k++) {
      const ragged = 0.34 * (noise(k * 0.42, warp + 5) - 0.5);
      for (let ply = 0; ply < PLIES; ply++) {
        const second = dye.b[k] !== NONE && dye.share[k] / 255 > TURNS[ply] + ragged;
        const feeling = second ? dye.b[k] : dye.a[k];
        const rgb = this.colour(feeling, dye.amount[k] >> 2, Math.round(light[k] * 12), shade >> 4);
        const at = 4 * (ply * DYE_STEPS + k);
        out[at] = rgb >> 16;
        out[at + 1] = (rgb >> 8) & 255;
        out[at + 2] = rgb & 255;
        out[at + 3] = dye.amount[k];
      }
    }
    return out;
  }

  // Each colour is mixed once, however many steps take it.
  private colour(feeling: number, amount: number, light: number, shade: number): number {
    const key = (((feeling & 15) * 64 + amount) * 16 + light) * 16 + shade;
    const held = this.made.get(key);
    if (held !== undefined) return held;
    const own = linen(this.ground, shade * 17, light / 12);
    // Dye is deepest where warps meet: that is where the eye should go.
    const deep = Math.min(1, (amount / 63) * (1 + 0.02 * light));
    const lab = feeling === NONE ? own : mix(own, this.ground.dyes[feeling], deep);
    const [r, g, b] = css(lab).match(/\d+/g)!.map(Number);
    const rgb = (r << 16) | (g << 8) | b;
    this.made.set(key, rgb);
    return rgb;
  }
}
