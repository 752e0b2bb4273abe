// Plies: the eight feelings as textures, for eyes that do not tell the dyes
// apart and for prints without colour. Colour, ply and word always agree.

import { type Ground, css } from "./colour.ts";
import { type Curve, stroke } from "./threads.ts";

function wavy(
  ctx: CanvasRenderingContext2D,
  c: Curve,
  a: number,
  b: number,
  width: number,
  style: string,
  offset: (along: number) => number,
): void {
  ctx.beginPath();
  for (let k = a; k < b; k++) {
    const dx = c.x[k + 1] - c.x[k];
    const dy = c.y[k + 1] - c.y[k];
    const l = Math.hypot(dx, dy) || 1;
    const parts = Math.max(1, Math.ceil(l / 0.8));
    for (let q = 0; q < parts; q++) {
      const f = q / parts;
      const o = offset(c.at[k] + l * f);
      const x = c.x[k] + dx * f - (dy / l) * o;
      const y = c.y[k] + dy * f + (dx / l) * o;
      if (k === a && q === 0) ctx.moveTo(x, y);
      else ctx.lineTo(x, y);
    }
  }
  ctx.lineWidth = width;
  ctx.strokeStyle = style;
  ctx.stroke();
}

// `w` is the thread's width; lengths are those of the eight swatches, which are
// told apart in grey at three pixels, scaled with thin threads.
export function ply(
  ctx: CanvasRenderingContext2D,
  c: Curve,
  a: number,
  b: number,
  feeling: number,
  w: number,
  ground: Ground,
  casing: number,
): void {
  const colour = css(ground.dyes[feeling]);
  const dark = css(ground.casing);
  const s = Math.min(1.3, Math.max(0.42, w / 5.5));
  ctx.lineCap = "butt";
  const dashed = (dash: number[], width = w) => {
    const whole = dash.reduce((x, y) => x + y, 0);
    ctx.setLineDash(dash);
    ctx.lineDashOffset = c.at[a] % whole;
    stroke(ctx, c, a, b, width, colour);
    ctx.setLineDash([]);
    ctx.lineDashOffset = 0;
  };
  switch (feeling) {
    case 0: {
      stroke(ctx, c, a, b, w * 0.55, colour);
      const gap = 16 * s;
      ctx.fillStyle = colour;
      let k = a;
      for (let m = Math.ceil(c.at[a] / gap); m * gap < c.at[b]; m++) {
        while (k < b - 1 && c.at[k + 1] < m * gap) k++;
        ctx.beginPath();
        ctx.arc(c.x[k], c.y[k], w * 0.85, 0, 7);
        ctx.fill();
        ctx.lineWidth = casing * 0.4;
        ctx.strokeStyle = dark;
        ctx.stroke();
      }
      break;
    }
    case 1:
      wavy(ctx, c, a, b, w * 0.8 + casing, dark, (t) => Math.sin((t / (22 * s)) * 6.2832) * w * 0.6);
      wavy(ctx, c, a, b, w * 0.8, colour, (t) => Math.sin((t / (22 * s)) * 6.2832) * w * 0.6);
      break;
    case 2:
      dashed([w * 4, w * 0.9, w * 0.9, w * 0.9]);
      break;
    case 3:
      stroke(ctx, c, a, b, w, colour);
      break;
    case 4:
      stroke(ctx, c, a, b, w * 0.28, colour);
      dashed([w * 5, w * 2.4]);
      break;
    case 5:
      stroke(ctx, c, a, b, w * 1.25, colour);
      stroke(ctx, c, a, b, w * 0.5, dark);
      break;
    case 6:
      dashed([w * 0.8, w * 0.8]);
      break;
    default: {
      const saw = (t: number) => (Math.abs(((t / (9 * s)) % 1) - 0.5) * 4 - 1) * w * 0.65;
      wavy(ctx, c, a, b, w * 0.75, colour, saw);
    }
  }
}
