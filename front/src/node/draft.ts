// A draft: the report that is being told on this page. It is written to this
// device while one writes, at most half a second behind, and belongs to one tab.
// When it goes to the node is `tell.ts`'s to say; how it goes is `sending`'s.

import { fresh as freshForm, isEmpty, toldIn } from "./form.ts";
import { change, letGo, openTold, sealTold } from "./holding.ts";
import { newId } from "./ids.ts";
import { author } from "./me.ts";
import { hold } from "./turns.ts";
import { written, type Told, type Waiting } from "./waiting.ts";

const BEHIND_MS = 400;

export class Draft {
  id = "";
  /** Another tab is writing this very report: here it is not written down. */
  elsewhere = false;
  private timer = 0;
  private last: Promise<void> = Promise.resolve();
  private begun: Promise<string> | null = null;
  private release: (() => void) | null = null;
  private held = ""; // what was written last, so that the same words are not written again

  constructor(
    private form: HTMLFormElement,
    private wrote: () => void,
    private read: () => Told = () => toldIn(form),
  ) {}

  /** There is a draft from now on; its id. */
  begin(id = newId()): Promise<string> {
    if (!this.begun) {
      this.id = id;
      this.begun = hold(`draft ${id}`).then((release) => {
        this.release = release;
        this.elsewhere = !release;
        return id;
      });
    }
    return this.begun;
  }

  /** Written soon: a later letter does not put it off. */
  soon(): void {
    if (!this.timer) this.timer = window.setTimeout(() => this.now(), BEHIND_MS);
  }

  /** Written now. `more` is changed in the same step. */
  now(more: Partial<Waiting> = {}): Promise<void> {
    clearTimeout(this.timer);
    this.timer = 0;
    const told = this.read(); // as it is at this moment, whatever is still being written
    const version = Number(this.form.dataset.version) || 0;
    const begun = this.begin();
    const words = JSON.stringify(told);
    const anew = words !== this.held;
    this.held = words;
    const write = async () => this.write(await begun, told, anew, version, more);
    this.last = this.last.then(write, write);
    return this.last;
  }

  private async write(id: string, told: Told, anew: boolean, version: number, more: Partial<Waiting>): Promise<void> {
    if (this.elsewhere) return this.wrote();
    const box = await sealTold(id, told);
    const owner = await author();
    const at = new Date().toISOString();
    const begun: Waiting = {
      id,
      owner,
      at,
      n: 0,
      words: box,
      empty: true,
      ready: false,
      finished: false,
      version,
      n_kept: 0,
    };
    await change(id, (held) => {
      if (held && !anew) return { ...held, ...more };
      return { ...written(held ?? begun, box, isEmpty(told), at), ready: false, ...more };
    });
    this.wrote();
  }

  /** Go on with one that lies here; null when it cannot be opened, or another tab has it. */
  async resume(w: Waiting): Promise<Told | null> {
    const release = await hold(`draft ${w.id}`);
    if (!release) return null;
    const told = await openTold(w.id, w.words);
    // Nothing to go on with; or somebody began to tell something else while we looked.
    if (!told || this.begun) {
      release();
      return null;
    }
    this.id = w.id;
    this.begun = Promise.resolve(w.id);
    this.release = release;
    // A recording that a crash cut off ends where it ends.
    await change(w.id, (held) => held && { ...held, voice: held.voice && { ...held.voice, ended: true } });
    return told;
  }

  /** Kept: it goes to the node from here, and the form is free for the next one. */
  finish(): Promise<void> {
    const done = this.now({ finished: true, ready: true });
    this.close();
    return done;
  }

  /** Done with it here. */
  close(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    this.release?.();
    this.release = null;
    this.id = "";
    this.begun = null;
    this.elsewhere = false;
    this.held = "";
    freshForm(this.form);
  }

  /** Away with it, here and on the node. */
  async discard(once: string): Promise<void> {
    const id = this.id;
    this.close();
    await this.last;
    await away(id, once);
  }
}

/** Take a report away: at once where the node never had it, else with a write of its own. */
export async function away(id: string, once: string): Promise<void> {
  const held = await change(id, (w) => w && { ...w, forget: w.forget ?? once, finished: true, theirs: undefined });
  if (held && !held.version && !held.sending) await letGo(id);
}
