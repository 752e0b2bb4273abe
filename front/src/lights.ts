// Lights: what is lit, and keeping picture and words of one mind about it.
//
// Something is under the pointer, something has the focus, something may have
// been chosen to stay; the first of these that is there wins. Drawing is the
// picture's business.

import type { Light, Picture } from "./picture.ts";
import type { Scene } from "./scene.ts";

export interface Thing {
  strands: number[];
  knots: number[];
  words: string; // what the caption says
  whole?: boolean; // a whole thread: light its lines, not its knots' lines
}
type Why = "pointer" | "focus" | "kept";

const ORDER: Why[] = ["pointer", "focus", "kept"];

export class Lights {
  private now: Partial<Record<Why, Thing>> = {};
  private shown: Thing | null = null;
  private lines: HTMLElement[];

  constructor(
    private pictures: Picture[],
    private scene: Scene,
    private read: HTMLElement | null,
    private caption: HTMLElement | null,
  ) {
    this.lines = read ? [...read.querySelectorAll<HTMLElement>("[data-s],[data-k]")] : [];
  }

  set(why: Why, thing: Thing | null): void {
    if (thing) this.now[why] = thing;
    else delete this.now[why];
    this.show();
  }

  get kept(): Thing | undefined {
    return this.now.kept;
  }

  clear(): void {
    this.now = {};
    this.show();
  }

  private show(): void {
    const which = ORDER.find((why) => this.now[why]);
    const thing = which ? this.now[which]! : null;
    if (thing === this.shown) return;
    this.shown = thing;
    const light: Light | null = thing && {
      strands: new Set(thing.strands),
      knots: new Set(thing.knots),
    };
    for (const picture of this.pictures) {
      picture.light = light;
      picture.ask();
    }
    if (this.caption) {
      this.caption.textContent = thing?.words ?? "";
      this.caption.classList.toggle("on", !!thing?.words);
    }
    this.read?.classList.toggle("has-light", !!thing && which !== "focus");
    for (const line of this.lines) line.classList.toggle("lit", !!light && this.holds(line, thing!, light));
  }

  private holds(line: HTMLElement, thing: Thing, light: Light): boolean {
    if (thing.whole) return line.dataset.s !== undefined && light.strands.has(+line.dataset.s);
    if (light.knots.size) return numbers(line.dataset.k).some((k) => light.knots.has(k));
    return line.dataset.s !== undefined && light.strands.has(+line.dataset.s);
  }

  // A line's own thread, and the threads it meets where it meets them.
  ofLine(line: HTMLElement): Thing {
    const knots = numbers(line.dataset.k);
    const strands = knots.flatMap((k) => this.scene.knots[k]?.s ?? []);
    if (line.dataset.s !== undefined) strands.push(+line.dataset.s);
    return { strands, knots, words: "" };
  }

  ofKnot(k: number): Thing {
    const knot = this.scene.knots[k];
    const item = this.read?.querySelector<HTMLElement>(`.knots [data-k="${k}"] .what`);
    return { strands: knot.s, knots: [k], words: item?.textContent?.replace(/\s+/g, " ").trim() ?? "" };
  }

  ofStrand(i: number): Thing {
    const many = this.scene.strand_size[i] ?? 1;
    const seat = this.scene.seats.wide.find((s) => s.strand === i && s.name);
    const told = this.lines.filter((l) => l.dataset.s === String(i) && l.id.startsWith("l")).length;
    const who = this.scene.open.has(i)
      ? "A seat kept open"
      : (seat?.name ?? (many > 1 ? `A strand of ${many.toLocaleString("en")} threads` : "One thread"));
    const words = told ? `${who} · ${told} ${told === 1 ? "line" : "lines"}` : who;
    const knots = this.scene.knots.flatMap((k, j) => (k.s.includes(i) ? [j] : []));
    return { strands: [i], knots: many > 1 ? [] : knots, words, whole: true };
  }
}

export function numbers(text: string | undefined): number[] {
  return text ? text.split(" ").map(Number) : [];
}
