// The log: each finished sentence once, seen as it comes, and spoken never two within two
// seconds, so that it can be followed by ear. What is spoken stands in a place of its own
// that is not seen; the eye has the list. Who wants quiet hears of new lines only when they
// ask. Past 48 people a passage is summed up in one sentence, and the newest line is only
// shown. A line that is taken back says so in its place.

import { all, button, el, one, tell } from "../node/dom.ts";
import { say } from "../node/strings.ts";
import { count } from "./counting.ts";
import { covered, nowLine } from "./line.ts";
import { lineOf, passages, sentences, type Line } from "./lines.ts";
import type { Room } from "./room.ts";

export const APART_MS = 2_000;
const N_CROWD = 48;
const N_WAITING_MAX = 12; // sentences; more than these are told as a number
const N_HELD = 120;

interface Sentence {
  r: number; // -1: nobody's, of the page
  text: string;
  lang: string | null;
}

export interface Log {
  /** Where it is spoken from. */
  voice: HTMLElement;
  /** A line of the log that is nobody's: a sound, a phase, a report of the page. */
  note(text: string): void;
  /** What was said since somebody last asked. */
  unsaid(): string;
}

export function log(room: Room, at: HTMLElement, spoke: (line: Line) => void): Log {
  const list = one<HTMLOListElement>("ol", at) ?? at.appendChild(el("ol"));
  const spoken = el("div", { class: "spoken", "aria-hidden": "true", hidden: true });
  const voice = el("div", { class: "aside-only", "aria-live": "polite", "data-voice": "" });
  at.setAttribute("aria-live", "off"); // the list is for the eye, and to be read at leisure
  at.after(spoken, voice);
  const known = new Set<number>(room.picture.told.keys());
  const waiting: Sentence[] = [];
  let unread: string[] = [];
  let timer = 0;
  let free_at = 0;
  let n_more = 0;
  let t_told = room.picture.lanes.length - 1;
  let newest: Line | null = null;

  const crowd = () => room.picture.seats[0] > N_CROWD;

  function come(): void {
    for (const r of [...room.picture.told.keys()].sort((a, b) => a - b)) {
      const line = known.has(r) ? null : lineOf(room, r);
      if (!line) continue;
      known.add(r);
      newest = line;
      spoke(line);
      if (crowd()) continue;
      const { note, lang } = line.words;
      const texts = note ? [sentences(line.words).join(" ")] : sentences(line.words);
      texts.forEach((text, k) => add(nowLine(line, text, k === texts.length - 1, room.data.feelings)));
      const heard = note ? [`${say("live.note")} ${note}`] : texts;
      unread = [...unread, ...heard].slice(-20);
      if (waiting.length + heard.length > N_WAITING_MAX) n_more++;
      else for (const text of heard) waiting.push({ r, text, lang: note ? null : (lang ?? null) });
    }
    if (crowd()) sumUp();
    else spoken.hidden = true;
    go();
  }

  function go(): void {
    if (timer || !(waiting.length || n_more || (crowd() && newest))) return;
    timer = window.setTimeout(step, Math.max(0, free_at - performance.now()));
  }

  function step(): void {
    timer = 0;
    free_at = performance.now() + APART_MS;
    if (crowd()) {
      const line = newest;
      newest = null;
      spoken.hidden = false;
      if (line) {
        spoken.className = `spoken ${line.words.feeling ?? "unsaid"}`;
        spoken.replaceChildren(covered(line, sentences(line.words).join(" ")));
      }
    }
    const next = waiting.shift();
    if (next) speak(next.text, next.lang);
    else if (n_more) {
      speak(count("more", n_more), null);
      n_more = 0;
    }
    go();
  }

  function speak(text: string, lang: string | null): void {
    voice.replaceChildren(el("p", { dir: "auto", lang: lang || false }, text));
  }

  function add(item: HTMLLIElement): void {
    one("[data-none]", at)?.remove();
    list.append(item);
    while (list.children.length > N_HELD) list.firstElementChild!.remove();
    at.scrollTop = 0; // its newest line: the log is laid out from there
  }

  function note(text: string): void {
    add(el("li", { class: "noted-by-page" }, el("p", {}, text)));
    unread = [...unread, text].slice(-20);
    waiting.push({ r: -1, text, lang: null });
    go();
  }

  /** A passage is over: what met in it, in one sentence. */
  function sumUp(): void {
    const last = room.picture.lanes.length - 1;
    if (last <= t_told) return;
    for (const passage of passages(room)) {
      if (passage.t < t_told || passage.t >= last) continue;
      const names = [...new Set(passage.meetings.map((one) => one.motif.name))].slice(0, 3).join(", ");
      note(`${say("live.passage", { t: passage.t + 1 })}${names ? `: ${names}` : ""}. ${count("lines", passage.lines.length)}.`);
    }
    t_told = last;
  }

  function gone(r: number): void {
    known.add(r);
    for (let k = waiting.length; k-- > 0; ) if (waiting[k].r === r) waiting.splice(k, 1);
    if (newest?.r === r) newest = null;
    const held = all(`[data-r="${r}"]`, list);
    held.slice(1).forEach((item) => item.remove());
    if (held[0]) {
      held[0].className = "taken";
      held[0].replaceChildren(el("p", {}, say("node.line_taken_back")));
    }
    spoken.replaceChildren();
    voice.replaceChildren();
    unread = [];
  }

  room.on(({ acts, again, mine }) => {
    // The stream may tell of one's own line before the node's answer says whose it is.
    if (mine) for (const item of all("[data-r]", list)) item.classList.toggle("mine", room.mine.has(Number(item.dataset.r)));
    for (const act of acts ?? []) if (act[0] === "gone") gone(act[1] as number);
    if (again) {
      const shown = new Set(all("[data-r]", list).map((item) => Number(item.dataset.r)));
      for (const r of shown) if (!room.picture.told.has(r)) gone(r);
      // What was told while this page heard nothing stands in the text; only the newest come here.
      const new_ones = [...room.picture.told.keys()].filter((r) => !known.has(r)).sort((a, b) => a - b);
      new_ones.slice(0, -3).forEach((r) => known.add(r));
      if (new_ones.length > 3) n_more += new_ones.length - 3;
    }
    come();
  });

  return {
    voice,
    note,
    unsaid: () => {
      const said = unread.join(" ");
      unread = [];
      return said;
    },
  };
}

/** Whether new lines are read out as they come, or only when asked for. For this visit. */
export function announcing(at: HTMLElement, held: Log): void {
  const region = held.voice;
  const said = el("p", { role: "status", class: "said" });
  const ask = button(say("live.say_new"), () => {
    tell(said, "");
    tell(said, held.unsaid() || say("live.nothing_new"));
  }, { hidden: true });
  const quiet = button(say("live.when_asked"), () => {
    const yes = region.getAttribute("aria-live") !== "off";
    region.setAttribute("aria-live", yes ? "off" : "polite");
    quiet.setAttribute("aria-pressed", String(yes));
    ask.hidden = !yes;
  }, { "aria-pressed": "false" });
  at.append(el("div", { class: "answers" }, quiet, ask), said);
}
