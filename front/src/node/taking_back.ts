// Taking back: one button, and it shows when it is done. It is not put off until
// later: whoever takes something back is told at once whether it is.

import { ask, isLater, isYes } from "./asking.ts";
import { all, el, one, tell } from "./dom.ts";
import { newId } from "./ids.ts";
import { stepUp } from "./stepping_up.ts";
import { say } from "./strings.ts";

export function takeBackForms(): void {
  for (const form of all<HTMLFormElement>("form[data-take-back]")) {
    const once = newId(); // of this taking back, however often it has to be sent
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      takeBack(form, once);
    });
  }
}

async function takeBack(form: HTMLFormElement, once: string): Promise<void> {
  const said = one("[data-said]", form) ?? form.appendChild(el("p", { role: "status", "data-said": true, class: "said" }));
  const press = one<HTMLButtonElement>("button, input[type=submit]", form);
  if (press?.disabled) return;
  if (press) press.disabled = true;
  tell(said, say("node.take_back"));
  let answer = await ask(`/api/lendings/${form.dataset.takeBack}`, { method: "DELETE", once });
  if (answer.code.startsWith("step_up") && (await stepUp())) {
    answer = await ask(`/api/lendings/${form.dataset.takeBack}`, { method: "DELETE", once });
  }
  const done = isYes(answer) || answer.code === "lending.unknown"; // now, or by another tab before us
  if (done) {
    said.tabIndex = -1;
    tell(said, say("node.taken_back"));
    if (document.activeElement === press || document.activeElement === document.body) said.focus();
    press?.remove();
    form.dataset.done = "";
    return;
  }
  if (press) press.disabled = false;
  tell(said, isLater(answer) || !answer.sentence ? say("node.not_taken_back") : answer.sentence);
}
