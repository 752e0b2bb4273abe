// Whose voices does this hold? Counts that anybody can follow, what the longest and the
// shortest threads hold, in which languages, and the Circle's own lenses where there are some.
// Numbers of a crowd only: no names, no order of merit, no score.

import { ask, isYes } from "../node/asking.ts";
import { el, one, tell } from "../node/dom.ts";
import { fairSaid } from "./fair.ts";
import { newId } from "../node/ids.ts";
import { say } from "../node/strings.ts";
import { figure, form as counted } from "./counting.ts";
import { allLines, shares } from "./lines.ts";
import type { Room } from "./room.ts";

/** A way of looking in the Circle's own words. Its shares are percents in steps of five, and null
 * where fewer than five people are on one side. */
interface Lens {
  id: string;
  words: string;
  mine: boolean;
  of_people: number | null;
  of_words: number | null;
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
    tell(one("[data-fair]", at)!, fairSaid(room));
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
    if (isYes(reply)) see(reply.body?.lenses ?? []);
  }

  function see(list: Lens[]): void {
    lenses.hidden = !list.length;
    lenses.replaceChildren(...list.map((one) => lens(one, list)));
  }

  /** One lens: whether it is one's own, which is nobody else's to know, and its shares. */
  function lens(held: Lens, all: Lens[]): HTMLElement {
    const { id, words, mine, of_people, of_words } = held;
    const box = el("input", { type: "checkbox", checked: mine, id: `lens-${id}`, change: () => choose(id, box.checked, all) });
    const out = el("section", { class: "lens" });
    out.append(el("h3", {}, say("live.lens"), " ", el("q", { dir: "auto" }, words)));
    out.append(el("label", { class: "choice", for: `lens-${id}` }, box, el("span", {}, say("live.lens_mine"))));
    if (of_people === null || of_words === null) {
      out.append(el("p", { class: "quiet" }, say("live.lens_few")));
      return out;
    }
    const bar = (text: string, part: number) =>
      el("p", { class: "bar" }, el("meter", { min: 0, max: 100, value: part, "aria-hidden": "true" }), el("span", {}, text));
    out.append(bar(say("live.lens_people", { part: of_people }), of_people));
    out.append(bar(say("live.lens_words", { part: of_words }), of_words));
    return out;
  }

  async function choose(id: string, yes: boolean, all: Lens[]): Promise<void> {
    const mine = all.filter((one) => (one.id === id ? yes : one.mine)).map((one) => one.id);
    const reply = await ask(`/api/gatherings/${room.data.id}/lenses/mine`, { method: "PUT", json: { lenses: mine }, once: newId() });
    if (isYes(reply)) see(reply.body?.lenses ?? []);
    else said(reply.sentence || say("live.not_done"));
    document.getElementById(`lens-${id}`)?.focus();
  }

  keep?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const reply = await ask(`/api/gatherings/${room.data.id}/open-seats`, { method: "POST", json: { n: 1 }, once: newId() });
    said(isYes(reply) ? say("live.kept_open") : reply.sentence || say("live.not_done"));
  });

  room.on(({ acts, again }) => {
    stale = true;
    // The closest call quotes somebody's words: nothing waits with a taking back, seen or unseen.
    if (again || acts?.some(([word]) => word === "gone")) return show();
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
