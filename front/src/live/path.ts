// From my dream to yours: the widest path between two lines, through what others said, read
// one after the other and lit in the picture. The node finds it; this asks and reads.

import { ask, isYes } from "../node/asking.ts";
import { el, tell } from "../node/dom.ts";
import { say } from "../node/strings.ts";
import type { Lit } from "./keeping.ts";
import { covered } from "./line.ts";
import { allLines, lineOf, sentences, type Line } from "./lines.ts";
import type { Room } from "./room.ts";

const APART_MS = 1_800;
const N_OFFERED = 200;
const CHARS_SHOWN = 60;

export interface Path {
  /** The line that has somebody's attention: the far end, unless they choose another. */
  towards(r: number): void;
}

export function path(at: HTMLElement, room: Room, still: () => boolean, lit: (what: Lit | null) => void): Path {
  const from = el("select", { id: "path-from" });
  const to = el("select", { id: "path-to" });
  const said = el("p", { role: "status", class: "said" });
  const list = el("ol", { class: "path", "aria-live": "polite", "aria-label": say("live.path") });
  const form = el(
    "form",
    { class: "path-form", submit: (event: Event) => (event.preventDefault(), go()) },
    el("div", { class: "field" }, el("label", { for: "path-from" }, say("live.path_from")), from),
    el("div", { class: "field" }, el("label", { for: "path-to" }, say("live.path_to")), to),
    el("button", {}, say("live.path_go")),
  );
  const folded = el("details", { class: "more" }, el("summary", {}, say("live.path")), form, said, list);
  at.append(folded);
  folded.addEventListener("toggle", () => (folded.open ? offer() : lit(null)));
  let n_asked = 0;
  let shown: [number, number][] = [];

  function begins(line: Line): string {
    const text = line.words.note ? `${say("live.note")} ${line.words.note}` : sentences(line.words).join(" ");
    return text.length > CHARS_SHOWN ? `${text.slice(0, CHARS_SHOWN)}…` : text;
  }

  function offer(): void {
    const lines = allLines(room).slice(-N_OFFERED);
    for (const [select, first] of [
      [from, lines.find((one) => one.mine)],
      [to, lines.filter((one) => !one.mine).pop()],
    ] as const) {
      const chosen = select.value || String(first?.r ?? "");
      select.replaceChildren(...lines.map((line) => el("option", { value: line.r }, (line.mine ? `${say("live.yours")}: ` : "") + begins(line))));
      if (lines.some((one) => String(one.r) === chosen)) select.value = chosen;
    }
  }

  async function go(): Promise<void> {
    const mine = ++n_asked;
    list.replaceChildren();
    lit(null);
    if (!from.value || !to.value || from.value === to.value) return tell(said, say("live.path_two"));
    tell(said, say("node.asking"));
    const reply = await ask(`/api/gatherings/${room.data.id}/path?from=${from.value}&to=${to.value}`);
    if (mine !== n_asked) return;
    const steps = (reply.body?.steps ?? []) as [number, number][];
    if (!isYes(reply) || !steps.length) return tell(said, reply.sentence || say("live.path_none"));
    tell(said, "");
    shown = steps;
    lit({ path: steps.map(([r]) => r) });
    for (const [r, i] of steps) {
      const line = lineOf(room, r);
      if (mine !== n_asked || shown !== steps) return;
      if (!line) continue; // taken back meanwhile
      const text = line.words.note ? sentences(line.words).join(" ") : (sentences(line.words)[i] ?? line.words.text);
      list.append(el("li", { class: line.words.feeling ?? "unsaid", "data-r": r }, covered(line, text)));
      if (!still()) await new Promise((next) => setTimeout(next, APART_MS));
    }
  }

  room.on(({ acts, again }) => {
    if (!again && !acts?.some(([word, r]) => word === "gone" && shown.some(([one]) => one === r))) return;
    // A path through words that are gone is none.
    n_asked++;
    shown = [];
    list.replaceChildren();
    lit(null);
  });

  return {
    towards: (r) => {
      if (!folded.open || room.mine.has(r)) return;
      if ([...to.options].some((one) => one.value === String(r))) to.value = String(r);
    },
  };
}
