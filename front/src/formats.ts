// The two formats of the picture, and where one of them lands on a screen.
//
// Design units only: 1600 by 1000 where there is width, 390 by 844 where there
// is height. Layout has already put everything in those units.

import type { FormatName } from "./scene.ts";

export interface Format {
  name: FormatName;
  w: number;
  h: number;
  // The middle that the crescent turns round and the two angles it runs
  // between, for opening it like a fan.
  cx: number;
  cy: number;
  from: number;
  to: number;
  // Where the night is lightest.
  moon: [number, number, number];
  thin: number; // the stroke of a ply
}

export const FORMATS: Record<FormatName, Format> = {
  wide: {
    name: "wide",
    w: 1600,
    h: 1000,
    cx: 800,
    cy: 222,
    from: Math.PI * 1.16,
    to: -Math.PI * 0.16,
    moon: [800, 360, 900],
    thin: 0.55,
  },
  phone: {
    name: "phone",
    w: 390,
    h: 844,
    cx: 318,
    cy: 452,
    from: -Math.PI * 0.64,
    to: Math.PI * 0.64,
    moon: [230, 420, 520],
    thin: 0.35,
  },
};

export interface Fit {
  format: Format;
  scale: number; // CSS pixels a design unit
  x: number; // where the design's corner is, CSS pixels
  y: number;
  w: number; // the canvas, CSS pixels
  h: number;
}

export function fit(format: Format, w: number, h: number, align = 0.5): Fit {
  const scale = Math.min(w / format.w, h / format.h);
  return {
    format,
    scale,
    x: (w - format.w * scale) * align,
    y: (h - format.h * scale) / 2,
    w,
    h,
  };
}
