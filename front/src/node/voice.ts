// Voice: telling aloud, with one thumb, in the dark. Sound goes to this device
// twice a second while it is recorded, so that a crash takes at most the last
// moment. The bar shows how loud the room is and nothing else: nothing here
// listens to what is said or to how. Plain http has no microphone; there a file
// that was recorded elsewhere can be chosen, and the page says why.

import { ask, fetched, isYes } from "./asking.ts";
import { button, el, one, tell } from "./dom.ts";
import { field } from "./form.ts";
import { addPart, change, dropPiece, pieceHere } from "./holding.ts";
import { newId } from "./ids.ts";
import { say } from "./strings.ts";
import type { Piece } from "./waiting.ts";

const PART_MS = 500;
const BITS_A_SECOND = 32_000; // Opus: clear speech, 14 MB an hour
const BYTES_MAX = 19 << 20; // the node's own limit is 20 MB unless its keeper says otherwise
const MEDIA = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

/** What a piece needs of the draft it belongs to. */
export interface Beside {
  form: HTMLFormElement;
  /** The draft's id; from now on there is a draft. */
  begin(): Promise<string>;
  /** The id if there is a draft. */
  id(): string;
  /** The telling changed: write it. */
  changed(): Promise<void>;
  /** A recording has ended, and all of it is on this device. */
  recorded?(): void;
}

export interface VoiceIsland {
  /** Show what lies here for the draft just opened. */
  show(piece: Piece | undefined): Promise<void>;
  /** Write down what is in the recorder now. */
  flush(): void;
  /** End a recording that still runs; done when all of it is on the device. */
  done(): Promise<void>;
}

export function voice(at: HTMLElement, beside: Beside): VoiceIsland {
  let recorder: MediaRecorder | null = null;
  let stopMeter = () => {};
  let heard: Promise<unknown> = Promise.resolve();
  let sound = "";
  let sound_of = ""; // which piece it is
  let n_shown = 0;
  let ended = () => {};
  let ending: Promise<void> | null = null;

  const said = el("p", { role: "status", class: "said" });
  const clock = el("span", { class: "clock", "aria-hidden": "true" });
  const meter = el("meter", { min: 0, max: 1, value: 0, class: "off", "aria-hidden": "true" });
  const big = button(say("voice.record"), toggle, { class: "big", "aria-pressed": "false" });
  const stop = button(say("voice.stop"), finish, { hidden: true });
  const player = el("audio", { controls: true, hidden: true, "aria-label": say("voice.player") });
  const again = button(say("voice.discard"), discard, { hidden: true });
  const written = button(say("voice.transcribe"), transcribe, { hidden: true });
  const suggested = el("div", { class: "suggested", hidden: true });
  const bar = el("div", { class: "recorder" }, big, stop, meter, clock);
  at.append(player, again, written, suggested, said);
  // Under the thumb, where the page has such a place; the rest stays in the text's flow.
  const thumb = one(".keep-bar", beside.form);
  if (thumb) thumb.prepend(bar);
  else at.prepend(bar);

  if (!navigator.mediaDevices?.getUserMedia || !globalThis.MediaRecorder) {
    bar.remove();
    const name = "voice-file";
    at.prepend(
      el("label", { for: name }, say(isSecureContext ? "voice.none" : "voice.insecure")),
      el("input", { type: "file", accept: "audio/*", id: name, change: chosen }),
    );
  }

  async function toggle(): Promise<void> {
    if (!recorder) return start();
    if (recorder.state === "recording") {
      recorder.pause();
      recorder.requestData();
      look("voice.go_on", false);
      tell(said, say("voice.paused"));
    } else {
      recorder.resume();
      look("voice.pause", true);
      tell(said, say("voice.recording"));
    }
  }

  async function start(): Promise<void> {
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      return tell(said, say("voice.refused"));
    }
    const media = MEDIA.find((m) => MediaRecorder.isTypeSupported(m)) ?? "";
    recorder = new MediaRecorder(stream, { mimeType: media, audioBitsPerSecond: BITS_A_SECOND });
    const mine = recorder;
    ending = new Promise((done) => (ended = done));
    const id = await beside.begin();
    const piece: Piece = { media: bare(mine.mimeType || media), once: newId(), ended: false, kept: false };
    await dropPiece(id, "voice");
    beside.form.dataset.voice = piece.media;
    await beside.changed();
    await change(id, (held) => held && { ...held, voice: piece });

    let i = 0;
    let n_bytes = 0;
    let shown_s = 0;
    let told_s = performance.now();
    mine.ondataavailable = ({ data }) => {
      if (!data.size) return;
      n_bytes += data.size;
      const k = i++;
      heard = heard.then(async () => addPart(id, "voice", k, await data.arrayBuffer()));
      if (n_bytes > BYTES_MAX && mine.state !== "inactive") finish();
    };
    mine.onstop = async () => {
      stopMeter();
      stream.getTracks().forEach((track) => track.stop());
      await heard;
      await change(id, (held) => held && { ...held, voice: held.voice && { ...held.voice, ended: true } });
      if (recorder === mine) recorder = null;
      look("voice.record", false);
      clock.textContent = "";
      await show({ ...piece, ended: true });
      tell(said, say(n_bytes > BYTES_MAX ? "voice.full" : "voice.recorded"));
      ended();
      beside.recorded?.();
    };
    mine.start(PART_MS);
    stopMeter = level(stream, (loud) => {
      meter.value = loud;
      const now = performance.now();
      if (mine.state === "recording") shown_s += (now - told_s) / 1000;
      told_s = now;
      clock.textContent = `${Math.floor(shown_s / 60)}:${String(Math.floor(shown_s) % 60).padStart(2, "0")}`;
    });
    player.hidden = again.hidden = written.hidden = true;
    stop.hidden = false;
    look("voice.pause", true);
    tell(said, say("voice.recording"));
  }

  function finish(): void {
    if (recorder && recorder.state !== "inactive") recorder.stop();
  }

  function look(key: string, on: boolean): void {
    big.textContent = say(key);
    big.setAttribute("aria-pressed", String(on));
    big.classList.toggle("on", on);
    stop.hidden = !recorder;
    meter.classList.toggle("off", !recorder);
    if (!on) meter.value = 0;
  }

  async function discard(): Promise<void> {
    const id = beside.id();
    // The node has no door that takes a voice alone away: there it goes with its report.
    await change(id, (held) => held && { ...held, voice: undefined });
    await dropPiece(id, "voice");
    delete beside.form.dataset.voice;
    await beside.changed();
    await show(undefined);
    tell(said, say("voice.discarded"));
    big.focus();
  }

  /** A recording made elsewhere. */
  async function chosen(event: Event): Promise<void> {
    const file = (event.target as HTMLInputElement).files?.[0];
    if (!file) return;
    if (file.size > BYTES_MAX) return tell(said, say("voice.large"));
    const id = await beside.begin();
    const piece: Piece = { media: bare(file.type) || "audio/mpeg", once: newId(), ended: true, kept: false };
    await dropPiece(id, "voice");
    await addPart(id, "voice", 0, await file.arrayBuffer());
    beside.form.dataset.voice = piece.media;
    await beside.changed();
    await change(id, (held) => held && { ...held, voice: piece });
    await show(piece);
    tell(said, say("voice.chosen"));
    beside.recorded?.();
  }

  async function show(piece: Piece | undefined): Promise<void> {
    const id = beside.id();
    if (recorder || (!piece && !sound)) return;
    if (!sound || sound_of !== piece?.once) {
      const mine = ++n_shown;
      let data = piece && !piece.kept ? await pieceHere(id, "voice", piece.media) : null;
      if (piece?.kept && id) data = await fetched(`/api/reports/${id}/voice`);
      if (mine !== n_shown) return;
      if (sound) URL.revokeObjectURL(sound);
      sound = data ? URL.createObjectURL(data) : "";
      sound_of = piece?.once ?? "";
      if (sound) player.src = sound;
      else player.removeAttribute("src");
      suggested.hidden = true;
    }
    player.hidden = !sound;
    again.hidden = !sound || !!piece?.kept;
    written.hidden = !(piece?.kept && "transcript" in at.dataset);
  }

  /** Only when asked, only by the node's own plug-in, and only as a suggestion. */
  async function transcribe(): Promise<void> {
    written.disabled = true;
    tell(said, say("voice.transcribing"));
    const answer = await ask(`/api/reports/${beside.id()}/transcript`, {
      method: "POST",
      json: {},
      once: newId(),
      patience_ms: 300_000,
    });
    written.disabled = false;
    if (!isYes(answer)) return tell(said, answer.sentence || say("voice.not_transcribed"));
    const box = el("textarea", { id: "suggested", dir: "auto", rows: 4 });
    box.value = String(answer.body?.text ?? "");
    suggested.replaceChildren(
      el("label", { for: "suggested" }, say("voice.suggested")),
      box,
      button(say("voice.use"), () => {
        const text = field(beside.form, "text")!;
        text.value = [text.value.trim(), box.value.trim()].filter(Boolean).join("\n");
        text.dispatchEvent(new Event("input", { bubbles: true }));
        suggested.hidden = true;
        text.focus();
      }),
      button(say("voice.leave"), () => (suggested.hidden = true)),
    );
    suggested.hidden = false;
    tell(said, "");
    box.focus();
  }

  async function done(): Promise<void> {
    if (!recorder) return;
    finish();
    await ending;
  }

  return { show, done, flush: () => recorder?.state === "recording" && recorder.requestData() };
}

const bare = (media: string) => media.split(";")[0].trim().toLowerCase();

/** How loud it is, ten times a second, from 0 to 1. Answers how to stop. */
function level(stream: MediaStream, show: (loud: number) => void): () => void {
  const room = new AudioContext();
  const ear = room.createAnalyser();
  ear.fftSize = 512;
  room.createMediaStreamSource(stream).connect(ear);
  const wave = new Float32Array(ear.fftSize);
  const timer = setInterval(() => {
    ear.getFloatTimeDomainData(wave);
    show(Math.min(1, 4 * Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length)));
  }, 100);
  return () => {
    clearInterval(timer);
    room.close();
  };
}
