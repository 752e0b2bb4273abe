// Telling: the page at the moment of waking. It is ready to be written in before
// anything else has happened: fields are the page's own, and everything slow (the
// disk, the network, who is signed in) comes after. Words are on this device half
// a second later, and on the node when one pauses, leaves or says "keep". The
// hooks it needs are listed in `main.ts`.

import { choose } from "./choosing.ts";
import { diskTrouble, read } from "./disk.ts";
import { button, el, one, tell } from "./dom.ts";
import { Draft } from "./draft.ts";
import { drawing } from "./drawing.ts";
import { everywhere, keepStorage } from "./everywhere.ts";
import { field, fill, guess, isEmpty, toldIn } from "./form.ts";
import { allWaiting, change } from "./holding.ts";
import { hints } from "./hints.ts";
import { newId } from "./ids.ts";
import { me, meet } from "./me.ts";
import { onNews } from "./news.ts";
import { toldAt } from "./nights.ts";
import { noneKept, noneUndone } from "./none.ts";
import { photo } from "./photo.ts";
import { onOutcome, outcome, send } from "./sending.ts";
import { say } from "./strings.ts";
import { tags } from "./tags.ts";
import { goToFirst, unfinished } from "./unfinished.ts";
import { voice, type Beside } from "./voice.ts";
import { isUnsent, type Waiting } from "./waiting.ts";

const PAUSE_MS = 8_000; // somebody who rests this long has what is written so far sent on
const GO_ON_MS = 12 * 3_600_000; // a draft from this night is gone on with; an older one is offered
const UNDO_MS = 15_000;

const form = one<HTMLFormElement>("#tell");
if (form) page(form);
else everywhere();

function page(form: HTMLFormElement): void {
  const amends = form.dataset.report ?? "";
  const state = one("[data-state]");
  const notices = one("[data-unfinished]") ?? form.appendChild(el("div", { "data-unfinished": true }));
  const draft = new Draft(form, showState);
  let touched = false; // somebody has begun to tell: nothing from before may take its place
  let shown = ""; // the report whose whereabouts are said
  let lain = ""; // the report that has lain on this device: gone from it, it is on the node
  let pause = 0;

  // ---------------------------------------------------------------- ready, before anything slow

  state?.removeAttribute("hidden");
  if (state) notices.after(state); // what is asked stands above where the words are said to be
  guess(form);
  const query = new URLSearchParams(location.search);
  const answers = field(form, "answers");
  if (answers && query.get("answers")) answers.value = query.get("answers")!;
  const kind = one<HTMLInputElement>(`input[name="kind"][value="${CSS.escape(query.get("kind") ?? "")}"]`, form);
  if (kind && !amends) kind.checked = true;

  form.addEventListener("input", (event) => {
    if ((event.target as Element).closest("[data-voice], [data-photo], dialog")) return;
    begin();
    if (form.dataset.where === "node") tell(state, ""); // what was typed just now is not there yet
    draft.soon();
    clearTimeout(pause);
    pause = window.setTimeout(sendOn, PAUSE_MS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const by = (event as SubmitEvent).submitter;
    if (by?.hasAttribute("data-none")) nothing();
    else keep();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") leave();
  });
  addEventListener("pagehide", leave);
  performance.mark("dreamweave-ready");

  function begin(): void {
    touched = true;
    if (draft.id) return;
    const at = field(form, "told_at");
    if (at && !amends) at.value = toldAt(new Date()); // the first letter, not when the page was opened
    draft.begin(amends || undefined);
    shown = draft.id;
    one("[data-after]")?.remove();
  }

  // ---------------------------------------------------------------- then what is slower

  const discard = one<HTMLButtonElement>("[data-discard]") ?? button(say("tell.throw"), () => {}, { class: "link", "data-discard": true, hidden: true });
  if (!discard.isConnected) (one(".keep-bar", form) ?? form).before(discard);
  discard.addEventListener("click", async () => {
    const sure = await choose(say("tell.throw_sure"), [
      ["no", say("tell.leave_it")],
      ["yes", say("tell.throw")],
    ]);
    if (sure !== "yes" || !draft.id) return;
    await voiceIsland?.done();
    clearTimeout(pause);
    await draft.discard(newId());
    await voiceIsland?.show(undefined);
    await photoIsland?.show(undefined);
    touched = false;
    shown = "";
    discard.hidden = true;
    send();
    tell(state, say("tell.thrown"));
    field(form, "text")?.focus();
  });

  const beside: Beside = {
    form,
    begin: async () => {
      begin();
      return draft.begin();
    },
    id: () => draft.id,
    changed: () => draft.now(),
  };
  const at = (name: string) => one(`[data-${name}]`, form);
  const voiceIsland = at("voice") && voice(at("voice")!, beside);
  const photoIsland = at("photo") && photo(at("photo")!, beside);
  const drawingIsland = at("drawing") && drawing(at("drawing")!, form);
  form.addEventListener("filled", () => drawingIsland?.show());
  tags(form);
  hints(form);
  everywhere(() => shown);
  onNews((news) => {
    if ("out" in news) return location.reload();
    showState();
    showNotices();
  });
  onOutcome(showState);
  recover();

  /** Go on where a crash, a call or sleep came between. */
  async function recover(): Promise<void> {
    // Whose device this was is known at once; the node is asked beside it, however long it takes.
    const asking = meet();
    const owner = (await me()) || (await asking, await me());
    const waiting = (await allWaiting()).filter((w) => !w.forget && !w.theirs && (!w.owner || w.owner === owner));
    const fits = (w: Waiting) =>
      amends ? w.id === amends && isUnsent(w) : !w.finished && (!w.empty || !!w.voice) && isRecent(w);
    const latest = waiting.filter(fits).sort((a, b) => (a.at < b.at ? 1 : -1));
    for (const w of latest) {
      if (touched || (query.get("answers") && !amends)) break;
      if (await open(w)) break;
    }
    // What the node has already, and nobody is writing on, need not lie here.
    for (const w of waiting) {
      if (!w.finished && !isUnsent(w) && w.version && w.id !== draft.id && !isRecent(w)) {
        await change(w.id, (held) => held && { ...held, finished: true });
      }
    }
    showNotices();
    asking.then(showNotices);
    send();
  }

  const isRecent = (w: Waiting) => Math.abs(Date.now() - Date.parse(w.at)) < GO_ON_MS;

  async function open(w: Waiting): Promise<boolean> {
    if (draft.id && draft.id !== w.id) {
      const before = toldIn(form);
      await draft.now({ ready: !isEmpty(before) });
      draft.close();
    }
    const told = await draft.resume(w);
    if (!told) return false;
    fill(form, told);
    touched = true;
    shown = w.id;
    const now = await change(w.id, (held) => held && { ...held, finished: false, trouble: undefined });
    await voiceIsland?.show(now?.voice);
    await photoIsland?.show(now?.photo);
    showState();
    showNotices();
    return true;
  }

  function sendOn(): void {
    if (!draft.id) return;
    draft.now({ ready: true }).then(send);
  }

  function leave(): void {
    voiceIsland?.flush();
    clearTimeout(pause);
    if (draft.id) draft.now({ ready: true }).then(send);
  }

  // ---------------------------------------------------------------- keeping

  async function keep(): Promise<void> {
    await voiceIsland?.done();
    const told = toldIn(form);
    if (isEmpty(told)) {
      tell(state, say("tell.nothing_yet"));
      field(form, "text")?.focus();
      return;
    }
    begin();
    await draft.begin();
    if (draft.elsewhere) return tell(state, say("tell.elsewhere"));
    const id = draft.id;
    clearTimeout(pause);
    shown = id;
    if (amends) await draft.now({ finished: true, ready: true });
    else await draft.finish();
    lain = id;
    keepStorage();
    voiceIsland?.show(undefined);
    photoIsland?.show(undefined);
    touched = false;
    await send();
    showState();
    const left = (await allWaiting()).find((w) => w.id === id);
    if (left?.theirs || left?.trouble) {
      await showNotices();
      goToFirst(notices);
    }
    if (left) return; // not there yet, and it says so
    if (amends) location.assign(`/reports/${id}`);
    else after(id);
  }

  /** What may come after keeping: look at it, or tell another. */
  function after(id: string): void {
    one("[data-after]")?.remove();
    const row = el("p", { "data-after": true, class: "answers" });
    row.append(el("a", { class: "button", href: `/reports/${id}` }, say("tell.see_it")));
    state?.after(row);
    // Keep is at the foot of the page, and the page is emptied: show what became of it.
    state?.scrollIntoView({ block: "center" });
  }

  /** Nothing this morning: one tap, and a real entry. It can be undone. */
  async function nothing(): Promise<void> {
    const told = toldIn(form);
    if (!isEmpty(told) || told.kept_out || told.title || amends) {
      // There are words: then it is what this report is, and the words stay.
      const none = one<HTMLInputElement>('input[name="kind"][value="none"]', form);
      if (none) none.checked = true;
      return keep();
    }
    const id = await noneKept(form);
    shown = lain = id;
    send();
    showState();
    const undo = button(say("tell.undo"), async () => {
      row.remove();
      await undoNothing(id);
    });
    const row = el("p", { "data-after": true, class: "answers" }, undo);
    one("[data-after]")?.remove();
    state?.after(row);
    undo.focus();
    setTimeout(() => !row.contains(document.activeElement) && row.remove(), UNDO_MS);
  }

  async function undoNothing(id: string): Promise<void> {
    await noneUndone(id);
    shown = "";
    await send();
    tell(state, say("tell.undone"));
    field(form, "text")?.focus();
  }

  // ---------------------------------------------------------------- saying where it is

  let asked = 0;
  async function showState(): Promise<void> {
    const mine = ++asked;
    const id = shown;
    const w = id ? await read<Waiting>("reports", id) : undefined;
    if (mine !== asked || id !== shown || !id) return;
    if (draft.elsewhere) return tell(state, say("tell.elsewhere"));
    if (w) lain = id;
    if (w?.voice && id === draft.id) voiceIsland?.show(w.voice); // it may be on the node by now
    discard.hidden = !draft.id || !!amends;
    const key = w ? where(w) : id === lain ? "state.node" : ""; // not written down yet
    tell(state, key ? say(key) : "");
    form.dataset.where = key.replace("state.", "");
  }

  function where(w: Waiting): string {
    if (w.theirs) return "state.differs";
    if (w.trouble) return "state.trouble";
    if (w.empty && !w.version) return "";
    if (!isUnsent(w)) return "state.node";
    if (diskTrouble()) return `state.${diskTrouble()}`;
    if (outcome === "out") return "state.out";
    if (outcome === "later") return "state.later";
    return "state.device";
  }

  async function showNotices(): Promise<void> {
    await unfinished(notices, draft.id, open, (id) => {
      if (id === draft.id) draft.close();
      if (id === amends) location.assign("/journal"); // this form knows an older version
    });
  }
}
