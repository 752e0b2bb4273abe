// Telling: one field and one button; feeling, strength, a note and the rest appear once
// something is written. What is told lies on this device before it is sent
// (`contributions.ts`), so it goes when it can. A recording is kept in one's journal, by the
// journal's own draft, and its words are lent from there; it is the words that are woven.

import { all, el, one, tell } from "../node/dom.ts";
import { Draft } from "../node/draft.ts";
import { drawing } from "../node/drawing.ts";
import { field, toldIn } from "../node/form.ts";
import { nightOf, toldAt, zoneName } from "../node/nights.ts";
import { read } from "../node/disk.ts";
import { onNews } from "../node/news.ts";
import { isOut, sendsToo } from "../node/everywhere.ts";
import { onOutcome, send } from "../node/sending.ts";
import { say } from "../node/strings.ts";
import { voice, type Beside, type VoiceIsland } from "../node/voice.ts";
import type { Waiting } from "../node/waiting.ts";
import { Contributions, keepWriting, writtenBefore, type Refused, type Telling } from "./contributions.ts";
import { count } from "./counting.ts";
import { lendFromJournal } from "./journal_lending.ts";
import { covered } from "./line.ts";
import { lineOf, sentences, type Line } from "./lines.ts";
import type { Room } from "./room.ts";

const BEHIND_MS = 350;

export interface TellingForm {
  /** Answer a line; null answers nobody. */
  answer(line: Line | null): void;
}

export function tellingForm(form: HTMLFormElement, room: Room, close: () => void): TellingForm {
  const said = one("[data-sent]", form)!;
  const text = field(form, "text") as HTMLTextAreaElement;
  const answered = one("[data-answered]");
  const head = one("#tell-head");
  const asks = head?.textContent ?? "";
  let timer = 0;
  let typed = false;

  const waiting = new Contributions(
    room.data.id,
    (r, held) => {
      room.own([{ r, held }]);
      tell(said, say(held ? "live.held" : "live.told"));
    },
    refused,
    () => waiting.n_waiting && tell(said, count("unsent", waiting.n_waiting)),
  );

  // ---------------------------------------------------------------- what is written is kept

  writtenBefore(room.data.id).then((before) => {
    if (before && !typed && !text.value) text.value = before;
  });
  form.addEventListener("input", (event) => {
    if ((event.target as Element).closest("[data-voice], dialog")) return;
    typed = true;
    const at = field(form, "told_at");
    if (at && !at.value) at.value = toldAt(new Date());
    clearTimeout(timer);
    timer = window.setTimeout(keepText, BEHIND_MS);
    if (draft.id) draft.soon();
  });
  addEventListener("pagehide", () => {
    island?.flush();
    keepText();
  });
  onNews((news) => "out" in news && location.reload());
  function keepText(): void {
    if (!isOut()) keepWriting(room.data.id, text.value);
  }

  // ---------------------------------------------------------------- aloud, drawn, out of the journal

  // Which line it answers is said where it is told; a journal knows lines of other people by tags.
  const draft = new Draft(form, () => {}, () => ({ ...toldIn(form), answers: undefined }));
  const beside: Beside = {
    form,
    begin: () => draft.begin(),
    id: () => draft.id,
    changed: () => draft.now({ ready: true }).then(() => void send()),
    recorded: () => void send(), // only where the node has it can it be written down
  };
  const voiceAt = one("[data-voice]", form);
  const island: VoiceIsland | null = voiceAt && voice(voiceAt, beside);
  onOutcome(async () => {
    const w = draft.id ? await read<Waiting>("reports", draft.id) : undefined;
    if (w?.voice) island?.show(w.voice); // the node has it now: it can be written down there
    if (waiting.n_waiting) waiting.send(); // one may have waited for its report
  });
  const drawingAt = one("[data-drawing]", form);
  const sheet = drawingAt && drawing(drawingAt, form);
  form.addEventListener("filled", () => sheet?.show());
  const journal = one<HTMLDetailsElement>("[data-journal]", form);
  if (journal)
    lendFromJournal(journal, (report, version, part) => {
      tell(said, say("live.sending"));
      waiting.add({ ...when(), report, version, ...part, ...answers() });
      close();
    });

  // ---------------------------------------------------------------- telling

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });

  const radio = (name: string) => one<HTMLInputElement>(`input[type=radio][name="${name}"]:checked`, form)?.value ?? "";
  const value = (name: string) => field(form, name)?.value.trim() ?? "";
  const answers = () => (value("answers") ? { answers: Number(value("answers")) } : {});
  const when = () => ({
    zone: zoneName(),
    told_at: value("told_at") || toldAt(new Date()),
    night: nightOf(new Date()),
  });

  /** What the form says now. */
  function toldHere(): Telling {
    const feeling = radio("feeling");
    const intensity = feeling ? Number(radio("intensity")) : 0;
    return {
      ...when(),
      ...answers(),
      text: text.value.trim(),
      kind: radio("kind") || "dream",
      lang: value("lang") || document.documentElement.lang.slice(0, 2),
      ...(feeling ? { feeling } : {}),
      ...(intensity ? { intensity } : {}),
      ...(value("drawing") ? { drawing: value("drawing") } : {}),
      ...(value("note") ? { note: value("note") } : {}),
      ...(value("name") ? { name: value("name") } : {}),
      ...(one<HTMLInputElement>('input[name="on_open"]', form)?.checked ? { on_open: true } : {}),
    };
  }

  async function submit(): Promise<void> {
    await island?.done();
    const told = toldHere();
    if (!told.text) {
      // A recording or a drawing alone is nobody's to read: a few words of it are what is woven.
      tell(said, say(form.dataset.voice || told.drawing ? "live.words_too" : "live.nothing_yet"));
      return text.focus();
    }
    tell(said, say("live.sending"));
    if (form.dataset.voice) {
      const id = await draft.begin();
      await draft.finish(); // this empties the form
      send();
      const { text: _, kind: __, lang: ___, drawing: ____, ...rest } = told;
      waiting.add({ ...rest, report: id, voice: true });
      island?.show(undefined);
    } else {
      waiting.add(told);
      empty();
    }
    answer(null);
    keepWriting(room.data.id, "");
    clearTimeout(timer);
    close();
  }

  function empty(): void {
    form.reset();
    for (const name of ["told_at", "drawing", "answers"]) {
      const held = field(form, name);
      if (held) held.value = "";
    }
    form.dispatchEvent(new Event("filled"));
    for (const more of all<HTMLDetailsElement>("details[open]", form)) more.open = false;
  }

  /** The node said no: the words come back, with the reason. */
  function refused(no: Refused): void {
    tell(said, no.sentence || say("live.not_told"));
    if (no.telling.text && !text.value.trim()) {
      text.value = no.telling.text;
      keepWriting(room.data.id, text.value);
    }
    form.dispatchEvent(new Event("refused", { bubbles: true }));
  }

  function answer(line: Line | null): void {
    const into = field(form, "answers");
    if (into) into.value = line ? String(line.r) : "";
    if (head) head.textContent = line ? say("live.reminds") : asks;
    if (!answered) return;
    answered.hidden = !line;
    answered.replaceChildren();
    if (line) {
      const quoted = el("blockquote", {}, covered(line, sentences(line.words).join(" ")));
      answered.append(el("p", { class: "label" }, say("live.answering")), quoted);
    }
  }

  room.on(({ acts }) => {
    for (const [word, a] of acts ?? []) {
      // A line that is taken back is answered no more; a hold that ends lets what waits go.
      if (word === "gone" && value("answers") === String(a)) answer(null);
      if (word === "hold" && !a) waiting.send();
    }
  });
  const from = value("answers");
  if (from) answer(lineOf(room, Number(from)));
  waiting.send();
  sendsToo(() => waiting.send());
  return { answer };
}
