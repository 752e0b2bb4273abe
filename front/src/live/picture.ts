// The picture of a gathering: what its page hands acts and words to.
//
// Folds what is heard, lays it out, and has it drawn: in WebGL2 where there is any, flat where
// there is none or textures are asked for. It is hidden from readers of the text and from
// forced colours; everything in it is in the document as well. Nothing here writes a word
// anywhere but onto a canvas, and there are no frames when nothing moves.

import { GROUNDS, NONE, type Theme, css } from "../colour.ts";
import { type Fit, FORMATS, fit } from "../formats.ts";
import { drawBand, drawSky } from "../sky.ts";
import { type Act, Picture, byNumber } from "./acts.ts";
import { Change, LIES, type Origin } from "./change.ts";
import { ROW_BYTES, Vat } from "./dye.ts";
import { Filament } from "./filament.ts";
import { drawFlat, sceneOf } from "./flat.ts";
import { SHEETS, along, opening, passageU, point } from "./geometry.ts";
import { Loom } from "./gl.ts";
import { type Lit, type LitPlaces, keepTable, litPlaces } from "./keeping.ts";
import { Marks, leastSize, measurer } from "./marks.ts";
import { type Picked, picked } from "./picking.ts";
import { edge } from "./seating.ts";
import { cameFrom, carried, settledFrom } from "./settled.ts";
import { type Heard, NOTHING, Pace, Stage } from "./stage.ts";
import { type Beside, Words } from "./words_beside.ts";
import { type Dyed, type Woven, lay } from "./woven.ts";

export interface Options {
  look: Theme;
  projector: boolean; // seen from afar: larger words
  still: boolean;
  texture: boolean; // feelings as plies
  steady?: boolean; // full quality however slow the machine: for pictures taken by one
}
export interface Described {
  passages: {
    t: number;
    reports: number[];
    knots: { knot: number; motif: number; name: string | null; warps: number[]; firm: boolean }[];
  }[];
}

const DPR_MAX = 2;
const DPR_TIRED = 1.5;
const PIXELS_MAX = 8_000_000; // a canvas; beyond it old phones fail silently
const FADE_MS = 200;
const DIMMED = 0.88; // the room, while somebody speaks
const FONTS = ["italic 500 20px Fraunces", '400 14px "Atkinson Hyperlegible Next"'];

export class LivePicture {
  private layers = document.createElement("div");
  private under = document.createElement("canvas"); // ground and glow
  private woven2d = document.createElement("canvas"); // where it is drawn flat
  private ghost = document.createElement("canvas"); // what was, while it fades
  private marks = new Marks();
  private filament = new Filament();
  private loom: Loom | null = null;
  private stage: Stage;
  private pace: Pace;
  private picture = new Picture();
  private words = new Words();
  private woven: Woven | null = null;
  private scene: { given: unknown; warps: readonly number[] } | null = null;
  private change: Change | null = null;
  private wrote = false; // whether the words of this change are there
  private rows: Uint8Array = new Uint8Array(0);
  private vat: Vat;
  private dyed: Dyed = new Map();
  private measure = measurer();
  private at: Fit | null = null;
  private dpr = 1;
  private asked = 0;
  private resting = 0;
  private own: ReadonlySet<number> = new Set();
  private litNow: Lit | null = null;
  private speaking: readonly [number | null, number | null] = [null, null];
  private calm = matchMedia("(prefers-reduced-motion: reduce)");
  private forced = matchMedia("(forced-colors: active)");
  private watch: ResizeObserver;

  constructor(
    readonly host: HTMLElement,
    private options: Options,
  ) {
    this.options = { ...options };
    this.vat = new Vat(this.ground);
    if (getComputedStyle(host).position === "static") host.style.position = "relative";
    const { layers } = this;
    layers.setAttribute("aria-hidden", "true");
    Object.assign(layers.style, { position: "absolute", inset: "0", overflow: "hidden", pointerEvents: "none" });
    const gl = document.createElement("canvas");
    try {
      this.loom = new Loom(gl, this.ground, () => this.ask());
    } catch {
      this.loom = null; // no WebGL2: it is drawn flat
    }
    const all = [this.under, gl, this.woven2d, this.ghost, this.filament.svg, ...this.marks.canvases];
    for (const one of all)
      Object.assign(one.style, { position: "absolute", inset: "0", width: "100%", height: "100%" });
    layers.append(...all);
    host.append(layers);
    this.pace = new Pace(options.steady ?? false, () => this.place());
    const player = {
      take: (heard: readonly Heard[], still: boolean) => this.take(heard, still),
      show: (ms: number) => this.show(ms),
      end: () => this.end(),
    };
    this.stage = new Stage(player, this.pace, () => this.unmoving);
    this.watch = new ResizeObserver(() => this.place());
    this.watch.observe(host);
    this.forced.addEventListener("change", this.hide);
    this.hide();
    this.place();
    // A canvas asked to write before its font is there writes in another one.
    void Promise.all(FONTS.map((font) => document.fonts.load(font))).then(() => this.layAgain());
  }

  private get ground() {
    return GROUNDS[this.options.look];
  }

  private get flat(): boolean {
    return this.options.texture || !this.loom;
  }

  // Nothing moves: it was asked for, or the machine does not manage, or it is drawn flat.
  private get unmoving(): boolean {
    return this.options.still || this.calm.matches || this.flat || this.pace.tier === 4;
  }

  private hide = (): void => {
    this.layers.hidden = this.forced.matches;
  };

  // ------------------------------------------------------------------ what is heard

  reset(acts: readonly Act[], words: Beside): void {
    this.stage.drop();
    this.picture = new Picture();
    this.words = new Words();
    this.scene = null;
    this.dyed.clear();
    for (const act of acts) this.apply(act);
    this.words.merge(words);
    this.layAgain();
  }

  hear(acts: readonly Act[]): void {
    this.stage.hear({ acts, words: null });
  }

  beside(words: Beside): void {
    this.stage.hear({ acts: [], words });
  }

  // The closing: every thread goes once to its place in the weave of the whole. `warps` says
  // which warp each of the scene's threads was.
  settle(scene: unknown, warps: readonly number[] | null = null): Promise<void> {
    return new Promise((done) => this.stage.hear({ acts: [], words: null, settle: { scene, warps, done } }));
  }

  // ------------------------------------------------------------------ what is lit

  // One's own threads, on this screen alone.
  mine(reports: ReadonlySet<number>): void {
    this.own = new Set(reports);
    this.fade(() => this.paint());
  }

  lit(what: Lit | null): void {
    this.litNow = what;
    this.fade(() => {
      this.paint();
      this.mark(true);
    });
  }

  speaker(seat: number | null, report: number | null): void {
    this.speaking = [seat, report];
    this.light();
  }

  still(on: boolean): void {
    this.options.still = on;
    if (on) this.stage.finish();
  }

  look(look: Theme): void {
    if (this.options.look === look) return;
    this.options.look = look;
    this.vat = new Vat(this.ground);
    this.layAgain();
    this.light();
  }

  texture(on: boolean): void {
    if (this.options.texture === on) return;
    this.stage.finish();
    this.options.texture = on;
    this.layAgain();
  }

  // ------------------------------------------------------------------ what is asked of it

  describe(): Described {
    const passages = this.picture.lanes.map((_, t) => ({
      t,
      reports: byNumber(this.picture.told).filter(([, one]) => one.passage === t).map(([r]) => r),
      knots: byNumber(this.picture.knots)
        .filter(([, knot]) => knot.passage === t)
        .map(([knot, { motif, warps, firm }]) => ({
          knot,
          motif,
          name: this.words.motifs.get(motif)?.name ?? null,
          warps: [...warps],
          firm: firm > 0,
        })),
    }));
    return { passages };
  }

  pick(x: number, y: number): Picked | null {
    return this.woven && this.at && !this.scene ? picked(this.woven, this.at, x, y) : null;
  }

  // Where title and words may stand, in CSS pixels of the host; `scale` is of a design unit.
  opening(): { x: number; y: number; w: number; h: number; scale: number; format: "wide" | "phone" } | null {
    const { at } = this;
    if (!at) return null;
    const { x, y, w, h } = opening(SHEETS[at.format.name]);
    const { scale } = at;
    return { x: at.x + x * scale, y: at.y + y * scale, w: w * scale, h: h * scale, scale, format: at.format.name };
  }

  destroy(): void {
    this.stage.drop();
    this.watch.disconnect();
    this.forced.removeEventListener("change", this.hide);
    cancelAnimationFrame(this.asked);
    clearTimeout(this.resting);
    this.loom?.destroy();
    this.layers.remove();
  }

  // ------------------------------------------------------------------ laying out

  private place(): void {
    const { clientWidth: w, clientHeight: h } = this.host;
    if (!w || !h) return;
    const format = w / h < 0.82 ? FORMATS.phone : FORMATS.wide;
    // By phone the horns run off the right edge; where there is room to spare it lies left.
    this.at = fit(format, w, h, format.name === "phone" ? 1 : 0.5);
    const most = this.pace.tier > 0 ? DPR_TIRED : DPR_MAX;
    this.dpr = Math.min(most, devicePixelRatio || 1, Math.sqrt(PIXELS_MAX / (w * h)));
    this.filament.place(this.at);
    this.layAgain();
    this.light();
  }

  private laid(): Woven | null {
    const { at } = this;
    if (!at || !this.picture.n_warps) return null;
    if (this.scene) return settledFrom(this.scene.given, at.format.name);
    const letters = { measure: this.measure, least: leastSize(at, this.options.projector) };
    return lay(this.picture, this.words, at.format.name, letters, this.dyed);
  }

  // Everything from the beginning, without any motion.
  private layAgain(): void {
    this.stage.finish();
    this.woven = this.laid();
    this.stand();
    this.paintUnder();
    this.mark(true);
  }

  private rowsOf(woven: Woven): Uint8Array {
    const out = new Uint8Array(woven.n * ROW_BYTES);
    for (let i = 0; i < woven.n; i++)
      out.set(this.vat.plies(woven.dye[i], i, woven.shade[i], woven.light[i]), i * ROW_BYTES);
    return out;
  }

  // As it is, with nothing on its way.
  private stand(): void {
    const { woven, loom } = this;
    this.change = null;
    if (!woven) return;
    if (loom && this.at && !this.flat) {
      this.rows = this.rowsOf(woven);
      loom.place(this.at, this.dpr, this.ground);
      loom.bake(woven, woven.xy, woven.weight);
      loom.dye(this.rows);
    }
    this.paint();
  }

  // ------------------------------------------------------------------ what happens

  private apply(act: Act): void {
    try {
      this.picture.apply(act);
    } catch {
      return; // a newer node's word: a page that was opened before it goes without
    }
    if (act[0] === "gone") this.words.forget(act[1] as number);
    // The weave of the whole fell: what was told lies as it was told.
    if (act[0] === "settled" && !act[1]) this.scene = null;
  }

  private take(heard: readonly Heard[], still: boolean): number {
    const before = this.woven;
    const drawn = JSON.stringify([this.picture.phase, this.picture.rest]);
    for (const { acts, words, settle } of heard) {
      for (const act of acts) this.apply(act);
      if (words) this.words.merge(words);
      if (settle) this.scene = { given: settle.scene, warps: settle.warps ?? [] };
    }
    const settles = heard.find((one) => one.settle)?.settle ?? null;
    const after = this.laid();
    if (!after) {
      settles?.done();
      return NOTHING;
    }
    if (drawn !== JSON.stringify([this.picture.phase, this.picture.rest])) this.rest();
    if (!before || still) {
      this.fade(() => {
        this.woven = after;
        this.stand();
        this.mark(true);
      });
      for (const one of heard) one.settle?.done();
      return 0;
    }
    const change = new Change(before, after, this.origin(before, after, settles !== null), this.rowsOf(after));
    const marks = JSON.stringify([before.labels, before.seats]) !== JSON.stringify([after.labels, after.seats]);
    this.woven = after;
    if (!change.ms && !settles) {
      if (marks) this.mark(false);
      return marks ? 0 : NOTHING;
    }
    this.change = change;
    this.wrote = !marks;
    this.rows = this.rowsOf(after);
    const { loom } = this;
    loom!.bake(after, change.origin.xy, change.origin.weight);
    loom!.dye(change.origin.rows.slice());
    loom!.lay(change.strokes, after.weftWidth, this.places()?.knots ?? null);
    this.settling = settles?.done ?? null;
    this.show(0);
    return change.ms;
  }

  private settling: (() => void) | null = null;

  private origin(before: Woven, after: Woven, settles: boolean): Origin {
    if (!settles) {
      const same = before.steps === after.steps && before.n === after.n;
      return same
        ? { xy: before.xy, weight: before.weight, rows: this.rows, settles }
        : { xy: after.xy, weight: after.weight, rows: this.rowsOf(after), settles };
    }
    const from = this.scene!.warps.length ? this.scene!.warps : cameFrom(after, before);
    const [xy, weight] = carried(after, before, from);
    const rows = this.rowsOf(after);
    from.forEach((warp, thread) => {
      if (warp >= 0 && warp < before.n)
        rows.set(this.rows.subarray(warp * ROW_BYTES, (warp + 1) * ROW_BYTES), thread * ROW_BYTES);
    });
    return { xy, weight, rows, settles };
  }

  private show(ms: number): void {
    const { change, loom } = this;
    if (!change || !loom) return;
    for (const [warp, row] of change.rows(ms)) loom.dyeOne(warp, row);
    loom.kept(keepTable(change.after, change.now(ms), this.places()));
    loom.draw({
      ease: change.ease(ms),
      laid: change.laid(ms),
      left: change.left(ms),
      mine: this.ownWarps(),
      glow: this.pace.tier < 2,
    });
    if (!this.wrote && ms >= change.eases) {
      this.wrote = true;
      this.mark(false);
    }
  }

  private end(): void {
    const wrote = this.wrote;
    this.stand();
    if (!wrote) this.mark(false);
    this.wrote = true;
    this.settling?.();
    this.settling = null;
  }

  // ------------------------------------------------------------------ drawing

  private ask(): void {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      if (!this.change) this.paint();
    });
  }

  private places(): LitPlaces | null {
    return this.litNow && this.woven && !this.scene ? litPlaces(this.litNow, this.woven, this.picture) : null;
  }

  private ownWarps(): number[] {
    if (this.scene) return [];
    return [...new Set([...this.own].flatMap((r) => this.picture.told.get(r)?.warp ?? []))];
  }

  private paint(): void {
    const { woven, at, loom } = this;
    if (!woven || !at || this.change) return;
    const places = this.places();
    const keep = keepTable(woven, woven.now, places);
    this.woven2d.hidden = !this.flat;
    if (loom) loom.canvas.hidden = this.flat;
    if (this.flat) {
      const light = { keep, knots: places?.knots ?? null, mine: this.ownWarps() };
      drawFlat(this.woven2d, woven, at, this.dpr, this.ground, this.options.texture, light);
      return;
    }
    const strokes = woven.wefts.map((weft) => {
      const { firm } = woven.knots[weft[5]];
      return { before: weft, after: weft, firm, knot: weft[5], order: LIES };
    });
    loom!.lay(strokes, woven.weftWidth, places?.knots ?? null);
    loom!.kept(keep);
    loom!.draw({ ease: 1, laid: 0, left: 1, mine: this.ownWarps(), glow: this.pace.tier < 2 });
  }

  private paintUnder(): void {
    const { at, woven } = this;
    if (!at) return;
    this.under.width = Math.round(at.w * this.dpr);
    this.under.height = Math.round(at.h * this.dpr);
    const ctx = this.under.getContext("2d")!;
    ctx.setTransform(this.dpr, 0, 0, this.dpr, 0, 0);
    drawSky(ctx, at, this.ground);
    const { dpr } = this;
    ctx.setTransform(dpr * at.scale, 0, 0, dpr * at.scale, dpr * at.x, dpr * at.y);
    if (woven) drawBand(ctx, at, this.ground, sceneOf(woven));
    this.layers.style.background = css(this.ground.ground);
  }

  private mark(still: boolean): void {
    const { woven, at } = this;
    if (!woven || !at) return;
    const places = this.places();
    this.marks.draw(woven, at, this.dpr, this.ground, this.options.projector, places, still || this.unmoving);
  }

  // A change that does not move: what was there fades out over what is.
  private fade(change: () => void): void {
    const { loom, ghost, at } = this;
    const from = this.flat ? this.woven2d : loom!.canvas;
    if (!at || !from.width || this.change || document.hidden) {
      change();
      return;
    }
    if (!this.flat) this.paint(); // so that there is something to copy
    ghost.width = from.width;
    ghost.height = from.height;
    ghost.getContext("2d")!.drawImage(from, 0, 0);
    change();
    ghost.animate([{ opacity: 1 }, { opacity: 0 }], FADE_MS).onfinish = () => (ghost.width = 0);
    this.stage.calm();
  }

  // Plain night, for as long as the host asked for it.
  private rest(): void {
    const left = this.picture.rest - Date.now();
    const on = this.picture.rest > 0 && left > 0;
    clearTimeout(this.resting);
    if (on) this.resting = window.setTimeout(() => this.rest(), Math.min(left, 3_600_000));
    const shown = [...this.layers.children].filter((one) => one !== this.under && one !== this.ghost);
    for (const one of shown as HTMLElement[]) {
      one.style.transition = `opacity ${this.unmoving ? FADE_MS : 900}ms`;
      one.style.opacity = on ? "0" : "1";
    }
  }

  // ------------------------------------------------------------------ who speaks

  private light(): void {
    const { at, woven } = this;
    const [seat, report] = this.speaking;
    const speaks = at && woven && !this.scene && (seat !== null || report !== null);
    this.under.style.transition = `opacity ${this.unmoving ? FADE_MS : 900}ms`;
    this.under.style.opacity = speaks ? String(DIMMED) : "1";
    if (!speaks) {
      if (at) this.filament.show(null, at, this.ground, this.unmoving);
      return;
    }
    const { sheet } = woven;
    const told = report === null ? undefined : this.picture.told.get(report);
    const t = told?.passage ?? Math.max(0, this.picture.lanes.length - 1);
    const u = passageU(t, woven.n_passages);
    const knot = told && woven.knots.find((k) => k.t === t && k.warps.includes(told.warp));
    const warp = told?.warp ?? 0;
    const step = Math.round(u * (woven.steps - 1));
    const lies = 2 * (warp * woven.steps + step);
    const to = knot
      ? point(sheet, u, (knot.low + knot.high) / 2)
      : told
        ? ([woven.xy[lies], woven.xy[lies + 1]] as const)
        : point(sheet, u, 0);
    const sits = seat === null ? undefined : woven.seats.find((one) => one.thread === seat);
    // Where no seat is drawn the light comes from below, as from whoever holds this screen.
    const from = sits
      ? ([sits.x, sits.y] as const)
      : sheet.name === "wide"
        ? point(sheet, 0.5, edge(0.5))
        : ([sheet.width * 0.53, sheet.height] as const);
    const feeling = report === null ? NONE : this.words.feeling(report)[0];
    const colour = css(feeling >= 0 && feeling < 8 ? this.ground.dyes[feeling] : this.ground.ivory);
    // It leaves along the band and comes in along it, rather than straight across.
    const across = along(sheet, u, 0);
    const far = 0.45 * Math.hypot(to[0] - from[0], to[1] - from[1]);
    const bend = [to[0] - Math.cos(across.turn) * far, to[1] - Math.sin(across.turn) * far] as const;
    const ring = sits ? woven.seatRadius : null;
    this.filament.show({ from, to, bend, seat: ring, colour }, at, this.ground, this.unmoving);
  }
}

export type { Act, Beside, Lit, Picked };
