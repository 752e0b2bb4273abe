// Unfinished: what lies on this device and asks for something: drafts from before,
// two different versions of one report, words the node would not take, and what
// was written before anybody signed in. Each is shown with its words and asked
// about; nothing is chosen for anybody, and no button loses words without asking.

import { choose } from "./choosing.ts";
import { button, el } from "./dom.ts";
import { away } from "./draft.ts";
import { allWaiting, change, copied, letGo, openTold } from "./holding.ts";
import { newId } from "./ids.ts";
import { me, meet } from "./me.ts";
import { send } from "./sending.ts";
import { say } from "./strings.ts";
import { mineChosen, theirsChosen, type Waiting } from "./waiting.ts";

const CHARS_SHOWN = 160;

/** Fill `at` with what asks for something. `open` goes on with a draft; `current` is open already. */
export async function unfinished(
  at: HTMLElement,
  current: string,
  open: (w: Waiting) => void,
  changed: (id: string) => void,
): Promise<void> {
  const owner = await me();
  const shown: HTMLElement[] = [];
  for (const w of await allWaiting()) {
    if (w.forget || (w.owner && w.owner !== owner)) continue;
    if (w.theirs) shown.push(await differing(w, changed));
    else if (w.trouble) shown.push(await troubled(w, open));
    else if (!w.owner && owner && (await meet()) === "in") shown.push(await unclaimed(w, owner));
    else if (!w.finished && w.id !== current && (!w.empty || w.voice)) shown.push(await draft(w, open));
  }
  const held = document.activeElement;
  const focused = at.contains(held);
  const onNotice = focused && held!.matches(".asks");
  at.replaceChildren(...shown);
  // Drawn anew under somebody's hands: they stay where they were, on a notice or on its answers.
  if (onNotice) goToFirst(at);
  else if (focused) at.querySelector<HTMLElement>("button")?.focus();
}

/** Go to the first thing that asks, so that nobody has to look for it. */
export function goToFirst(at: HTMLElement): void {
  const first = at.querySelector<HTMLElement>(".asks");
  first?.setAttribute("tabindex", "-1");
  first?.focus();
}

async function words(w: Waiting, box = w.words): Promise<HTMLElement> {
  const told = await openTold(w.id, box);
  const text = told ? told.title || told.text || say(told.drawing ? "tell.a_drawing" : "tell.no_words") : say("tell.unreadable");
  const short = text.length > CHARS_SHOWN ? `${text.slice(0, CHARS_SHOWN)}…` : text;
  return el("blockquote", { dir: "auto" }, short);
}

const when = (at: string) =>
  new Intl.DateTimeFormat(document.documentElement.lang || undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));

function notice(title: string, ...inside: Node[]): HTMLElement {
  return el("section", { class: "asks", "aria-label": title }, el("h2", {}, title), ...inside);
}

async function draft(w: Waiting, open: (w: Waiting) => void): Promise<HTMLElement> {
  return notice(
    say("tell.draft_from", { when: when(w.at) }),
    await words(w),
    el("div", { class: "answers" }, button(say("tell.go_on"), () => open(w)), throwButton(w)),
  );
}

function throwButton(w: Waiting): HTMLButtonElement {
  return button(say("tell.throw"), async () => {
    const sure = await choose(say("tell.throw_sure"), [
      ["no", say("tell.leave_it")],
      ["yes", say("tell.throw")],
    ]);
    if (sure === "yes") {
      await away(w.id, newId());
      send();
    }
  });
}

async function troubled(w: Waiting, open: (w: Waiting) => void): Promise<HTMLElement> {
  const why = w.trouble!.code === "device.key" ? say("tell.unreadable") : w.trouble!.sentence || say("tell.not_taken");
  return notice(
    say("tell.not_taken"),
    el("p", {}, why),
    await words(w),
    el("div", { class: "answers" }, button(say("tell.go_on"), () => open(w)), throwButton(w)),
  );
}

async function unclaimed(w: Waiting, owner: string): Promise<HTMLElement> {
  const mine = button(say("tell.it_is_mine"), async () => {
    await change(w.id, (held) => held && { ...held, owner, ready: true, finished: true });
    send();
  });
  return notice(say("tell.before_signing_in"), await words(w), el("div", { class: "answers" }, mine, throwButton(w)));
}

async function differing(w: Waiting, changed: (id: string) => void): Promise<HTMLElement> {
  const after = async (step: (w: Waiting) => Waiting) => {
    await change(w.id, (held) => held && step(held));
    await send();
    changed(w.id);
  };
  const asNew = async () => {
    const fresh = await copied(w, newId(), newId);
    if (!fresh) return;
    await change(fresh.id, () => ({ ...fresh, finished: true }));
    if (w.theirs!.words) await after(theirsChosen);
    else {
      await letGo(w.id);
      await send();
      changed(w.id);
    }
  };
  const ours = [el("h3", {}, say("tell.here")), await words(w)];
  if (!w.theirs!.words) {
    return notice(
      say("tell.forgotten_there"),
      ...ours,
      el("div", { class: "answers" }, button(say("tell.keep_as_new"), asNew), throwHere(w, changed)),
    );
  }
  return notice(
    say("tell.differs"),
    ...ours,
    el("h3", {}, say("tell.there")),
    await words(w, w.theirs!.words),
    el(
      "div",
      { class: "answers" },
      button(say("tell.keep_both"), asNew),
      button(say("tell.keep_here"), () => after(mineChosen)),
      button(say("tell.keep_there"), () => after((held) => ({ ...theirsChosen(held), finished: true }))),
    ),
  );
}

/** The node has forgotten it; forgetting it here too asks nobody else. */
function throwHere(w: Waiting, changed: (id: string) => void): HTMLButtonElement {
  return button(say("tell.throw"), async () => {
    await letGo(w.id);
    changed(w.id);
  });
}
