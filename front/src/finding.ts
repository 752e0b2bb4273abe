// Finding: which thread or knot is under a point of the picture.

import type { Picture } from "./picture.ts";

export type Found = { knot: number } | { strand: number } | null;

// Fingers are wider than arrows: `reach` is in CSS pixels.
export function find(picture: Picture, x: number, y: number, reach: number): Found {
  const at = picture.fit;
  if (!at) return null;
  const px = (x - at.x) / at.scale;
  const py = (y - at.y) / at.scale;
  const far = reach / at.scale;
  const { scene } = picture;
  const xy = scene.xy[at.format.name];
  let knot = -1;
  let best = Infinity;
  scene.knots.forEach((k, j) => {
    const mid = Math.round(k.u * (scene.S - 1));
    let lo = [Infinity, Infinity];
    let hi = [-Infinity, -Infinity];
    const half = Math.max(1, Math.round(k.h * (scene.S - 1)));
    for (const s of k.s)
      for (const q of [mid - half, mid, mid + half]) {
        const o = Math.min(scene.S - 1, Math.max(0, q));
        const x = xy[2 * s][o] / 10;
        const y = xy[2 * s + 1][o] / 10;
        lo = [Math.min(lo[0], x), Math.min(lo[1], y)];
        hi = [Math.max(hi[0], x), Math.max(hi[1], y)];
      }
    if (px < lo[0] - far || px > hi[0] + far || py < lo[1] - far || py > hi[1] + far) return;
    const d = Math.hypot(px - (lo[0] + hi[0]) / 2, py - (lo[1] + hi[1]) / 2);
    if (d < best) {
      best = d;
      knot = j;
    }
  });
  if (knot >= 0) return { knot };
  let strand = -1;
  best = far * far;
  for (const c of picture.threads)
    for (let k = 0; k < c.x.length; k += 2) {
      const d = (c.x[k] - px) ** 2 + (c.y[k] - py) ** 2;
      if (d < best) {
        best = d;
        strand = c.strand;
      }
    }
  return strand >= 0 ? { strand } : null;
}
