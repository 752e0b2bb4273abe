// The picture of a gathering: what its page hands acts and words to.
//
// Folds what is heard, lays it out, and has it drawn: in WebGL2 where there is any, flat where
// there is none or textures are asked for. Everything in it is in the document as well.
// Nothing here writes a word anywhere but onto a canvas, and there are no frames when
// nothing moves.

import { GROUNDS, type Theme } from "../colour.ts";
import { type Fit, FORMATS, fit } from "../formats.ts";
import { type Act, Picture, byNumber } from "./acts.ts";
import { Change, type Stroke, lying } from "./change.ts";
import { Vat } from "./dye.ts";
import type { drawFlat } from "./flat.ts";
import { SHEETS } from "./geometry.ts";
import { Loom } from "./gl.ts";
import { type Lit, type LitPlaces, keepTable, litPlaces } from "./keeping.ts";
import { Layers } from "./layers.ts";
import { leastSize, measurer } from "./marks.ts";
import { warpMesh, weftMesh } from "./mesh.ts";
import { originOf } from "./origins.ts";
import { type Picked, picked } from "./picking.ts";
import { settledFrom } from "./settled.ts";
import { endsOf } from "./speaking.ts";
import { type Heard, NOTHING, Pace, type Settling, Stage } from "./stage.ts";
import { type Beside, Words } from "./words_beside.ts";
import { type Dyed, type Woven, lay } from "./woven.ts";

declare const FLAT_FILE: string; // written by the build

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
export interface Room {
  x: number; // CSS pixels of the host
  y: number;
  w: number;
  h: number;
  scale: number; // of a design unit
  format: "wide" | "phone";
}

const DPR_MAX = 2;
const DPR_TIRED = 1.5;
const PIXELS_MAX = 8_000_000; // a canvas; beyond it old phones fail silently
const FONTS = ["italic 500 20px Fraunces", '400 14px "Atkinson Hyperlegible Next"'];

export class LivePicture {
  private layers: Layers;
  private loom: Loom | null;
  private drawFlat: typeof drawFlat | null = null;
  private stage: Stage;
  private pace: Pace;
  private picture = new Picture();
  private words = new Words();
  private woven: Woven | null = null;
  private rows: Uint8Array = new Uint8Array(0); // its dye
  private scene: Settling | null = null;
  private change: Change | null = null;
  private under = ""; // what the ground was painted for
  private wrote = true; // whether the words of this change are there
  private settled: (() => void)[] = [];
  private vat: Vat;
  private dyed: Dyed = new Map();
  private measure = measurer();
  private at: Fit | null = null;
  private dpr = 1;
  private asked = 0;
  private own: ReadonlySet<number> = new Set();
  private litNow: Lit | null = null;
  private speaking: readonly [number | null, number | null] = [null, null];
  private calm = matchMedia("(prefers-reduced-motion: reduce)");
  private watch: ResizeObserver;

  constructor(
    readonly host: HTMLElement,
    private options: Options,
  ) {
    this.options = { ...options };
    this.vat = new Vat(this.ground);
    this.layers = new Layers(host);
    try {
      this.loom = new Loom(this.layers.gl, this.ground, () => this.ask());
    } catch {
      this.loom = null; // no WebGL2: it is drawn flat
    }
    this.pace = new Pace(options.steady ?? false, () => this.place());
    this.stage = new Stage(
      {
        take: (heard, still) => this.take(heard, still),
        show: (ms) => this.show(ms),
        end: () => this.end(),
      },
      this.pace,
      () => this.unmoving,
    );
    if (this.flat) void this.fetchFlat();
    this.place();
    this.watch = new ResizeObserver(() => this.place());
    this.watch.observe(host);
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

  private async fetchFlat(): Promise<void> {
    if (this.drawFlat) return;
    try {
      ({ drawFlat: this.drawFlat } = (await import(`./${FLAT_FILE}`)) as typeof import("./flat.ts"));
    } catch {
      return; // it cannot be had: what is not drawn stands in the text
    }
    this.layAgain();
  }

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
    this.layers.rest(this.picture.rest, this.unmoving);
  }

  hear(acts: readonly Act[]): void {
    this.stage.hear({ acts, words: null });
  }

  beside(words: Beside): void {
    this.stage.hear({ acts: [], words });
  }

  // The closing: every thread goes once to its place in the weave of the whole. `warps` says
  // which warp each of the scene's strands was, `strands` on which of them each report is.
  settle(
    scene: unknown,
    warps: readonly number[] | null = null,
    strands: Readonly<Record<number, number>> | null = null,
  ): Promise<void> {
    return new Promise((done) =>
      this.stage.hear({ acts: [], words: null, settle: { scene, warps, strands, done } }),
    );
  }

  // ------------------------------------------------------------------ what is lit

  // One's own threads, on this screen alone.
  mine(reports: ReadonlySet<number>): void {
    this.fade(() => (this.own = new Set(reports)));
  }

  lit(what: Lit | null): void {
    this.fade(() => (this.litNow = what));
    this.mark(true);
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
    this.options.texture = on;
    if (this.flat) void this.fetchFlat();
    this.layAgain();
  }

  // ------------------------------------------------------------------ what is asked of it

  describe(): Described {
    const passages = this.picture.lanes.map((_, t) => ({
      t,
      reports: byNumber(this.picture.told).flatMap(([r, one]) => (one.passage === t ? [r] : [])),
      knots: byNumber(this.picture.knots)
        .filter(([, knot]) => knot.passage === t)
        .map(([knot, { motif, warps, firm }]) => {
          const name = this.words.motifs.get(motif)?.name ?? null;
          return { knot, motif, name, warps: [...warps], firm: firm > 0 };
        }),
    }));
    return { passages };
  }

  pick(x: number, y: number): Picked | null {
    return this.woven && this.at && !this.scene ? picked(this.woven, this.at, x, y) : null;
  }

  // Whether something moves, or waits to.
  get busy(): boolean {
    return this.stage.busy;
  }

  // Where title and words may stand.
  opening(): Room | null {
    if (!this.at) return null;
    const { format, scale, x: left, y: top } = this.at;
    const { x, y, w, h } = SHEETS[format.name].opening;
    return { x: left + x * scale, y: top + y * scale, w: w * scale, h: h * scale, scale, format: format.name };
  }

  destroy(): void {
    this.stage.drop();
    this.watch.disconnect();
    cancelAnimationFrame(this.asked);
    this.loom?.destroy();
    this.layers.destroy();
  }

  // ------------------------------------------------------------------ laying out

  private place(): void {
    const { clientWidth: w, clientHeight: h } = this.host;
    if (!w || !h) return;
    const format = w / h < 0.82 ? FORMATS.phone : FORMATS.wide;
    // By phone the horns run off the right edge; where there is room to spare it lies left.
    const at = fit(format, w, h, format.name === "phone" ? 1 : 0.5);
    const most = this.pace.tier > 0 ? DPR_TIRED : DPR_MAX;
    const dpr = Math.min(most, devicePixelRatio || 1, Math.sqrt(PIXELS_MAX / (w * h)));
    // The same place again asks for no work.
    if (this.at?.w === w && this.at.h === h && this.dpr === dpr) return;
    this.at = at;
    this.dpr = dpr;
    this.layers.filament.place(at);
    this.layAgain();
    this.light();
  }

  private laid(): Woven | null {
    const { at } = this;
    if (!at || !this.picture.n_warps) return null;
    if (this.scene) return settledFrom(this.scene.scene, at.format.name);
    const letters = { measure: this.measure, least: leastSize(at, this.options.projector) };
    return lay(this.picture, this.words, at.format.name, letters, this.dyed);
  }

  // Everything from the beginning, without any motion.
  private layAgain(): void {
    this.stage.finish();
    this.woven = this.laid();
    this.stand();
    this.mark(true);
  }

  // As it is, with nothing on its way.
  private stand(): void {
    const { woven, loom } = this;
    this.change = null;
    if (!this.at) return;
    const under = [this.at.w, this.at.h, this.dpr, this.options.look, woven?.n, woven?.settled].join();
    if (under !== this.under) this.layers.paintUnder(this.at, this.dpr, this.ground, woven);
    this.under = under;
    if (!woven) return;
    if (loom && !this.flat) {
      this.rows = this.vat.rows(woven);
      loom.place(this.at, this.dpr, this.ground);
      loom.bake(woven, warpMesh(woven, woven.xy, woven.weight));
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
    const { rest } = this.picture;
    for (const { acts, words, settle } of heard) {
      for (const act of acts) this.apply(act);
      if (words) this.words.merge(words);
      if (!settle) continue;
      this.scene = settle;
      this.settled.push(settle.done);
    }
    if (rest !== this.picture.rest) this.layers.rest(this.picture.rest, this.unmoving);
    const after = this.laid();
    // A weave that fell is not taken apart before everybody's eyes.
    if (!after || !before || still || (before.settled && !after.settled)) {
      this.fade(() => (this.woven = after), true);
      this.end();
      return after ? 0 : NOTHING;
    }
    const rows = this.vat.rows(after);
    const origin = originOf(before, after, this.rows, rows, this.scene?.warps ?? null);
    const change = new Change(before, after, origin, rows);
    const newWords = unlike(before, after, ({ labels, seats }) => [labels, seats]);
    if (!change.ms) {
      // Nothing moves, but a knot may be firm now, or a warp no longer kept.
      if (!newWords && !unlike(before, after, ({ knots, open }) => [knots, [...open]])) return NOTHING;
      this.fade(() => (this.woven = after), true);
      return 0;
    }
    this.woven = after;
    this.change = change;
    this.wrote = !newWords;
    this.rows = rows;
    this.loom!.bake(after, warpMesh(after, change.origin.xy, change.origin.weight));
    this.loom!.dye(change.origin.rows.slice());
    this.weft(change.strokes, after);
    this.show(0);
    return change.ms;
  }

  private show(ms: number): void {
    const { change, loom } = this;
    if (!change || !loom) return;
    for (const [warp, row] of change.rows(ms)) loom.dyeOne(warp, row);
    loom.kept(keepTable(change.after, change.now(ms), this.places()));
    const [ease, laid, left] = [change.ease(ms), change.laid(ms), change.left(ms)];
    loom.draw({ ease, laid, left, mine: this.ownWarps(), glow: this.pace.tier < 2 });
    if (!this.wrote && ms >= change.eases) {
      this.wrote = true;
      this.mark(false);
    }
  }

  private end(): void {
    if (this.change) this.stand();
    if (!this.wrote) this.mark(false);
    this.wrote = true;
    for (const done of this.settled.splice(0)) done();
  }

  // ------------------------------------------------------------------ drawing

  private ask(): void {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      this.paint();
    });
  }

  private places(): LitPlaces | null {
    return this.litNow && this.woven && !this.scene ? litPlaces(this.litNow, this.woven, this.picture) : null;
  }

  private ownWarps(): number[] {
    const { scene } = this;
    const warp = (r: number) => (scene ? scene.strands?.[r] : this.picture.told.get(r)?.warp);
    return [...new Set([...this.own].flatMap((r) => warp(r) ?? []))];
  }

  private weft(strokes: readonly Stroke[], woven: Woven): void {
    this.loom!.lay(weftMesh(strokes, woven.weftWidth, this.ground, this.places()?.knots ?? null));
  }

  private paint(): void {
    const { woven, at, loom } = this;
    if (!woven || !at || this.change) return;
    const places = this.places();
    const keep = keepTable(woven, woven.now, places);
    const mine = this.ownWarps();
    this.layers.choose(this.flat);
    if (this.flat) {
      const light = { keep, knots: places?.knots ?? null, mine };
      this.drawFlat?.(this.layers.flat, woven, at, this.dpr, this.ground, this.options.texture, light);
      return;
    }
    this.weft(lying(woven), woven);
    loom!.kept(keep);
    loom!.draw({ ease: 1, laid: 0, left: 1, mine, glow: this.pace.tier < 2 });
  }

  private mark(still: boolean): void {
    const { woven, at, layers } = this;
    if (!woven || !at) return;
    const calm = still || this.unmoving;
    layers.marks.draw(woven, at, this.dpr, this.ground, this.options.projector, this.places(), calm);
  }

  // A change that does not move. `whole`: the layout is another one.
  private fade(change: () => void, whole = false): void {
    if (!this.change && !document.hidden && this.woven) {
      if (!this.flat) this.paint();
      this.layers.fadeFrom(this.flat ? this.layers.flat : this.layers.gl);
    }
    change();
    if (whole) {
      this.stand();
      this.mark(true);
    } else this.paint();
    this.stage.calm();
  }

  private light(): void {
    const { at, woven } = this;
    const [seat, report] = this.speaking;
    if (!at) return;
    const speaks = woven && !this.scene && (seat !== null || report !== null);
    const ends = speaks ? endsOf(woven, this.picture, this.words, this.ground, seat, report) : null;
    this.layers.dim(ends !== null, this.unmoving);
    this.layers.filament.show(ends, at, this.ground, this.unmoving);
  }
}

function unlike(a: Woven, b: Woven, part: (woven: Woven) => unknown): boolean {
  return JSON.stringify(part(a)) !== JSON.stringify(part(b));
}

export type { Act, Beside, Lit, Picked };
