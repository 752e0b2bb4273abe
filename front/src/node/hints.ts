// Hints: what is said beside the form, none of which anybody has to wait for: what
// this browser cannot do here, that its clock is off, the other night it may
// belong to, and that a text seems to name people. It changes no telling by itself.

import { clock } from "./asking.ts";
import { button, el, one, tell } from "./dom.ts";
import { field } from "./form.ts";
import { meet } from "./me.ts";
import { nightOf, otherNight } from "./nights.ts";
import { canSeal } from "./sealing.ts";
import { onOutcome } from "./sending.ts";
import { say } from "./strings.ts";

declare const NAMING_FILE: string; // written by the build
const NAMING_MS = 2_500;
const N_NAMES_SHOWN = 3;
const CLOCK_OFF_MS = 10 * 60_000;

export function hints(form: HTMLFormElement): void {
  limits(form);
  meet().then(() => showClock(form));
  onOutcome(() => showClock(form));
  if (!form.dataset.report) nightChoice(form);
  naming(form);
}

/** A note under the box: nothing comes between somebody and the page to write on. */
function note(form: HTMLFormElement, name: string): HTMLElement {
  const made = one(`[data-${name}]`) ?? el("p", { class: "note", [`data-${name}`]: true, hidden: true });
  (field(form, "text")?.closest(".field") ?? form.firstElementChild)?.after(made);
  return made;
}

/** What this browser cannot do here, said once and plainly. */
function limits(form: HTMLFormElement): void {
  const at = note(form, "insecure");
  const said = [];
  if (!isSecureContext) said.push(say("tell.insecure"));
  else if (!navigator.serviceWorker) said.push(say("tell.no_offline"));
  if (!canSeal()) said.push(say("tell.not_sealed"));
  at.hidden = !said.length;
  tell(at, said.join(" "));
}

function showClock(form: HTMLFormElement): void {
  const off = clock.ahead_ms;
  if (!(Math.abs(off) > CLOCK_OFF_MS)) return; // also while the node has not said
  const at = note(form, "clock");
  at.hidden = false;
  const when = new Date(Date.now() + off).toLocaleString(document.documentElement.lang || undefined);
  tell(at, say("tell.clock", { when }));
}

/** The other night, one tap away, from the hour at which it may be meant. */
function nightChoice(form: HTMLFormElement): void {
  const night = field(form, "night");
  const other = otherNight(new Date());
  if (!night || !other) return;
  const swap = button(say("night.coming"), () => {
    const coming = night.value !== other;
    night.value = coming ? other : nightOf(new Date());
    swap.setAttribute("aria-pressed", String(coming));
    night.dispatchEvent(new Event("input", { bubbles: true }));
  });
  swap.setAttribute("aria-pressed", "false");
  night.after(swap);
}

/** Where a text names people. The rules are fetched when there is something to look at; nothing is sent. */
function naming(form: HTMLFormElement): void {
  const hint = one("[data-naming]");
  const text = field(form, "text");
  if (!hint || !text) return;
  const look = async () => {
    try {
      const { namesIn } = await import(`/static/${NAMING_FILE}`);
      const found: { start: number; end: number }[] = namesIn(text.value, document.documentElement.lang) ?? [];
      const who = [...new Set(found.map(({ start, end }) => text.value.slice(start, end)))];
      hint.hidden = !who.length;
      tell(hint, who.length ? say("tell.names", { who: who.slice(0, N_NAMES_SHOWN).join(", ") }) : "");
    } catch {
      hint.hidden = true; // not fetched, offline: the page before lending looks again
    }
  };
  let timer = 0;
  text.addEventListener("input", () => {
    clearTimeout(timer);
    if (text.value.trim()) timer = window.setTimeout(look, NAMING_MS);
  });
}
