// Lending from the journal: the newest reports of one's own, one tap each, all of one or a
// sentence of it, and a look at what others will see before anything is lent. Nothing is fetched
// until the list is opened.

import { ask, isYes } from "../node/asking.ts";
import { choose } from "../node/choosing.ts";
import { button, el, one, tell } from "../node/dom.ts";
import { say } from "../node/strings.ts";

const N_OFFERED = 20;
const CHARS_SHOWN = 90;

interface Held {
  id: string;
  version: number;
  text: string;
  lang: string | null;
  night: string;
}

/** A part of a report, in characters as the node counts them. */
export interface Part {
  start: number;
  end: number;
}

export function lendFromJournal(
  at: HTMLDetailsElement,
  lend: (report: string, version: number, part: Part | null) => void,
): void {
  const list = one("[data-journal-list]", at)!;
  const said = el("p", { role: "status", class: "said" });
  at.append(said);
  at.hidden = false;
  at.addEventListener("toggle", async () => {
    if (!at.open || list.childElementCount) return;
    tell(said, say("node.asking"));
    const answer = await ask("/api/reports");
    tell(said, isYes(answer) ? "" : say("live.no_journal"));
    const held = ((answer.body?.reports ?? []) as Held[]).filter((one) => one.text.trim()).slice(0, N_OFFERED);
    if (isYes(answer) && !held.length) tell(said, say("live.journal_empty"));
    list.replaceChildren(...held.map(offered));
  });

  function offered(report: Held): HTMLElement {
    const text = report.text.trim();
    const short = text.length > CHARS_SHOWN ? `${text.slice(0, CHARS_SHOWN)}…` : text;
    return button(short, () => look(report), { class: "offered-report", dir: "auto", lang: report.lang || false });
  }

  async function look(report: Held): Promise<void> {
    const lang = report.lang || false;
    let part: Part | null = null;
    const shown = el("blockquote", { class: "told", dir: "auto", lang, "aria-live": "polite" }, report.text.trim());
    const parts = partsOf(report.text, report.lang);
    const choice = (label: string, means: Part | null, text: string) =>
      el(
        "label",
        { class: "choice" },
        el("input", { type: "radio", name: "part", checked: !means, change: () => ((part = means), tell(shown, text)) }),
        el("span", means ? { class: "told small", dir: "auto", lang } : {}, label),
      );
    const which = el(
      "fieldset",
      { class: "field" },
      el("legend", {}, say("live.lend_which")),
      choice(say("live.lend_all"), null, report.text.trim()),
      ...parts.map(([means, text]) => choice(text, means, text)),
    );
    const more = parts.length > 1 ? [which, shown] : [shown];
    const yes = await choose(say("live.lend_this"), [["no", say("node.cancel")], ["yes", say("live.lend")]], more);
    if (yes === "yes") lend(report.id, report.version, part);
  }
}

/** The sentences of a text, as far as the browser knows where they end: only to choose one of them.
 * How a report is cut when it is woven is the loom's to say. */
export function partsOf(text: string, lang: string | null): [Part, string][] {
  const found: [Part, string][] = [];
  let at = 0; // in characters past the first plane one, not the two that a script counts
  for (const piece of segments(text, lang)) {
    const n = [...piece].length;
    if (piece.trim()) found.push([{ start: at, end: at + n }, piece.trim()]);
    at += n;
  }
  return found;
}

function segments(text: string, lang: string | null): string[] {
  if (!Intl.Segmenter) return text.split(/(?<=\n)/);
  const cut = (tongue?: string) => new Intl.Segmenter(tongue, { granularity: "sentence" }).segment(text);
  try {
    return [...cut(lang || undefined)].map(({ segment }) => segment);
  } catch {
    return [...cut()].map(({ segment }) => segment); // a language that has no such code
  }
}
