// Layers: the canvases of the picture, one over the other, and what the browser itself fades.
//
// From below: the ground and its moonlight, the threads (in WebGL2, or flat), what was and
// is fading, the filament, and the marks. All of it is hidden from readers of the text.

import { type Ground, css } from "../colour.ts";
import type { Fit } from "../formats.ts";
import { drawBand, drawSky } from "../sky.ts";
import { Filament } from "./filament.ts";
import { Marks } from "./marks.ts";
import { sceneOf } from "./scene_of.ts";
import type { Woven } from "./woven.ts";

export const FADE_MS = 200;
const SLOW_FADE_MS = 900;
const DIMMED = 0.88; // the room, while somebody speaks
const REST_MS_MAX = 3_600_000;

export class Layers {
  readonly gl = document.createElement("canvas");
  readonly flat = document.createElement("canvas");
  readonly filament = new Filament();
  readonly marks = new Marks();
  private root = document.createElement("div");
  private under = document.createElement("canvas");
  private ghost = document.createElement("canvas");
  private forced = matchMedia("(forced-colors: active)");
  private resting = 0;

  constructor(host: HTMLElement) {
    const { root } = this;
    if (getComputedStyle(host).position === "static") host.style.position = "relative";
    root.setAttribute("aria-hidden", "true");
    Object.assign(root.style, { position: "absolute", inset: "0", overflow: "hidden", pointerEvents: "none" });
    const all = [this.under, this.gl, this.flat, this.ghost, this.filament.svg, ...this.marks.canvases];
    for (const one of all)
      Object.assign(one.style, { position: "absolute", inset: "0", width: "100%", height: "100%" });
    root.append(...all);
    host.append(root);
    this.forced.addEventListener("change", this.hide);
    this.hide();
  }

  destroy(): void {
    this.forced.removeEventListener("change", this.hide);
    clearTimeout(this.resting);
    this.root.remove();
  }

  // In colours of the system's own the picture is gone; the text says all of it.
  private hide = (): void => {
    this.root.style.display = this.forced.matches ? "none" : "";
  };

  // Which of the two drawings is seen.
  choose(flat: boolean): void {
    this.flat.style.display = flat ? "" : "none";
    this.gl.style.display = flat ? "none" : "";
  }

  paintUnder(at: Fit, dpr: number, ground: Ground, woven: Woven | null): void {
    this.under.width = Math.round(at.w * dpr);
    this.under.height = Math.round(at.h * dpr);
    const ctx = this.under.getContext("2d")!;
    ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
    drawSky(ctx, at, ground);
    ctx.setTransform(dpr * at.scale, 0, 0, dpr * at.scale, dpr * at.x, dpr * at.y);
    if (woven) drawBand(ctx, at, ground, sceneOf(woven));
    this.root.style.background = css(ground.ground);
  }

  dim(on: boolean, still: boolean): void {
    this.under.style.transition = `opacity ${still ? FADE_MS : SLOW_FADE_MS}ms`;
    this.under.style.opacity = on ? String(DIMMED) : "1";
  }

  // A change that does not move: what was there fades out over what is. `from` has been
  // drawn in this very task, so that there is something to copy.
  fadeFrom(from: HTMLCanvasElement): void {
    const { ghost } = this;
    if (!from.width || !from.height) return;
    ghost.width = from.width;
    ghost.height = from.height;
    ghost.getContext("2d")!.drawImage(from, 0, 0);
    ghost.animate([{ opacity: 1 }, { opacity: 0 }], FADE_MS).onfinish = () => (ghost.width = 0);
  }

  // Plain night, until a moment (ms); 0 ends it.
  rest(until: number, still: boolean): void {
    const left = until - Date.now();
    const on = until > 0 && left > 0;
    clearTimeout(this.resting);
    if (on) this.resting = window.setTimeout(() => this.rest(until, still), Math.min(left, REST_MS_MAX));
    for (const one of [this.gl, this.flat, this.filament.svg, ...this.marks.canvases]) {
      one.style.transition = `opacity ${still ? FADE_MS : SLOW_FADE_MS}ms`;
      one.style.opacity = on ? "0" : "1";
    }
  }
}
