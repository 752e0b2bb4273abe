// The live page of a gathering. Words and forms are the page's own and work before this, and
// without it; here they become live. The picture's code is another file, fetched once
// everything that can be read and pressed is ready. What each part does is its own file's.

import { fillIn } from "../node/filling.ts";
import { everywhere } from "../node/everywhere.ts";
import { one, tell } from "../node/dom.ts";
import { say } from "../node/strings.ts";
import { lineActs } from "./answering.ts";
import { countIn } from "./counting.ts";
import { demo } from "./demo.ts";
import { floor } from "./floor.ts";
import { landscape } from "./landscape.ts";
import { described } from "./lines.ts";
import { announcing, log, type Log } from "./log.ts";
import { path } from "./path.ts";
import { phases } from "./phases.ts";
import { projector } from "./projector.ts";
import { Room, type Data } from "./room.ts";
import { screen, type Screen } from "./screen.ts";
import { announcer, sheets } from "./sheets.ts";
import { sound } from "./sound.ts";
import { still } from "./still.ts";
import { stream } from "./stream.ts";
import { tellingForm } from "./telling_form.ts";
import { voices } from "./voices.ts";
import { walking } from "./walking.ts";

const held = document.getElementById("gathering");
if (held) begin(JSON.parse(held.textContent || "{}"));

function begin(data: Data): void {
  countIn(data.counted);
  const room = new Room(data);
  const night = one("[data-night]")!;
  const at = one("[data-log]")!;
  let drawn: Screen | null = null;

  const calm = still(one("[data-still]"), (on) => drawn?.still(on));
  const country = landscape(one("[data-landscape]")!, data.id, () => calm.on, data.projector ? () => {} : announcer());
  let n_settled = room.picture.settled; // what this page has shown of the whole
  /** The whole settles once before everybody's eyes, and then the Landscape is revealed. */
  async function settled(n: number): Promise<void> {
    if (n === n_settled) return;
    n_settled = n;
    if (!n) return country.hide();
    await drawn?.settle();
    if (n === n_settled) country.show();
  }
  const spoken = {
    state: one("[data-counts]"),
    phase: one("[data-phase]"),
    rest: one("[data-rest]"),
    night,
  };

  if (data.projector) {
    projector(at, one("[data-esc]"), room, (line) => drawn?.speaks(line.r));
    phases(room, spoken, {
      note: () => {},
      settled,
      resting: () => {},
    });
  } else {
    everywhere();
    fillIn();
    demo();
    page(room);
  }
  stream(room, (line) => document.documentElement.toggleAttribute("data-waiting-line", line === "waiting"));
  performance.mark("dreamweave-ready");
  screen(one("[data-picture]")!, room, { projector: data.projector, still: () => calm.on }).then((made) => {
    drawn = made;
    drawn?.undyed(night.dataset.panel === "voices");
    performance.mark("dreamweave-drawn");
  });

  /** Everything but the wall's: what one reads, says and presses. */
  function page(room: Room): void {
    const announce = announcer();
    const rings = sound(room, one("[data-sound]"), one("[data-listen]"), {
      note: (text) => lines.note(text),
      said: announce,
      lit: (what) => drawn?.lit(what),
    });
    const lines: Log = log(room, at, (line) => {
      rings.bell(line);
      drawn?.speaks(line.r);
    });

    const equity = one('[data-sheet="voices"]');
    const seen = equity && voices(equity, room, announce);
    const open = sheets(night, (name) => {
      drawn?.undyed(name === "voices");
      if (name === "voices") seen?.opened();
    });

    const form = one<HTMLFormElement>("form[data-tell]");
    const telling = form && tellingForm(form, room, () => open.close());
    form?.addEventListener("refused", () => open.open("tell"));
    floor(one("form[data-floor]"), room, {
      turn: () => {
        announce(say("live.floor_mine"));
        open.open("tell");
      },
      invited: () => {
        announce(say("live.floor_invited"));
        lines.note(say("live.floor_invited"));
      },
    });

    const acts = lineActs(room, announce, (line) => {
      telling?.answer(line);
      open.open("tell");
    });
    const walk = walking(one("[data-walk]")!, room, acts, (what) => {
      drawn?.lit(what);
      if (what?.report !== undefined) way.towards(what.report);
    }, () => open.close());
    const way = path(one('[data-sheet="read"]')!, room, () => calm.on, (what) => drawn?.lit(what));
    const words = one("[data-described]");
    room.on(({ acts, again }) => {
      if (again || acts?.some(([word]) => word === "passage" || word === "gone")) tell(words, described(room));
    });
    at.addEventListener("click", (event) => {
      const item = (event.target as Element).closest<HTMLElement>("li[data-r]");
      if (!item || (event.target as Element).closest("details")) return;
      open.open("read", false);
      walk.show(Number(item.dataset.r));
    });
    one("[data-picture]")!.addEventListener("click", (event) => {
      const r = drawn?.at(event.clientX, event.clientY) ?? -1;
      if (r < 0) return;
      open.open("read", false);
      walk.show(r);
    });

    phases(room, spoken, {
      note: (text) => lines.note(text),
      settled,
      resting: (yes) => yes && open.close(),
    });
    const tools = one("[data-tools]");
    if (tools) tools.hidden = false;
    const about = one(".about-live");
    if (about) announcing(about, lines);
  }
}
