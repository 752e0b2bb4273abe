// Choosing: one question over the page, with a button for each answer. Escape and
// the first answer are the same: leave everything as it is.

import { button, el } from "./dom.ts";

/** Ask; the answer is the name of the button, the first one's where the question was closed. */
export function choose<T extends string>(question: string, answers: [T, string][], more: Node[] = []): Promise<T> {
  return new Promise((done) => {
    const before = document.activeElement as HTMLElement | null;
    const title = el("p", { id: "question" }, question);
    const shown = el("dialog", { class: "question", "aria-labelledby": "question" }, title, ...more);
    let said = answers[0][0];
    const end = () => {
      shown.remove();
      before?.focus?.();
      done(said);
    };
    const row = el("div", { class: "answers" });
    for (const [name, text] of answers) {
      row.append(
        button(text, () => {
          said = name;
          shown.close ? shown.close() : end();
        }),
      );
    }
    shown.append(row);
    shown.addEventListener("close", end);
    document.body.append(shown);
    if (shown.showModal) shown.showModal();
    else shown.setAttribute("open", "");
  });
}
