// Phases: what is going on besides people telling. A hold is said, a rest is plain night, a
// closing is announced, and when the weave of the whole is made it settles once: the
// Landscape. Times are the reader's own.

import { all, one, tell } from "../node/dom.ts";
import { clock } from "../node/asking.ts";
import { say } from "../node/strings.ts";
import { count } from "./counting.ts";
import type { Room } from "./room.ts";

const [BEFORE, TELLING, CLOSING, REFLECTING, CLOSED] = [0, 1, 2, 3, 4];
// Which step of the rhythm a phase is (`web/pages/gatherings_rhythm.py`). Before it begins the page's
// own mark stands.
const STEP_OF_PHASE = [-1, 3, 4, 4, 5];

export function phases(
  room: Room,
  at: { state: HTMLElement | null; phase: HTMLElement | null; rest: HTMLElement | null; night: HTMLElement },
  happened: { note(text: string): void; settled(n: number): void; resting(yes: boolean): void },
): void {
  let timer = 0;
  let resting = false;
  let phase = room.picture.phase;

  const now = () => Date.now() + (clock.ahead_ms || 0);

  function state(): void {
    if (!at.state) return;
    const [n_here, n_listening, n_open] = room.picture.seats;
    const parts = [count("voices", Math.max(0, n_here - n_listening))];
    if (n_listening) parts.push(count("listening", n_listening));
    if (n_open) parts.push(count("open", n_open));
    if (room.data.host && room.picture.n_held) parts.push(count("held", room.picture.n_held));
    tell(at.state, parts.join(" · "));
  }

  function line(): string {
    if (room.picture.phase === CLOSING) return say("live.closing");
    if (room.picture.phase === REFLECTING) return say("live.reflecting");
    if (room.picture.phase === CLOSED) return say("live.over");
    if (room.picture.hold) return say("live.hold");
    return "";
  }

  function show(): void {
    state();
    const left = room.picture.rest - now();
    const rests = left > 0;
    clearTimeout(timer);
    if (rests) timer = window.setTimeout(show, Math.min(left + 50, 2 ** 30));
    if (rests !== resting) {
      resting = rests;
      if (at.rest) at.rest.hidden = !rests;
      at.night.toggleAttribute("data-resting", rests);
      happened.resting(rests);
      happened.note(say(rests ? "live.rest" : "live.rest_over"));
    }
    // Before it begins the page's own line stands: when it does, on the reader's clock.
    if (at.phase && room.picture.phase !== BEFORE) tell(at.phase, line());
    if (room.picture.phase === phase) return;
    rhythm(STEP_OF_PHASE[room.picture.phase]);
    const before = phase;
    phase = room.picture.phase;
    // Once the telling is over, stepping forward gives way to what came of it.
    for (const way of all("[data-afterwards]")) way.hidden = phase < REFLECTING;
    const telling = one('.three [data-opens="tell"]');
    if (telling) telling.hidden = phase >= REFLECTING;
    if (phase === CLOSING) happened.note(say("live.closing"));
    if (phase === CLOSED || (phase === REFLECTING && before < REFLECTING)) {
      happened.note(count("closed", room.picture.fair?.n ?? room.picture.seats[0] - room.picture.seats[1]));
    }
    // What may be done changes with the phase: what the page cannot do itself is read afresh,
    // where nobody is in the middle of writing.
    if (before === BEFORE && phase === TELLING && !one("form[data-tell]")) location.reload();
  }

  function rhythm(now: number): void {
    all(".rhythm li").forEach((step, i) => {
      step.classList.toggle("over", i < now);
      if (i === now) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    });
  }

  for (const held of all<HTMLTimeElement>("time[data-ms]")) {
    const when = new Date(Number(held.dataset.ms));
    held.textContent = when.toLocaleString(document.documentElement.lang || undefined, { dateStyle: "full", timeStyle: "short" });
  }
  room.on(({ acts, again }) => {
    if (!acts && !again) return;
    show();
    const settled = acts?.filter(([word]) => word === "settled").pop();
    if (settled) happened.settled(settled[1] as number);
    else if (again) happened.settled(room.picture.settled);
  });
  show();
}
