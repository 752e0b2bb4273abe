// Stepping up: a few things ask for the passphrase once more (leaving, exporting,
// a new passkey). Asked in place, so that what somebody had filled in stays.

import { ask, isLater, isYes } from "./asking.ts";
import { all, button, el, tell } from "./dom.ts";
import { can, proof } from "./passkeys.ts";
import { say } from "./strings.ts";

/** Ask for the passphrase until it is right, or the question is closed. True: it was right. */
export function stepUp(): Promise<boolean> {
  return new Promise((done) => {
    const before = document.activeElement as HTMLElement | null;
    let right = false;
    const said = el("p", { role: "alert", class: "err" });
    const typed = el("input", { type: "password", id: "again", autocomplete: "current-password", required: true });
    const form = el(
      "form",
      { submit: check },
      el("p", { id: "again-why" }, say("node.step_up")),
      el("label", { for: "again" }, say("node.passphrase")),
      typed,
      said,
    );
    const shown = el("dialog", { class: "question", "aria-labelledby": "again-why" }, form);
    const go = el("button", { class: "primary" }, say("node.go_on"));
    const row = el("div", { class: "answers" }, button(say("node.cancel"), () => shown.close()), go);
    if (can()) row.append(button(say("passkey.use"), byPasskey));
    form.append(row);
    shown.addEventListener("close", () => {
      typed.value = "";
      shown.remove();
      before?.focus?.();
      done(right);
    });
    document.body.append(shown);
    shown.showModal();
    typed.focus();

    function check(event: Event): void {
      event.preventDefault();
      prove({ passphrase: typed.value });
    }

    async function byPasskey(): Promise<void> {
      try {
        const passkey = await proof("/api/step-up/options", said);
        if (passkey) await prove({ passkey });
      } catch {
        tell(said, say("passkey.failed"));
      }
    }

    async function prove(json: Record<string, unknown>): Promise<void> {
      go.disabled = true;
      const answer = await ask("/api/step-up", { method: "POST", json });
      go.disabled = false;
      right = isYes(answer);
      if (right) return shown.close();
      tell(said, isLater(answer) && !answer.sentence ? say("node.unreachable") : answer.sentence);
      typed.select();
    }
  });
}

/** Forms that need it: ask, then go on as if nothing had come between. */
export function stepUpForms(): void {
  for (const form of all<HTMLFormElement>("form[data-step-up]")) {
    let sure = false;
    form.addEventListener("submit", async (event) => {
      if (sure) return;
      event.preventDefault();
      const by = (event as SubmitEvent).submitter;
      if (!(await stepUp())) return;
      sure = true;
      form.requestSubmit(by);
      sure = false; // a download leaves the page where it is
    });
  }
}
