// The floor: stepping forward, passing without blame, an invitation, and whose turn it is, in a
// gathering where people tell in turns. Who goes next is the node's to decide; where nobody
// waits for a turn there is no floor, and this does nothing.
//
// At one table the acts say whose turn it is. What they never say is asked of the node: an
// invitation, which only the invited sees, and everything where there are several tables.

import { ask, isLater, isYes } from "../node/asking.ts";
import { all, button, one, tell } from "../node/dom.ts";
import { newId } from "../node/ids.ts";
import { say } from "../node/strings.ts";
import type { Room } from "./room.ts";

type Do = "ask" | "withdraw" | "pass" | "end" | "decline";
type Now = "mine" | "asked" | "invited" | "theirs" | "free";

/** The floor as the node tells it to one person (`GET /api/gatherings/{g}/floor`). */
interface OwnFloor {
  turn: number | null;
  is_mine: boolean;
  place: number | null;
  invited: boolean;
  table: number | null; // null: no voice now
  n_tables: number;
}

const LOOK_MS = 30_000;
// Everybody hears of a change in the same moment; a hall's phones ask one after another.
const SPREAD_MS_EACH = 3;
const SPREAD_MS_MAX = 20_000;

const DOING: Record<Now, Do[]> = {
  mine: ["end", "pass"],
  asked: ["withdraw"],
  invited: ["ask", "decline"],
  theirs: ["ask"],
  free: ["ask"],
};

/** `turn`: it is one's own turn now. `invited`: one is invited to say something. */
export function floor(
  form: HTMLFormElement | null,
  room: Room,
  happened: { turn(): void; invited(): void },
): void {
  if (!form || room.data.floor === "free") return;
  const said = one("[data-floor-said]", form)!;
  const row = one(".actions", form)!;
  const ours = room.data.seat;
  const door = `/api/gatherings/${room.data.id}/floor`;
  let own: OwnFloor | null = null;
  let was: Now | "" = "";
  let looked = -LOOK_MS;
  let timer = 0;
  let due = Infinity;
  let n_asked = 0;

  async function wish(what: Do): Promise<void> {
    const mine = ++n_asked;
    all<HTMLButtonElement>("button", row).forEach((one) => (one.disabled = true));
    const reply = await ask(door, { method: "POST", json: { do: what }, once: newId() });
    all<HTMLButtonElement>("button", row).forEach((one) => (one.disabled = false));
    if (!isYes(reply)) tell(said, reply.sentence || say(isLater(reply) ? "node.unreachable" : "live.not_done"));
    else if (mine === n_asked) heard(reply.body);
  }

  /** Ask how it stands, unless nobody looks; of answers that cross the last asked holds. */
  async function look(): Promise<void> {
    due = Infinity;
    soon(LOOK_MS);
    if (document.visibilityState !== "visible") return;
    looked = performance.now();
    const mine = ++n_asked;
    const reply = await ask(door);
    if (isYes(reply) && mine === n_asked) heard(reply.body);
  }

  /** In so long at the latest: where changes come one after another, none puts it off. */
  function soon(ms: number): void {
    if (performance.now() + ms >= due) return;
    due = performance.now() + ms;
    clearTimeout(timer);
    timer = window.setTimeout(look, ms);
  }

  function heard(said: OwnFloor): void {
    own = said;
    show();
  }

  function now(): Now {
    if (own && own.n_tables > 1) {
      if (own.is_mine) return "mine";
      if (own.place !== null) return "asked";
      if (own.invited) return "invited";
      return own.turn !== null ? "theirs" : "free";
    }
    const [seat, , queue] = room.picture.floor;
    if (ours !== null && seat === ours) return "mine";
    if (ours !== null && queue.includes(ours)) return "asked";
    if (own?.invited) return "invited";
    return seat >= 0 ? "theirs" : "free";
  }

  function show(): void {
    const is = now();
    if (is === was) return;
    tell(said, say(`live.floor_${is}`));
    const had = row.contains(document.activeElement);
    row.replaceChildren(...DOING[is].map((what) => button(say(`live.do_${what}`), () => wish(what))));
    if (had) one("button", row)?.focus();
    if (is === "mine" && was) happened.turn();
    if (is === "invited") happened.invited();
    was = is;
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("visibilitychange", () => {
    if (performance.now() - looked >= LOOK_MS) look();
  });
  room.on(({ acts, again }) => {
    if (!again && !acts?.some(([word]) => word === "floor")) return;
    show();
    // Whoever only listens has no turn: what changed for others is in the picture.
    if (!own || own.table !== null) soon(Math.random() * Math.min(SPREAD_MS_MAX, SPREAD_MS_EACH * room.picture.seats[0]));
  });
  show();
  look();
}
