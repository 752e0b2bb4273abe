// The ground: night or paper, faint stars, and the moonlight the cloth lies in.

import { blur, small } from "./blur.ts";
import { chance } from "./chance.ts";
import { type Theme, css } from "./colour.ts";
import type { Fit, Format } from "./formats.ts";
import type { Ground } from "./colour.ts";
import type { Scene } from "./scene.ts";

const N_STARS = 300;

// In CSS pixels over the whole canvas, so that the night has no edge where the
// design ends.
export function drawSky(ctx: CanvasRenderingContext2D, at: Fit, ground: Ground): void {
  ctx.fillStyle = css(ground.ground);
  ctx.fillRect(0, 0, at.w, at.h);
  const [mx, my, mr] = at.format.moon;
  const x = at.x + mx * at.scale;
  const y = at.y + my * at.scale;
  const wash = ctx.createRadialGradient(x, y, 30 * at.scale, x, y, mr * at.scale);
  for (const [stop, colour] of washes(ground.theme)) wash.addColorStop(stop, colour);
  ctx.fillStyle = wash;
  ctx.fillRect(0, 0, at.w, at.h);
  if (ground.theme === "day") return;
  const next = chance(3);
  const side = Math.max(at.w, at.h);
  for (let k = 0; k < N_STARS; k++) {
    const sx = next() * side;
    const sy = next() * side * 0.95;
    const light = 0.05 + 0.3 * next() ** 4;
    const r = 0.4 + next() * 0.8;
    ctx.fillStyle = `rgba(230,225,255,${light.toFixed(3)})`;
    ctx.beginPath();
    ctx.arc(sx, sy, r, 0, 7);
    ctx.fill();
  }
}

function washes(theme: Theme): [number, string][] {
  return theme === "night"
    ? [
        [0, "rgba(52,54,104,.55)"],
        [0.55, "rgba(24,26,58,.35)"],
        [1, "rgba(11,13,26,0)"],
      ]
    : [
        [0, "rgba(255,253,248,.9)"],
        [0.6, "rgba(252,248,240,.5)"],
        [1, "rgba(248,244,236,0)"],
      ];
}

// The band of moonlight under the threads: a blurred fill, wide and then narrow.
export function drawBand(ctx: CanvasRenderingContext2D, at: Fit, ground: Ground, scene: Scene): void {
  const { format } = at;
  const margin = format.name === "wide" ? 90 : 40;
  const night = ground.theme === "night";
  for (const [sigma, alpha] of night
    ? [
        [format.name === "wide" ? 26 : 12, 0.72],
        [3, 0.26],
      ]
    : [[format.name === "wide" ? 10 : 5, 0.8]]) {
    // Pixels a design unit, before blurring: as few as so much blur leaves to be seen.
    const size = Math.min(format.name === "wide" ? 0.35 : 0.9, 4.5 / sigma);
    const [canvas, layer] = small((format.w + 2 * margin) * size, (format.h + 2 * margin) * size);
    layer.setTransform(size, 0, 0, size, margin * size, margin * size);
    layer.beginPath();
    scene.band[format.name].forEach(([x, y], k) => (k ? layer.lineTo(x, y) : layer.moveTo(x, y)));
    layer.closePath();
    layer.fillStyle = bandFill(layer, format, night);
    layer.fill();
    blur(canvas, sigma * size * 0.8);
    ctx.save();
    ctx.globalAlpha = alpha;
    ctx.imageSmoothingQuality = "high";
    ctx.drawImage(canvas, -margin, -margin, format.w + 2 * margin, format.h + 2 * margin);
    ctx.restore();
  }
}

function bandFill(layer: CanvasRenderingContext2D, f: Format, night: boolean): string | CanvasGradient {
  if (!night) return "#ece5d6";
  const y = f.cy - 60;
  const [near, far] = f.name === "wide" ? [250, 790] : [90, 420];
  const fill = layer.createRadialGradient(f.cx, y, near, f.cx, y, far);
  fill.addColorStop(0, "rgba(96,98,168,.50)");
  fill.addColorStop(0.55, "rgba(52,54,112,.42)");
  fill.addColorStop(1, "rgba(150,150,220,.42)");
  return fill;
}
