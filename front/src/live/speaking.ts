// Speaking: from where to where the filament runs while somebody has the floor.

import { type Ground, NONE, css } from "../colour.ts";
import type { Picture } from "./acts.ts";
import type { Ends } from "./filament.ts";
import { along, passageU, point } from "./geometry.ts";
import { edge } from "./seating.ts";
import type { Words } from "./words_beside.ts";
import type { Woven } from "./woven.ts";

export function endsOf(
  woven: Woven,
  picture: Picture,
  words: Words,
  ground: Ground,
  seat: number | null,
  report: number | null,
): Ends {
  const { sheet, steps } = woven;
  const told = report === null ? undefined : picture.told.get(report);
  const t = told?.passage ?? Math.max(0, picture.lanes.length - 1);
  const u = passageU(t, woven.n_passages);
  let to = point(sheet, u, 0);
  if (told) {
    const knot = woven.knots.find((k) => k.t === t && k.warps.includes(told.warp));
    const at = 2 * (told.warp * steps + Math.round(u * (steps - 1)));
    to = knot ? point(sheet, u, (knot.low + knot.high) / 2) : [woven.xy[at], woven.xy[at + 1]];
  }
  const sits = seat === null ? undefined : woven.seats.find((one) => one.thread === seat);
  // Where no seat is drawn the light comes from below, as from whoever holds this screen.
  const from = sits
    ? ([sits.x, sits.y] as const)
    : sheet.name === "wide"
      ? point(sheet, 0.5, edge(0.5))
      : ([sheet.width * 0.53, sheet.height] as const);
  // It leaves along the band and comes in along it, rather than straight across.
  const far = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const toward = (x: number, y: number, turn: number, by: number) => {
    const [dx, dy] = [Math.cos(turn), Math.sin(turn)];
    const [ox, oy] = x === to[0] && y === to[1] ? from : to;
    const side = dx * (ox - x) + dy * (oy - y) < 0 ? -1 : 1;
    return [x + side * by * far * dx, y + side * by * far * dy] as const;
  };
  const leaves = sits ? (sits.angle * Math.PI) / 180 : Math.atan2(to[1] - from[1], to[0] - from[0]);
  const feeling = report === null ? NONE : words.feeling(report)[0];
  return {
    from,
    to,
    bends: [
      toward(from[0], from[1], leaves, sits ? 0.34 : 0.3),
      toward(to[0], to[1], along(sheet, u, 0).turn, 0.36),
    ],
    seat: sits ? woven.seatRadius : null,
    colour: css(feeling >= 0 && feeling < 8 ? ground.dyes[feeling] : ground.ivory),
  };
}
