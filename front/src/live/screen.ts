// The screen: the picture beside the words. Its code is fetched by itself, after the page
// works; where it cannot be had, or colours are the system's, there is no picture and nothing
// else is missing. It hears what the room hears.

import type { Lit } from "./keeping.ts";
import type { LivePicture } from "./picture.ts";
import type { Room } from "./room.ts";
import { wholeOf, type Whole } from "./whole.ts";
import type { Beside, ReportBeside } from "./words_beside.ts";

declare const PICTURE_FILE: string; // written by the build

const SPEAKS_MS = 5_000;
// Longer than the whole takes to settle: what comes after it does not wait for a page that sleeps.
const SETTLED_MS_MAX = 8_000;

export interface Screen {
  lit(what: Lit | null): void;
  still(on: boolean): void;
  /** Dyes off, for looking at whose voices these are. */
  undyed(on: boolean): void;
  /** A report is being told just now. */
  speaks(r: number): void;
  /** The whole was woven: every thread goes to its place in it. Done when it lies there, or when
   * there is nothing to be had of it, and then the picture stays as it is. */
  settle(): Promise<void>;
  /** The report under a point of the window, or -1. */
  at(x: number, y: number): number;
}

export async function screen(host: HTMLElement, room: Room, how: { projector: boolean; still: () => boolean }): Promise<Screen | null> {
  if (matchMedia("(forced-colors: active)").matches) return null;
  let Made: typeof LivePicture;
  try {
    ({ LivePicture: Made } = await import(`/static/${PICTURE_FILE}`));
  } catch {
    return null;
  }
  const picture = new Made(host, { look: room.data.look, projector: how.projector, still: how.still(), texture: false });
  let plain = false;
  let quiet = 0;

  const dyed = (beside: Beside): Beside =>
    plain ? { ...beside, reports: beside.reports?.map((one): ReportBeside => ({ ...one, feeling: null, intensity: null })) } : beside;
  const mine = () => picture.mine(new Set(room.mine.keys()));
  let held: Whole | null = null; // the whole as it was fetched last
  let n_asked = 0;

  const anew = () => {
    picture.reset(room.picture.asActs(), dyed(room.words_here()));
    mine();
    // Whose voices these are is looked at where they were told, and without their dyes.
    if (held && !plain) lay(held, false);
  };
  const lay = async ({ scene, warps, strands }: Whole, moving: boolean) => {
    if (!moving) picture.still(true);
    const lies = picture.settle(scene, warps, strands);
    await Promise.race([lies, new Promise((go) => setTimeout(go, SETTLED_MS_MAX))]);
    if (!moving) picture.still(how.still());
  };
  async function settle(moving = true): Promise<void> {
    const asked = ++n_asked;
    const n = room.picture.settled;
    const found = n ? await wholeOf(room.data.id, room.picture) : null;
    // Words may have been taken back meanwhile: then there is no whole, or another one.
    if (!found || asked !== n_asked || n !== room.picture.settled) return;
    held = found;
    if (!plain) await lay(found, moving);
  }

  anew();
  if (room.picture.settled) settle(false);
  room.on(({ acts, words, again, mine: own }) => {
    if (again || acts?.some(([word, n]) => word === "settled" && !n)) {
      held = null;
      n_asked++;
    }
    if (again) {
      anew();
      if (room.picture.settled) settle(false);
      return;
    }
    if (words) picture.beside(dyed(words));
    if (acts) picture.hear(acts);
    if (own) mine();
  });
  return {
    lit: (what) => picture.lit(what),
    still: (on) => picture.still(on),
    undyed: (on) => {
      if (on === plain) return;
      plain = on;
      anew();
    },
    settle: () => settle(),
    speaks: (r) => {
      clearTimeout(quiet);
      picture.speaker(null, r);
      quiet = window.setTimeout(() => picture.speaker(null, null), SPEAKS_MS);
    },
    at: (x, y) => {
      const box = host.getBoundingClientRect();
      const found = picture.pick(x - box.left, y - box.top);
      if (found?.knot !== undefined) {
        const knot = room.picture.knots.get(found.knot);
        for (const [r, told] of room.picture.told) if (told.passage === knot?.passage && knot.warps.includes(told.warp)) return r;
      }
      return found?.report ?? -1;
    },
  };
}
