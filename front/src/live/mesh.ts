// Mesh: what is woven as numbers for the graphics processor. No drawing, no state.

import { type Ground, type Lab, css, mix } from "../colour.ts";
import type { Stroke } from "./change.ts";
import { depth } from "./geometry.ts";
import type { Woven } from "./woven.ts";

export const WARP_PARTS = [4, 4, 4, 2]; // floats of a vertex, by attribute
export const WEFT_FLOATS = 11; // a stroke: two ends before and after, its colour, width, order
const FLOATS = 14;

// Where every warp lies before the event that is being shown, and after it.
export function warpMesh(to: Woven, from: Float32Array, fromWeight: Float32Array): Float32Array {
  const { n, steps } = to;
  const mesh = new Float32Array(n * steps * 2 * FLOATS);
  let o = 0;
  for (let i = 0; i < n; i++) {
    let far = 0;
    for (let k = 0; k < steps; k++) {
      const at = i * steps + k;
      if (k) far += Math.hypot(to.xy[2 * at] - to.xy[2 * at - 2], to.xy[2 * at + 1] - to.xy[2 * at - 1]);
      const u = k / (steps - 1);
      for (let side = 0; side < 2; side++) {
        o = put(mesh, o, from, at, k, steps);
        o = put(mesh, o, to.xy, at, k, steps);
        mesh.set([u, far, 2 * i + side, depth(i, u), fromWeight[at], to.weight[at]], o);
        o += 6;
      }
    }
  }
  return mesh;
}

export function warpIndex({ n, steps }: Woven): Uint32Array {
  const index = new Uint32Array(n * (steps - 1) * 6);
  let o = 0;
  for (let i = 0; i < n; i++)
    for (let k = 0; k < steps - 1; k++, o += 6) {
      const a = 2 * (i * steps + k);
      index.set([a, a + 1, a + 2, a + 2, a + 1, a + 3], o);
    }
  return index;
}

// A place and the way across it.
function put(mesh: Float32Array, o: number, xy: Float32Array, at: number, k: number, steps: number): number {
  const a = k ? at - 1 : at;
  const b = k < steps - 1 ? at + 1 : at;
  const dx = xy[2 * b] - xy[2 * a];
  const dy = xy[2 * b + 1] - xy[2 * a + 1];
  const l = Math.hypot(dx, dy) || 1;
  mesh[o] = xy[2 * at];
  mesh[o + 1] = xy[2 * at + 1];
  mesh[o + 2] = -dy / l;
  mesh[o + 3] = dx / l;
  return o + 4;
}

// Casings first: drawn one by one they would nick their neighbours. `lit` are the knots that
// keep their light while something is lit; null: all do.
export function weftMesh(
  strokes: readonly Stroke[],
  [firm, light, around]: readonly [number, number, number],
  ground: Ground,
  lit: ReadonlySet<number> | null,
): Float32Array {
  const floats = new Float32Array(2 * strokes.length * WEFT_FLOATS);
  const bytes = new Uint8Array(floats.buffer);
  let o = 0;
  for (const casing of [true, false])
    for (const one of strokes) {
      for (const ends of [one.before, one.after]) for (let k = 0; k < 4; k++) floats[o++] = ends[k] / 10;
      const feeling = one.after[4];
      const colour = feeling >= 0 ? mix(ground.weft, ground.dyes[feeling], 0.35) : ground.weft;
      const cover = casing ? (ground.theme === "night" ? 0.55 : 0.7) : one.firm ? 1 : 0.9;
      const alpha = cover * (!lit || lit.has(one.knot) ? 1 : 0.25);
      const rgb = rgbOf(casing ? ground.casing : colour);
      rgb.forEach((c, k) => (bytes[4 * o + k] = Math.round(255 * c * alpha)));
      bytes[4 * o++ + 3] = Math.round(255 * alpha);
      floats[o++] = ((one.firm ? firm : light) + (casing ? around : 0)) / 2;
      floats[o++] = one.order;
    }
  return floats;
}

export function rgbOf(colour: Lab): number[] {
  return css(colour)
    .match(/\d+/g)!
    .map((c) => Number(c) / 255);
}
