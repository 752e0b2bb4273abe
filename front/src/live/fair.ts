// How fair a gathering is at this moment, in two sentences a person can read. The figures are
// the loom's; the group and the line around which it stands are the closest call, not a fault.
// The twin of `web/pages/gathering_fair.py`.

import { say } from "../node/strings.ts";
import { lineOf, sentences } from "./lines.ts";
import type { Room } from "./room.ts";

// From here on a group large enough for a line of its own has none.
const OVERLOOKED = 1000;

/** What an equal voice is here now, and which group came closest to being left out; or "". */
export function fairSaid(room: Room): string {
  const fair = room.picture.fair;
  if (!fair || fair.n < 1) return "";
  const equal = say("live.fair_equal", { n: fair.n });
  const line = fair.r < 0 ? null : lineOf(room, fair.r);
  // Words that are covered by a note are not shown here either.
  const around = line && !line.words.note ? (sentences(line.words)[fair.i] ?? "") : "";
  if (!around || fair.group < 1) return `${equal} ${say("live.fair_nobody")}`;
  const key = fair.rho < OVERLOOKED ? "live.fair_call" : "live.fair_over";
  return `${equal} ${say(key, { group: fair.group, words: around })}`;
}
