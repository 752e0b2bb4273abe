// Contributions: what was told here and is not acknowledged yet. Each lies on this device,
// sealed, with its idempotency key, before it is first sent, and is sent again unchanged
// until the node has answered it: offline, in a tunnel, after a crash. Nothing is lost and
// nothing is told twice. The node's "not now" (a hold, slow mode) only makes it wait.

import { ask, isLater, isYes, type Answer } from "../node/asking.ts";
import { amend, read } from "../node/disk.ts";
import { allWaiting } from "../node/holding.ts";
import { newId } from "../node/ids.ts";
import { author, me, meet } from "../node/me.ts";
import { sealJson, unsealJson } from "../node/sealing.ts";
import { isOf, tellingName, tellingsHere, writingName, type TellingHere, type WritingHere } from "../node/tellings_here.ts";
import { inTurn } from "../node/turns.ts";
import { isUnsent } from "../node/waiting.ts";

/** What the node is told (`POST /api/gatherings/{g}/reports`). */
export interface Telling {
  text?: string;
  kind?: string;
  lang?: string;
  feeling?: string;
  intensity?: number;
  drawing?: string;
  note?: string;
  answers?: number;
  name?: string;
  on_open?: boolean;
  voice?: boolean;
  zone: string;
  told_at: string;
  night: string;
  report?: string; // lent from the journal instead
  version?: number;
  start?: number; // a part of it, in characters
  end?: number;
}

export interface Refused {
  code: string;
  sentence: string;
  telling: Telling;
}

const WAIT_MS_MAX = 30_000;
// Refusals that are a yes a little later: what was told keeps waiting.
const PATIENT = ["telling.hold", "telling.slow"];

export class Contributions {
  n_waiting = 0;
  private timer = 0;
  private n_failed = 0;

  constructor(
    private g: string,
    private told: (r: number, held: boolean) => void,
    private refused: (no: Refused) => void,
    private changed: () => void,
  ) {
    addEventListener("online", () => this.send());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.send());
  }

  /** Written down here, then sent. */
  async add(telling: Telling): Promise<void> {
    const once = newId();
    const name = tellingName(this.g, once);
    const box = await sealJson(name, telling);
    const owner = await author();
    const row = { name, gathering: this.g, owner, once, at: new Date().toISOString(), box };
    await amend<TellingHere>("device", name, () => row);
    await this.send();
  }

  /** Send what waits, in the order it was told; again by itself if it must. */
  async send(): Promise<void> {
    clearTimeout(this.timer);
    const done = await inTurn(`tellings ${this.g}`, () => this.round()).catch(() => false);
    this.n_waiting = (await this.own()).length;
    this.changed();
    this.n_failed = done ? 0 : this.n_failed + 1;
    if (this.n_waiting) {
      const wait = Math.min(WAIT_MS_MAX, 1_000 * 2 ** Math.min(this.n_failed, 5));
      this.timer = window.setTimeout(() => this.send(), wait * (0.5 + Math.random() / 2));
    }
  }

  private async own(): Promise<TellingHere[]> {
    const owner = await me();
    return (await tellingsHere(this.g)).filter((row) => isOf(row, owner)).sort((a, b) => (a.at < b.at ? -1 : 1));
  }

  /** False: not now. */
  private async round(): Promise<boolean> {
    const waiting = await this.own();
    if (!waiting.length) return true;
    if ((await meet()) === "out") return false;
    for (const row of waiting) {
      const telling = await unsealJson<Telling>(row.name, row.box);
      if (!telling) {
        await this.drop(row);
        continue;
      }
      const ready = await withVersion(telling);
      if (!ready) return false;
      // What is sent again is the same to the letter, so its version is written down first.
      if (ready !== telling) {
        const box = await sealJson(row.name, ready);
        await amend<TellingHere>("device", row.name, (held) => held && { ...held, box });
      }
      const answer = await ask(`/api/gatherings/${this.g}/reports`, { method: "POST", json: ready, once: row.once });
      if (isLater(answer) || answer.status === 401 || PATIENT.includes(answer.code)) return false;
      await this.drop(row);
      if (isYes(answer)) this.told(Number(answer.body?.r), !!answer.body?.held);
      else this.refused({ ...reason(answer), telling });
    }
    return true;
  }

  private drop(row: TellingHere): Promise<unknown> {
    return amend("device", row.name, () => null);
  }
}

const reason = ({ code, sentence }: Answer) => ({ code, sentence });

/** A telling out of the journal goes once its report is on the node, as the node has it then. */
async function withVersion(telling: Telling): Promise<Telling | null> {
  if (!telling.report || telling.version) return telling;
  if ((await allWaiting()).some((w) => w.id === telling.report && isUnsent(w))) return null;
  const answer = await ask(`/api/reports/${telling.report}`);
  if (isLater(answer)) return null;
  return isYes(answer) ? { ...telling, version: Number(answer.body.version) } : telling; // the node says why not
}

// ------------------------------------------------------------------ what is being written

/** Keep what stands in the field, so that a page that is closed or breaks loses nothing. */
export async function keepWriting(g: string, text: string): Promise<void> {
  const name = writingName(g, await author());
  const box = text.trim() ? await sealJson(name, { text }) : null;
  await amend<WritingHere>("device", name, () => box && { name, box });
}

export async function writtenBefore(g: string): Promise<string> {
  const name = writingName(g, await author());
  const held = await read<WritingHere>("device", name);
  return held ? ((await unsealJson<{ text: string }>(name, held.box))?.text ?? "") : "";
}
