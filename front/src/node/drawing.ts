// Drawing: a sheet of 100 by 100. Draw by moving a finger, a pen or a mouse; or
// tap, and each tap is the next point of a line; or walk with the arrow keys and
// set points with Enter. All three make the same lines, so nobody needs to drag
// (WCAG 2.5.7). A drawing is only lines: no colour, no thickness, no picture file.

import { button, el, tell } from "./dom.ts";
import { field } from "./form.ts";
import { linesOf, pathOf, type Point } from "./simplifying.ts";
import { say } from "./strings.ts";

const SVG = "http://www.w3.org/2000/svg";
const TAP = 1.5; // a finger that moved less than this, of a hundred, has tapped
const STEP = 5;

export function drawing(at: HTMLElement, form: HTMLFormElement): { show(): void } {
  const into = field(form, "drawing") as HTMLInputElement;
  let lines: Point[][] = [];
  let steps: Point[][][] = []; // what undo goes back to
  let placing = false; // the last line grows by points
  let moving: Point[] | null = null;
  let cursor: Point = [50, 50];

  const said = el("p", { role: "status", class: "said" });
  const sheet = document.createElementNS(SVG, "svg");
  const set = (node: Element, given: Record<string, string>) => {
    for (const [name, value] of Object.entries(given)) node.setAttribute(name, value);
  };
  set(sheet, { viewBox: "0 0 100 100", class: "sheet", tabindex: "0", role: "application" });
  set(sheet, { "aria-label": say("drawing.sheet"), "aria-describedby": "drawing-how" });
  const ink = document.createElementNS(SVG, "path");
  const cross = document.createElementNS(SVG, "path");
  set(ink, { class: "ink" });
  set(cross, { class: "cross" });
  sheet.append(ink, cross);
  const undo = button(say("drawing.undo"), back);
  const line = button(say("drawing.new_line"), lift);
  const clear = button(say("drawing.clear"), () => step([], false, "drawing.cleared"));
  const folded = el("details", { class: "more" }, el("summary", {}, say("drawing.title")));
  at.append(folded);
  folded.append(
    el("p", { id: "drawing-how", class: "hint" }, say("drawing.how")),
    sheet,
    el("div", { class: "answers" }, undo, line, clear),
    el("p", { class: "hint" }, say("photo.caption")),
    said,
  );

  function step(next: Point[][], grows: boolean, key: string, values: Record<string, number> = {}): void {
    steps.push(lines);
    lines = next;
    placing = grows;
    save();
    tell(said, say(key, values));
  }

  function save(): void {
    into.value = pathOf(lines);
    into.dispatchEvent(new Event("input", { bubbles: true }));
    paint();
  }

  function paint(): void {
    const shown = moving ? [...lines, moving] : lines;
    set(ink, { d: pathOf(shown, moving ? 0.1 : undefined) });
    const [x, y] = cursor;
    set(cross, { d: `M${x - 2} ${y}L${x + 2} ${y}M${x} ${y - 2}L${x} ${y + 2}` });
    undo.disabled = !steps.length;
    clear.disabled = !lines.length;
    line.disabled = !placing;
  }

  function back(): void {
    const before = steps.pop();
    if (!before) return;
    lines = before;
    placing = false;
    save();
    tell(said, say("drawing.undone"));
  }

  function lift(): void {
    placing = false;
    paint();
    tell(said, say("drawing.lifted"));
  }

  /** A point: the next of the line that grows, or the first of a new one. */
  function place(p: Point): void {
    cursor = p;
    const grown = placing ? [...lines.slice(0, -1), [...lines[lines.length - 1], p]] : [...lines, [p]];
    step(grown, true, "drawing.point", { x: Math.round(p[0]), y: Math.round(p[1]) });
  }

  const where = (event: PointerEvent): Point => {
    const box = sheet.getBoundingClientRect();
    const within = (v: number) => Math.max(0, Math.min(100, v * 100));
    return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
  };
  sheet.addEventListener("pointerdown", (event) => {
    if (event.button || !event.isPrimary) return;
    event.preventDefault();
    sheet.focus({ preventScroll: true });
    sheet.setPointerCapture(event.pointerId);
    moving = [where(event)];
  });
  sheet.addEventListener("pointermove", (event) => {
    if (!moving || !event.isPrimary) return;
    const came = event.getCoalescedEvents?.() ?? [];
    for (const one of came.length ? came : [event]) moving.push(where(one));
    paint();
  });
  const end = (event: PointerEvent) => {
    if (!moving || !event.isPrimary) return;
    const drawn = moving;
    moving = null;
    if (event.type === "pointercancel") return paint();
    const [[x, y]] = drawn;
    if (drawn.every(([a, b]) => Math.hypot(a - x, b - y) < TAP)) place([x, y]);
    else step([...lines, drawn], false, "drawing.drawn");
  };
  sheet.addEventListener("pointerup", end);
  sheet.addEventListener("pointercancel", end);

  sheet.addEventListener("keydown", (event) => {
    const far = event.shiftKey ? 1 : STEP;
    const by: Record<string, Point> = {
      ArrowLeft: [-far, 0],
      ArrowRight: [far, 0],
      ArrowUp: [0, -far],
      ArrowDown: [0, far],
    };
    const go = by[event.key];
    if (go) {
      cursor = [Math.max(0, Math.min(100, cursor[0] + go[0])), Math.max(0, Math.min(100, cursor[1] + go[1]))];
      paint();
      tell(said, say("drawing.at", { x: cursor[0], y: cursor[1] }));
    } else if (event.key === "Enter" || event.key === " ") place(cursor);
    else if (event.key === "Backspace") back();
    else if (event.key === "Escape" && placing) lift();
    else return;
    event.preventDefault();
  });

  function show(): void {
    lines = linesOf(into.value);
    steps = [];
    placing = false;
    paint();
    set(ink, { d: into.value }); // as it is; ours are only lines, others may have curves
    if (lines.length) folded.open = true;
    tell(said, "");
  }
  show();
  return { show };
}
