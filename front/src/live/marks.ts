// Marks: the words of motifs and the seats, over the threads.
//
// Two canvases lie here. What is new is drawn on the upper one, which the browser brings in;
// what was there stays below it until then, so that nothing that stands ever flickers.

import type { Ground } from "../colour.ts";
import { type Fit, FORMATS } from "../formats.ts";
import { drawRing, drawSeats } from "../seats.ts";
import { drawLabel, SERIF } from "../words.ts";
import type { LitPlaces } from "./keeping.ts";
import type { Measure } from "./naming_knots.ts";
import { sceneOf } from "./scene_of.ts";
import type { Woven } from "./woven.ts";

const READ_PX_MIN = 13; // nothing that must be read is smaller
const READ_PX_MIN_PROJECTED = 21;
const COMES_MS = 300;
const UNLIT = 0.28;

export function leastSize(fit: Fit, projector: boolean): number {
  return (projector ? READ_PX_MIN_PROJECTED : READ_PX_MIN) / fit.scale;
}

// How wide words stand, in the letters they will be drawn in.
export function measurer(): Measure {
  const ctx = document.createElement("canvas").getContext("2d")!;
  return (text, size) => {
    ctx.font = `italic 500 100px ${SERIF}`;
    return (ctx.measureText(text).width / 100) * size;
  };
}

export class Marks {
  readonly canvases = [document.createElement("canvas"), document.createElement("canvas")];
  private upper = 0;

  draw(
    woven: Woven,
    fit: Fit,
    dpr: number,
    ground: Ground,
    projector: boolean,
    places: LitPlaces | null,
    still: boolean,
  ): void {
    const before = this.canvases[this.upper];
    this.upper = 1 - this.upper;
    const canvas = this.canvases[this.upper];
    canvas.width = Math.round(fit.w * dpr);
    canvas.height = Math.round(fit.h * dpr);
    const ctx = canvas.getContext("2d")!;
    ctx.setTransform(dpr * fit.scale, 0, 0, dpr * fit.scale, dpr * fit.x, dpr * fit.y);
    const format = FORMATS[woven.sheet.name];
    const least = leastSize(fit, projector);
    const lit = new Set([...(places?.knots ?? [])].map((at) => woven.knots[at]?.k));
    if (woven.seats.length || woven.ring.length) {
      const scene = sceneOf(woven);
      drawRing(ctx, scene, ground);
      drawSeats(ctx, scene, format, ground, null, fit.scale > 0.55 || projector ? least : 0);
    }
    for (const label of woven.labels) {
      ctx.globalAlpha = places && !lit.has(label.knot) ? UNLIT : 1;
      drawLabel(ctx, label, format, ground, 0);
    }
    ctx.globalAlpha = 1;
    before.after(canvas); // the new one lies above
    const clear = () => {
      if (this.canvases[this.upper] === canvas) before.width = 0;
    };
    if (still) clear();
    else canvas.animate([{ opacity: 0 }, { opacity: 1 }], COMES_MS).onfinish = clear;
  }
}
