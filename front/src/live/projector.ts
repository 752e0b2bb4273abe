// The wall of a hall: the dreamscape and the spoken line, large, and nothing to press. Words
// under a note are not shown to a whole hall, and what waits for the host never comes here.
// Escape leads back to the page.

import { el, one } from "../node/dom.ts";
import { say } from "../node/strings.ts";
import { lineOf, sentences, type Line } from "./lines.ts";
import type { Room } from "./room.ts";

const SHOWN_MS_MIN = 2_500;
const A_LETTER_MS = 55;
const HINT_MS = 4_000;
const N_WAITING_MAX = 8;

export function projector(at: HTMLElement, hint: HTMLElement | null, room: Room, spoke: (line: Line) => void): void {
  const list = one("ol", at) ?? at.appendChild(el("ol"));
  const known = new Set(room.picture.told.keys());
  const waiting: { r: number; text: string }[] = [];
  let timer = 0;
  let hinting = 0;

  function come(): void {
    for (const r of [...room.picture.told.keys()].sort((a, b) => a - b)) {
      const line = known.has(r) ? null : lineOf(room, r);
      if (!line) continue;
      known.add(r);
      spoke(line);
      if (!line.words.note) waiting.push(...sentences(line.words).map((text) => ({ r, text })));
    }
    // In a hall where many tell at once the wall shows the newest, and the text holds them all.
    waiting.splice(0, Math.max(0, waiting.length - N_WAITING_MAX));
    if (!timer) step();
  }

  function step(): void {
    timer = 0;
    const next = waiting.shift();
    const line = next && lineOf(room, next.r);
    if (!next) return;
    if (!line) return step();
    const { feeling, name, lang } = line.words;
    const by = [name, feeling && room.data.feelings[feeling]].filter(Boolean).join(" · ");
    const item = el("li", { class: feeling ?? "unsaid", "data-r": next.r }, el("p", { dir: "auto", lang: lang || false }, next.text));
    if (by) item.append(el("p", { class: "by" }, by));
    list.replaceChildren(item);
    timer = window.setTimeout(step, Math.max(SHOWN_MS_MIN, next.text.length * A_LETTER_MS));
  }

  function show_hint(): void {
    if (!hint) return;
    hint.hidden = false;
    document.body.classList.remove("bare");
    clearTimeout(hinting);
    hinting = window.setTimeout(() => {
      hint.hidden = true;
      document.body.classList.add("bare");
    }, HINT_MS);
  }

  room.on(({ acts, again }) => {
    for (const [word, r] of acts ?? []) {
      if (word !== "gone") continue;
      const shown = one(`[data-r="${r}"]`, list);
      shown?.replaceChildren(el("p", {}, say("node.line_taken_back")));
      shown?.removeAttribute("data-r");
    }
    if (again) for (const shown of [...list.children] as HTMLElement[]) if (!room.picture.told.has(Number(shown.dataset.r))) shown.remove();
    come();
  });
  addEventListener("keydown", (event) => event.key === "Escape" && location.assign(`/gatherings/${room.data.id}`));
  addEventListener("pointermove", show_hint);
  show_hint();
  awake();
}

/** A wall that goes dark in the middle helps nobody. */
async function awake(): Promise<void> {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    return; // not here, or not now
  }
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && awake(), { once: true });
}
