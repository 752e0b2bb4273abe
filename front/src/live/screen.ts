// The screen: the picture beside the words. Its code is fetched by itself, after the page
// works; where it cannot be had, or colours are the system's, there is no picture and nothing
// else is missing. It hears what the room hears.

import type { Lit } from "./keeping.ts";
import type { LivePicture } from "./picture.ts";
import type { Room } from "./room.ts";
import type { Beside, ReportBeside } from "./words_beside.ts";

declare const PICTURE_FILE: string; // written by the build

const SPEAKS_MS = 5_000;

export interface Screen {
  lit(what: Lit | null): void;
  still(on: boolean): void;
  /** Dyes off, for looking at whose voices these are. */
  undyed(on: boolean): void;
  /** A report is being told just now. */
  speaks(r: number): void;
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
  const whole = () => {
    picture.reset(room.picture.asActs(), dyed(room.words_here()));
    mine();
  };
  whole();
  room.on(({ acts, words, again, mine: own }) => {
    if (again) return whole();
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
      whole();
    },
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
