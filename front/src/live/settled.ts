// Settled: the weave of the whole evening, as the node laid it out, in this room's terms.
//
// Reads the scene that `dreamscape/scene.py` writes and decides nothing about it.

import type { FormatName, Label, SeatMark, Weft } from "../scene.ts";
import { DYE_STEPS, type Dye, blank } from "./dye.ts";
import { SHEETS } from "./geometry.ts";
import type { KnotPlace, Woven } from "./woven.ts";

type Both<T> = Record<FormatName, T>;
interface Raw {
  n: number;
  T: number;
  S: number;
  open: number[];
  xy: Both<string>;
  dye: string;
  light: string;
  shade: number[];
  weight: number[];
  width: Both<[number, number]>;
  weft: Both<[number, number, number]>;
  wefts: Both<[number, number, number, number, number, number, number][]>;
  knots: { p: number; m: number; s: number[]; firm: boolean; u: number; h: number }[];
  labels: Both<Label[]>;
  seats: Both<SeatMark[]>;
  seat_radius: number;
  ring: [number, number, number][];
  band: Both<[number, number][]>;
}

function bytes(b64: string): Uint8Array {
  return Uint8Array.from(atob(b64), (c) => c.charCodeAt(0));
}

export function settledFrom(given: unknown, format: FormatName): Woven {
  const raw = given as Raw;
  const sheet = SHEETS[format];
  const { n, S } = raw;
  const tenths = new Int16Array(bytes(raw.xy[format]).buffer);
  const steps = 2 * (S - 1) + 1;
  const xy = new Float32Array(2 * n * steps);
  for (let i = 0; i < n; i++)
    for (let c = 0; c < 2; c++) {
      const at = (k: number) => tenths[2 * (i * S + Math.min(S - 1, Math.max(0, k))) + c] / 10;
      for (let k = 0; k < steps; k++) {
        const j = k >> 1;
        // Between two samples a smooth curve runs through both, as in the finished page.
        const mid = (9 * (at(j) + at(j + 1)) - at(j - 1) - at(j + 2)) / 16;
        xy[2 * (i * steps + k) + c] = k % 2 ? mid : at(j);
      }
    }
  const dyes = bytes(raw.dye);
  const lights = bytes(raw.light);
  const nearest = (k: number) => Math.round((k * (S - 1)) / (DYE_STEPS - 1));
  const dye = Array.from({ length: n }, (_, i): Dye => {
    const out = blank();
    [out.a, out.b, out.share, out.amount].forEach((channel, c) => {
      for (let k = 0; k < DYE_STEPS; k++) channel[k] = dyes[4 * (i * S + nearest(k)) + c];
    });
    return out;
  });
  // Where a patch ends is asked of what is still being woven alone.
  const knots = raw.knots.map(({ p, m, s, firm, u, h }, k): KnotPlace => {
    return { k, t: p, motif: m, warps: s, firm, u, half: h, low: 0, high: 0 };
  });
  return {
    settled: true,
    sheet,
    n,
    n_passages: raw.T,
    steps,
    xy,
    weight: Float32Array.from({ length: n * steps }, (_, at) => raw.weight[Math.floor(at / steps)] ?? 1),
    light: Array.from({ length: n }, (_, i) =>
      Float32Array.from({ length: DYE_STEPS }, (_, k) => lights[i * S + nearest(k)] / 255),
    ),
    dye,
    told: dye.map(() => []),
    shade: raw.shade,
    open: new Set(raw.open),
    now: 1,
    width: raw.width[format],
    wefts: raw.wefts[format].map(([a, b, c, d, f, k]): Weft => [a, b, c, d, f, k]),
    weftWidth: raw.weft[format],
    knots,
    labels: raw.labels[format],
    seats: raw.seats[format],
    seatRadius: raw.seat_radius,
    ring: format === "wide" ? raw.ring : [],
    band: raw.band[format],
  };
}
