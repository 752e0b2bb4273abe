// Lending from the journal: the newest reports of one's own, one tap each, and a look at
// what others will see before anything is lent. Nothing is fetched until the list is opened.

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

export function lendFromJournal(at: HTMLDetailsElement, lend: (report: string, version: number) => void): void {
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
    const shown = el("blockquote", { class: "told", dir: "auto", lang: report.lang || false }, report.text.trim());
    const yes = await choose(say("live.lend_this"), [["no", say("node.cancel")], ["yes", say("live.lend")]], [shown]);
    if (yes === "yes") lend(report.id, report.version);
  }
}
