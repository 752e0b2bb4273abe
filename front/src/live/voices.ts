// Whose voices does this hold? Counts that anybody can follow, what the longest and the
// shortest threads hold, in which languages, and the Circle's own lenses where there are some.
// Numbers of a crowd only: no names, no order of merit, no score.

import { ask, isYes } from "../node/asking.ts";
import { el, one, tell } from "../node/dom.ts";
import { newId } from "../node/ids.ts";
import { say } from "../node/strings.ts";
import { figure, form as counted } from "./counting.ts";
import { allLines, shares } from "./lines.ts";
import type { Room } from "./room.ts";

/** A way of looking in the Circle's own words; only ever of five people or more, on both sides. */
interface Lens {
  words: string;
  n: number;
  of: number;
  speakers_hundredths: number;
  words_hundredths: number;
}

export function voices(at: HTMLElement, room: Room, said: (text: string) => void): { opened(): void } {
  const list = one("[data-counted]", at)!;
  const held = one("[data-shares]", at)!;
  const body = one("[data-table]", at)!;
  const lenses = one("[data-lenses]", at)!;
  const keep = one<HTMLFormElement>("form[data-keep-open]", at);
  let timer = 0;
  let stale = true;

  function show(): void {
    stale = false;
    const lines = allLines(room);
    const [, n_listening, n_open] = room.picture.seats;
    // How many people told is the node's to say: here threads of one person are not tied.
    const n_spoke = room.picture.fair?.n;
    const counts: [string, number][] = [
      n_spoke === undefined ? ["told", lines.length] : ["spoke", n_spoke],
      ["listened", n_listening],
      ["kept", n_open],
    ];
    list.replaceChildren(...counts.map(([what, n]) => big(what, n)));
    const part = shares(lines, room.data.named);
    tell(held, part ? say("live.shares", { most: part[0], least: part[1] }) : "");
    const rows: [string, string][] = n_spoke === undefined ? [] : [[say("live.row_spoke"), figure(n_spoke)]];
    rows.push(
      [say("live.row_listened"), figure(n_listening)],
      [say("live.row_open"), figure(n_open)],
    );
    if (part) rows.push([say("live.row_most"), `${figure(part[0])} %`], [say("live.row_least"), `${figure(part[1])} %`]);
    const langs = new Map<string, number>();
    for (const { words } of lines) langs.set(words.lang ?? "", (langs.get(words.lang ?? "") ?? 0) + 1);
    for (const [code, n] of [...langs].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))) {
      rows.push([say("live.row_lang", { language: tongue(code) }), figure(n)]);
    }
    body.replaceChildren(...rows.map(([what, n]) => el("tr", {}, el("th", { scope: "row", dir: "auto" }, what), el("td", {}, n))));
  }

  function big(what: string, n: number): HTMLLIElement {
    const [before, after = ""] = counted(what, n).split("{n}");
    return el("li", {}, before, el("b", {}, figure(n)), after);
  }

  async function look(): Promise<void> {
    const reply = await ask(`/api/gatherings/${room.data.id}/lenses`);
    const list = isYes(reply) ? ((reply.body?.lenses ?? []) as Lens[]) : [];
    lenses.hidden = !list.length;
    lenses.replaceChildren(...list.map(lens));
  }

  function lens({ words, n, of, speakers_hundredths, words_hundredths }: Lens): HTMLElement {
    const bar = (text: string, part: number) =>
      el("p", { class: "bar" }, el("meter", { min: 0, max: 100, value: part, "aria-hidden": "true" }), el("span", {}, text));
    return el(
      "section",
      { class: "lens" },
      el("h3", {}, say("live.lens"), " ", el("q", { dir: "auto" }, words)),
      bar(say("live.lens_speakers", { n: figure(n), of: figure(of), part: speakers_hundredths }), speakers_hundredths),
      bar(say("live.lens_words", { part: words_hundredths }), words_hundredths),
    );
  }

  keep?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const reply = await ask(`/api/gatherings/${room.data.id}/open-seats`, { method: "POST", json: { n: 1 }, once: newId() });
    said(isYes(reply) ? say("live.kept_open") : reply.sentence || say("live.not_done"));
  });

  room.on(() => {
    stale = true;
    if (!timer && !at.hidden)
      timer = window.setTimeout(() => {
        timer = 0;
        show();
      }, 700);
  });
  return {
    opened: () => {
      if (stale) show();
      look();
    },
  };
}

function tongue(code: string): string {
  if (!code) return say("live.lang_unsaid");
  try {
    return new Intl.DisplayNames([document.documentElement.lang || "en"], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}
