// Filament: the light that runs from whoever has the floor to where their words are woven.
//
// A few SVG strokes that the browser itself grows and fades: no frame of ours is spent on
// it, and it never pulses with a voice.

import { type Ground, css } from "../colour.ts";
import type { Fit } from "../formats.ts";

const SVG = "http://www.w3.org/2000/svg";
const GROWS_MS = 900;
const FADES_MS = 2_000;
const BREATH_MS = 1_200;
const EASE_OUT = "cubic-bezier(.33,1,.68,1)";
let made = 0; // gradients need names of their own on a page

export interface Ends {
  from: readonly [number, number];
  to: readonly [number, number];
  bends: readonly [readonly [number, number], readonly [number, number]]; // how it leaves and comes in
  seat: number | null; // radius of the ring round a seat; null: there is none
  colour: string;
}

function element<K extends keyof SVGElementTagNameMap>(
  name: K,
  about: Record<string, string | number>,
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(about)) made.setAttribute(key, String(value));
  return made;
}

export class Filament {
  readonly svg = element("svg", { width: "100%", height: "100%" });
  private group: SVGGElement | null = null;

  place(fit: Fit): void {
    this.svg.setAttribute("viewBox", `0 0 ${fit.w} ${fit.h}`);
  }

  // A new line, or none: what was there fades.
  show(ends: Ends | null, fit: Fit, ground: Ground, still: boolean): void {
    const before = this.group;
    this.group = null;
    if (before) leave(before, still ? 0 : FADES_MS);
    if (!ends) return;
    const place = ([x, y]: readonly [number, number]) =>
      [fit.x + x * fit.scale, fit.y + y * fit.scale] as const;
    const [from, to] = [place(ends.from), place(ends.to)];
    const [leaves, comes] = ends.bends.map(place);
    const group = element("g", { fill: "none", "stroke-linecap": "round" });
    const d = `M${from} C${leaves} ${comes} ${to}`;
    const night = ground.theme === "night";
    const size = Math.max(0.75, Math.min(1.3, fit.scale * 1.1));
    const glow = `live-light-${++made}`;
    const gradient = element("radialGradient", { id: glow });
    for (const [offset, opacity] of [
      [0, 0.62],
      [0.35, 0.26],
      [1, 0],
    ])
      gradient.append(
        element("stop", { offset, "stop-color": ends.colour, "stop-opacity": opacity * (night ? 1 : 0.5) }),
      );
    const halo = element("circle", { cx: to[0], cy: to[1], r: 62 * size, fill: `url(#${glow})` });
    group.append(gradient, halo);
    const lines: [number, string, number][] = night
      ? [
          [16, ends.colour, 0.08],
          [9, ends.colour, 0.16],
          [4.4, ends.colour, 0.55],
          [1.7, css(ground.ivory), 0.92],
        ]
      : [
          [6, ends.colour, 0.2],
          [2.6, ends.colour, 0.9],
        ];
    const strokes = lines.map(([wide, colour, alpha]) =>
      element("path", {
        d,
        stroke: colour,
        "stroke-width": wide * size,
        "stroke-opacity": alpha,
        pathLength: 1,
        "stroke-dasharray": "1 1",
      }),
    );
    group.append(...strokes);
    const marks: SVGElement[] = [];
    if (ends.seat !== null) {
      const r = ends.seat * fit.scale;
      const ring = { cx: from[0], cy: from[1], fill: "none", stroke: ground.ink };
      marks.push(element("circle", { ...ring, r: r + 6 * size, "stroke-width": 2.2 * size }));
      marks.push(element("circle", { cx: from[0], cy: from[1], r: r + 2 * size, fill: ends.colour }));
      group.append(...marks);
    }
    this.svg.append(group);
    this.group = group;
    if (still) return;
    for (const one of strokes)
      one.animate([{ strokeDashoffset: 1 }, { strokeDashoffset: 0 }], { duration: GROWS_MS, easing: EASE_OUT });
    halo.animate([{ opacity: 0 }, { opacity: 0, offset: 0.6 }, { opacity: 1 }], GROWS_MS * 1.4);
    // The seat breathes once.
    for (const mark of marks)
      mark.animate([{ opacity: 0.7 }, { opacity: 1 }], { duration: BREATH_MS, easing: "ease-in-out" });
  }
}

function leave(group: SVGGElement, ms: number): void {
  if (!ms) {
    group.remove();
    return;
  }
  const going = group.animate([{ opacity: 1 }, { opacity: 0 }], { duration: ms, fill: "forwards" });
  going.onfinish = () => group.remove();
  going.oncancel = () => group.remove();
}
