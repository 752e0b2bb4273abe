// Threads: their curves, their colours, and the drawing of them.
//
// Takes places, depth and dye as the scene says them. Which threads are lit,
// and everything that is not a thread, is drawn elsewhere.

import { noise } from "./chance.ts";
import { type Ground, type Lab, NONE, css, mix } from "./colour.ts";
import type { Format } from "./formats.ts";
import { ply } from "./plies.ts";
import type { Scene } from "./scene.ts";

const LEVELS = 5; // depths, as the page packs them
// Shades between linen and full dye, and widths to a design unit: fewer show as bands, more
// cost strokes. On hair-thin strands nobody sees either.
const DYE_STEPS = 12;
const LIGHT_STEPS = 5;
const WIDTH_STEPS = 8;
const THIN = { dye: 7, light: 3, width: 4 };
const HORN = 0.125; // the part of the way, at either end, that is cord

export interface Curve {
  strand: number;
  x: Float32Array;
  y: Float32Array;
  at: Float32Array; // length so far, design units
  pieces: Piece[];
}
// A stretch of one thread with one colour, one width and one depth.
interface Piece {
  a: number;
  b: number; // steps, inclusive
  level: number;
  feeling: number; // NONE for undyed
  dye: number; // 0..1
  light: number; // 0..1, moonlight on linen near a meeting
  width: number;
}

export function curves(scene: Scene, format: Format): Curve[] {
  const fine = scene.n > 48 ? 3 : 6;
  return Array.from({ length: scene.n }, (_, i) => curve(scene, format, i, fine));
}

function curve(scene: Scene, format: Format, i: number, fine: number): Curve {
  const s = scene.S;
  const n = (s - 1) * fine + 1;
  const x = new Float32Array(n);
  const y = new Float32Array(n);
  const at = new Float32Array(n);
  const rows = scene.xy[format.name];
  const point = (k: number, c: number) => rows[2 * i + c][Math.min(s - 1, Math.max(0, k))] / 10;
  for (let k = 0; k < n; k++) {
    const j = Math.min(s - 2, Math.floor(k / fine));
    const f = k / fine - j;
    // Catmull-Rom: through every sample, so that threads meet where layout says.
    for (const [c, out] of [
      [0, x],
      [1, y],
    ] as const) {
      const p0 = point(j - 1, c);
      const p1 = point(j, c);
      const p2 = point(j + 1, c);
      const p3 = point(j + 2, c);
      out[k] =
        p1 +
        0.5 * f * (p2 - p0 + f * (2 * p0 - 5 * p1 + 4 * p2 - p3 + f * (3 * (p1 - p2) + p3 - p0)));
    }
    if (k) at[k] = at[k - 1] + Math.hypot(x[k] - x[k - 1], y[k] - y[k - 1]);
  }
  return { strand: i, x, y, at, pieces: pieces(scene, format, i, fine, n) };
}

// The same curve a little to its side.
export function beside(c: Curve, by: number): Curve {
  if (!by) return c;
  const n = c.x.length;
  const x = new Float32Array(n);
  const y = new Float32Array(n);
  for (let k = 0; k < n; k++) {
    const a = Math.max(0, k - 1);
    const b = Math.min(n - 1, k + 1);
    const dx = c.x[b] - c.x[a];
    const dy = c.y[b] - c.y[a];
    const l = Math.hypot(dx, dy) || 1;
    x[k] = c.x[k] - (dy / l) * by;
    y[k] = c.y[k] + (dx / l) * by;
  }
  return { ...c, x, y };
}

function pieces(scene: Scene, format: Format, i: number, fine: number, n: number): Piece[] {
  const s = scene.S;
  const [base, per] = scene.width[format.name];
  const weight = scene.weight[i] ?? 1;
  const [first, other, share, amount] = scene.dye.map((channel) => channel[i]);
  const thin = scene.n > 48;
  const dyes = thin ? THIN.dye : DYE_STEPS;
  const lights = thin ? THIN.light : LIGHT_STEPS;
  const widths = thin ? THIN.width : WIDTH_STEPS;
  const out: Piece[] = [];
  let last: Piece | null = null;
  for (let k = 0; k < n - 1; k++) {
    const j = Math.min(s - 1, Math.round(k / fine));
    const u = k / (n - 1);
    const here = Math.floor(k / fine);
    const next = Math.min(s - 1, here + 1);
    const f = k / fine - here;
    const between = (row: Int32Array) => (row[here] * (1 - f) + row[next] * f) / 255;
    // Two feelings alternate with a ragged edge, like ikat; they never mix to grey.
    const edge = 0.62 * noise(u * 300, i) + 0.38 * noise(u * 1100, i + 9);
    const second = other[j] !== NONE && share[j] / 255 > 0.12 + 0.76 * edge;
    const told = second ? other[j] : first[j];
    const light = scene.light ? Math.round(between(scene.light[i]) * lights) / lights : 0;
    // Dye is deepest where threads meet: that is where the eye should go.
    const deep = Math.min(1, between(amount) * (1 + 0.25 * light));
    const dye = Math.round(deep * dyes) / dyes;
    const feeling = dye > 0 && told < 8 ? told : NONE;
    const horn = u < HORN ? 1 - u / HORN : u > 1 - HORN ? (u - 1 + HORN) / HORN : 0;
    const width =
      Math.round((base + per * dye) * weight * (1 - 0.42 * horn) * widths) / widths;
    // Every change of depth is a stroke more; hair-thin strands alternate with three.
    const level = thin ? scene.z[i][j] >> 1 : scene.z[i][j];
    if (
      last &&
      last.level === level &&
      last.feeling === feeling &&
      last.dye === dye &&
      last.light === light &&
      last.width === width
    ) {
      last.b = k + 1;
    } else {
      last = { a: k, b: k + 1, level, feeling, dye, light, width };
      out.push(last);
    }
  }
  return out;
}

// Flax, ash and oat: a thread's own linen, lighter where it meets others.
function linen(scene: Scene, ground: Ground, strand: number, light: number): Lab {
  const own = mix(ground.linenLow, ground.linenHigh, scene.shade[strand] / 255);
  if (scene.dyed) return mix(own, ground.weft, 0.06 + 0.2 * light);
  // A cloth that nobody dyed is lit by the moon: cool where a thread goes its
  // own way, warm and bright where it meets others.
  return mix(mix(own, ground.moon, 0.42 * (1 - light)), ground.weft, light * 0.62);
}

function trace(ctx: CanvasRenderingContext2D, c: Curve, a: number, b: number): void {
  ctx.moveTo(c.x[a], c.y[a]);
  for (let k = a + 1; k <= b; k++) ctx.lineTo(c.x[k], c.y[k]);
}

export function stroke(
  ctx: CanvasRenderingContext2D,
  c: Curve,
  a: number,
  b: number,
  width: number,
  style: string,
): void {
  ctx.beginPath();
  trace(ctx, c, a, b);
  ctx.lineWidth = width;
  ctx.strokeStyle = style;
  ctx.stroke();
}

// Edge to middle: how wide, and how much of the thread's own light. Measured
// against .45 + .6 * sqrt(1 - x^2) at the middle of each band.
const ROUND: readonly [number, number][] = [
  [1, 0.58],
  [0.72, 0.86],
  [0.38, 1],
];
const ROUND_THIN: readonly [number, number][] = [
  [1, 0.66],
  [0.6, 1],
];
const ROUND_THICK: readonly [number, number][] = [
  [1, 0.5],
  [0.86, 0.7],
  [0.68, 0.86],
  [0.46, 0.97],
  [0.22, 1.05],
];

export interface Brush {
  scene: Scene;
  format: Format;
  ground: Ground;
  plies: boolean; // feelings as textures
}

export function drawThreads(
  ctx: CanvasRenderingContext2D,
  brush: Brush,
  all: Curve[],
  only: Set<number> | null,
  plain = false,
): void {
  ctx.lineCap = "butt";
  ctx.lineJoin = "round";
  for (let level = 0; level < LEVELS; level++) {
    for (const c of all) {
      if (only && !only.has(c.strand)) continue;
      const at = c.pieces;
      for (let p = 0; p < at.length; ) {
        if (at[p].level !== level) {
          p++;
          continue;
        }
        let q = p;
        while (q + 1 < at.length && at[q + 1].level === level) q++;
        if (brush.scene.open.has(c.strand)) openWarp(ctx, brush, c, at[p].a, at[q].b, at[p].width);
        else run(ctx, brush, c, at.slice(p, q + 1), plain);
        p = q + 1;
      }
    }
  }
}

function run(
  ctx: CanvasRenderingContext2D,
  { scene, format, ground, plies }: Brush,
  c: Curve,
  parts: Piece[],
  plain: boolean,
): void {
  const n = c.x.length - 1;
  const around = scene.casing[format.name];
  const night = ground.theme === "night";
  const casing = css(ground.casing, night ? 0.92 : 0.96);
  for (let k = 0; k < parts.length; ) {
    let m = k;
    while (m + 1 < parts.length && parts[m + 1].width === parts[k].width) m++;
    stroke(ctx, c, parts[k].a, parts[m].b, parts[k].width + around, casing);
    k = m + 1;
  }
  if (plies) {
    for (const p of parts) {
      const dyed = p.feeling !== NONE && p.dye > 0.3;
      if (!dyed) {
        const own = linen(scene, ground, c.strand, p.light);
        const still = css(mix(ground.ground, own, night ? 0.8 : 0.7));
        stroke(ctx, c, Math.max(0, p.a - 1), Math.min(n, p.b + 1), p.width * 0.5, still);
      } else ply(ctx, c, p.a, p.b, p.feeling, p.width * 1.12, ground, around);
    }
    return;
  }
  const thick = scene.width[format.name][0] * (scene.weight[c.strand] ?? 1);
  const bands = thick > 4 ? ROUND_THICK : scene.n > 48 ? ROUND_THIN : ROUND;
  const lit = (p: Piece): Lab => {
    const own = linen(scene, ground, c.strand, p.light);
    const colour = p.feeling === NONE ? own : mix(own, ground.dyes[p.feeling], p.dye);
    // Among dyes plain linen steps back; where all is linen it is the cloth.
    const keep = plain ? 1 : scene.dyed ? 0.88 + 0.12 * p.dye : 0.9 + 0.1 * p.light;
    return mix(ground.ground, colour, keep);
  };
  const colours = parts.map(lit);
  for (const [share, light] of bands) {
    parts.forEach((p, k) => {
      const colour = colours[k];
      const shaded = light <= 1 ? mix(ground.casing, colour, light) : mix(colour, ground.weft, 0.2);
      // By day the casing is paper: shading towards it would bleach the dye away.
      const style = css(night ? shaded : mix(colour, [0.16, 0, 0], (1 - Math.min(1, light)) * 0.35));
      stroke(ctx, c, Math.max(0, p.a - 1), Math.min(n, p.b + 1), p.width * share, style);
    });
  }
  // One pitch for a whole thread: a pitch that followed its width would stumble
  // wherever the width changes.
  const pitch = 0.5 * scene.width[format.name][0] * (scene.weight[c.strand] ?? 1);
  twist(ctx, format, ground, c, parts, colours, pitch);
}

// The turn of the yarn: slanted strokes, light and then dark, across the thread.
function twist(
  ctx: CanvasRenderingContext2D,
  format: Format,
  ground: Ground,
  c: Curve,
  parts: Piece[],
  colours: Lab[],
  pitch: number,
): void {
  // On hair-thin strands a finer twist is only grey, and a hundred thousand strokes;
  // one light for a whole stretch of them is enough.
  const thin = pitch < 1.2 && format.name === "wide";
  const gap = Math.max(thin ? 4.4 : format.name === "wide" ? 3.2 : 2, pitch);
  const marks: number[] = [];
  const lines = (p: Piece, shift: number, style: string) => {
    const half = p.width * 0.42;
    const slant = Math.max(format.name === "wide" ? 2.6 : 1.2, p.width * 0.7);
    ctx.beginPath();
    for (let q = 0; q < marks.length; q += 4) {
      const [x, y, tx, ty] = [marks[q], marks[q + 1], marks[q + 2], marks[q + 3]];
      const sx = tx * shift;
      const sy = ty * shift;
      ctx.moveTo(x + ty * half + sx, y - tx * half + sy);
      ctx.lineTo(x - ty * half + sx + tx * slant, y + tx * half + sy + ty * slant);
    }
    ctx.lineWidth = Math.max(format.thin, p.width * 0.11);
    ctx.strokeStyle = style;
    ctx.stroke();
  };
  parts.forEach((p, part) => {
    let k = p.a;
    for (let m = Math.ceil(c.at[p.a] / gap); m * gap < c.at[p.b]; m++) {
      while (k < p.b - 1 && c.at[k + 1] < m * gap) k++;
      const dx = c.x[k + 1] - c.x[k];
      const dy = c.y[k + 1] - c.y[k];
      const l = Math.hypot(dx, dy) || 1;
      const f = (m * gap - c.at[k]) / l;
      marks.push(c.x[k] + dx * f, c.y[k] + dy * f, dx / l, dy / l);
    }
    if (!marks.length || (thin && part < parts.length - 1)) return;
    lines(p, 0, css(mix(colours[part], [1, 0, 0.01], 0.5), 0.22 + 0.3 * p.dye));
    if (!thin)
      lines(p, gap * 0.45, ground.theme === "night" ? "rgba(5,6,16,.3)" : "rgba(20,16,30,.2)");
    marks.length = 0;
  });
}

// A seat that is kept: its warp is strung and carries nothing yet. With plies
// on it is an empty sleeve, so that its dots cannot be read as fear's ticks.
function openWarp(
  ctx: CanvasRenderingContext2D,
  { format, ground, plies, scene }: Brush,
  c: Curve,
  a: number,
  b: number,
  width: number,
): void {
  const base = Math.min(width, scene.width[format.name][0], format.name === "wide" ? 4 : 2);
  if (plies) {
    stroke(ctx, c, a, b, base + scene.casing[format.name] * 0.6, css(ground.casing, 0.75));
    stroke(ctx, c, a, b, base * 1.1, ground.ink);
    stroke(ctx, c, a, b, base * 1.1 - 1.6 * format.thin, css(ground.casing));
    return;
  }
  // Thin and dim: it is there, and it asks for nothing.
  stroke(ctx, c, a, b, base + scene.casing[format.name] * 0.3, css(ground.casing, 0.45));
  const dot = base * 0.48;
  ctx.setLineDash([dot, dot * 2.3]);
  ctx.lineDashOffset = c.at[a] % (dot * 3.3);
  stroke(ctx, c, a, b, dot, css(mix(ground.ground, ground.theme === "night" ? ground.linenHigh : ground.linenLow, 0.9)));
  ctx.setLineDash([]);
}

// The light that dyed stretches, or undyed meetings, give off; for blurring.
export function drawGlow(
  ctx: CanvasRenderingContext2D,
  { scene, format, ground }: Brush,
  all: Curve[],
  only: Set<number> | null,
): void {
  ctx.lineCap = "round";
  // All that shines alike is one path: it is to be blurred, so nobody sees what lies over what.
  const alike = new Map<string, [Curve, Piece][]>();
  for (const c of all) {
    if ((only && !only.has(c.strand)) || scene.open.has(c.strand)) continue;
    for (const p of c.pieces) {
      let style = "";
      if (p.feeling !== NONE && p.dye >= 0.2) style = css(ground.dyes[p.feeling], 0.5 * p.dye);
      // Where nothing is dyed the meetings themselves are the light.
      else if (!scene.dyed && p.light > 0.3) style = css(ground.weft, 0.6 * p.light);
      if (!style) continue;
      const found = alike.get(style);
      if (found) found.push([c, p]);
      else alike.set(style, [[c, p]]);
    }
  }
  ctx.lineWidth = scene.width[format.name][0] + scene.casing[format.name] + 2;
  for (const [style, found] of alike) {
    ctx.beginPath();
    for (const [c, p] of found) trace(ctx, c, p.a, p.b);
    ctx.strokeStyle = style;
    ctx.stroke();
  }
}
