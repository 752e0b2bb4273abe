// Sound: off until somebody presses for it, gone with the key m. A bell for each line, a
// chord where threads meet, a drone that steps with the passages. Nothing depends on it, and
// what rings is named in the log. "Listen to the weave" goes through the whole in about a
// minute: a spoken line for each passage and its bells. Lines are spoken by a voice of this
// device or by none: a browser's voice over the network would carry dreams away.

import { tell } from "../node/dom.ts";
import { say } from "../node/strings.ts";
import { Bells, loudness, PAN_MAX, pitch } from "./bells.ts";
import { byMotif, passages, sentences, type Line, type Passage } from "./lines.ts";
import type { Room } from "./room.ts";

export interface Sound {
  bell(line: Line): void;
}

// From one minute to a minute and a half, whatever there is to hear.
const WHOLE_S = 75;
const PASSAGE_S_MIN = 4;
const PASSAGE_S_MAX = 15;

/** How far from the left a thread lies. */
export const panOf = (warp: number, n: number) => (n > 1 ? -PAN_MAX + (2 * PAN_MAX * warp) / (n - 1) : 0);

export interface Step {
  passage: Passage;
  spoken: Line | null;
  s: number; // how long it is given
}

/** What is heard in which order. Covered words and fear are read by nobody unasked: they only ring. */
export function plan(all: readonly Passage[]): Step[] {
  const s = Math.max(PASSAGE_S_MIN, Math.min(PASSAGE_S_MAX, WHOLE_S / Math.max(1, all.length)));
  return all.map((passage) => ({
    passage,
    spoken: passage.lines.find((line) => !line.words.note && line.words.feeling !== "fear") ?? null,
    s,
  }));
}

export function sound(
  room: Room,
  press: HTMLElement | null,
  listen: HTMLElement | null,
  at: { note(text: string): void; said(text: string): void; lit(what: { passage: number } | null): void },
): Sound {
  let audio: AudioContext | null = null;
  let bells: Bells | null = null;
  let on = false;
  let t_hummed = -1;
  let stop: (() => void) | null = null;

  async function start(): Promise<void> {
    audio ??= new AudioContext();
    bells ??= new Bells(audio);
    await audio.resume();
  }

  async function turn(yes: boolean): Promise<void> {
    on = yes;
    press?.setAttribute("aria-pressed", String(on));
    at.said(say(on ? "live.sound_on" : "live.sound_off"));
    if (on) {
      await start();
      bells!.volume(audio!.currentTime, 1);
      t_hummed = -1;
      hum();
    } else if (audio) {
      stop?.();
      bells!.volume(audio.currentTime, 0);
      bells!.hush(audio.currentTime);
    }
  }

  press?.addEventListener("click", () => turn(!on));
  listen?.addEventListener("click", () => (stop ? stop() : hearAll()));
  addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (event.key !== "m" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.matches("input, textarea, select") || target.isContentEditable) return;
    if (on || stop) turn(false);
  });

  const ranks = () => new Map(byMotif(room).map(({ motif }, k) => [motif.m, k]));

  function ring(line: Line, when: number, of: Map<number, number>): void {
    const rank = line.motifs.length ? (of.get(line.motifs[0].m) ?? 0) : 0;
    const { feeling, intensity } = line.words;
    bells!.strike(when, pitch(rank), feeling, loudness(feeling ? intensity : 1), panOf(line.warp, room.picture.n_warps));
  }

  /** The drone follows the newest passage; it is brighter where feelings are stronger. */
  function hum(): void {
    const t = room.picture.lanes.length - 1;
    if (t === t_hummed || !audio) return;
    t_hummed = t;
    bells!.hum(audio.currentTime, brightness(passages(room).find((one) => one.t === t)));
  }

  room.on(({ acts }) => {
    if (!on || !audio) return;
    for (const act of acts ?? []) {
      if (act[0] === "knot") {
        const motif = room.words.motifs.get(act[3] as number);
        const [first] = act[4] as readonly number[];
        bells!.knot(audio.currentTime + 0.35, pitch(ranks().get(act[3] as number) ?? 0), panOf(first, room.picture.n_warps));
        if (motif) at.note(say("live.a_bell", { motif: motif.name }));
      } else if (act[0] === "gone") bells!.strike(audio.currentTime, 110, "undyed", 0.5, 0);
    }
    hum();
  });

  // ---------------------------------------------------------------- listen to the weave

  async function hearAll(): Promise<void> {
    const steps = plan(passages(room));
    if (!steps.length) return at.said(say("live.nothing"));
    let over = false;
    stop = () => {
      over = true;
      stop = null;
      speechSynthesis?.cancel();
      at.lit(null);
      listen?.setAttribute("aria-pressed", "false");
      if (audio && bells) {
        bells.duck(audio.currentTime, false);
        if (!on) bells.hush(audio.currentTime);
      }
      tell(listening, "");
    };
    const listening = document.createElement("p");
    listening.className = "aside-only";
    listening.setAttribute("role", "status");
    document.body.append(listening);
    listen?.setAttribute("aria-pressed", "true");
    await start();
    bells!.volume(audio!.currentTime, 1);
    const of = ranks();
    for (const { passage, spoken, s } of steps) {
      if (over) break;
      const began = audio!.currentTime;
      at.lit({ passage: passage.t });
      bells!.hum(began, brightness(passage));
      if (spoken) {
        bells!.duck(began, true);
        const text = sentences(spoken.words).join(" ");
        if (!(await speak(text, spoken.words.lang))) tell(listening, text);
        if (over) break;
        bells!.duck(audio!.currentTime, false);
      }
      const now = audio!.currentTime;
      const left = Math.max(1.2, s - (now - began));
      passage.lines.forEach((line, k) => ring(line, now + 0.1 + (k * (left - 1)) / passage.lines.length, of));
      for (const meeting of passage.meetings) bells!.knot(now + left - 0.8, pitch(of.get(meeting.motif.m) ?? 0), 0);
      await new Promise((go) => setTimeout(go, left * 1000));
    }
    stop?.();
    listening.remove();
  }

  return {
    bell: (line) => {
      if (on && audio) ring(line, audio.currentTime, ranks());
    },
  };
}

function brightness(passage: Passage | undefined): number {
  const felt = (passage?.lines ?? []).filter((line) => line.words.feeling);
  return felt.length ? felt.reduce((sum, line) => sum + loudness(line.words.intensity), 0) / felt.length : 0.35;
}

/** Say a sentence by a voice that lies on this device. False: there is none for its language. */
export function speak(text: string, lang: string | null): Promise<boolean> {
  const synth = globalThis.speechSynthesis;
  const wanted = (lang || document.documentElement.lang || "en").slice(0, 2).toLowerCase();
  const voice = synth?.getVoices().find((one) => one.localService && one.lang.slice(0, 2).toLowerCase() === wanted);
  if (!voice) return Promise.resolve(false);
  return new Promise((done) => {
    const said = new SpeechSynthesisUtterance(text);
    said.voice = voice;
    said.lang = voice.lang;
    said.onend = said.onerror = () => done(true);
    synth.speak(said);
  });
}
