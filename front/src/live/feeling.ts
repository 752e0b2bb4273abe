// A feeling, by one tap: eight, "no word for it", or unsaid again. The Circle's own names.
// How strong stays as it was said. Nothing here guesses.

import { button, el } from "../node/dom.ts";
import { say } from "../node/strings.ts";
import type { Line } from "./lines.ts";
import type { Room } from "./room.ts";

const SVG = "http://www.w3.org/2000/svg";

/** Ask what a line felt like, and hand on what was tapped. Escape changes nothing. */
export function feel(room: Room, line: Line, tapped: (json: { feeling: string | null; intensity: number | null }) => void): void {
  const before = document.activeElement as HTMLElement | null;
  const shown = el("dialog", { class: "question", "aria-labelledby": "live-feel" }, el("p", { id: "live-feel" }, say("live.what_feeling")));
  const tiles = el("div", { class: "feelings" });
  const tile = (felt: string | null, name: string) => {
    const made = button(
      name,
      () => {
        shown.close();
        tapped({ feeling: felt, intensity: felt ? line.words.intensity : null });
      },
      { class: `feeling ${felt ?? "unsaid"}`, "aria-pressed": String(line.words.feeling === felt) },
    );
    if (felt) made.prepend(mark(felt));
    return made;
  };
  for (const [felt, name] of Object.entries(room.data.feelings)) tiles.append(tile(felt, name));
  tiles.append(tile(null, say("live.leave_unsaid")));
  shown.append(tiles, el("div", { class: "answers" }, button(say("node.cancel"), () => shown.close())));
  shown.addEventListener("close", () => {
    shown.remove();
    before?.focus?.();
  });
  document.body.append(shown);
  shown.showModal();
}

function mark(felt: string): SVGElement {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("class", `mark ${felt}`);
  made.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#mark-${felt}`);
  made.append(use);
  return made;
}
