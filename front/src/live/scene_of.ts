// What is woven as a scene of the finished page, so that its drawings serve here as well.
//
// Without the threads themselves, which the flat drawing adds (`flat.ts`).

import type { Scene } from "../scene.ts";
import type { Woven } from "./woven.ts";

// Both sheets are this one: no other is drawn.
export function both<T>(one: T): { wide: T; phone: T } {
  return { wide: one, phone: one };
}

export function sceneOf(woven: Woven): Scene {
  const knots = woven.knots.map(({ k, t, motif, warps, firm, u, half }) => {
    return { p: t, m: motif, s: warps, firm, k: [k], u, h: half };
  });
  return {
    n: woven.n,
    T: woven.n_passages,
    S: 0,
    mode: "threads",
    strand_of: [],
    strand_size: [],
    shade: woven.shade,
    width: both([woven.width[0], woven.width[1]]),
    casing: both(woven.sheet.casing),
    weft: both([...woven.weftWidth]),
    weight: [],
    passage_u: [],
    knots,
    labels: both(woven.labels),
    seats: both(woven.seats),
    seat_radius: woven.seatRadius,
    opening: both(woven.sheet.opening),
    open: new Set(woven.open),
    offset: [],
    xy: both([]),
    z: [],
    dye: [],
    light: null,
    wefts: both(woven.wefts),
    ring: woven.ring,
    band: both(woven.band),
    dyed: true,
  };
}
