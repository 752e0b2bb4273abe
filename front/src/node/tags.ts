// Tags: while one writes, one's own earlier tags are offered to tap. They are
// asked for only when somebody goes to the field, and only of somebody signed in.

import { ask, isYes } from "./asking.ts";
import { button, el } from "./dom.ts";
import { field, tagsIn } from "./form.ts";
import { meet } from "./me.ts";
import { say } from "./strings.ts";

const N_SHOWN = 12;

export function tags(form: HTMLFormElement): void {
  const input = field(form, "tags") as HTMLInputElement | null;
  if (!input) return;
  const offered = el("div", { class: "offered", role: "group", "aria-label": say("tell.own_tags") });
  input.after(offered);
  let own: string[] = [];

  input.addEventListener("focus", fetchOnce, { once: true });
  input.addEventListener("input", show);
  form.addEventListener("filled", show);

  async function fetchOnce(): Promise<void> {
    if ((await meet()) !== "in") return;
    const answer = await ask("/api/tags");
    own = isYes(answer) && Array.isArray(answer.body?.tags) ? answer.body.tags.map(String) : [];
    show();
  }

  function show(): void {
    const here = tagsIn(input!.value);
    const typed = input!.value.split(/[,،、]/).pop()!.trim().toLowerCase();
    const free = own.filter((tag) => !here.includes(tag));
    const fitting = free.filter((tag) => typed && tag.toLowerCase().startsWith(typed));
    const shown = (fitting.length ? fitting : free).slice(0, N_SHOWN);
    offered.replaceChildren(...shown.map((tag) => button(tag, () => take(tag, fitting.includes(tag)), { dir: "auto" })));
  }

  function take(tag: string, finishes: boolean): void {
    const before = finishes ? input!.value.replace(/[^,،、]*$/, "") : input!.value;
    input!.value = [...tagsIn(before), tag].join(", ");
    input!.dispatchEvent(new Event("input", { bubbles: true }));
    input!.focus();
  }
}
