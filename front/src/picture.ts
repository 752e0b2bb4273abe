// The picture: bakes the Crescent once a size and theme, and redraws on demand.
//
// There are no frames when nothing moves. What is lit is handed in; what the
// words say, and where the pointer is, belong to other files.

import { blur, small } from "./blur.ts";
import { GROUNDS, type Theme, css } from "./colour.ts";
import { type Fit, type Format } from "./formats.ts";
import type { Scene } from "./scene.ts";
import { drawRing, drawSeats } from "./seats.ts";
import { drawBand, drawSky } from "./sky.ts";
import { type Brush, type Curve, beside, curves, drawGlow, drawThreads, stroke } from "./threads.ts";
import { drawWefts } from "./wefts.ts";
import { drawLabel } from "./words.ts";

const PIXELS_MAX = 8_000_000; // a canvas; beyond it old phones fail silently
const READ_PX_MIN = 12; // nothing that must be read is smaller

export interface Light {
  strands: Set<number>;
  knots: Set<number>; // of the scene
}

export class Picture {
  private ctx: CanvasRenderingContext2D;
  private below: HTMLCanvasElement | null = null; // ground, band, glow
  private cloth: HTMLCanvasElement | null = null; // threads and wefts
  private at: Fit | null = null;
  private dpr = 1;
  private all: Curve[] = [];
  private format: Format | null = null;
  private asked = 0;
  private seen = true;
  private owed = false; // a redraw that was asked for off the screen
  theme: Theme = "night";
  plies = false;
  light: Light | null = null;
  mine: readonly number[] | null = null; // threads, not strands
  passage: number | null = null; // where the reader is
  grown = 1; // how much of the cloth is there, 0..1, while it opens
  sky = true;

  constructor(
    readonly canvas: HTMLCanvasElement,
    readonly scene: Scene,
  ) {
    this.ctx = canvas.getContext("2d")!;
    // A picture that is off the screen waits: baking is most of the work there is.
    new IntersectionObserver((entries) => {
      this.seen = entries[entries.length - 1].isIntersecting;
      if (this.seen && this.owed) this.ask();
    }).observe(canvas);
  }

  get fit(): Fit | null {
    return this.at;
  }

  get threads(): readonly Curve[] {
    return this.all;
  }

  place(at: Fit): void {
    const room = Math.sqrt(PIXELS_MAX / Math.max(1, at.w * at.h));
    const dpr = Math.min(2, devicePixelRatio || 1, room);
    const before = this.at;
    // Baking is most of the work there is; the same place again asks for none.
    if (before?.format === at.format && before.w === at.w && before.h === at.h && this.dpr === dpr) return;
    this.dpr = dpr;
    this.canvas.width = Math.round(at.w * this.dpr);
    this.canvas.height = Math.round(at.h * this.dpr);
    if (this.format !== at.format) this.all = curves(this.scene, at.format);
    this.format = at.format;
    this.at = at;
    this.stale();
  }

  stale(): void {
    this.below = this.cloth = null;
    this.ask();
  }

  // One redraw a frame, however many ask.
  ask(): void {
    this.owed = !this.seen;
    if (this.asked || !this.seen) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      this.draw();
    });
  }

  private brush(): Brush {
    return {
      scene: this.scene,
      format: this.at!.format,
      ground: GROUNDS[this.theme],
      plies: this.plies,
    };
  }

  private layer(): [HTMLCanvasElement, CanvasRenderingContext2D] {
    const canvas = document.createElement("canvas");
    canvas.width = this.canvas.width;
    canvas.height = this.canvas.height;
    return [canvas, canvas.getContext("2d")!];
  }

  private design(ctx: CanvasRenderingContext2D): void {
    const { x, y, scale } = this.at!;
    const k = this.dpr;
    ctx.setTransform(k * scale, 0, 0, k * scale, k * x, k * y);
  }

  private bake(): void {
    const brush = this.brush();
    const [below, b] = this.layer();
    b.setTransform(this.dpr, 0, 0, this.dpr, 0, 0);
    if (this.sky) drawSky(b, this.at!, brush.ground);
    this.design(b);
    drawBand(b, this.at!, brush.ground, this.scene);
    this.glow(b, brush, null, 0.62);
    // The ring was laid out for the wide sheet alone.
    if (brush.format.name === "wide") drawRing(b, this.scene, brush.ground);
    const [cloth, c] = this.layer();
    this.design(c);
    drawThreads(c, brush, this.all, null);
    drawWefts(c, brush, null);
    this.below = below;
    this.cloth = cloth;
  }

  // Light by night; by day dyes stain the paper a little instead.
  private glow(
    ctx: CanvasRenderingContext2D,
    brush: Brush,
    only: Set<number> | null,
    strength: number,
  ): void {
    if (brush.plies) return;
    const { format } = brush;
    const night = this.theme === "night";
    for (const [sigma, alpha] of format.name === "wide"
      ? [
          [20, strength],
          [6, strength * 0.56],
        ]
      : [
          [9, strength],
          [3, strength * 0.56],
        ]) {
      const size = Math.min(format.name === "wide" ? 0.25 : 0.6, 3 / sigma);
      const [canvas, layer] = small(format.w * size, format.h * size);
      layer.scale(size, size);
      drawGlow(layer, brush, this.all, only);
      blur(canvas, sigma * size * 0.6);
      ctx.save();
      ctx.globalCompositeOperation = night ? "screen" : "multiply";
      ctx.globalAlpha = night ? alpha : alpha * 0.35;
      ctx.imageSmoothingQuality = "high";
      ctx.drawImage(canvas, 0, 0, format.w, format.h);
      ctx.restore();
    }
  }

  draw(): void {
    const at = this.at;
    if (!at || !this.canvas.width) return;
    if (!this.below || !this.cloth) this.bake();
    const { ctx } = this;
    const brush = this.brush();
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, this.canvas.width, this.canvas.height);
    ctx.drawImage(this.below!, 0, 0);
    ctx.save();
    if (this.grown < 1) this.fan();
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(this.cloth!, 0, 0);
    ctx.restore();
    const on = this.light;
    if (on) {
      ctx.fillStyle = css(brush.ground.ground, this.theme === "night" ? 0.74 : 0.8);
      ctx.fillRect(0, 0, this.canvas.width, this.canvas.height);
      this.design(ctx);
      if (on.strands.size) {
        if (on.strands.size <= 24) this.glow(ctx, brush, on.strands, 0.62);
        drawThreads(ctx, brush, this.all, on.strands, true);
      }
      if (on.knots.size) drawWefts(ctx, brush, on.knots);
    }
    this.design(ctx);
    if (this.mine) this.drawMine(brush);
    this.drawWords(brush);
  }

  // Opens round the crescent's own middle, from the left horn to the right.
  private fan(): void {
    const { ctx } = this;
    const { cx, cy, from, to, w, h, name } = this.at!.format;
    this.design(ctx);
    const r = w + h;
    // By phone the angle runs the other way round: x is mirrored there.
    const a0 = name === "wide" ? from : Math.PI - from;
    const a1 = name === "wide" ? to : Math.PI - to;
    ctx.beginPath();
    ctx.moveTo(cx, cy);
    ctx.arc(cx, cy, r, a0, a0 + (a1 - a0) * this.grown, true);
    ctx.closePath();
    ctx.clip();
  }

  // One's own thread, over all others. In a strand it is drawn where it lies in it.
  private drawMine(brush: Brush): void {
    const { ctx, scene } = this;
    const { format, ground } = brush;
    const base = scene.width[format.name][0];
    const w = format.name === "wide" ? Math.max(2.8, base * 0.9) : Math.max(1.6, base * 0.9);
    ctx.lineCap = ctx.lineJoin = "round";
    for (const thread of this.mine!) {
      const strand = scene.strand_of[thread];
      const c = this.all[strand];
      if (!c) continue;
      const half = (base * (scene.weight[strand] ?? 1)) / 2;
      const own = beside(c, (scene.offset[thread] ?? 0) * half);
      const end = own.x.length - 1;
      if (this.theme === "night") {
        ctx.globalCompositeOperation = "screen";
        for (const [wide, alpha] of [
          [w * 7, 0.05],
          [w * 4.5, 0.09],
          [w * 2.8, 0.16],
        ])
          stroke(ctx, own, 0, end, wide, css(ground.ivory, alpha));
        ctx.globalCompositeOperation = "source-over";
      }
      stroke(ctx, own, 0, end, w + 2.4, css(ground.casing));
      stroke(ctx, own, 0, end, w, css(ground.ivory));
    }
  }

  private drawWords(brush: Brush): void {
    const { ctx } = this;
    const { format, ground } = brush;
    const { scale } = this.at!;
    const min = READ_PX_MIN / scale;
    const on = this.light;
    const labels = this.scene.labels[format.name];
    const grown = this.grown < 1 ? Math.max(0, this.grown * 4 - 3) : 1;
    // Too small to be read means too small to be drawn: layout tested these
    // places at their own size, and larger words would lie on each other.
    const readable = labels.filter((l) => l.size * scale >= READ_PX_MIN - 2.5);
    for (const label of readable.length ? readable : labels.slice(0, 5)) {
      const lit = !on || on.knots.has(label.knot) || this.sharesMotif(on, label.motif);
      ctx.globalAlpha = grown * (lit ? 1 : 0.28);
      drawLabel(ctx, label, format, ground, Math.min(min, label.size * 1.25));
    }
    ctx.globalAlpha = grown;
    if (grown > 0) {
      const strands = on ? on.strands : null;
      drawSeats(ctx, this.scene, format, ground, strands, scale > 0.55 ? min * 0.96 : 0);
    }
    ctx.globalAlpha = 1;
    if (this.passage !== null) this.here(brush);
  }

  private sharesMotif(on: Light, motif: number): boolean {
    for (const k of on.knots) if (this.scene.knots[k]?.m === motif) return true;
    return false;
  }

  // Two small ticks, one at either edge: the passage that is being read.
  private here({ format, ground }: Brush): void {
    const u = this.scene.passage_u[this.passage!];
    if (u === undefined) return;
    const band = this.scene.band[format.name];
    const half = band.length / 2;
    const inner = band[Math.min(half - 1, Math.round(u * (half - 1)))];
    const outer = band[Math.min(band.length - 1, half + Math.round((1 - u) * (half - 1)))];
    const { ctx } = this;
    const dx = outer[0] - inner[0];
    const dy = outer[1] - inner[1];
    const l = Math.hypot(dx, dy) || 1;
    const tick = format.name === "wide" ? 14 : 7;
    ctx.strokeStyle = ground.ink;
    ctx.lineWidth = format.name === "wide" ? 2 : 1.4;
    ctx.lineCap = "round";
    ctx.beginPath();
    ctx.moveTo(outer[0] + (dx / l) * 3, outer[1] + (dy / l) * 3);
    ctx.lineTo(outer[0] + (dx / l) * tick, outer[1] + (dy / l) * tick);
    ctx.moveTo(inner[0] - (dx / l) * 3, inner[1] - (dy / l) * 3);
    ctx.lineTo(inner[0] - (dx / l) * tick, inner[1] - (dy / l) * tick);
    ctx.stroke();
  }
}
