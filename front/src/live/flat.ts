// Flat: the same weave in Canvas 2D, for machines without WebGL2 and for textures.
//
// Hands what is woven to the drawings of the finished page, as a scene of theirs. It is
// redrawn on events alone; nothing in it moves. A file of its own, fetched by whoever needs it.

import { blur, small } from "../blur.ts";
import { type Ground, css } from "../colour.ts";
import { type Fit, FORMATS } from "../formats.ts";
import type { Scene } from "../scene.ts";
import { type Brush, curves, drawGlow, drawThreads, stroke } from "../threads.ts";
import { drawWefts } from "../wefts.ts";
import { depth, point } from "./geometry.ts";
import { KEEP_STEPS } from "./keeping.ts";
import { both, sceneOf } from "./scene_of.ts";
import type { Woven } from "./woven.ts";

const STEPS = 240; // of a thread
const LEVELS = 5; // depths, as the finished page tells apart
const FADE_STEPS = 6;
const DIM = 0.74;

export interface FlatLight {
  keep: Uint8Array; // KEEP_STEPS a warp, as the other drawing has it
  knots: ReadonlySet<number> | null; // lit, by place in `woven.knots`; null: all
  mine: readonly number[];
}

export function drawFlat(
  canvas: HTMLCanvasElement,
  woven: Woven,
  fit: Fit,
  dpr: number,
  ground: Ground,
  plies: boolean,
  light: FlatLight,
): void {
  canvas.width = Math.round(fit.w * dpr);
  canvas.height = Math.round(fit.h * dpr);
  const ctx = canvas.getContext("2d")!;
  const scene = threadsOf(woven);
  const brush: Brush = { scene, format: FORMATS[woven.sheet.name], ground, plies };
  const all = curves(scene, brush.format);
  const design = () => ctx.setTransform(dpr * fit.scale, 0, 0, dpr * fit.scale, dpr * fit.x, dpr * fit.y);
  design();
  if (!plies && ground.theme === "night") glow(ctx, brush, woven);
  drawThreads(ctx, brush, all, null);
  future(ctx, woven, ground);
  drawWefts(ctx, brush, null);
  if (light.knots) {
    const lit = new Set<number>();
    for (let i = 0; i < woven.n; i++)
      if (Math.max(...light.keep.subarray(i * KEEP_STEPS, (i + 1) * KEEP_STEPS)) > 240) lit.add(i);
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.globalCompositeOperation = "source-atop";
    ctx.fillStyle = css(ground.ground, DIM);
    ctx.fillRect(0, 0, canvas.width, canvas.height);
    ctx.globalCompositeOperation = "source-over";
    design();
    drawThreads(ctx, brush, all, lit);
    drawWefts(ctx, brush, new Set(light.knots));
  }
  for (const i of light.mine) {
    const c = all[i];
    if (!c) continue;
    const wide = Math.max(2.8 * woven.sheet.small, 0.9 * woven.width[0]);
    stroke(ctx, c, 0, c.x.length - 1, wide + 2.2, css(ground.casing));
    stroke(ctx, c, 0, c.x.length - 1, wide, css(ground.ivory));
  }
}

function threadsOf(woven: Woven): Scene {
  const { n, steps } = woven;
  const sample = (k: number, of: number) => Math.round((k * (of - 1)) / (STEPS - 1));
  const rows = (n_rows: number, make: (row: number, k: number) => number) =>
    Array.from({ length: n_rows }, (_, row) => Int32Array.from({ length: STEPS }, (_, k) => make(row, k)));
  const dye = (channel: "a" | "b" | "share" | "amount") =>
    rows(n, (i, k) => woven.dye[i][channel][sample(k, woven.dye[i].a.length)]);
  const place = (row: number, k: number) =>
    Math.round(10 * woven.xy[2 * ((row >> 1) * steps + sample(k, steps)) + (row & 1)]);
  const level = (i: number, k: number) =>
    Math.min(LEVELS - 1, Math.floor((depth(i, k / (STEPS - 1)) * 0.5 + 0.5) * LEVELS));
  return {
    ...sceneOf(woven),
    S: STEPS,
    weight: woven.dye.map((_, i) => woven.weight[(i + 1) * steps - 1]),
    xy: both(rows(2 * n, place)),
    z: rows(n, level),
    dye: [dye("a"), dye("b"), dye("share"), dye("amount")],
    light: rows(n, (i, k) => Math.round(255 * woven.light[i][sample(k, woven.light[i].length)])),
  };
}

function glow(ctx: CanvasRenderingContext2D, brush: Brush, woven: Woven): void {
  const { format } = brush;
  const size = 0.25 / woven.sheet.small ** 0.6;
  const [canvas, layer] = small(format.w * size, format.h * size);
  layer.scale(size, size);
  drawGlow(layer, brush, curves(brush.scene, format), null);
  blur(canvas, 9 * woven.sheet.small * size);
  ctx.globalAlpha = 0.7;
  ctx.drawImage(canvas, 0, 0, format.w, format.h);
  ctx.globalAlpha = 1;
}

// What is not woven yet steps back toward the ground, over a few steps so that no edge shows.
function future(ctx: CanvasRenderingContext2D, woven: Woven, ground: Ground): void {
  if (woven.now >= 1) return;
  const { sheet } = woven;
  ctx.globalCompositeOperation = "source-atop";
  // Each step covers what is left of 62 % evenly, so that together they come to it.
  ctx.fillStyle = css(ground.ground, 1 - 0.38 ** (1 / FADE_STEPS));
  for (let k = 0; k < FADE_STEPS; k++) {
    const from = woven.now + (0.03 * k) / FADE_STEPS;
    const us = Array.from({ length: 40 }, (_, j) => from + ((1.02 - from) * j) / 39);
    ctx.beginPath();
    for (const u of us) ctx.lineTo(...point(sheet, u, -1.4 * sheet.half));
    for (const u of us.reverse()) ctx.lineTo(...point(sheet, u, 1.4 * sheet.half));
    ctx.fill();
  }
  ctx.globalCompositeOperation = "source-over";
}
