// Words on the picture: motif labels, along the arc where their script allows it.

import type { Ground } from "./colour.ts";
import type { Format } from "./formats.ts";
import type { Label } from "./scene.ts";

export const SERIF = '"Fraunces", Georgia, "Noto Serif", serif';
export const SANS = '"Atkinson Hyperlegible Next", system-ui, "Noto Sans", sans-serif';

export function haloed(
  ctx: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  ground: Ground,
  fill: string,
  halo: number,
): void {
  ctx.lineJoin = "round";
  ctx.lineWidth = halo;
  ctx.strokeStyle = ground.halo;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = fill;
  ctx.fillText(text, x, y);
}

export function drawLabel(
  ctx: CanvasRenderingContext2D,
  label: Label,
  format: Format,
  ground: Ground,
  min: number, // the smallest size that reads, design units
): void {
  const size = Math.max(label.size, min);
  ctx.font = `italic ${format.name === "wide" ? 500 : 600} ${size}px ${SERIF}`;
  ctx.textAlign = "center";
  const halo = format.name === "wide" ? 4.5 : 4;
  if (label.path && label.path.length > 1) {
    alongPath(ctx, label.text, label.path, ground, halo);
    return;
  }
  // Straight: upright on the phone, and everywhere for scripts that join or
  // stack their letters, which the browser then shapes whole.
  ctx.save();
  ctx.translate(label.x ?? 0, label.y ?? 0);
  ctx.rotate(((label.angle ?? 0) * Math.PI) / 180);
  haloed(ctx, label.text, 0, 0, ground, ground.ink, halo);
  ctx.restore();
}

interface Spot {
  x: number;
  y: number;
  turn: number;
}

function along(path: [number, number][], at: number): Spot {
  let left = at;
  for (let k = 1; k < path.length; k++) {
    const [x0, y0] = path[k - 1];
    const [x1, y1] = path[k];
    const l = Math.hypot(x1 - x0, y1 - y0);
    if (left <= l || k === path.length - 1) {
      const f = l ? left / l : 0;
      return { x: x0 + (x1 - x0) * f, y: y0 + (y1 - y0) * f, turn: Math.atan2(y1 - y0, x1 - x0) };
    }
    left -= l;
  }
  return { x: path[0][0], y: path[0][1], turn: 0 };
}

function lengthOf(path: [number, number][]): number {
  let l = 0;
  for (let k = 1; k < path.length; k++)
    l += Math.hypot(path[k][0] - path[k - 1][0], path[k][1] - path[k - 1][1]);
  return l;
}

function alongPath(
  ctx: CanvasRenderingContext2D,
  text: string,
  path: [number, number][],
  ground: Ground,
  halo: number,
): void {
  const letters = [...text];
  // Each letter stands where the whole word would put it, so kerning is kept.
  const ends = letters.map((_, k) => ctx.measureText(letters.slice(0, k + 1).join("")).width);
  const spread = 0.3;
  const total = ends[ends.length - 1] + spread * letters.length;
  const start = (lengthOf(path) - total) / 2;
  const spots = letters.map((letter, k) => {
    const w = ctx.measureText(letter).width;
    const mid = ends[k] - w / 2 + spread * k;
    return along(path, start + mid);
  });
  for (const write of [true, false]) {
    letters.forEach((letter, k) => {
      const { x, y, turn } = spots[k];
      ctx.save();
      ctx.translate(x, y);
      ctx.rotate(turn);
      if (write) {
        ctx.lineJoin = "round";
        ctx.lineWidth = halo;
        ctx.strokeStyle = ground.halo;
        ctx.strokeText(letter, 0, 0);
      } else {
        ctx.fillStyle = ground.ink;
        ctx.fillText(letter, 0, 0);
      }
      ctx.restore();
    });
  }
}
