// A line as elements: its sentences, its feeling in mark, ply and word, its motifs, and what
// may be done with it. Words are covered where their teller put a note before them. The twin
// of `templates/_gathering_line.html`.

import { el } from "../node/dom.ts";
import { say } from "../node/strings.ts";
import { count } from "./counting.ts";
import { sentences, type Line, type Motif } from "./lines.ts";

const SVG = "http://www.w3.org/2000/svg";

/** What may be done with a line; `answering.ts` and `own.ts` give them. */
export type Acts = (line: Line) => Node[];

function svg(name: string, given: Record<string, string>, ...inside: Node[]): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(given)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

/** A mark or a ply out of the page's own table of them. */
function sign(kind: "mark" | "ply", felt: string): SVGElement {
  const use = svg("use", { href: `#${kind}-${felt}` });
  return svg("svg", { class: `${kind} ${felt}`, "aria-hidden": "true", focusable: "false" }, use);
}

export function motifWord({ name, lang }: Motif): HTMLElement {
  return el("i", { dir: "auto", lang: lang || false }, name);
}

function words(line: Line, text: string): HTMLElement {
  return el("p", { dir: "auto", lang: line.words.lang || false }, text);
}

/** The words, or what covers them until somebody chooses to see. */
export function covered(line: Line, text: string): HTMLElement {
  const { note } = line.words;
  if (!note) return words(line, text);
  return el(
    "details",
    { class: "noted" },
    el("summary", {}, say("live.note"), " ", el("bdi", {}, note), " ", el("span", { class: "show" }, say("live.show"))),
    words(line, text),
  );
}

/** One sentence in the log. Who and what it felt like stand after a report's last one. */
export function nowLine(line: Line, text: string, last: boolean, feelings: Record<string, string>): HTMLLIElement {
  const { feeling, name } = line.words;
  const held = [line.mine ? "mine" : "", feeling ?? "unsaid", last ? "" : "goes-on"].filter(Boolean);
  const made = el("li", { class: held.join(" "), "data-r": line.r }, covered(line, text));
  if (!last) return made;
  const by: (Node | string)[] = [];
  if (line.mine) by.push(el("span", {}, say("live.yours")));
  if (name) by.push(el("bdi", {}, name));
  if (feeling) by.push(el("span", {}, feelings[feeling] ?? feeling));
  by.push(...line.motifs.map(motifWord));
  if (by.length) made.append(el("p", { class: "by" }, ...by.flatMap((one, k) => (k ? [" · ", one] : [one]))));
  return made;
}

/** A whole line in the text. `photos` is where the photographs of this gathering are. */
export function fullLine(line: Line, feelings: Record<string, string>, photos: string, acts: Acts): HTMLLIElement {
  const { feeling, name, drawing, photo } = line.words;
  const made = el("li", { class: `told-line ${feeling ?? "unsaid"}${line.mine ? " mine" : ""}`, "data-r": line.r });
  if (line.words.answers !== null) {
    made.append(el("p", { class: "to" }, el("button", { type: "button", class: "link", "data-to": line.words.answers }, say("live.answers"))));
  }
  if (drawing && !line.words.note) {
    const path = svg("path", { d: drawing, fill: "none", stroke: "currentColor", "stroke-width": "1.6", "stroke-linecap": "round" });
    made.append(svg("svg", { class: "drawing", viewBox: "-2 -2 104 104", role: "img", "aria-label": say("live.drawing") }, path));
  }
  // What is under a note is not seen either, until it is chosen.
  if (photo && !line.words.note) made.append(el("img", { class: "photo", src: `${photos}/${line.r}/photo`, alt: say("live.photo"), loading: "lazy" }));
  made.append(covered(line, sentences(line.words).join(" ")));
  const by = el("p", { class: "by" });
  if (feeling) by.append(el("span", { class: "felt" }, sign("mark", feeling), sign("ply", feeling), feelings[feeling] ?? feeling));
  if (name) by.append(el("bdi", {}, name));
  if (line.mine) by.append(el("span", {}, say("live.yours")));
  by.append(...line.motifs.map(motifWord));
  if (line.n_carries) by.append(el("span", {}, count("carries", line.n_carries)));
  if (by.childNodes.length) made.append(by);
  const can = acts(line);
  if (can.length) made.append(el("div", { class: "line-acts" }, ...can));
  return made;
}
