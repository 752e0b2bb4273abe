// Stage: what is heard waits here, and is shown one event at a time.
//
// It knows time and nothing else. No frame is asked for while nothing moves; when too much
// waits, all of it is shown at once; and whatever comes without moving comes no more often
// than three times a second, so that nothing flickers.

import type { Act } from "./acts.ts";
import type { Beside } from "./words_beside.ts";

/** The weave of the whole: its scene, which warp each strand of it was, and the strand of each report. */
export interface Settling {
  scene: unknown;
  warps: readonly number[] | null;
  strands: Readonly<Record<number, number>> | null;
}

export interface Heard {
  acts: readonly Act[];
  words: Beside | null;
  settle?: Settling & { done: () => void };
}

export interface Player {
  // Makes it so. How long showing it takes: 0 when it was shown at once, NOTHING when
  // there was nothing to see.
  take(heard: readonly Heard[], still: boolean): number;
  show(ms: number): void;
  end(): void;
}

export const NOTHING = -1;
const WAITING_MAX = 3;
const CALM_MS = 340; // between two changes of light

// How much the machine manages: less and less, when frames come late.
export class Pace {
  tier = 0; // 1: fewer pixels, 2: no glow, 3: half the frames, 4: stills
  private late = 0;
  private frames = 0;

  constructor(
    private steady: boolean,
    private changed: () => void,
  ) {}

  begin(): void {
    this.frames = this.late = 0;
  }

  note(ms: number): void {
    // The first frames of an event bake and compile.
    if (this.steady || ++this.frames < 3) return;
    if (ms > (this.tier < 3 ? 24 : 70)) this.late++;
    if (this.late < 3 || this.tier === 4) return;
    this.late = 0;
    this.tier++;
    this.changed();
  }
}

export class Stage {
  private queue: Heard[] = [];
  private frame = 0;
  private timer = 0;
  private began = 0;
  private last = 0;
  private ms = 0;
  private odd = false;

  constructor(
    private player: Player,
    private pace: Pace,
    private isStill: () => boolean,
  ) {}

  get busy(): boolean {
    return !!(this.frame || this.timer || this.queue.length);
  }

  hear(heard: Heard): void {
    this.queue.push(heard);
    this.next();
  }

  // Everything that waits is let go, and what moves stands where it was going.
  drop(): void {
    for (const one of this.queue.splice(0)) one.settle?.done();
    this.finish();
    clearTimeout(this.timer);
    this.timer = 0;
  }

  // What moves stands where it was going; what waits comes after it.
  finish(): void {
    if (!this.frame) return;
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.player.end();
  }

  // Something changed the light without coming through here.
  calm(): void {
    if (this.timer || this.frame) return;
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      this.next();
    }, CALM_MS);
  }

  private next(): void {
    // A page that nobody looks at gets no frames, and keeps nothing waiting for them.
    if (document.hidden) this.finish();
    while (!this.frame && !this.timer && this.queue.length) {
      const many = this.queue.length > WAITING_MAX || document.hidden;
      const ms = this.player.take(this.queue.splice(0, many ? this.queue.length : 1), many || this.isStill());
      if (ms === 0) this.calm();
      else if (ms > 0) {
        this.ms = ms;
        this.began = this.last = 0;
        this.pace.begin();
        this.frame = requestAnimationFrame(this.step);
      }
    }
  }

  private step = (now: number): void => {
    if (!this.began) this.began = this.last = now;
    else this.pace.note(now - this.last);
    this.last = now;
    const at = now - this.began;
    if (at >= this.ms) {
      this.frame = 0;
      this.player.end();
      this.calm();
      return;
    }
    this.odd = !this.odd;
    if (this.pace.tier < 3 || this.odd) this.player.show(at);
    this.frame = requestAnimationFrame(this.step);
  };
}
