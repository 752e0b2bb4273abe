// Wefts: the short linen strokes that turn meeting threads into cloth.

import { css, mix } from "./colour.ts";
import type { Weft } from "./scene.ts";
import type { Brush } from "./threads.ts";

export function drawWefts(
  ctx: CanvasRenderingContext2D,
  { scene, format, ground }: Brush,
  only: Set<number> | null,
): void {
  const [whole, thin, around] = scene.weft[format.name];
  // Light beside firm is a difference; where nothing is firm it is only faint.
  const light = scene.knots.some((k) => k.firm) ? thin : (thin + whole) / 2;
  const night = ground.theme === "night";
  ctx.lineCap = "round";
  // All casings of a knot lie under all its wefts; drawn one by one they would
  // nick their neighbours.
  const groups = new Map<string, Weft[]>();
  for (const w of scene.wefts[format.name]) {
    if (only && !only.has(w[5])) continue;
    const key = `${w[4]} ${scene.knots[w[5]]?.firm ? 1 : 0}`;
    const group = groups.get(key);
    if (group) group.push(w);
    else groups.set(key, [w]);
  }
  const lines = (all: Weft[], style: string, wide: number) => {
    ctx.beginPath();
    for (const [x0, y0, x1, y1] of all) {
      ctx.moveTo(x0 / 10, y0 / 10);
      ctx.lineTo(x1 / 10, y1 / 10);
    }
    ctx.lineWidth = wide;
    ctx.strokeStyle = style;
    ctx.stroke();
  };
  const dark = night ? "rgba(6,7,18,.55)" : "rgba(248,244,236,.7)";
  for (const [key, all] of groups) lines(all, dark, (key.endsWith("1") ? whole : light) + around);
  for (const [key, all] of groups) {
    const [feeling, firm] = key.split(" ").map(Number);
    const colour = feeling >= 0 ? mix(ground.weft, ground.dyes[feeling], 0.35) : ground.weft;
    // Found by likeness alone: light. Said by somebody: firm.
    lines(all, css(colour, firm ? 1 : 0.94), firm ? whole : light);
  }
}
