// The whole: the weave that is made at the closing, fetched for the picture that people watched
// grow. Says which warp each of its strands was, so that every thread goes from where it was
// told to where it came to lie, and on which strand a report is now.

import { ask, isYes } from "../node/asking.ts";
import type { Picture } from "./acts.ts";

/** What is read here of a scene; the rest is `settled.ts`'s. */
interface Scene {
  n: number; // strands, those kept open being the last
  strand_of: number[]; // of each thread
  open: number[];
  reports: number[]; // which report each thread is
}

export interface Whole {
  scene: unknown;
  warps: readonly number[]; // of each strand, -1 where nobody knows
  strands: Readonly<Record<number, number>>; // of each report
}

/** The whole of a gathering as it stands; null where it cannot be had just now. */
export async function wholeOf(g: string, picture: Picture): Promise<Whole | null> {
  const answer = await ask(`/gatherings/${g}/scene`);
  return isYes(answer) && answer.body ? laidOut(answer.body as Scene, picture.told, picture.open) : null;
}

export function laidOut(
  scene: Scene,
  told: Iterable<readonly [number, { warp: number }]>,
  open: Iterable<number>,
): Whole {
  const warps = new Array<number>(scene.n).fill(-1);
  const strands: Record<number, number> = {};
  const on = new Map(told);
  scene.reports.forEach((r, thread) => {
    const strand = (strands[r] = scene.strand_of[thread]);
    // Of several threads drawn as one, the first says where all of them come from.
    if (warps[strand] < 0) warps[strand] = on.get(r)?.warp ?? -1;
  });
  const kept = [...open].sort((a, b) => a - b);
  scene.open.forEach((strand, i) => (warps[strand] = kept[i] ?? -1));
  return { scene, warps, strands };
}
