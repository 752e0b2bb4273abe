// What may be done with a line. With somebody else's: this carries me, this does not, this
// reminds me of something (an answer), tell the host. With one's own: change what it felt
// like, end answers to it, take it back. One's own is never answered. Each asks the node once,
// with a key of its own, and says in words what came of it.

import { ask, isLater, isYes } from "../node/asking.ts";
import { choose } from "../node/choosing.ts";
import { button, el } from "../node/dom.ts";
import { newId } from "../node/ids.ts";
import { say } from "../node/strings.ts";
import type { Line } from "./lines.ts";
import { feel } from "./feeling.ts";
import type { Room } from "./room.ts";

const TELLING = 1;
const CLOSED = 4;

export function lineActs(room: Room, said: (text: string) => void, answer: (line: Line) => void): (line: Line) => Node[] {
  const api = `/api/gatherings/${room.data.id}/reports`;
  const carried = new Map<number, number>(); // what this page said of a report
  const stopped = new Map<number, boolean>(); // what this page did about answers to its own
  // Words beside say whether their teller wants no more answers; a newer node says it, an older one not.
  const isStopped = (line: Line) => stopped.get(line.r) ?? !!line.words.stopped;

  async function send(path: string, method: string, json: unknown, done: string): Promise<boolean> {
    const reply = await ask(`${api}/${path}`, { method, json, once: newId() });
    said(isYes(reply) ? done : reply.sentence || say(isLater(reply) ? "node.unreachable" : "live.not_done"));
    return isYes(reply);
  }

  function carries(line: Line): Node[] {
    const says: [number, string][] = [
      [1, "live.carries"],
      [-1, "live.carries_not"],
    ];
    const made = says.map(([value, key]) =>
      button(
        say(key),
        async () => {
          const next = carried.get(line.r) === value ? 0 : value;
          if (!(await send(`${line.r}/carries`, "PUT", { says: next }, say(next ? "live.said_so" : "live.unsaid")))) return;
          carried.set(line.r, next);
          made.forEach((one, k) => one.setAttribute("aria-pressed", String(says[k][0] === next)));
        },
        { class: "link", "aria-pressed": String(carried.get(line.r) === value) },
      ),
    );
    return made;
  }

  async function flag(line: Line): Promise<void> {
    const why = el("textarea", { id: "live-why", rows: 2, dir: "auto", maxlength: 400 });
    const more = [el("label", { for: "live-why" }, say("live.why")), why];
    const yes = await choose(say("live.flag_sure"), [["no", say("node.cancel")], ["yes", say("live.flag")]], more);
    if (yes === "yes") await send(`${line.r}/flag`, "POST", { why: why.value.trim() }, say("live.flagged"));
  }

  async function takeBack(line: Line): Promise<void> {
    const yes = await choose(say("live.take_back_sure"), [["no", say("live.leave_it")], ["yes", say("live.take_back")]]);
    if (yes !== "yes") return;
    const reply = await ask(`${api}/${line.r}`, { method: "DELETE", once: newId() });
    if (isYes(reply) || reply.code === "telling.unknown") {
      // Here at once, and everywhere else when the node says so.
      room.hear([["gone", line.r]]);
      said(say("node.taken_back"));
    } else said(reply.sentence || say("node.not_taken_back"));
  }

  async function stop(line: Line, press: HTMLButtonElement): Promise<void> {
    const next = !isStopped(line);
    if (!(await send(`${line.r}/answers`, "PUT", { stopped: next }, say(next ? "live.stopped" : "live.unstopped")))) return;
    stopped.set(line.r, next);
    press.setAttribute("aria-pressed", String(next));
  }

  return (line) => {
    const { phase } = room.picture;
    if (phase >= CLOSED && !line.mine) return [];
    if (!line.mine) {
      const out: Node[] = [...carries(line)];
      if (phase === TELLING && !isStopped(line)) out.push(button(say("live.reminds_me"), () => answer(line), { class: "link" }));
      out.push(button(say("live.flag"), () => flag(line), { class: "link quiet" }));
      return out;
    }
    const out: Node[] = [];
    if (phase < CLOSED) {
      out.push(button(say("live.feeling"), () => feel(room, line, (json) => send(`${line.r}/feeling`, "PUT", json, say("live.felt"))), { class: "link" }));
      const press = button(say("live.stop"), () => stop(line, press), { class: "link", "aria-pressed": String(isStopped(line)) });
      out.push(press);
    }
    out.push(button(say("live.take_back"), () => takeBack(line), { class: "link" }));
    return out;
  };
}
