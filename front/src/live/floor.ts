// The floor: stepping forward, passing without blame, and whose turn it is, in a gathering
// where people tell in turns. Who goes next is the node's to decide; where nobody waits for a
// turn there is no floor, and this does nothing.

import { ask, isLater, isYes } from "../node/asking.ts";
import { all, button, one, tell } from "../node/dom.ts";
import { newId } from "../node/ids.ts";
import { say } from "../node/strings.ts";
import type { Room } from "./room.ts";

type Do = "ask" | "withdraw" | "pass" | "end";

/** `turn`: it is one's own turn now. */
export function floor(form: HTMLFormElement | null, room: Room, turn: () => void): void {
  if (!form || room.data.floor === "free") return;
  const said = one("[data-floor-said]", form)!;
  const row = one(".actions", form)!;
  const ours = room.data.seat;
  let was = "";

  async function wish(what: Do): Promise<void> {
    all<HTMLButtonElement>("button", row).forEach((one) => (one.disabled = true));
    const reply = await ask(`/api/gatherings/${room.data.id}/floor`, { method: "POST", json: { do: what }, once: newId() });
    all<HTMLButtonElement>("button", row).forEach((one) => (one.disabled = false));
    if (!isYes(reply)) tell(said, reply.sentence || say(isLater(reply) ? "node.unreachable" : "live.not_done"));
  }

  function show(): void {
    const [seat, , queue] = room.picture.floor;
    const now = ours !== null && seat === ours ? "mine" : ours !== null && queue.includes(ours) ? "asked" : seat >= 0 ? "theirs" : "free";
    if (now === was) return;
    const doing: Record<string, Do[]> = { mine: ["end", "pass"], asked: ["withdraw"], theirs: ["ask"], free: ["ask"] };
    tell(said, say(`live.floor_${now}`));
    const had = row.contains(document.activeElement);
    row.replaceChildren(...doing[now].map((what) => button(say(`live.do_${what}`), () => wish(what))));
    if (had) one("button", row)?.focus();
    if (now === "mine" && was) turn();
    was = now;
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  room.on(({ acts, again }) => (again || acts?.some(([word]) => word === "floor")) && show());
  show();
}
