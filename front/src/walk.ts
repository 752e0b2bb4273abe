// The walk: the whole text by keyboard.
//
// Left and right go from passage to passage, up and down from line to line
// (and knot to knot) within one, Enter opens a line, t follows one thread, Esc
// goes back. Everything it visits is a native `summary`, so Tab works as well,
// and without this file nothing is out of reach.

import type { Lights } from "./lights.ts";

export class Walk {
  private passages: HTMLElement[];
  private following: number | null = null;

  constructor(
    private read: HTMLElement,
    private lights: Lights,
  ) {
    this.passages = [...read.querySelectorAll<HTMLElement>(".passage")];
    read.addEventListener("keydown", (event) => this.key(event));
    read.addEventListener("focusin", (event) => this.focus(event.target as HTMLElement));
    read.addEventListener("focusout", () => this.lights.set("focus", null));
  }

  private focus(target: HTMLElement): void {
    const line = target.closest<HTMLElement>("[data-s],[data-k]");
    if (!line) return;
    if (this.following !== null && line.dataset.s === String(this.following)) {
      this.lights.set("focus", this.lights.ofStrand(this.following));
      return;
    }
    this.lights.set("focus", this.lights.ofLine(line));
  }

  private stops(passage: HTMLElement): HTMLElement[] {
    return [...passage.querySelectorAll<HTMLElement>("summary")];
  }

  private go(to: HTMLElement | undefined): void {
    to?.focus();
    to?.scrollIntoView({ block: "nearest" });
  }

  private key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = event.target as HTMLElement;
    const here = target.closest<HTMLElement>("summary");
    if (!here) return;
    const passage = here.closest<HTMLElement>(".passage");
    const p = passage ? this.passages.indexOf(passage) : -1;
    const stops = passage ? this.stops(passage) : [];
    const k = stops.indexOf(here);
    // Right to left pages walk the other way on screen; passages are an order
    // in time, so the arrow that points onward is always the right one.
    switch (event.key) {
      case "ArrowDown":
        if (k + 1 < stops.length) this.go(stops[k + 1]);
        else if (p >= 0) this.go(this.first(p + 1));
        break;
      case "ArrowUp":
        if (k > 0) this.go(stops[k - 1]);
        else if (p > 0) this.go(this.stops(this.passages[p - 1]).at(-1));
        break;
      case "ArrowRight":
        if (p >= 0) this.go(this.first(p + 1));
        break;
      case "ArrowLeft":
        if (p > 0) this.go(this.first(p - 1));
        break;
      case "t":
      case "T":
        this.follow(here);
        break;
      case "Escape":
        this.back(here);
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  private first(p: number): HTMLElement | undefined {
    for (let q = p; q >= 0 && q < this.passages.length; q++) {
      const stops = this.stops(this.passages[q]);
      if (stops.length) return stops[0];
    }
    return undefined;
  }

  // To the same thread's next line, round to its first.
  private follow(here: HTMLElement): void {
    const line = here.closest<HTMLElement>("[data-s]");
    if (!line) return;
    const s = line.dataset.s!;
    this.following = +s;
    const all = [...this.read.querySelectorAll<HTMLElement>(`li[data-s="${s}"]`)].filter((li) =>
      li.querySelector("summary"),
    );
    const next = all[(all.indexOf(line) + 1) % all.length];
    this.go(next?.querySelector<HTMLElement>("summary") ?? here);
    this.lights.set("focus", this.lights.ofStrand(+s));
  }

  // First closes what is open, then stops following, then leaves to the picture's doors.
  private back(here: HTMLElement): void {
    const details = here.parentElement as HTMLDetailsElement;
    if (details.open) details.open = false;
    else if (this.following !== null) {
      this.following = null;
      this.focus(here);
    } else {
      this.lights.clear();
      document.querySelector<HTMLElement>(".doors a")?.focus();
    }
  }
}
