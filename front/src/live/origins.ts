// Origins: where the warps of what comes were, how thick, and what dyed them.
//
// From event to event every warp stays itself. At the closing each thread of the weave of
// the whole comes from the warp it was told on.

import type { Origin } from "./change.ts";
import { ROW_BYTES } from "./dye.ts";
import type { Woven } from "./woven.ts";

export function originOf(
  before: Woven,
  after: Woven,
  rowsBefore: Uint8Array,
  rowsAfter: Uint8Array,
  warps: readonly number[] | null,
): Origin {
  if (before.settled === after.settled) {
    const same = before.steps === after.steps && before.n === after.n;
    const { xy, weight } = same ? before : after;
    return { xy, weight, rows: same ? rowsBefore : rowsAfter };
  }
  const xy = after.xy.slice();
  const weight = after.weight.slice();
  const rows = rowsAfter.slice();
  (warps ?? byRank(after, before)).forEach((warp, thread) => {
    if (!(warp >= 0 && warp < before.n && thread < after.n)) return;
    rows.set(rowsBefore.subarray(warp * ROW_BYTES, (warp + 1) * ROW_BYTES), thread * ROW_BYTES);
    for (let k = 0; k < after.steps; k++) {
      const far = (k * (before.steps - 1)) / (after.steps - 1);
      const j = Math.min(before.steps - 2, Math.floor(far));
      const f = far - j;
      const [a, b] = [warp * before.steps + j, warp * before.steps + j + 1];
      const at = thread * after.steps + k;
      for (const c of [0, 1]) xy[2 * at + c] = before.xy[2 * a + c] * (1 - f) + before.xy[2 * b + c] * f;
      weight[at] = before.weight[a] * (1 - f) + before.weight[b] * f;
    }
  });
  return { xy, weight, rows };
}

// Where nobody says which warp a thread was: the one at the same rank in the middle of the
// evening, so that as little as can be has to cross.
function byRank(after: Woven, before: Woven): number[] {
  const rank = ({ n, steps, xy, sheet }: Woven) => {
    const out = (i: number) => {
      const at = 2 * (i * steps + (steps >> 1));
      return sheet.name === "wide" ? xy[at + 1] : -xy[at];
    };
    return Array.from({ length: n }, (_, i) => i).sort((a, b) => out(a) - out(b) || a - b);
  };
  const [to, from] = [rank(after), rank(before)];
  const warps = new Array<number>(after.n).fill(-1);
  to.forEach((thread, place) => {
    warps[thread] = from[Math.round((place * (from.length - 1)) / Math.max(1, to.length - 1))] ?? -1;
  });
  return warps;
}
