// Picking: what lies under the pointer, a knot before a thread.

import type { Fit } from "../formats.ts";
import { passageU } from "./geometry.ts";
import type { Woven } from "./woven.ts";

export interface Picked {
  report?: number;
  knot?: number; // the act's number
}

const REACH_PX = 12;

export function picked(woven: Woven, at: Fit, px: number, py: number): Picked | null {
  const x = (px - at.x) / at.scale;
  const y = (py - at.y) / at.scale;
  const reach = REACH_PX / at.scale;
  let best = { far: reach, warp: -1, u: 0 };
  for (let i = 0; i < woven.n; i++)
    for (let k = 0; k < woven.steps; k++) {
      const o = 2 * (i * woven.steps + k);
      const far = Math.hypot(woven.xy[o] - x, woven.xy[o + 1] - y);
      if (far < best.far) best = { far, warp: i, u: k / (woven.steps - 1) };
    }
  if (best.warp < 0) return null;
  const { warp, u } = best;
  const knot = woven.knots.find((one) => one.warps.includes(warp) && Math.abs(one.u - u) <= one.half);
  if (knot) return { knot: knot.k };
  // Of those who told on this warp, the one whose stretch it is.
  let report: number | undefined;
  let near = Infinity;
  for (const one of woven.told[warp]) {
    const away = Math.abs(passageU(one.t, woven.n_passages) - u);
    if (away < near) [near, report] = [away, one.r];
  }
  return report === undefined ? null : { report };
}
