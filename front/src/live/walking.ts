// Walking the weave: the whole text by passage, by motif or by thread. Right and left go
// from passage to passage, down and up from motif to motif in one, Enter opens the sentences,
// t follows one thread, Escape goes back. Every stop is a native `summary`, so Tab works as
// well. What has the focus is lit in the picture. Sentences are made when a stop is opened.

import { all, button, el, one } from "../node/dom.ts";
import { say } from "../node/strings.ts";
import { count } from "./counting.ts";
import type { Lit } from "./keeping.ts";
import { fullLine, motifWord, type Acts } from "./line.ts";
import { allLines, byMotif, byThread, lineOf, linesMeeting, passages, sentences, type Line } from "./lines.ts";
import type { Room } from "./room.ts";

type View = "passage" | "motif" | "thread";

const ANEW_MS = 1_200;
const N_OPEN = 60; // so many lines stand open; of more, one opens what one wants to read

export interface Walk {
  /** Show a report's line, opened, with the focus on it. */
  show(r: number): void;
  /** The report that has the focus here, or -1. */
  focused(): number;
}

export function walking(at: HTMLElement, room: Room, acts: Acts, lit: (what: Lit | null) => void, leave: () => void): Walk {
  const whole = el("div", { class: "walk" });
  const seg = el("div", { class: "segments", role: "group", "aria-label": say("live.walk") });
  const buttons = new Map<View, HTMLButtonElement>();
  let view: View = "passage";
  let following = -1;
  let timer = 0;
  let here_r = -1;
  const opened = new Map<string, boolean>(); // what somebody opened or closed stays so

  for (const name of ["passage", "motif", "thread"] as View[]) {
    const made = button(say(`live.by_${name}`), () => turn(name), { "aria-pressed": String(name === view) });
    buttons.set(name, made);
    seg.append(made);
  }
  at.replaceChildren(seg, el("p", { class: "hint keys" }, say("live.walk_keys")), whole);

  function turn(name: View): void {
    view = name;
    for (const [key, one] of buttons) one.setAttribute("aria-pressed", String(key === view));
    draw();
  }

  const item = (line: Line) => fullLine(line, room.data.feelings, `/api/gatherings/${room.data.id}/reports`, acts);

  /** A stop: its summary, and its lines once it is open. */
  function stop(key: string, head: (Node | string)[], lines: () => Line[], many: boolean, given: Record<string, string>): HTMLDetailsElement {
    const list = el("ol", { class: "bare" });
    const made = el("details", { class: "stop", "data-key": key, ...given }, el("summary", {}, ...head), list);
    const fill = () => list.childElementCount || list.append(...lines().map(item));
    made.addEventListener("toggle", () => {
      if (made.open) fill();
      if (made.isConnected) opened.set(key, made.open);
    });
    if (opened.get(key) ?? !many) {
      fill();
      made.open = true;
    }
    return made;
  }

  function draw(): void {
    const active = document.activeElement as HTMLElement | null;
    const kept = whole.contains(active) ? keyOf(active!) : "";
    const parts: HTMLElement[] = [];
    const lines = allLines(room);
    const many = lines.length > N_OPEN;
    if (view === "passage") {
      for (const passage of passages(room)) {
        const names = [...new Set(passage.meetings.map((one) => one.motif.name))].join(", ");
        const part = el("section", { class: "passage", "data-t": passage.t });
        part.append(el("h3", {}, `${say("live.passage", { t: passage.t + 1 })}${names ? `: ${names}` : ""}`));
        for (const meeting of passage.meetings) {
          const head = [motifWord(meeting.motif), " ", el("span", { class: "quiet" }, count("meet", meeting.warps.length))];
          part.append(
            stop(`p${passage.t} m${meeting.motif.m}`, head, () => linesMeeting(allLines(room), passage.t, meeting), true, {
              "data-m": String(meeting.motif.m),
            }),
          );
        }
        if (passage.lines.length) {
          const head = [el("span", {}, count("lines", passage.lines.length))];
          const told = () => passages(room).find((one) => one.t === passage.t)?.lines ?? [];
          part.append(stop(`p${passage.t}`, head, told, many, { "data-t": String(passage.t) }));
        }
        parts.push(part);
      }
    } else if (view === "motif") {
      for (const { motif, lines } of byMotif(room)) {
        const head = [motifWord(motif), " ", el("span", { class: "quiet" }, count("lines", lines.length))];
        parts.push(
          stop(`m${motif.m}`, head, () => byMotif(room).find((one) => one.motif.m === motif.m)?.lines ?? [], true, {
            "data-m": String(motif.m),
          }),
        );
      }
    } else {
      for (const thread of byThread(room)) {
        const first = thread[0];
        const begins = first.words.note ? say("live.note") + " " + first.words.note : sentences(first.words)[0];
        const head = [el("span", { dir: "auto" }, begins), " ", el("span", { class: "quiet" }, count("lines", thread.length))];
        parts.push(
          stop(`w${first.warp}`, head, () => allLines(room).filter((one) => one.warp === first.warp), true, {
            "data-w": String(first.warp),
          }),
        );
      }
    }
    whole.replaceChildren(...(parts.length ? parts : [el("p", { class: "quiet" }, say("live.nothing"))]));
    if (kept) find(kept)?.focus();
  }

  /** What to find again after everything was made anew. */
  function keyOf(node: HTMLElement): string {
    const r = node.closest<HTMLElement>("li[data-r]");
    const key = node.closest<HTMLElement>("[data-key]")?.dataset.key ?? "";
    return r && !node.matches("summary") ? `${key}|${r.dataset.r}` : key;
  }
  function find(key: string): HTMLElement | null {
    const [name, r] = key.split("|");
    const held = one<HTMLElement>(`[data-key="${CSS.escape(name)}"]`, whole);
    if (!held) return null;
    return r ? one(`li[data-r="${r}"] :is(summary, button, a)`, held) : one("summary", held);
  }

  const stops = (within: ParentNode) => all<HTMLElement>("details.stop > summary", within);
  const go = (to: HTMLElement | undefined) => {
    to?.focus();
    to?.scrollIntoView({ block: "nearest" });
  };

  whole.addEventListener("focusin", (event) => {
    const target = event.target as HTMLElement;
    const line = target.closest<HTMLElement>("li[data-r]");
    here_r = line ? Number(line.dataset.r) : -1;
    const held = target.closest<HTMLElement>("[data-m],[data-w],[data-t]");
    if (line) lit(following >= 0 ? { warp: following } : { report: here_r });
    else if (held?.dataset.m) lit({ motif: Number(held.dataset.m) });
    else if (held?.dataset.w) lit({ warp: Number(held.dataset.w) });
    else if (held?.dataset.t) lit({ passage: Number(held.dataset.t) });
  });
  at.addEventListener("focusout", (event) => {
    if (!at.contains(event.relatedTarget as Node | null)) lit(null);
  });
  whole.addEventListener("click", (event) => {
    const to = (event.target as Element).closest<HTMLElement>("[data-to]");
    if (to) show(Number(to.dataset.to));
  });
  whole.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = event.target as HTMLElement;
    if (target.matches("input, textarea, select")) return;
    const held = stops(whole);
    const at_stop = target.closest<HTMLElement>("details.stop");
    const k = at_stop ? held.indexOf(one("summary", at_stop)!) : -1;
    const part = target.closest<HTMLElement>("section.passage");
    const parts = all<HTMLElement>("section.passage", whole);
    const p = part ? parts.indexOf(part) : -1;
    switch (event.key) {
      case "ArrowDown":
        go(held[k + 1]);
        break;
      case "ArrowUp":
        go(held[Math.max(0, k - 1)]);
        break;
      // Passages are an order in time: onward is the right arrow, however the page is read.
      case "ArrowRight":
        go(p >= 0 ? stops(parts[p + 1] ?? part!)[0] : held[k + 1]);
        break;
      case "ArrowLeft":
        go(p >= 0 ? stops(parts[Math.max(0, p - 1)])[0] : held[Math.max(0, k - 1)]);
        break;
      case "t":
      case "T":
        follow(target);
        break;
      case "Escape":
        if (following >= 0) {
          following = -1;
          lit(here_r >= 0 ? { report: here_r } : null);
        } else if (at_stop && !target.matches("details.stop > summary")) go(one<HTMLElement>("summary", at_stop)!);
        else leave();
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  });

  /** To the same thread's next line, round to its first. */
  function follow(target: HTMLElement): void {
    const line = target.closest<HTMLElement>("li[data-r]") ?? one<HTMLElement>("li[data-r]", target.closest("details.stop") ?? whole);
    const told = line && lineOf(room, Number(line.dataset.r));
    if (!told) return;
    const thread = allLines(room).filter((one) => one.warp === told.warp);
    const next = thread[(thread.findIndex((one) => one.r === told.r) + 1) % thread.length];
    following = told.warp;
    show(next.r);
    lit({ warp: following });
  }

  function show(r: number): void {
    const line = lineOf(room, r);
    if (!line) return;
    if (!one(`li[data-r="${r}"]`, whole)) {
      opened.set(view === "passage" ? `p${line.passage}` : view === "thread" ? `w${line.warp}` : "", true);
      if (view === "motif") turn("passage");
      else draw();
    }
    const item = one<HTMLElement>(`[data-key="p${line.passage}"] li[data-r="${r}"]`, whole) ?? one<HTMLElement>(`li[data-r="${r}"]`, whole);
    if (!item) return;
    item.closest("details")!.open = true;
    item.tabIndex = -1;
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "center" });
  }

  room.on(({ acts, words, again, mine }) => {
    if (acts?.some(([word]) => word === "gone") || again) return draw(); // nothing waits with a taking back
    if (!acts?.some(([word]) => ["told", "knot", "unknot", "passage", "carries", "phase"].includes(word)) && !words && !mine) return;
    if (!timer)
      timer = window.setTimeout(() => {
        timer = 0;
        draw();
      }, ANEW_MS);
  });
  draw();
  return { show, focused: () => here_r };
}
